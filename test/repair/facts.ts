import type { ColumnFacts, FactsOf, ForeignKey, TableFacts, UniqueIndex } from '../../src/masters/table-facts.js'
import type { RowChange, RowImage, WritableTable } from '../../src/model/repair.js'
import { type TableRef, tableName } from '../../src/model/table.js'
import { column } from '../support/columns.js'

/** A table of the database `shop`. */
function ref(table: string): TableRef {
  return { database: 'shop', table }
}

/** The facts of a column, an INT unless said otherwise. */
export function columnFacts(name: string, about: Partial<ColumnFacts> = {}): ColumnFacts {
  const whole = { dataType: 'int', columnType: 'int', nullable: false, length: null, collation: null }
  return { name, ...whole, autoIncrement: false, generated: false, ...about }
}

export function uniqueKey(name: string, ...columns: readonly string[]): UniqueIndex {
  return { name, columns, lookable: true }
}

/** A foreign key `table.columns → parent.parentColumns`. */
export function foreignKey(
  name: string,
  table: string,
  columns: readonly string[],
  parent: string,
  parentColumns: readonly string[],
  about: Partial<ForeignKey> = {}
): ForeignKey {
  const rules = { onDelete: 'RESTRICT', onUpdate: 'RESTRICT' } as const
  return { name, table: ref(table), columns, parent: ref(parent), parentColumns, ...rules, ...about }
}

/** The facts of a harmless table, with the primary key `id`. */
export function tableFacts(table: string, about: Partial<TableFacts> = {}): TableFacts {
  return {
    ref: ref(table),
    engine: 'InnoDB',
    transactional: true,
    systemVersioned: false,
    columns: [columnFacts('id')],
    uniqueKeys: [uniqueKey('PRIMARY', 'id')],
    triggers: [],
    triggersVisible: true,
    parents: [],
    children: [],
    childrenVisible: true,
    ...about
  }
}

export function factsOf(...tables: readonly TableFacts[]): FactsOf {
  const byName = new Map(tables.map((facts) => [tableName(facts.ref), facts]))
  return (wanted) => {
    const found = byName.get(tableName(wanted))
    if (found === undefined) throw new Error(`no facts of ${tableName(wanted)}`)
    return found
  }
}

/** How a table with these facts is written to; its key is `id`. */
export function writable(facts: TableFacts): WritableTable {
  return {
    ref: facts.ref,
    key: ['id'],
    moving: [],
    columns: facts.columns.map(({ name, dataType, nullable }) => ({
      name,
      expression: `\`${name}\``,
      form: column(name, { dataType, nullable }),
      compared: true,
      onUpdateNow: false
    }))
  }
}

/** A change on master a. */
export function change(id: number, table: WritableTable, before: RowImage | null, after: RowImage | null): RowChange {
  return { id, master: 'a', table, before, after, why: 'test' }
}
