import type { Divergence } from '../model/divergence.js'
import { groupBy } from '../model/group-by.js'
import { tableName } from '../model/table.js'
import type { RowValues } from '../model/value.js'
import { MISSING_CELL } from './csv-cells.js'
import { decisionText } from './decision-text.js'
import { type Cell, layOut, left } from './grid.js'
import { ellipsize, wrap } from './layout.js'
import { counted } from './numbers.js'
import { showTogether, showValue } from './shown-value.js'
import type { Style } from './style.js'
import { visible } from './text.js'

const INDENT = '  '
/** Rows of this many columns are shown whole: what is equal in them tells the reader which row it is. */
const SHOWN_WHOLE = 8
/** No row takes more of the screen than this. */
const MOST_COLUMNS = 12
const WIDEST_NAME = 24
const NARROWEST_VALUE = 8
const WIDEST_VALUE = 48

/** One content of the row, and the masters that hold it; `null` for those that lack it. */
interface Version {
  readonly masters: readonly string[]
  readonly row: RowValues | null
}

/** One divergent row: what it is, why it is listed, and its contents on the masters beside each other. */
export function sideBySide(divergence: Divergence, masters: readonly string[], style: Style, width: number): string[] {
  const key = Object.entries(divergence.key).map(([column, value]) => `${visible(column)} ${showValue(value)}`)
  const title = `${visible(tableName(divergence))}  ${key.join(', ')}`
  return [
    INDENT + style.strong(ellipsize(title, width - INDENT.length)),
    ...wrap(visible(divergence.reason), width, INDENT).map((line) => style.faint(line)),
    ...decisionLines(divergence, width),
    ...contents(divergence, versionsOf(divergence, masters), style, width)
  ]
}

function decisionLines({ decision }: Divergence, width: number): string[] {
  return decision === null ? [] : wrap(`→ ${decisionText(decision)}`, width, INDENT)
}

function versionsOf(divergence: Divergence, masters: readonly string[]): readonly Version[] {
  const read = masters.filter((master) => divergence.rows[master] !== undefined)
  const groups = groupBy(read, (master) => JSON.stringify(divergence.rows[master]))
  return [...groups.values()].map((holders) => ({ masters: holders, row: divergence.rows[holders[0] ?? ''] ?? null }))
}

function contents(divergence: Divergence, versions: readonly Version[], style: Style, width: number): string[] {
  const { shown, omitted } = chooseColumns(divergence, versions)
  const room = valueWidth(shown, versions.length, width)
  const head = [
    left(''),
    left(''),
    ...versions.map((version) => left(ellipsize(version.masters.join(', '), room), style.strong))
  ]
  const lines = shown.map((column, index) => {
    return columnCells(column, versions, {
      room,
      style,
      differs: divergence.columns.includes(column),
      first: index === 0
    })
  })
  const more = omitted === 0 ? [] : [style.faint(`${INDENT}  … ${counted(omitted, 'more column')}`)]
  return [...layOut([head, ...lines], width, INDENT), ...more]
}

function chooseColumns(divergence: Divergence, versions: readonly Version[]) {
  const all = Object.keys(versions.find((version) => version.row !== null)?.row ?? {})
  const beside = all.filter((column) => !Object.hasOwn(divergence.key, column) || divergence.columns.includes(column))
  const whole = divergence.class === 'missing' || beside.length <= SHOWN_WHOLE
  const wanted = whole ? beside : beside.filter((column) => divergence.columns.includes(column))
  const shown = wanted.slice(0, wanted.length <= MOST_COLUMNS ? MOST_COLUMNS : MOST_COLUMNS - 1)
  return { shown, omitted: beside.length - shown.length }
}

function valueWidth(columns: readonly string[], versions: number, width: number): number {
  const name = Math.min(WIDEST_NAME, Math.max(0, ...columns.map((column) => visible(column).length)))
  const room = Math.floor((width - INDENT.length - name - 3) / versions) - INDENT.length
  return Math.min(WIDEST_VALUE, Math.max(NARROWEST_VALUE, room))
}

interface Look {
  readonly room: number
  readonly style: Style
  readonly differs: boolean
  /** The first line of the row, where those that lack it say so. */
  readonly first: boolean
}

function columnCells(column: string, versions: readonly Version[], { room, style, differs, first }: Look): Cell[] {
  const held = versions.flatMap(({ row }) => (row === null ? [] : [row[column] ?? null]))
  const shown = showTogether(held, room)
  let next = 0
  const values = versions.map(({ row }) => {
    if (row === null) return left(first ? MISSING_CELL : '', style.warning)
    return left(shown[next++] ?? '', differs ? style.bad : null)
  })
  const name = ellipsize(visible(column), WIDEST_NAME)
  return [left(differs ? '≠' : '', style.bad), left(name, differs ? style.strong : style.faint), ...values]
}
