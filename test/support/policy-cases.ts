import type { DivergenceClass } from '../../src/model/divergence.js'

/** A row as text by column; bytes as hexadecimal digits. */
export type Row = Readonly<Record<string, string | null>>

/** One row that the masters do not agree on, and what each of them holds. */
export interface PolicyCase {
  readonly id: string
  /** What a reader of a failed test needs to find it: `conflict falling 1-2`. */
  readonly name: string
  readonly class: DivergenceClass
  readonly rows: Readonly<Record<string, Row | null>>
}

/** How the versions of a row differ from each other; what is not named is the same in all. */
type Flavour = (version: number) => Row

interface CaseKind {
  readonly held: string
  readonly class: DivergenceClass
  readonly flavour: string
}

/** Numbers of which the text `9` comes after `10`, a DOUBLE has too few digits, and a TIME is negative. */
const RANKS: readonly Row[] = [
  { amount: '1234567890123456.0001', hits: '9', name: 'apple', bin: '00F1', took: '-01:00:00', seen: at(1) },
  { amount: '1234567890123456.0002', hits: '10', name: 'Banana', bin: '00F127', took: '00:30:00', seen: at(2) },
  { amount: '1234567890123456.0003', hits: '11', name: 'cherry', bin: '00F2', took: '100:00:00', seen: at(3) }
]

const FLAVOURS: Readonly<Record<string, Flavour>> = {
  rising: (version) => ranked(version),
  falling: (version) => ranked(4 - version),
  tie: (version) => ({ note: `only this differs ${version}` }),
  'two alike': (version) => ({ ...ranked(version === 3 ? 1 : 2), note: `version ${version}` }),
  nulls: (version) => ({
    ...ranked(version),
    ...(version === 1 ? { amount: null, hits: null, name: null, bin: null, took: null, seen: null } : {})
  }),
  fills: (version) => [{ amount: null }, { note: null }, { name: null, hits: null }][version - 1] ?? {},
  subset: (version) => [{}, { note: null }, { amount: null, seen: null }][version - 1] ?? {},
  clash: (version) => [{ amount: null, note: 'x1' }, { note: 'x2' }, { amount: null, note: null }][version - 1] ?? {},
  'letter case': (version) => ({ name: ['apple', 'APPLE', 'Apple'][version - 1] ?? null })
}

/** Rows that are the same everywhere, and stay as they are. */
const EQUAL_ROWS = 30
const FIRST_EQUAL = 900_000

/** Who holds which version: `12-` is one of a, another of b, and no row on c. */
function holdings(masters: number): readonly string[] {
  const all = Array.from({ length: 4 ** masters }, (_, at) => at.toString(4).padStart(masters, '0'))
  return all.filter(isNamedInOrder).map((digits) => digits.replaceAll('0', '-'))
}

/** Every class, way to hold it and way to differ; the ids of some lie in the lane of each master in turn. */
export function policyCases(masters: readonly string[]): readonly PolicyCase[] {
  const kinds = holdings(masters.length).flatMap((held): readonly CaseKind[] => {
    const versions = new Set(held.replaceAll('-', '')).size
    if (versions === 1) return masters.map(() => ({ held, class: 'missing', flavour: 'rising' }))
    return (['conflict', 'collision'] as const).flatMap((cls) =>
      Object.keys(FLAVOURS).flatMap((flavour) =>
        (flavour === 'rising' ? masters : ['one']).map(() => ({ held, class: cls, flavour }))
      )
    )
  })
  return kinds.map(({ held, class: cls, flavour }, at) => {
    const id = String(at + 1)
    const rows = masters.map((master, index) => {
      const version = Number(held[index]?.replace('-', '0'))
      return [master, version === 0 ? null : rowOf(id, cls, flavour, version)] as const
    })
    return { id, name: `${cls} ${flavour} ${held}, id ${id}`, class: cls, rows: Object.fromEntries(rows) }
  })
}

/** What every master holds beside the cases. */
export function equalRows(): readonly Row[] {
  return Array.from({ length: EQUAL_ROWS }, (_, at) => rowOf(String(FIRST_EQUAL + at), 'missing', 'rising', 1))
}

export const COLUMNS = `
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(40) NOT NULL UNIQUE,
  amount DECIMAL(20, 4),
  hits INT,
  doubled BIGINT GENERATED ALWAYS AS (hits * 2) STORED,
  name VARCHAR(50),
  note TEXT,
  bin VARBINARY(20),
  took TIME,
  seen TIMESTAMP(3) NULL,
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)`

/** The same for every time zone of the server. */
const SELECTED: Readonly<Record<string, string>> = {
  id: 'id',
  code: 'code',
  amount: 'amount',
  hits: 'hits',
  doubled: 'doubled',
  name: 'name',
  note: 'note',
  bin: 'HEX(bin)',
  took: 'took',
  seen: "CONVERT_TZ(seen, @@SESSION.time_zone, '+00:00')",
  updated_at: "CONVERT_TZ(updated_at, @@SESSION.time_zone, '+00:00')"
}

/** All columns of all rows in the order of their keys. */
export function selectRows(table: string): string {
  const columns = Object.entries(SELECTED).map(([name, expression]) => `${expression} AS ${name}`)
  return `SELECT ${columns.join(', ')} FROM ${table} AS t ORDER BY t.id`
}

/** Statements after which a table holds these rows and no others. */
export function fill(table: string, rows: readonly Row[]): readonly string[] {
  const columns = Object.keys(SELECTED).filter((name) => name !== 'doubled')
  const lines = rows.map((row) => `(${columns.map((name) => literal(name, row[name] ?? null)).join(', ')})`)
  return [
    "SET time_zone = '+00:00'",
    "SET sql_mode = 'STRICT_ALL_TABLES'",
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${lines.join(',\n')}`
  ]
}

function literal(column: string, value: string | null): string {
  if (value === null) return 'NULL'
  return column === 'bin' ? `X'${value}'` : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** Each version appears for the first time after those before it, and not all masters hold the same. */
function isNamedInOrder(digits: string): boolean {
  const versions = [...new Set(digits.replaceAll('0', ''))]
  const ordered = versions.every((version, at) => Number(version) === at + 1)
  return ordered && new Set(digits).size > 1
}

function rowOf(id: string, cls: DivergenceClass, flavour: string, version: number): Row {
  const row: Row = {
    id,
    code: cls === 'collision' ? `${id}/${version}` : id,
    ...RANKS[1],
    note: `it's "quoted" \\ ö€😀`,
    updated_at: '2026-05-05 05:05:05.123452',
    ...FLAVOURS[flavour]?.(version)
  }
  return { ...row, doubled: row.hits == null ? null : String(2 * Number(row.hits)) }
}

function ranked(rank: number): Row {
  return { ...RANKS[rank - 1], updated_at: `2026-05-05 05:05:05.12345${rank}` }
}

function at(day: number): string {
  return `2026-01-0${day} 03:04:05.678`
}

/** Each row as a line: of a thousand rows, only those that differ are of interest. */
export function lines(rows: readonly unknown[] | undefined): readonly string[] {
  return (rows as readonly Row[]).map((row) =>
    Object.keys(SELECTED)
      .map((column) => row[column] ?? 'NULL')
      .join(' | ')
  )
}
