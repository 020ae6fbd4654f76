import { ellipsize, pad, widthOf } from './layout.js'
import type { Paint } from './style.js'

/** One cell of an aligned table. */
export interface Cell {
  readonly text: string
  readonly align: 'left' | 'right'
  readonly paint: Paint | null
}

const GAP = '  '

/** A first column narrower than this tells no two names apart. */
const NARROWEST = 12

/** A cell that reads from the left. */
export function left(text: string, paint: Paint | null = null): Cell {
  return { text, align: 'left', paint }
}

/** A cell of figures. */
export function right(text: string, paint: Paint | null = null): Cell {
  return { text, align: 'right', paint }
}

/**
 * Lays rows out in columns as wide as their widest cell. Where that is wider than `width`, the first column gives way.
 * Texts must be free of control characters.
 */
export function layOut(rows: readonly (readonly Cell[])[], width: number, indent = GAP): string[] {
  const widths = columnWidths(rows)
  const total = indent.length + widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length)
  const first = widths[0] ?? 0
  widths[0] = Math.max(Math.min(first, NARROWEST), first - Math.max(0, total - width))
  return rows.map((row) => {
    const cells = row.map((cell, column) => paintCell(cell, widths[column] ?? 0))
    return (indent + cells.join(GAP)).trimEnd()
  })
}

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell.text))
  }
  return widths
}

function paintCell({ text, align, paint }: Cell, width: number): string {
  const shown = ellipsize(text, width)
  const blank = pad('', width - widthOf(shown))
  const painted = paint === null || shown === '' ? shown : paint(shown)
  return align === 'left' ? painted + blank : blank + painted
}
