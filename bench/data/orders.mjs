/** Rows that one statement adds; also how many numbers there are to make them from. */
const BLOCK = 10_000

/** Like the orders of the lab's shop, without its customers; about 74 bytes a row on the wire. */
const COLUMNS = `order_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, order_date DATE NOT NULL,
  amount DECIMAL(10,2) NOT NULL, region VARCHAR(50) NOT NULL, order_no VARCHAR(24) NOT NULL, status CHAR(4) NOT NULL,
  created_at DATETIME(3) NOT NULL, updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  UNIQUE KEY order_no (order_no), KEY customer_id (customer_id)`

export const OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci'

/** Eighteen months of business, in milliseconds. */
const PERIOD_MS = 548 * 86_400_000

/** The columns of order number `id`, as SQL; spread as if by chance, and the same on every master. */
function orderOf(id, rows) {
  const created = `TIMESTAMPADD(MICROSECOND, ${id} * ${Math.floor(PERIOD_MS / rows)} * 1000, '2024-07-01 00:00:00.000')`
  return [
    id,
    `1 + ${id} * 2654435761 % ${Math.ceil(rows / 5)}`,
    `DATE(${created})`,
    `(500 + ${id} * 48271 % 99500) / 100`,
    `ELT(1 + (${id} * 16807 >> 5) % 6, 'North', 'South', 'East', 'West', 'Centre', 'Baden-Württemberg')`,
    `CONCAT('SO-', IF(${id} % 2 = 1, 'A', 'B'), '-', LPAD(${id}, 8, '0'))`,
    `ELT(1 + (${id} * 69621 >> 7) % 5, 'OPEN', 'PAID', 'SENT', 'DONE', 'VOID')`,
    created,
    `TIMESTAMPADD(MICROSECOND, ${id} * 7919 % 432000000 * 1000, ${created})`
  ].join(', ')
}

/** Creates `table` with `rows` orders on all masters. */
export async function createOrders(masters, table, rows) {
  await masters.everywhere(`CREATE TABLE ${table} (${COLUMNS}) ${OPTIONS}`)
  await fillBlocks(masters, table, rows, (id) => orderOf(id, rows))
}

/**
 * Fills `table` with rows 1 to `rows` on all masters, made by the servers themselves.
 * @param rowOf the values of row number `id`, an SQL expression, as the list of a SELECT.
 */
export async function fillBlocks(masters, table, rows, rowOf) {
  await createNumbers(masters)
  for (let first = 1; first <= rows; first += BLOCK) {
    const count = Math.min(BLOCK, rows - first + 1)
    const values = rowOf(`(${first} + n)`)
    await masters.everywhere(`INSERT INTO ${table} SELECT ${values} FROM bench.numbers WHERE n < ${count} ORDER BY n`)
  }
  await masters.everywhere(`ANALYZE TABLE ${table}`)
}

async function createNumbers(masters) {
  const numbers = Array.from({ length: BLOCK }, (_, n) => `(${n})`).join()
  await masters.everywhere(
    'CREATE TABLE IF NOT EXISTS bench.numbers (n BIGINT NOT NULL PRIMARY KEY)',
    `INSERT IGNORE INTO bench.numbers VALUES ${numbers}`
  )
}
