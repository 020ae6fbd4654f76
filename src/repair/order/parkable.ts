import type { ColumnFacts, TableFacts, UniqueIndex } from '../../masters/table-facts.js'
import type { WritableTable } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { sameName } from '../look/transitions.js'

/** Columns, as `db.table.column`, for which no parked value was found. */
export type Unparkable = ReadonlySet<string>

/** Types of which a value can be made that no row has. */
const TYPES =
  /^(tinyint|smallint|mediumint|int|bigint|decimal|(var)?char|(tiny|medium|long)?text|(var)?binary|(tiny|medium|long)?blob|date|datetime|timestamp|time|year|float|double)$/

/** How a column is called in a set of {@link Unparkable}. */
export function parkingPlace(facts: TableFacts, column: string): string {
  return `${tableName(facts.ref)}.${column}`
}

/**
 * The columns of a unique key that may hold a made-up value for a moment, those that may be NULL first, by the table that
 * is written. Never one that names the row, that counts up (a far value would stay behind in the counter), or that a
 * foreign key knows: the server would carry the value on. And none at all where a trigger would carry it elsewhere.
 */
export function parkableColumns(
  facts: TableFacts,
  key: UniqueIndex,
  unparkable: Unparkable
): (table: WritableTable) => readonly string[] {
  const related = [
    ...facts.parents.flatMap((each) => each.columns),
    ...facts.children.flatMap((each) => each.parentColumns)
  ]
  const isWatched = !facts.childrenVisible || facts.triggers.some((trigger) => trigger.verb === 'UPDATE')
  const candidates = (isWatched ? [] : facts.columns)
    .filter((column) => key.columns.some((name) => sameName(name, column.name)))
    .filter(isParkable)
    .filter((column) => !related.some((name) => sameName(name, column.name)))
    .filter((column) => !unparkable.has(parkingPlace(facts, column.name)))
    .sort((left, right) => Number(right.nullable) - Number(left.nullable))
    .map((column) => column.name)
  const byTable = new Map<WritableTable, readonly string[]>()
  return (table) => {
    const known = byTable.get(table)
    if (known !== undefined) return known
    const own = candidates.filter((name) => !namesRow(table, name))
    byTable.set(table, own)
    return own
  }
}

function isParkable(column: ColumnFacts): boolean {
  return !column.generated && !column.autoIncrement && (column.nullable || TYPES.test(column.dataType))
}

function namesRow(table: WritableTable, name: string): boolean {
  const column = table.columns.find((each) => sameName(each.name, name))
  return column === undefined || table.key.includes(column.form.name)
}
