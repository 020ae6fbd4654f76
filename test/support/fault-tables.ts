/** Tables that are large enough for every phase of an audit, and small enough to be made anew for a test. */

/** Rows of `orders`: more than are compared row by row without being divided. */
export const ORDERS = 17_000
/** Rows of `stores`: one chunk, whose rows are compared by their keys. */
export const STORES = 200
/** Chunks of this size make four of `orders`, and one of each other table. */
export const CHUNK_ROWS = 5_000

const DIGITS = `(SELECT 0 AS d ${Array.from({ length: 9 }, (_, at) => `UNION ALL SELECT ${at + 1}`).join(' ')})`
const NUMBERS = ['a', 'b', 'c', 'd', 'e'].map((name) => `${DIGITS} AS ${name}`).join(', ')
const NUMBER = '1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d'

function filled(table: string, columns: string, values: string, rows: number): readonly string[] {
  return [
    `CREATE TABLE ${table} (${columns}) ENGINE=InnoDB`,
    `INSERT INTO ${table} SELECT ${values} FROM (SELECT ${NUMBER} AS n FROM ${NUMBERS}) AS numbers WHERE n <= ${rows}`
  ]
}

/** In the order of their names: two tables before the one that meets the faults, and one after it. */
export const TABLES = [
  ...filled('customers', 'id INT PRIMARY KEY, name VARCHAR(40)', "n, CONCAT('customer ', n)", 2_000),
  ...filled('log_lines', 'line VARCHAR(30)', "CONCAT('line ', n)", 300),
  ...filled('orders', 'id INT PRIMARY KEY, note VARCHAR(40)', "n, CONCAT('order ', n)", ORDERS),
  // Letters of either case are one key there, so only the server can tell which rows belong together.
  ...filled(
    'stores',
    'code VARCHAR(20) PRIMARY KEY, id INT, name VARCHAR(40)',
    "CONCAT('s', LPAD(n, 3, '0')), n, CONCAT('store ', n)",
    STORES
  )
]

/** What differs: one divergence in each of two chunks of `orders`, one of `stores`, and one where there is no key. */
export const PLANTED = [
  'DELETE FROM orders WHERE id = 9000',
  "UPDATE orders SET note = 'other' WHERE id = 12000",
  "INSERT INTO log_lines VALUES ('line 7')",
  "UPDATE stores SET name = 'other' WHERE code = 's100'"
]
