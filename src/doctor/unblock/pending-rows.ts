import type { AuditTable } from '../../audit/table-plan.js'
import { ImageReader } from '../../evidence/image.js'
import type { PendingRow } from '../../model/doctor.js'
import { messageOf } from '../../model/errors.js'
import { type TableRef, tableName } from '../../model/table.js'
import type { RowCells } from '../../wire/binlog/cells.js'
import { BinlogDecoder, type BinlogListener, DEAF } from '../../wire/binlog/decoder.js'

/** What a transaction does to rows, and what of it cannot be told. */
export interface PendingRows {
  /** A row whose key is changed comes under both. */
  readonly rows: readonly PendingRow[]
  readonly problems: readonly string[]
}

/** The tables whose rows these events change. */
export function tablesIn(events: readonly Buffer[]): readonly TableRef[] {
  const refs = new Map<string, TableRef>()
  decode<never>(events, {
    wants: ({ database, table }) => {
      refs.set(JSON.stringify([database, table]), { database, table })
      return null
    }
  })
  return [...refs.values()]
}

/**
 * Reads which rows a transaction changes.
 * @param master whose binlog it is from.
 * @param tableOf how a table is audited. Throws for one that is not, or whose rows have no names.
 */
export function rowsIn(events: readonly Buffer[], master: string, tableOf: (ref: TableRef) => AuditTable): PendingRows {
  const rows = new Map<string, PendingRow>()
  const problems = new Set<string>()
  decode<OpenedTable>(events, {
    wants: (map) => {
      try {
        const table = tableOf(map)
        return { table, reader: new ImageReader(table, master, map) }
      } catch (error) {
        problems.add(`${tableName(map)}: ${messageOf(error)}`)
        return null
      }
    },
    row: (opened, before, after) => {
      for (const row of rowsOf(opened, before, after)) {
        if (row === null) problems.add(`${tableName(opened.table.ref)}: the key of a row cannot be read`)
        else rows.set(JSON.stringify([row.database, row.table, row.key]), row)
      }
    },
    unreadable: (what) => problems.add(what),
    statement: (kind, { sql }) => problems.add(`a statement is logged instead of rows (${kind}): ${sql}`)
  })
  if (rows.size === 0) problems.add('it changes no rows that can be read')
  return { rows: [...rows.values()], problems: [...problems] }
}

interface OpenedTable {
  readonly table: AuditTable
  readonly reader: ImageReader
}

/** The row under the keys that it has before and after; `null` for a key that cannot be told. */
function rowsOf(
  { table, reader }: OpenedTable,
  before: RowCells | null,
  after: RowCells | null
): readonly (PendingRow | null)[] {
  const verb = before === null ? 'insert' : after === null ? 'delete' : 'update'
  const keys = [
    ...(before === null ? [] : [reader.key(before)]),
    ...(after === null ? [] : [reader.key(after, before ?? after)])
  ]
  return keys.map((key) => {
    if (key === null) return null
    const named = table.keyColumns.map((column, at) => [column.name, key[at] ?? null] as const)
    return { verb, ...table.ref, key: Object.fromEntries(named) }
  })
}

/** Lets a decoder read all events; what a listener leaves out it does not want to know. */
function decode<Wanted>(events: readonly Buffer[], listener: Partial<BinlogListener<Wanted>>): void {
  const decoder = new BinlogDecoder<Wanted>({ ...DEAF, ...listener })
  for (const event of events) decoder.event(event, 0, event.length)
}
