import type { TextRow } from '../../src/masters/session.js'
import type { TestLab } from './test-lab.js'

/** The table that is made to differ. */
export const NOTES = 'retail_db.notes'

/** Every column has its own way to go wrong: more bytes than characters, a value that is unique, a time that moves by itself. */
const CREATE = `CREATE TABLE ${NOTES} (
  id INT NOT NULL PRIMARY KEY, code VARCHAR(20) NOT NULL, body VARCHAR(80) CHARACTER SET utf8mb4 NOT NULL,
  amount DECIMAL(12,2) NULL, raw VARBINARY(16) NULL,
  touched TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  UNIQUE KEY code (code)) ENGINE=InnoDB`

const DIGITS =
  '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)'
const NUMBERS = `SELECT x.d + 10 * y.d + 100 * z.d AS i FROM ${DIGITS} AS x, ${DIGITS} AS y, ${DIGITS} AS z`

/** 500 rows that are equal everywhere, and 120 more that only `alone` has. */
function fill(alone: boolean): string {
  return `INSERT INTO ${NOTES} SELECT i, CONCAT('code ', i), CONCAT('Łódź ', i), i / 7, CHAR(200 + i % 50, i % 256, 0), '2025-03-04 05:06:07.891'
    FROM (SELECT i, 0 AS z FROM (${NUMBERS}) AS n WHERE i BETWEEN 1 AND ${alone ? 620 : 500}) AS m`
}

/** The statements that make the masters differ: all kinds of writes will be needed on each, several transactions on most. */
const DIVERGE: Readonly<Record<string, readonly string[]>> = {
  a: [],
  b: [
    `UPDATE ${NOTES} SET body = CONCAT('été ', id) WHERE id <= 200`,
    // Unique values that change places, so that rows have to be parked.
    `UPDATE ${NOTES} SET code = CONCAT('x', id) WHERE id <= 40`,
    `UPDATE ${NOTES} SET code = CONCAT('code ', IF(id % 2 = 1, id + 1, id - 1)) WHERE id <= 40`,
    `DELETE FROM ${NOTES} WHERE id BETWEEN 201 AND 330`
  ],
  c: [
    `UPDATE ${NOTES} SET amount = NULL, body = 'c' WHERE id BETWEEN 101 AND 300`,
    `DELETE FROM ${NOTES} WHERE id BETWEEN 331 AND 400`
  ]
}

/** Makes the policies under which inserts, updates and deletes are needed, on all masters. */
export const POLICIES = [
  ...['--policy', 'conflict,collision=prefer:a', '--policy', 'missing=prefer:b'],
  ...['--max-percent', '100', '--allow-emptied', '--yes', '--no-color', '--confirm-timeout', '20']
]

/** The rows by master. */
export type Rows = Readonly<Record<string, readonly TextRow[]>>

/** Makes the table anew on every master, differing. No master hears of it from another. */
export async function plantNotes(lab: TestLab): Promise<void> {
  await Promise.all(
    lab.state.masters.map(({ name }) =>
      lab.runLocally(
        name,
        'USE retail_db',
        `DROP TABLE IF EXISTS ${NOTES}`,
        CREATE,
        fill(name === 'b'),
        ...(DIVERGE[name] ?? []),
        `UPDATE ${NOTES} SET touched = '2025-01-01 00:00:00.001' + INTERVAL id SECOND`
      )
    )
  )
}

const COLUMNS = 'id, code, body, amount, HEX(raw) AS raw, touched'

/** What all masters hold once these policies have decided: rows that only b lacks go, rows that only b has stay. */
export function wantedNotes({ a = [], b = [] }: Rows): readonly TextRow[] {
  const onlyLackingOnB = ({ id }: TextRow) => Number(id) > 300 && Number(id) <= 330
  return [...a.filter((row) => !onlyLackingOnB(row)), ...b.filter(({ id }) => Number(id) > 500)]
}

/** Every column of every row, in order. */
export async function readNotes(lab: TestLab): Promise<Rows> {
  const rows = await Promise.all(
    lab.state.masters.map(
      async ({ name }) => [name, await lab.query(name, `SELECT ${COLUMNS} FROM ${NOTES} ORDER BY id`)] as const
    )
  )
  return Object.fromEntries(rows)
}
