import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { inspect } from '../../src/audit/inspect.js'
import { RowShape } from '../../src/audit/row-shape.js'
import { type AuditTable, readingOn } from '../../src/audit/table-plan.js'
import { ImageReader } from '../../src/evidence/image.js'
import { binlogFiles, readEvents } from '../../src/masters/binlog/files.js'
import type { Master } from '../../src/masters/master.js'
import { rowByRow } from '../../src/masters/row-framer.js'
import type { Column } from '../../src/model/table.js'
import type { RowValues } from '../../src/model/value.js'
import { selectAll } from '../../src/sql/select.js'
import { BinlogDecoder } from '../../src/wire/binlog/decoder.js'
import type { TableMap } from '../../src/wire/binlog/table-map.js'
import { comparable } from '../../src/wire/comparable.js'
import { type FixtureLab, startFixtureLab } from '../support/fixture-lab.js'
import { FIXTURES_CONFIG } from '../support/row-images.js'

const local = inject('serverKinds').filter((kind) => !kind.includes(':'))

/**
 * What is told as not known: members of an ENUM or SET that no text says, columns that MariaDB compressed, UUIDs and addresses,
 * which it stores otherwise than anybody sees them, and decimals with leading zeros.
 */
const NOT_READ: readonly string[] = [
  'keys_enum_binary.k',
  'keys_enum_cp850.k',
  'keys_enum_emoji.k',
  'keys_inet4.k',
  'keys_inet6.k',
  'keys_set_cp850.k',
  'keys_uuid.k',
  'keys_uuid_by_time.k',
  'types_compressed_column.v',
  'types_compressed_column.w',
  'types_compressed_column.x',
  'types_enum_binary.v',
  'types_enum_emoji.v',
  'types_inet4.v',
  'types_inet6.v',
  'types_uuid.v',
  'types_zerofill.w'
]

/** Tables that have more columns in the binlog than anybody sees, and one whose deleted rows are not logged as such. */
const NOT_LOGGED_SO: readonly string[] = [
  'keys_long_unique',
  'tables_system_versioned',
  'tables_system_versioned_partitioned',
  'tables_system_versioned_transactions'
]

describe.each(local)('the values of every type in the binlog of %s', (kind) => {
  let fixtures: FixtureLab
  let master: Master
  let tables: readonly AuditTable[]

  beforeAll(async () => {
    fixtures = await startFixtureLab(kind)
    master = fixtures.masters[0]
    const plans = await inspect(fixtures.masters, FIXTURES_CONFIG)
    tables = plans.flatMap((plan) => (plan.kind === 'compare' && canDelete(plan.table) ? [plan.table] : []))
  })
  afterAll(() => fixtures?.down())

  it('print as the audit prints those of the rows', async () => {
    const printed = new Map<string, readonly RowValues[]>()
    for (const table of tables) printed.set(table.ref.table, await printedRows(master, table))
    const logged = await deletedRows(fixtures, master, tables)
    for (const table of tables) {
      const { table: name } = table.ref
      const seen = logged.get(name) ?? []
      const known = knownColumns(table, seen)
      const expected = NOT_LOGGED_SO.includes(name) ? [] : texts(printed.get(name) ?? [], known)
      expect(texts(seen, known), name).toEqual(expected)
    }
    const unread = tables.flatMap((table) => unreadColumns(table, logged.get(table.ref.table) ?? []))
    const names = new Set(tables.map(({ ref }) => ref.table))
    expect(unread.sort()).toEqual(NOT_READ.filter((column) => names.has(column.split('.')[0] ?? '')))
  })
})

/** The columns whose values are known in every row. */
function knownColumns(table: AuditTable, rows: readonly RowValues[]): readonly Column[] {
  return table.tableColumns.filter((column) => rows.every((row) => row[column.name] !== undefined))
}

function unreadColumns(table: AuditTable, rows: readonly RowValues[]): readonly string[] {
  const known = knownColumns(table, rows)
  return table.tableColumns
    .filter((column) => !known.includes(column))
    .map((column) => `${table.ref.table}.${column.name}`)
}

async function printedRows(master: Master, table: AuditTable): Promise<readonly RowValues[]> {
  const rows: RowValues[] = []
  await master.withSession((session) =>
    session.stream(selectAll(readingOn(table, master.name)), (columns) => {
      const shape = new RowShape(table, columns)
      return rowByRow((buffer, start, end) =>
        rows.push(comparableRow(table, shape.values(shape.split(buffer.subarray(start, end)))))
      )
    })
  )
  return rows
}

/** A deleted row stands in the binlog whole. */
async function deletedRows({ lab }: FixtureLab, master: Master, tables: readonly AuditTable[]) {
  await lab.run(master.name, 'FLUSH BINARY LOGS')
  // From MariaDB 11.7 on a large transaction may get a file of its own, so the deletes need not stand in the last one.
  const begin = (await master.withSession(binlogFiles)).at(-1) ?? ''
  await lab.run(
    master.name,
    'SET FOREIGN_KEY_CHECKS = 0',
    ...tables.map(({ ref }) => `DELETE FROM \`fixtures\`.\`${ref.table.replaceAll('`', '``')}\``)
  )
  const rows = new Map<string, RowValues[]>()
  const problems: string[] = []
  const decoder = new BinlogDecoder<{ name: string; reader: ImageReader }>({
    wants(map) {
      const table = tables.find(({ ref }) => ref.database === map.database && ref.table === map.table)
      const reader = table === undefined ? null : readerOf(table, master.name, map)
      return table === undefined || reader === null ? null : { name: table.ref.table, reader }
    },
    row({ name, reader }, before) {
      if (before === null) return
      rows.set(name, [...(rows.get(name) ?? []), reader.image(before)])
    },
    unreadable: (what, wanted) => problems.push(`${wanted?.name}: ${what}`),
    end: () => {},
    statement: () => {},
    earlier: () => {},
    file: () => {}
  })
  await readEvents(master, begin, (buffer, start, end) => {
    decoder.event(buffer, start, end)
    return true
  })
  expect(problems).toEqual([])
  return rows
}

/** `null` where the table has columns in the binlog that nobody sees. */
function readerOf(table: AuditTable, master: string, map: TableMap): ImageReader | null {
  if (NOT_LOGGED_SO.includes(table.ref.table) && table.schemas.get(master)?.columns.length !== map.cells.length)
    return null
  return new ImageReader(table, master, map)
}

function canDelete(table: AuditTable): boolean {
  return [...table.schemas.values()].every(({ engine }) => engine.toLowerCase() !== 'archive')
}

/** In the form in which rows and binlogs compare. */
function comparableRow(table: AuditTable, row: RowValues): RowValues {
  return Object.fromEntries(
    table.tableColumns.map((column) => [column.name, comparable(column, row[column.name] ?? null)])
  )
}

/** As sorted text. */
function texts(rows: readonly RowValues[], columns: readonly Column[]): readonly string[] {
  return rows.map((row) => JSON.stringify(columns.map((column) => row[column.name] ?? null))).sort()
}
