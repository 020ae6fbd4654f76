import type { RowValues, SqlValue } from '../model/value.js'
import { DATABASE } from './lab-state.js'
import { text } from './quote.js'

export type TableName = 'customers' | 'products' | 'orders' | 'order_items' | 'stores' | 'sessions'

/** One table of the lab's shop. */
export interface LabTable {
  readonly name: TableName
  readonly key: readonly string[]
  /** Every column, in order. */
  readonly columns: readonly string[]
  /** Columns whose bytes are not text. */
  readonly binary: readonly string[]
  readonly ddl: string
}

/** Both vendors would choose a different default collation; text must compare alike on all masters. */
const OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci'

const UPDATED_AT = 'updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)'

/** Creates the database. */
export const CREATE_DATABASE = `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`

/**
 * The tables, parents before children.
 *
 * In `orders` everything that follows `amount` and is not of equal length in every row stands before `status`. So an update
 * of `status` lies at the same distance from the end of each row, and a swap of two amounts can be made to: the two
 * changes that checksums which add up CRCs do not see.
 */
export const TABLES: Readonly<Record<TableName, LabTable>> = {
  customers: {
    name: 'customers',
    key: ['customer_id'],
    columns: ['customer_id', 'email', 'full_name', 'country', 'credit', 'created_at', 'updated_at'],
    binary: [],
    ddl: `CREATE TABLE customers (
      customer_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(120) NOT NULL, full_name VARCHAR(80) NOT NULL,
      country CHAR(2) NOT NULL, credit DECIMAL(12,2) NULL, created_at DATETIME(3) NOT NULL, ${UPDATED_AT},
      UNIQUE KEY email (email)) ${OPTIONS}`
  },
  products: {
    name: 'products',
    key: ['product_id'],
    columns: ['product_id', 'sku', 'name', 'price', 'stock', 'created_at', 'updated_at'],
    binary: [],
    ddl: `CREATE TABLE products (
      product_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, sku VARCHAR(24) NOT NULL, name VARCHAR(80) NOT NULL,
      price DECIMAL(10,2) NOT NULL, stock INT NOT NULL, created_at DATETIME(3) NOT NULL, ${UPDATED_AT},
      UNIQUE KEY sku (sku)) ${OPTIONS}`
  },
  stores: {
    name: 'stores',
    key: ['region', 'store_code'],
    columns: ['region', 'store_code', 'manager', 'turnover', 'opened_on', 'updated_at'],
    binary: [],
    ddl: `CREATE TABLE stores (
      region CHAR(4) NOT NULL, store_code CHAR(6) NOT NULL, manager VARCHAR(80) NOT NULL,
      turnover DECIMAL(14,2) NOT NULL, opened_on DATE NULL, ${UPDATED_AT}, PRIMARY KEY (region, store_code)) ${OPTIONS}`
  },
  sessions: {
    name: 'sessions',
    key: ['token'],
    columns: ['token', 'customer_id', 'started_at', 'last_seen'],
    binary: ['token'],
    ddl: `CREATE TABLE sessions (
      token BINARY(16) NOT NULL PRIMARY KEY, customer_id INT NOT NULL, started_at DATETIME(3) NOT NULL,
      last_seen DATETIME(3) NOT NULL, KEY customer_id (customer_id),
      CONSTRAINT sessions_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id)) ${OPTIONS}`
  },
  orders: {
    name: 'orders',
    key: ['order_id'],
    columns: [
      'order_id',
      'customer_id',
      'order_date',
      'amount',
      'region',
      'order_no',
      'status',
      'created_at',
      'updated_at'
    ],
    binary: [],
    ddl: `CREATE TABLE orders (
      order_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, order_date DATE NOT NULL,
      amount DECIMAL(10,2) NOT NULL, region VARCHAR(50) NOT NULL, order_no VARCHAR(24) NOT NULL, status CHAR(4) NOT NULL,
      created_at DATETIME(3) NOT NULL, ${UPDATED_AT}, UNIQUE KEY order_no (order_no), KEY customer_id (customer_id),
      CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id)) ${OPTIONS}`
  },
  order_items: {
    name: 'order_items',
    key: ['item_id'],
    columns: ['item_id', 'order_id', 'product_id', 'line_no', 'quantity', 'unit_price', 'created_at'],
    binary: [],
    ddl: `CREATE TABLE order_items (
      item_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, product_id INT NOT NULL,
      line_no SMALLINT NOT NULL, quantity INT NOT NULL, unit_price DECIMAL(10,2) NOT NULL, created_at DATETIME(3) NOT NULL,
      UNIQUE KEY order_line (order_id, line_no), KEY product_id (product_id),
      CONSTRAINT items_order FOREIGN KEY (order_id) REFERENCES orders (order_id),
      CONSTRAINT items_product FOREIGN KEY (product_id) REFERENCES products (product_id)) ${OPTIONS}`
  }
}

/** One row of one table, by its key. */
export interface RowRef {
  readonly table: TableName
  readonly key: RowValues
}

/** Names a row by its values. */
export function refOf(table: TableName, values: RowValues): RowRef {
  return { table, key: Object.fromEntries(TABLES[table].key.map((column) => [column, values[column] ?? null])) }
}

/** A value as a literal that both vendors read alike. */
function sqlLiteral(value: SqlValue): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? text(value) : `X'${value.hex}'`
}

/** `column = value` for each column, joined. */
function assignments(values: RowValues, separator: string): string {
  return Object.entries(values)
    .map(([column, value]) => `${column} = ${sqlLiteral(value)}`)
    .join(separator)
}

/** The condition that finds exactly this row. */
export function whereKey(row: RowRef): string {
  return assignments(row.key, ' AND ')
}

/** The statement that inserts a row with these values. */
export function insertStatement(table: TableName, values: RowValues): string {
  return `INSERT INTO ${table} (${Object.keys(values).join(', ')}) VALUES (${Object.values(values).map(sqlLiteral).join(', ')})`
}

/** The statement that changes columns of one row. */
export function updateStatement(row: RowRef, values: RowValues): string {
  return `UPDATE ${row.table} SET ${assignments(values, ', ')} WHERE ${whereKey(row)}`
}

/** The statement that deletes one row. */
export function deleteStatement(row: RowRef): string {
  return `DELETE FROM ${row.table} WHERE ${whereKey(row)}`
}

/** One word for a row, the same for the same row. */
export function rowName(row: RowRef): string {
  return `${row.table}:${Object.values(row.key).map(sqlLiteral).join(',')}`
}
