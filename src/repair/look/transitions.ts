import type { ColumnFacts, FactsOf, ForeignKey, TableFacts, UniqueIndex } from '../../masters/table-facts.js'
import { groupBy } from '../../model/group-by.js'
import type { RowChange, RowImage, WritableTable } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { type ComparedValue, comparedValue } from './compared-value.js'

/** A change that gives up a value of some columns, or takes one, or both. `null` is no row, or no value. */
export interface Transition {
  readonly change: RowChange
  /** The place of the change among all that were given. */
  readonly place: number
  readonly from: ComparedValue | null
  readonly to: ComparedValue | null
}

/** What the changes of a master do to the values of one unique key. */
export interface UniqueTransitions {
  readonly facts: TableFacts
  readonly key: UniqueIndex
  readonly transitions: readonly Transition[]
}

/** What they do on both sides of one foreign key. */
export interface Relation {
  readonly key: ForeignKey
  /** Rows that point, by the values they point to. */
  readonly children: readonly Transition[]
  /** Rows that are pointed to, by the values they can be pointed to by. */
  readonly parents: readonly Transition[]
}

/** What the changes of one master do to values that other rows depend on. */
export interface Transitions {
  readonly unique: readonly UniqueTransitions[]
  readonly relations: readonly Relation[]
}

interface Placed {
  readonly change: RowChange
  readonly place: number
}

/** The changes of one table. */
interface TableChanges {
  readonly facts: TableFacts
  readonly changes: readonly Placed[]
  /** See {@link imageNames}. */
  readonly names: ReadonlyMap<string, string>
}

/** Takes changes of one master apart. Unique keys in which no row can be looked up are left out. */
export function transitionsOf(changes: readonly RowChange[], facts: FactsOf): Transitions {
  const tables = tablesOf(changes, facts)
  const unique = tables.flatMap((table) =>
    table.facts.uniqueKeys
      .filter((key) => key.lookable)
      .map((key) => ({ facts: table.facts, key, transitions: transitionsIn(table, key.columns) }))
  )
  return { unique, relations: relationsOf(tables) }
}

/** The names that images have for the columns of a master, by the master's own names in lower case. */
export function imageNames(table: WritableTable): ReadonlyMap<string, string> {
  return new Map(table.columns.map((column) => [column.name.toLowerCase(), column.form.name]))
}

function tablesOf(changes: readonly RowChange[], facts: FactsOf): readonly TableChanges[] {
  const placed = changes.map((change, place) => ({ change, place }))
  return [...groupBy(placed, ({ change }) => tableName(change.table.ref)).values()].flatMap((own) => {
    const table = own[0]?.change.table
    return table === undefined ? [] : { facts: facts(table.ref), changes: own, names: imageNames(table) }
  })
}

function relationsOf(tables: readonly TableChanges[]): readonly Relation[] {
  const relations = new Map<string, Relation>()
  const add = (key: ForeignKey, side: Partial<Relation>) => {
    const id = JSON.stringify([tableName(key.table), key.name])
    relations.set(id, { ...(relations.get(id) ?? { key, children: [], parents: [] }), ...side })
  }
  for (const table of tables) {
    for (const key of table.facts.parents) add(key, { children: transitionsIn(table, key.columns) })
    for (const key of table.facts.children) add(key, { parents: transitionsIn(table, key.parentColumns) })
  }
  return [...relations.values()]
}

function transitionsIn(table: TableChanges, columns: readonly string[]): readonly Transition[] {
  const found = columns.map((column) => table.facts.columns.find((each) => sameName(each.name, column)))
  const names = columns.map((column) => table.names.get(column.toLowerCase()))
  // A generated column is in no image.
  if (names.includes(undefined)) return []
  const transitions: Transition[] = []
  for (const { change, place } of table.changes) {
    const from = valueIn(found, names, change.before, null)
    const to = valueIn(found, names, change.after, change.before)
    if (from?.exact !== to?.exact) transitions.push({ change, place, from, to })
  }
  return transitions
}

/** @param otherwise the image that has what `image` does not say. */
function valueIn(
  columns: readonly (ColumnFacts | undefined)[],
  names: readonly (string | undefined)[],
  image: RowImage | null,
  otherwise: RowImage | null
): ComparedValue | null {
  if (image === null) return null
  // A column that no image has gets its default, which is not known here.
  const literals = names.map((name = '') => image[name] ?? otherwise?.[name] ?? 'NULL')
  return comparedValue(columns, literals)
}

/** Servers do not tell the cases of column names apart. */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
