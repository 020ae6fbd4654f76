import { Session } from '../masters/session.js'
import type { MasterConfig } from '../model/config.js'
import { DATABASE } from './lab-state.js'
import { ShopRows, type ShopSize } from './shop.js'
import { CREATE_DATABASE, TABLES, type TableName } from './tables.js'

/** Statements of about a megabyte: larger ones gain nothing, and stay far below the packet limit. */
const STATEMENT_CHARACTERS = 1_000_000
const STATEMENT_ROWS = 5000

/** Rows are made to fit together, so the server need not check each; times are UTC, so that no clock change eats one. */
const BULK_LOAD = [
  `SET SESSION time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0,
   sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'`
]

/** What the shop is to hold. */
export interface Shop {
  readonly size: ShopSize
  readonly seed: number
  /** Between how many masters ids take turns. */
  readonly masters: number
}

/** Creates the shop's database on a server that writes no binlog, and fills it over two connections at once. */
export async function createShop(server: MasterConfig, shop: Shop): Promise<void> {
  const session = await Session.open(server)
  await session.run(CREATE_DATABASE)
  await session.run(`USE ${DATABASE}`)
  for (const table of Object.values(TABLES)) await session.run(table.ddl)
  await session.close()
  await Promise.all([
    fill(server, shop, ['customers', 'products', 'stores', 'sessions', 'orders']),
    fill(server, shop, ['order_items'])
  ])
}

async function fill(server: MasterConfig, shop: Shop, tables: readonly TableName[]): Promise<void> {
  const session = await Session.open(server, [...BULK_LOAD, `USE ${DATABASE}`])
  for (const table of tables) {
    for (const statement of inserts(table, shop)) await session.run(statement)
  }
  await session.close()
}

/** The INSERT statements that fill a table. */
export function* inserts(table: TableName, shop: Shop): Generator<string> {
  const rows = new ShopRows(table, shop.size, shop.seed, shop.masters)
  let values: string[] = []
  let length = 0
  for (let i = 1; i <= shop.size[table]; i++) {
    const row = rows.row(table, i)
    values.push(row)
    length += row.length
    if (length < STATEMENT_CHARACTERS && values.length < STATEMENT_ROWS && i < shop.size[table]) continue
    yield `INSERT INTO ${table} VALUES (${values.join('),(')})`
    values = []
    length = 0
  }
}
