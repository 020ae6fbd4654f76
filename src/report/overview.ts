import { groupBy } from '../model/group-by.js'
import type { TableResult } from '../model/report.js'
import { type Cell, layOut, left, right } from './grid.js'
import { wrap } from './layout.js'
import { counted, grouped } from './numbers.js'
import { CLASSES } from './samples.js'
import type { Paint, Style } from './style.js'
import { visible } from './text.js'

/** Beyond this many, tables that agree are told in one line: they are not what the reader came for. */
const MOST_EQUAL = 12
const REASON_INDENT = '      '

/** The state of every table, a section for each database; databases in which all is equal take one line each. */
export function overview(
  results: readonly TableResult[],
  masters: readonly string[],
  style: Style,
  width: number
): string[] {
  const databases = [...groupBy(results, (result) => result.database)]
  const equal = databases.filter(([, tables]) => tables.every(isQuiet))
  const others = databases.filter(([, tables]) => !tables.every(isQuiet))
  return [
    ...layOut(
      equal.map(([name, tables]) => equalDatabase(name, tables, style)),
      width,
      ''
    ),
    ...others.flatMap(([name, tables], index) => [
      ...(index === 0 && equal.length === 0 ? [] : ['']),
      style.strong(visible(name)),
      ...section(tables, masters, style, width)
    ])
  ]
}

/** Nothing to say but that it agrees. */
function isQuiet(result: TableResult): boolean {
  return result.status === 'consistent' && result.reason === null && !hasFound(result)
}

/** Counts tell what was found: a table that was repaired has some, and yet agrees now. */
function hasFound(result: TableResult): boolean {
  return CLASSES.some((name) => result[name] > 0)
}

function equalDatabase(name: string, tables: readonly TableResult[], style: Style): Cell[] {
  return [
    left(visible(name), style.strong),
    right(counted(tables.length, 'table')),
    right(counted(totalRows(tables), 'row')),
    left('all equal', style.good)
  ]
}

function section(tables: readonly TableResult[], masters: readonly string[], style: Style, width: number): string[] {
  const equal = tables.filter(isQuiet)
  const shown = equal.length > MOST_EQUAL ? tables.filter((table) => !isQuiet(table)) : tables
  const columns = sectionColumns(shown, masters, style)
  const head = columns.map(({ title, align }): Cell => ({ text: title, align, paint: style.faint }))
  const lines = layOut([head, ...shown.map((table) => columns.map((column) => column.cell(table)))], width)
  const rest = `${counted(equal.length, 'more table')}, ${counted(totalRows(equal), 'row')}: all equal`
  return [
    lines[0] ?? '',
    ...shown.flatMap((table, index) => [lines[index + 1] ?? '', ...reasonLines(table, style, width)]),
    ...(shown.length < tables.length ? [style.faint(`  … ${rest}`)] : [])
  ]
}

interface Column {
  readonly title: string
  readonly align: Cell['align']
  readonly cell: (table: TableResult) => Cell
}

function sectionColumns(tables: readonly TableResult[], masters: readonly string[], style: Style): Column[] {
  const state: Column = { title: '  state', align: 'left', cell: (table) => stateCell(table, style) }
  return [
    { title: 'table', align: 'left', cell: ({ table }) => left(visible(table)) },
    state,
    ...rowColumns(tables, masters, style),
    { title: 'chunks', align: 'right', cell: (table) => chunksCell(table, style) },
    ...countColumns(tables, style)
  ]
}

function stateCell(table: TableResult, style: Style): Cell {
  switch (table.status) {
    case 'consistent':
      return left(hasFound(table) ? '✓ repaired' : '✓ equal', style.good)
    case 'divergent':
      return left('✗ differs', style.bad)
    case 'skipped':
      return left('– skipped', style.warning)
    case 'failed':
      return left('! failed', style.warning)
  }
}

/** One column where every table has as many rows on each master, else one a master, with what departs from the first marked. */
function rowColumns(tables: readonly TableResult[], masters: readonly string[], style: Style): Column[] {
  if (tables.every((table) => new Set(masters.map((master) => table.rows[master])).size === 1)) {
    const [any = ''] = masters
    return [{ title: 'rows', align: 'right', cell: ({ rows }) => right(rowsText(rows[any])) }]
  }
  return masters.map((master) => ({
    title: `rows on ${master}`,
    align: 'right',
    cell: ({ rows }) => {
      const first = masters.map((other) => rows[other]).find((count) => count !== undefined)
      const departs = rows[master] !== undefined && rows[master] !== first
      return right(departs ? `≠ ${rowsText(rows[master])}` : rowsText(rows[master]), departs ? style.bad : null)
    }
  }))
}

function rowsText(count: number | undefined): string {
  return count === undefined ? '–' : grouped(count)
}

function chunksCell({ chunks: { total, mismatched }, rows }: TableResult, style: Style): Cell {
  if (Object.keys(rows).length === 0) return right('–')
  if (mismatched === 0) return right(grouped(total))
  return right(`${grouped(mismatched)} of ${grouped(total)}`, style.bad)
}

function countColumns(tables: readonly TableResult[], style: Style): Column[] {
  const found = tables.some(hasFound)
  const unsettled = tables.some((table) => table.unsettled > 0)
  const names = [...(found ? CLASSES : []), ...(unsettled ? (['unsettled'] as const) : [])]
  return names.map((name) => ({
    title: name,
    align: 'right',
    cell: (table) => countCell(table[name], name === 'unsettled' ? style.warning : style.bad, style)
  }))
}

function countCell(count: number, paint: Paint, style: Style): Cell {
  return count === 0 ? right('·', style.faint) : right(grouped(count), paint)
}

function reasonLines(table: TableResult, style: Style, width: number): string[] {
  if (table.reason === null) return []
  return wrap(visible(table.reason), width, REASON_INDENT).map((line) => style.faint(line))
}

function totalRows(tables: readonly TableResult[]): number {
  return tables.reduce((sum, table) => sum + Math.max(0, ...Object.values(table.rows)), 0)
}
