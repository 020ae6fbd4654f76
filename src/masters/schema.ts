import type { Column, TableRef, TableSchema, UniqueKey } from '../model/table.js'
import { tableName } from '../model/table.js'
import { selectColumns, selectColumnsOf, selectOtherObjects, selectTables, selectUniqueKeys } from '../sql/schema.js'
import { selectEveryColumn } from '../sql/select.js'
import type { Master } from './master.js'
import { isUnknownTable } from './server-errors.js'
import type { Session, TextRow } from './session.js'

/** Every base table of a server outside the system schemas. */
export async function readSchemas(master: Master): Promise<readonly TableSchema[]> {
  const rowsOf = (sql: string) => master.withSession((session) => session.query(sql))
  const [tables, columns, keyParts] = await Promise.all([
    rowsOf(selectTables),
    rowsOf(selectColumns).then(groupByTable),
    rowsOf(selectUniqueKeys(master.capabilities.usableIndex)).then(groupByTable)
  ])
  return tables.map((row) => tableOf(row, columns.get(nameOf(row)) ?? [], keyParts.get(nameOf(row)) ?? []))
}

/** The columns of one table as they are now; `null` when the server says that it is not there. */
export async function readColumns(session: Session, ref: TableRef): Promise<readonly Column[] | null> {
  const rows = await session.query(selectColumnsOf(ref))
  // Some servers do not tell the case of names apart here.
  const columns = rows.filter((row) => nameOf(row) === tableName(ref)).map(columnOf)
  if (columns.length > 0) return columns
  if (await isGone(session, ref)) return null
  throw new Error(`the columns of ${tableName(ref)} are not told`)
}

/** Nothing in the list of columns can also mean that the table is locked, or hidden from the account. */
async function isGone(session: Session, ref: TableRef): Promise<boolean> {
  try {
    await session.query(selectEveryColumn(ref))
    return false
  } catch (error) {
    if (isUnknownTable(error)) return true
    throw error
  }
}

/** What else goes by the name of a table, and what it is: `view`, `sequence`. */
export async function readOtherObjects(
  session: Session
): Promise<readonly { readonly name: string; readonly kind: string }[]> {
  const rows = await session.query(selectOtherObjects)
  return rows.map((row) => ({ name: nameOf(row), kind: row.kind ?? '' }))
}

function nameOf(row: TextRow): string {
  return tableName({ database: row.db ?? '', table: row.tbl ?? '' })
}

function groupByTable(rows: readonly TextRow[]): ReadonlyMap<string, readonly TextRow[]> {
  return groupBy(rows, nameOf)
}

function tableOf(row: TextRow, columns: readonly TextRow[], keyParts: readonly TextRow[]): TableSchema {
  return {
    ref: { database: row.db ?? '', table: row.tbl ?? '' },
    engine: row.engine ?? '',
    columns: columns.map(columnOf),
    uniqueKeys: [...groupBy(keyParts, (part) => part.name ?? '')].map(([name, parts]) => uniqueKeyOf(name, parts)),
    estimatedRows: Number(row.estimated_rows ?? 0),
    averageRowBytes: Number(row.average_row_bytes ?? 0),
    nextId: row.next_id ?? null
  }
}

function columnOf(row: TextRow): Column {
  const extra = (row.extra ?? '').toLowerCase()
  const columnType = (row.column_type ?? '').toLowerCase()
  return {
    name: row.name ?? '',
    dataType: (row.data_type ?? '').toLowerCase(),
    columnType: row.column_type ?? '',
    unsigned: columnType.includes('unsigned'),
    nullable: row.nullable === 'YES',
    // One vendor says "binary" of an ENUM of bytes, the other nothing.
    charset: row.charset_name === 'binary' ? null : (row.charset_name ?? null),
    collation: row.charset_name === 'binary' ? null : (row.collation_name ?? null),
    precision: numberOrNull(row.numeric_digits),
    scale: numberOrNull(row.numeric_decimals),
    autoIncrement: extra.includes('auto_increment'),
    generated: /\b(virtual|stored|persistent) generated|^(virtual|stored|persistent)\b/.test(extra)
      ? (row.generated_as ?? '')
      : null,
    defaultValue: row.default_value ?? null,
    onUpdateNow: extra.includes('on update current_timestamp')
  }
}

function uniqueKeyOf(name: string, parts: readonly TextRow[]): UniqueKey {
  return {
    name,
    columns: parts.flatMap((part) => part.column_name ?? []),
    primary: name === 'PRIMARY',
    nullable: parts.some((part) => part.nullable === 'YES'),
    ordered: parts.every((part) => part.index_type !== 'HASH' && part.usable !== 'NO'),
    prefix: parts.some((part) => part.prefix_length != null || part.column_name == null)
  }
}

function numberOrNull(value: string | null | undefined): number | null {
  return value == null ? null : Number(value)
}

function groupBy(rows: readonly TextRow[], key: (row: TextRow) => string): ReadonlyMap<string, readonly TextRow[]> {
  const groups = new Map<string, TextRow[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}
