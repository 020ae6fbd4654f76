import { groupBy } from '../model/group-by.js'
import { type TableRef, tableName } from '../model/table.js'
import {
  selectColumnFacts,
  selectEngines,
  selectForeignKeys,
  selectTableKinds,
  selectTriggers,
  selectUniqueParts
} from '../sql/table-facts.js'
import type { Capabilities } from './capabilities.js'
import { type Grants, readGrants } from './grants.js'
import type { Session, TextRow } from './session.js'

/** What a statement does with a row. */
export type Verb = 'INSERT' | 'UPDATE' | 'DELETE'

/** A column as this one master has it. */
export interface ColumnFacts {
  readonly name: string
  /** `DATA_TYPE` in lower case. */
  readonly dataType: string
  readonly columnType: string
  readonly nullable: boolean
  /** Characters of a text, bytes of a binary string; else `null`. */
  readonly length: number | null
  /** `null` for columns that are not text. */
  readonly collation: string | null
  readonly autoIncrement: boolean
  readonly generated: boolean
}

/** A unique index, `PRIMARY` included. */
export interface UniqueIndex {
  readonly name: string
  /** Without parts that are expressions. */
  readonly columns: readonly string[]
  /**
   * Whether a row that has given values can be found by them. Not so where a part is a prefix, an expression or generated,
   * or where the index cannot be searched; then only the server tells a clash, by an error that writes nothing.
   */
  readonly lookable: boolean
}

interface Trigger {
  readonly name: string
  readonly verb: Verb
  readonly timing: string
}

/** What the server does with child rows. `null`: it does not tell this account. */
type ForeignKeyRule = 'RESTRICT' | 'NO ACTION' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT'

/** A foreign key: rows of `table` point by `columns` to rows of `parent` with the same values in `parentColumns`. */
export interface ForeignKey {
  readonly name: string
  readonly table: TableRef
  readonly columns: readonly string[]
  readonly parent: TableRef
  readonly parentColumns: readonly string[]
  readonly onDelete: ForeignKeyRule | null
  readonly onUpdate: ForeignKeyRule | null
}

/** What has to be known of a table on one master before a row of it is written there. */
export interface TableFacts {
  readonly ref: TableRef
  readonly engine: string
  /** Whether what is written can be rolled back. */
  readonly transactional: boolean
  /** Whether the server keeps former versions of its rows: a repair would write history as well. */
  readonly systemVersioned: boolean
  readonly columns: readonly ColumnFacts[]
  readonly uniqueKeys: readonly UniqueIndex[]
  readonly triggers: readonly Trigger[]
  /** False when the account may not see triggers: then none listed means nothing. */
  readonly triggersVisible: boolean
  /** Its own foreign keys. */
  readonly parents: readonly ForeignKey[]
  /** Foreign keys, its own too, that point to it. */
  readonly children: readonly ForeignKey[]
  /** False when there may be tables that the account does not see, and foreign keys with them. */
  readonly childrenVisible: boolean
}

/** The facts of a table by its name; throws for one that was not looked at. */
export type FactsOf = (ref: TableRef) => TableFacts

/** Reads what has to be known of tables before rows of them are written. Names are those that this master uses. */
export async function readTableFacts(
  session: Session,
  capabilities: Capabilities,
  refs: readonly TableRef[]
): Promise<FactsOf> {
  if (refs.length === 0) return lookup(new Map())
  const found = await readRows(session, capabilities, [...new Set(refs.map((ref) => ref.database))])
  return lookup(new Map(refs.map((ref) => [tableName(ref), factsOf(ref, found)])))
}

function lookup(facts: ReadonlyMap<string, TableFacts>): FactsOf {
  return (ref) => {
    const found = facts.get(tableName(ref))
    if (found === undefined) throw new Error(`${tableName(ref)} was not looked at`)
    return found
  }
}

interface Found {
  readonly transactional: ReadonlySet<string>
  readonly tables: ReadonlyMap<string, TextRow>
  readonly columns: ReadonlyMap<string, readonly TextRow[]>
  readonly uniqueParts: ReadonlyMap<string, readonly TextRow[]>
  readonly triggers: ReadonlyMap<string, readonly TextRow[]>
  readonly foreignKeys: readonly ForeignKey[]
  readonly grants: Grants
}

