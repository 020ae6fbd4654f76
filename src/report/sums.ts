import type { TableResult } from '../model/report.js'
import { type Cell, layOut, left, right } from './grid.js'
import { compareDecimals, groupedDecimal, subtractDecimals } from './numbers.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** What the section needs to know. */
export interface ShownSums {
  readonly results: readonly TableResult[]
  readonly masters: readonly string[]
  /** They are as they were found, and rows were written since. */
  readonly outdated: boolean
}

/** The sums on which the masters do not agree, with how far apart they are. Nothing when they all agree. */
export function differingSums({ results, masters, outdated }: ShownSums, style: Style, width: number): string[] {
  const rows = results.flatMap((result) => tableRows(result, masters, style))
  if (rows.length === 0) return []
  const head = ['table', 'column', ...masters, gapTitle(masters)].map((title, index) =>
    index < 2 ? left(title, style.faint) : right(title, style.faint)
  )
  return [
    style.strong(outdated ? 'Sums that differed before the repair' : 'Sums that differ'),
    ...layOut([head, ...rows], width)
  ]
}

/** With two masters the difference has a direction; with more, what matters is how far the extremes are apart. */
function gapTitle([first, second, ...others]: readonly string[]): string {
  return others.length === 0 ? `${second} − ${first}` : 'apart by'
}

function tableRows(result: TableResult, masters: readonly string[], style: Style): Cell[][] {
  // The sum of a key says no more than the row count does.
  const columns = Object.entries(result.sums).filter(([column]) => !result.key.includes(column))
  return columns.flatMap(([column, sums]) => {
    const known = masters.flatMap((master) => sums[master] ?? [])
    if (new Set(known).size < 2) return []
    return [
      [
        left(`${visible(result.database)}.${visible(result.table)}`),
        left(visible(column)),
        ...masters.map((master) => right(sumText(sums[master]))),
        right(groupedDecimal(gap(known)), style.bad)
      ]
    ]
  })
}

function sumText(sum: string | undefined): string {
  return sum === undefined ? '–' : groupedDecimal(sum)
}

function gap(sums: readonly string[]): string {
  const [first = '0', second = '0'] = sums
  if (sums.length === 2) return subtractDecimals(second, first)
  const inOrder = sums.toSorted(compareDecimals)
  return subtractDecimals(inOrder.at(-1) ?? '0', inOrder[0] ?? '0')
}
