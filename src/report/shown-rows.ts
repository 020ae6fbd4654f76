import type { Divergence, DivergenceClass } from '../model/divergence.js'
import type { TableResult } from '../model/report.js'
import { tableName } from '../model/table.js'
import { wrap } from './layout.js'
import { counted, grouped } from './numbers.js'
import { CLASSES } from './samples.js'
import { sideBySide } from './side-by-side.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** Tables named when telling where the rows that are not shown are. */
const MOST_TABLES = 5

const MEANINGS: Readonly<Record<DivergenceClass, string>> = {
  missing: 'some masters have the row, others do not',
  conflict: 'the same row, with different contents',
  collision: 'different rows that took the same key'
}

/** What the section needs to know. */
export interface ShownRows {
  readonly picked: Readonly<Record<DivergenceClass, readonly Divergence[]>>
  readonly results: readonly TableResult[]
  readonly masters: readonly string[]
}

/** The first divergent rows by class, and where the others are. Nothing when there are none. */
export function shownRows(rows: ShownRows, style: Style, width: number): string[] {
  return CLASSES.flatMap((name) => {
    const picked = rows.picked[name]
    if (picked.length === 0) return []
    const total = rows.results.reduce((sum, result) => sum + result[name], 0)
    const title = `${counted(total, 'row')}: ${MEANINGS[name]}`
    return [
      `${style.strong(style.bad(name))}  ${style.faint(title)}`,
      ...picked.flatMap((divergence) => ['', ...sideBySide(divergence, rows.masters, style, width)]),
      ...elsewhere(name, picked, rows.results).flatMap((line) => ['', ...wrap(line, width, '  ').map(style.faint)]),
      ''
    ]
  }).slice(0, -1)
}

function elsewhere(name: DivergenceClass, picked: readonly Divergence[], results: readonly TableResult[]): string[] {
  const places = results
    .map((result) => ({
      table: visible(tableName(result)),
      rest: result[name] - picked.filter((each) => tableName(each) === tableName(result)).length
    }))
    .filter(({ rest }) => rest > 0)
  const rest = places.reduce((sum, place) => sum + place.rest, 0)
  if (rest === 0) return []
  const named = places.slice(0, MOST_TABLES).map((place) => `${place.table} ${grouped(place.rest)}`)
  const others = places.length - named.length
  const where = others === 0 ? named : [...named, `and ${counted(others, 'more table')}`]
  return [`… ${grouped(rest)} more: ${where.join(', ')}`]
}
