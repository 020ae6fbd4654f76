import fc from 'fast-check'
import { column, textColumn } from './columns.js'

/** A row of the table of cases: the literals of its columns after the key. */
type Row = readonly string[]

/** The same rows on two sides, changed on one in a way that sums and counts do not tell. */
interface Case {
  readonly before: readonly Row[]
  readonly after: readonly Row[]
}

const DEFINITIONS = [
  { column: column('flag', { dataType: 'tinyint' }), ddl: 'flag TINYINT NULL' },
  { column: column('total', { dataType: 'bigint' }), ddl: 'total BIGINT NULL' },
  { column: column('amount', { dataType: 'decimal', scale: 2, precision: 10 }), ddl: 'amount DECIMAL(10, 2) NULL' },
  { column: column('day', { dataType: 'date' }), ddl: 'day DATE NULL' },
  { column: column('at', { dataType: 'datetime' }), ddl: 'at DATETIME NULL' },
  { column: textColumn('name'), ddl: 'name VARCHAR(20) NULL' }
]

/** The columns of the table of cases: number of the case, side, and key within it, before the values. */
export const CASE_COLUMNS = [
  { expression: 'id', column: column('id') },
  ...DEFINITIONS.map((each) => ({ expression: each.column.name, column: each.column }))
]

const day = fc.integer({ min: 1, max: 28 }).map((n) => `'2026-01-${String(n).padStart(2, '0')}'`)
const minute = fc.integer({ min: 0, max: 59 }).map((n) => `'2026-01-05 10:${String(n).padStart(2, '0')}:00'`)
const VALUES = [
  fc.constantFrom('0', '1', 'NULL'),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc
    .integer({ min: 0, max: 99_999_999 })
    .map((cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`),
  day,
  minute,
  fc.constantFrom("'PAID'", "'SENT'", "'OPEN'", "''", 'NULL', "'plumless'", "'buckeroo'")
] as const

const anyRow = fc.tuple(...VALUES)
const anyColumn = fc.nat({ max: VALUES.length - 1 })

/** Two rows exchange a value. */
const swap = fc
  .tuple(fc.array(anyRow, { minLength: 2, maxLength: 12 }), anyColumn)
  .map(([rows, at]): Case => ({ before: rows, after: withValues(rows, at, [rows[1]?.[at], rows[0]?.[at]]) }))

/** One statement that an even number of rows missed. */
const lostUpdate = fc
  .tuple(fc.array(fc.tuple(anyRow, anyRow), { minLength: 1, maxLength: 20 }), anyColumn)
  .chain(([pairs, at]) =>
    fc.tuple(VALUES[at] ?? fc.constant('NULL'), VALUES[at] ?? fc.constant('NULL')).map(([from, to]): Case => {
      const rows = pairs.flat()
      const all = (value: string) =>
        withValues(
          rows,
          at,
          rows.map(() => value)
        )
      return { before: all(from), after: all(to) }
    })
  )

function withValues(rows: readonly Row[], at: number, values: readonly (string | undefined)[]): readonly Row[] {
  return rows.map((row, n) => row.map((value, m) => (m === at ? (values[n] ?? value) : value)))
}

/** Changes to which checksums that are linear in the rows are blind, and some more. */
export const blindSpot: fc.Arbitrary<Case> = fc
  .oneof(swap, lostUpdate)
  .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))

/** The statements that make the table `cases` of them. Keys are neighbours, and so have little to tell them apart. */
export function createCases(cases: readonly Case[]): readonly string[] {
  const definition = `CREATE TABLE cases (n INT, side TINYINT, id INT, ${DEFINITIONS.map(({ ddl }) => ddl).join(', ')}, PRIMARY KEY (n, side, id))`
  const rows = cases.flatMap((each, n) =>
    [each.before, each.after].flatMap((side, which) =>
      side.map((row, id) => `(${[n, which, id + 1, ...row].join(', ')})`)
    )
  )
  const inserts: string[] = []
  for (let at = 0; at < rows.length; at += 5_000) {
    inserts.push(`INSERT INTO cases VALUES ${rows.slice(at, at + 5_000).join(', ')}`)
  }
  return [definition, ...inserts]
}