async function readRows(session: Session, capabilities: Capabilities, databases: readonly string[]): Promise<Found> {
  const engines = await session.query(selectEngines)
  const tables = await session.query(selectTableKinds(databases))
  return {
    transactional: new Set(engines.flatMap((row) => (row.transactions === 'YES' ? (row.engine ?? []) : []))),
    tables: new Map(tables.map((row) => [nameOf(row), row])),
    columns: byTable(await session.query(selectColumnFacts(databases))),
    uniqueParts: byTable(await session.query(selectUniqueParts(capabilities.usableIndex, databases))),
    triggers: byTable(await session.query(selectTriggers(databases))),
    foreignKeys: foreignKeysOf(await session.query(selectForeignKeys(databases))),
    grants: await readGrants(session)
  }
}

function factsOf(ref: TableRef, found: Found): TableFacts {
  const name = tableName(ref)
  const table = found.tables.get(name)
  const columns = (found.columns.get(name) ?? []).map(columnOf)
  const triggers = (found.triggers.get(name) ?? []).map(triggerOf)
  return {
    ref,
    engine: table?.engine ?? '',
    transactional: found.transactional.has(table?.engine ?? ''),
    systemVersioned: table?.kind === 'SYSTEM VERSIONED',
    columns,
    uniqueKeys: uniqueKeysOf(found.uniqueParts.get(name) ?? [], columns),
    triggers,
    triggersVisible: found.grants.covers('TRIGGER', ref),
    parents: found.foreignKeys.filter((key) => tableName(key.table) === name),
    children: found.foreignKeys.filter((key) => tableName(key.parent) === name),
    childrenVisible: found.grants.seesEveryTable()
  }
}

function columnOf(row: TextRow): ColumnFacts {
  return {
    name: row.name ?? '',
    dataType: row.data_type ?? '',
    columnType: row.column_type ?? '',
    nullable: row.nullable === 'YES',
    length: row.length == null ? null : Number(row.length),
    collation: row.collation_name ?? null,
    autoIncrement: (row.extra ?? '').includes('auto_increment'),
    generated: row.is_generated === '1'
  }
}

function triggerOf(row: TextRow): Trigger {
  return { name: row.name ?? '', verb: (row.verb ?? 'UPDATE') as Verb, timing: row.timing ?? '' }
}

function uniqueKeysOf(parts: readonly TextRow[], columns: readonly ColumnFacts[]): readonly UniqueIndex[] {
  const generated = new Set(columns.filter((column) => column.generated).map((column) => column.name))
  const isLookable = (part: TextRow) =>
    part.column_name != null &&
    part.prefix_length == null &&
    part.index_type !== 'HASH' &&
    part.usable !== 'NO' &&
    !generated.has(part.column_name)
  return [...groupBy(parts, (part) => part.name ?? '')].map(([name, own]) => ({
    name,
    columns: own.flatMap((part) => part.column_name ?? []),
    lookable: own.every(isLookable)
  }))
}

function foreignKeysOf(rows: readonly TextRow[]): readonly ForeignKey[] {
  const groups = groupBy(rows, (row) => JSON.stringify([row.db, row.tbl, row.name]))
  return [...groups.values()].map((parts) => {
    const [first = {}] = parts
    return {
      name: first.name ?? '',
      table: refOf(first),
      columns: parts.map((part) => part.column_name ?? ''),
      parent: { database: first.parent_db ?? '', table: first.parent_tbl ?? '' },
      parentColumns: parts.map((part) => part.parent_column ?? ''),
      onDelete: (first.on_delete ?? null) as ForeignKeyRule | null,
      onUpdate: (first.on_update ?? null) as ForeignKeyRule | null
    }
  })
}

function refOf(row: TextRow): TableRef {
  return { database: row.db ?? '', table: row.tbl ?? '' }
}

function nameOf(row: TextRow): string {
  return tableName(refOf(row))
}

function byTable(rows: readonly TextRow[]): ReadonlyMap<string, readonly TextRow[]> {
  return groupBy(rows, nameOf)
}
