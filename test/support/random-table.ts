import fc from 'fast-check'

/** A column type of which values are made, stored and read by a way that has nothing in common with the audit's. */
interface TypeKind {
  readonly ddl: string
  /** SQL literals of values that this type stores. */
  readonly literal: fc.Arbitrary<string>
  /** The expression by which the oracle reads a column: text that tells different values apart, and only those. */
  readonly read: (column: string) => string
  /** Whether it can be part of a primary key in this test: different literals are different keys. */
  readonly keyable?: boolean
  /** How a value in the report reads as the oracle does. */
  readonly shown?: (value: string) => string
}

const asIs = (column: string) => column
const asHex = (column: string) => `HEX(${column})`
const utf8Hex = (value: string) => Buffer.from(value, 'utf8').toString('hex').toUpperCase()
const quoted = (text: string) => `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
const hexLiteral = (bytes: Uint8Array) => `X'${Buffer.from(bytes).toString('hex')}'`
const integer = (min: bigint, max: bigint) =>
  fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n)).map(String)
const words = (units: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...units), maxLength }).map(quoted)
const two = (value: number) => String(value).padStart(2, '0')
const date = fc
  .record({
    y: fc.integer({ min: 1000, max: 9999 }),
    m: fc.integer({ min: 1, max: 12 }),
    d: fc.integer({ min: 1, max: 28 })
  })
  .map(({ y, m, d }) => `${y}-${two(m)}-${two(d)}`)
const time = fc
  .record({
    h: fc.integer({ min: 0, max: 23 }),
    m: fc.integer({ min: 0, max: 59 }),
    s: fc.integer({ min: 0, max: 59 })
  })
  .map(({ h, m, s }) => `${two(h)}:${two(m)}:${two(s)}`)
const micros = fc
  .oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 }))
  .map((value) => String(value).padStart(6, '0'))
const LATIN = ['a', 'B', 'é', 'ß', 'ÿ', ' ', "'", '\\', '%', '1']

const KINDS: readonly TypeKind[] = [
  { ddl: 'TINYINT', literal: integer(-128n, 127n), read: asIs, keyable: true },
  { ddl: 'SMALLINT UNSIGNED', literal: integer(0n, 65535n), read: asIs, keyable: true },
  { ddl: 'MEDIUMINT', literal: integer(-8388608n, 8388607n), read: asIs, keyable: true },
  { ddl: 'INT UNSIGNED', literal: integer(0n, 4294967295n), read: asIs, keyable: true },
  { ddl: 'BIGINT', literal: integer(-(2n ** 63n), 2n ** 63n - 1n), read: asIs, keyable: true },
  { ddl: 'BIGINT UNSIGNED', literal: integer(0n, 2n ** 64n - 1n), read: asIs, keyable: true },
  {
    ddl: 'DECIMAL(30,6)',
    literal: fc.tuple(integer(-(10n ** 23n), 10n ** 23n), micros).map(([whole, part]) => `${whole}.${part}`),
    read: asIs,
    keyable: true
  },
  {
    ddl: 'FLOAT',
    literal: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(String),
    read: (c) => `CONCAT('^', CAST(${c} AS DOUBLE))`
  },
  {
    ddl: 'DOUBLE',
    literal: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map(String),
    read: (c) => `CONCAT('~', ${c})`
  },
  { ddl: 'DATE', literal: date.map(quoted), read: asIs, keyable: true },
  {
    ddl: 'DATETIME(6)',
    literal: fc.tuple(date, time, micros).map(([d, t, f]) => quoted(`${d} ${t}.${f}`)),
    read: asIs,
    keyable: true
  },
  {
    ddl: 'TIME(3)',
    literal: fc.tuple(fc.constantFrom('', '-'), time).map(([sign, t]) => quoted(`${sign}${t}.250`)),
    read: asIs,
    keyable: true
  },
  { ddl: 'YEAR', literal: fc.integer({ min: 1901, max: 2155 }).map(String), read: asIs, keyable: true },
  {
    ddl: 'VARCHAR(12) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    // Spaces at the end are no difference between keys.
    literal: words(['a', 'A', 'é', '字', '😀', "'", '\\', '_'], 6),
    read: asHex,
    keyable: true,
    shown: utf8Hex
  },
  {
    ddl: 'CHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    literal: words(['x', 'X', 'é', 'e', '%'], 8),
    read: asHex
  },
  { ddl: 'VARCHAR(20) CHARACTER SET latin1', literal: words(LATIN, 10), read: asHex },
  { ddl: 'TEXT CHARACTER SET utf8mb3', literal: words(['a', 'é', '字', '\n', '\t', ' '], 30), read: asHex },
  {
    ddl: 'VARBINARY(12)',
    literal: fc.uint8Array({ maxLength: 12 }).map(hexLiteral),
    read: asHex,
    keyable: true,
    shown: (hex) => hex.toUpperCase()
  },
  { ddl: 'BLOB', literal: fc.uint8Array({ maxLength: 300 }).map(hexLiteral), read: asHex },
  { ddl: 'BIT(13)', literal: fc.integer({ min: 0, max: 8191 }).map(String), read: (c) => `${c} + 0` },
  {
    ddl: "ENUM('z','a','it''s')",
    literal: fc.constantFrom("'z'", "'a'", "'it''s'"),
    read: asHex,
    keyable: true,
    shown: utf8Hex
  },
  { ddl: "SET('p','q','r')", literal: fc.constantFrom("''", "'p'", "'q,r'", "'p,q,r'"), read: asHex },
  { ddl: 'JSON', literal: fc.json({ maxDepth: 2 }).map(quoted), read: (c) => `CONCAT('@', HEX(${c}))` }
]

/** One column of a random table. */
interface RandomColumn {
  readonly kind: TypeKind
  readonly nullable: boolean
}

/** What one row holds: literals of the key, and on each of the two masters those of the others; `null` for no row. */
interface RandomRow {
  readonly key: readonly string[]
  readonly on: readonly (readonly string[] | null)[]
}

export interface RandomTable {
  readonly keyColumns: readonly RandomColumn[]
  readonly columns: readonly RandomColumn[]
  readonly rows: readonly RandomRow[]
}

const anyColumn = fc.record({ kind: fc.constantFrom(...KINDS), nullable: fc.boolean() })
const keyColumn = fc.record({
  kind: fc.constantFrom(...KINDS.filter((kind) => kind.keyable)),
  nullable: fc.constant(false)
})

/** A table of random columns, key and rows, a quarter of which differ between two masters. */
export const randomTable: fc.Arbitrary<RandomTable> = fc
  .record({
    keyColumns: fc.array(keyColumn, { minLength: 1, maxLength: 3 }),
    columns: fc.array(anyColumn, { minLength: 1, maxLength: 6 })
  })
  .chain(({ keyColumns, columns }) =>
    fc
      .uniqueArray(randomRow(keyColumns, columns), {
        maxLength: 60,
        size: 'large',
        selector: ({ key }) => key.join(' / ')
      })
      .map((rows) => ({ keyColumns, columns, rows }))
  )

function randomRow(keyColumns: readonly RandomColumn[], columns: readonly RandomColumn[]): fc.Arbitrary<RandomRow> {
  const values = fc.tuple(...columns.map(literalOf))
  const same = values.map((row) => [row, row])
  const changed = fc.tuple(fc.option(values), fc.option(values))
  return fc.record({
    key: fc.tuple(...keyColumns.map(literalOf)),
    on: fc.oneof({ weight: 3, arbitrary: same }, { weight: 1, arbitrary: changed })
  })
}

function literalOf({ kind, nullable }: RandomColumn): fc.Arbitrary<string> {
  return nullable ? fc.option(kind.literal, { nil: 'NULL' }) : kind.literal
}

/** The statements that make the table on one of the masters, 0 or 1. */
export function createTable(
  name: string,
  { keyColumns, columns, rows }: RandomTable,
  master: number
): readonly string[] {
  const names = columnNames({ keyColumns, columns })
  const definitions = columnDefinitions({ keyColumns, columns })
  const held = rows.flatMap(({ key, on }) => (on[master] == null ? [] : [`(${[...key, ...on[master]].join(', ')})`]))
  return [
    `CREATE TABLE ${name} (${definitions.join(', ')}, PRIMARY KEY (${keyColumns.map((_, at) => `k${at}`).join(', ')}))`,
    ...(held.length === 0 ? [] : [`INSERT INTO ${name} (${names.join(', ')}) VALUES ${held.join(', ')}`])
  ]
}

/** Its columns, key first. */
export function columnNames({ keyColumns, columns }: Pick<RandomTable, 'keyColumns' | 'columns'>): readonly string[] {
  return [...keyColumns.map((_, at) => `k${at}`), ...columns.map((_, at) => `c${at}`)]
}

/** The same with their types. */
export function columnDefinitions(table: Pick<RandomTable, 'keyColumns' | 'columns'>): readonly string[] {
  const names = columnNames(table)
  return [...table.keyColumns, ...table.columns].map(
    ({ kind, nullable }, at) => `${names[at]} ${kind.ddl} ${nullable ? 'NULL' : 'NOT NULL'}`
  )
}

/** The query that reads the table whole, for the oracle: `k` names the row, `v` tells all of it. `more` is read beside them. */
export function readWhole(name: string, { keyColumns, columns }: RandomTable, more: readonly string[] = []): string {
  const parts = (prefix: string, list: readonly RandomColumn[]) =>
    list.map(({ kind }, at) => `COALESCE(CONCAT('=', ${kind.read(`${prefix}${at}`)}), 'NULL')`).join(`, '|', `)
  return `SELECT CONCAT(${parts('k', keyColumns)}) AS k, CONCAT(${parts('c', columns)}) AS v${more.map((column) => `, ${column}`).join('')} FROM ${name}`
}

/** The same text for the same row: vendors print the same double with other digits, and JSON with other spaces. */
export function sameText(row: string): string {
  return row
    .replaceAll(/\^([^|]*)/g, (_, float: string) => `^${Math.fround(Number(float))}`)
    .replaceAll(/~([^|]*)/g, (_, double: string) => `~${Number(double)}`)
    .replaceAll(
      /@([0-9A-F]*)/g,
      (_, hex: string) => `@${sortedJson(JSON.parse(Buffer.from(hex, 'hex').toString('utf8')))}`
    )
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`)
  return `{${members.sort().join()}}`
}

/** A key of the report in the oracle's words. */
export function keyOfReport(
  { keyColumns }: RandomTable,
  key: Readonly<Record<string, string | null | { readonly hex: string }>>
): string {
  return keyColumns
    .map(({ kind }, at) => {
      const value = key[`k${at}`] ?? null
      const text = value === null ? '' : typeof value === 'string' ? value : value.hex
      return `=${kind.shown?.(text) ?? text}`
    })
    .join('|')
}
