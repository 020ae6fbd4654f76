import type { SchemaDifference, TableResult } from '../model/report.js'
import { type Cell, layOut, left } from './grid.js'
import { ellipsize } from './layout.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** Long lists of columns say little more than that they differ; the JSON report has them whole. */
const WIDEST_VALUE = 40
const NARROWEST_VALUE = 12
/** What the names of table and column usually take. */
const NAMES_WIDTH = 44

/** Where the definitions of tables differ between the masters. Nothing when they are alike. */
export function differingDefinitions(
  results: readonly TableResult[],
  masters: readonly string[],
  style: Style,
  width: number
): string[] {
  const share = Math.floor((width - NAMES_WIDTH) / masters.length) - 2
  const room = Math.max(NARROWEST_VALUE, Math.min(WIDEST_VALUE, share))
  const rows = results.flatMap((result) => result.drift.map((drift) => driftRow(result, drift, masters, style, room)))
  if (rows.length === 0) return []
  const head = ['table', 'what', ...masters].map((title) => left(title, style.faint))
  return [style.strong('Definitions that differ'), ...layOut([head, ...rows], width)]
}

function driftRow(
  result: TableResult,
  drift: SchemaDifference,
  masters: readonly string[],
  style: Style,
  room: number
): Cell[] {
  return [
    left(`${visible(result.database)}.${visible(result.table)}`),
    left(visible(whatText(drift))),
    ...masters.map((master) => {
      const value = drift.masters[master] ?? null
      return value === null ? left('(absent)', style.bad) : left(ellipsize(visible(value), room))
    })
  ]
}

function whatText({ aspect, name }: SchemaDifference): string {
  if (name === null) return aspect === 'order' ? 'order of columns' : aspect
  return aspect === 'column' ? name : aspect === 'index' ? `index ${name}` : `${name}: ${aspect}`
}
