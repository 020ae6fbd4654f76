import fc from 'fast-check'
import { Random } from '../../src/lab/random.js'
import { columnDefinitions, columnNames, type RandomTable, randomTable } from './random-table.js'

/** Where the tables of a campaign are. */
export const CAMPAIGN = 'campaign_db'

/** What a row holds on one master. */
interface Version {
  /** Of the generated columns, in their order, as SQL literals. */
  readonly values: readonly string[]
  /** Of the secondary unique key. */
  readonly uniq: number | null
  /** Number of the row that it points to. */
  readonly parentNo: number | null
  /** Of the column that moves by itself on every update, as an SQL literal. */
  readonly movedAt: string
}

/** One logical row of a campaign. */
export interface CampaignRow {
  readonly table: CampaignTable
  /** Unique in its table; what children point to. */
  readonly no: number
  /** Literals of the key columns. */
  readonly key: readonly string[]
  /** Literals that the generated columns can hold. */
  readonly values: readonly string[]
  /** By master, `null` where the row is missing. Of a row that is on none, writers make what they please. */
  readonly on: (Version | null)[]
}

/** A generated table with a version number, a secondary unique key and, for a child, a foreign key. */
export interface CampaignTable {
  readonly name: string
  readonly generated: RandomTable
  readonly parent: CampaignTable | null
  readonly uniqIsNullable: boolean
  readonly onDelete: string
  readonly rows: CampaignRow[]
}

const PAIRS = 2
/** One row in so many is left to writers to insert. */
const SPARE = 6
const ON_DELETE = ['RESTRICT', 'CASCADE', 'SET NULL']

/**
 * Pairs of a parent and a child table with rows that differ between masters: missing, changed, taken twice, with unique
 * values swapped, or with one unique value in different rows. The same seed makes the same tables.
 */
export function campaignTables(seed: number, masters: number): readonly CampaignTable[] {
  const random = new Random(seed, 'tables')
  const four = fc.array(randomTable, { minLength: 2 * PAIRS, maxLength: 2 * PAIRS })
  const [generated = []] = fc.sample(four, { numRuns: 1, seed })
  const tables: CampaignTable[] = []
  for (const [at, each] of generated.entries()) {
    const parent = at % 2 === 0 ? null : (tables[at - 1] ?? null)
    const table: CampaignTable = {
      name: `t${at}`,
      generated: each,
      parent,
      uniqIsNullable: random.below(2) === 0,
      onDelete: random.pick(ON_DELETE),
      rows: []
    }
    fill(table, masters, random)
    tables.push(table)
  }
  return tables
}

/** The statements that make a table as one of the masters has it. */
export function createCampaignTable(table: CampaignTable, master: number): readonly string[] {
  const { name, generated, parent, uniqIsNullable, onDelete, rows } = table
  const definitions = [
    ...columnDefinitions(generated),
    'row_no INT NOT NULL',
    `uniq INT ${uniqIsNullable ? 'NULL' : 'NOT NULL'}`,
    'version BIGINT NOT NULL DEFAULT 0',
    'parent_no INT NULL',
    'moved_at TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6)',
    `PRIMARY KEY (${generated.keyColumns.map((_, at) => `k${at}`).join(', ')})`,
    'UNIQUE KEY by_no (row_no)',
    'UNIQUE KEY by_uniq (uniq)',
    ...(parent === null ? [] : [`FOREIGN KEY (parent_no) REFERENCES ${parent.name} (row_no) ON DELETE ${onDelete}`])
  ]
  const held = rows.flatMap((row) => {
    const version = row.on[master]
    return version == null ? [] : [insertRow(row, version, isAlike(row) ? 0 : -1 - master)]
  })
  return [`CREATE TABLE ${name} (${definitions.join(', ')}) ENGINE = InnoDB`, ...held]
}

/** What differs has another version number on each master: a repair sets it, so that a write which it undid shows. */
export function isAlike({ on }: CampaignRow): boolean {
  return on.every((version) => JSON.stringify(version) === JSON.stringify(on[0]))
}

/** The statement that inserts a row in one version. */
export function insertRow({ table, no, key }: CampaignRow, version: Version, number: number): string {
  const { values, uniq, parentNo, movedAt } = version
  const columns = [...columnNames(table.generated), 'row_no', 'uniq', 'version', 'parent_no', 'moved_at']
  const literals = [...key, ...values, no, uniq ?? 'NULL', number, parentNo ?? 'NULL', movedAt]
  return `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${literals.join(', ')})`
}

/** The condition that names a row by its primary key. */
export function rowCondition({ key }: CampaignRow): string {
  return key.map((literal, at) => `k${at} = ${literal}`).join(' AND ')
}

function fill(table: CampaignTable, masters: number, random: Random): void {
  for (const [no, { key, on }] of table.generated.rows.entries()) {
    const values = on[0] ?? on[1]
    if (values == null) continue
    const isSpare = random.below(SPARE) === 0
    const held = Array.from({ length: masters }, (_, at) =>
      isSpare ? null : (on[at < 2 ? at : random.below(2)] ?? null)
    )
    const uniq = table.uniqIsNullable && random.below(4) === 0 ? null : ownUniq(no)
    const parent = random.below(4) === 0 ? null : anyHeld(table.parent, random)
    const moves = random.below(2) === 0 && held.some((each) => each?.join() !== values.join())
    const versions = held.map((each, at): Version | null => {
      if (each === null) return null
      const parentNo = parent?.on[at] == null ? null : parent.no
      return { values: each, uniq, parentNo, movedAt: moves ? `'2026-01-0${at + 1} 10:00:00'` : 'NULL' }
    })
    table.rows.push({ table, no, key, values, on: versions })
  }
  for (let swaps = random.below(4); swaps > 0; swaps--) swapUniques(table, masters, random)
  for (let clashes = random.below(3); clashes > 0; clashes--) clash(table, masters, random)
}

/** What a row has in the secondary unique key, unless it is NULL or was made to differ. */
export function ownUniq(no: number): number {
  return no * 10
}

function anyHeld(table: CampaignTable | null, random: Random): CampaignRow | null {
  const held = table?.rows.filter((row) => row.on.some((version) => version !== null)) ?? []
  return held.length === 0 ? null : random.pick(held)
}

/** On one master, two or three rows have each other's unique values. */
function swapUniques(table: CampaignTable, masters: number, random: Random): void {
  const turned = someUntouched(table, random.between(2, 3), random)
  const master = random.below(masters)
  const values = turned.map((row) => row.on[master]?.uniq ?? null)
  for (const [at, row] of turned.entries()) give(row, master, values[(at + 1) % turned.length] ?? null)
}

/** One row on one master only, another one on the others only, and both have the same unique value. */
function clash(table: CampaignTable, masters: number, random: Random): void {
  const [left, right] = someUntouched(table, 2, random)
  if (left === undefined || right === undefined) return
  const own = random.below(masters)
  for (let master = 0; master < masters; master++) {
    if (master === own) right.on[master] = null
    else {
      left.on[master] = null
      give(right, master, ownUniq(left.no))
    }
  }
}

/** Rows with their own unique value on every master. */
function someUntouched({ rows }: CampaignTable, size: number, random: Random): readonly CampaignRow[] {
  const untouched = rows.filter((row) => row.on.every((version) => version?.uniq === ownUniq(row.no)))
  if (untouched.length < size) return []
  const start = random.below(untouched.length - size + 1)
  return untouched.slice(start, start + size)
}

function give(row: CampaignRow, master: number, uniq: number | null): void {
  const version = row.on[master]
  if (version != null) row.on[master] = { ...version, uniq }
}
