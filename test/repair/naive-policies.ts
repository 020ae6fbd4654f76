/**
 * The table of policies as a person would carry it out with pencil and paper, as an oracle for `src/repair`. It knows no
 * versions and no holders, only the row of each master.
 */

/** A row of the model; `id` is its key. */
export interface NaiveRow {
  readonly id: string
  readonly stock: string | null
  readonly name: string | null
}

/** What each master has, in the order of the masters. */
export type NaiveRows = readonly (NaiveRow | null)[]

/** The row on all masters afterwards, `null` for none, `manual` when nobody may touch it. */
export type Outcome = NaiveRow | null | 'manual'

export type NaiveClass = 'missing' | 'conflict' | 'collision'

const print = (row: NaiveRow | null) => (row === null ? 'none' : `${row.id}/${row.stock}/${row.name}`)

/** Carries a policy out. `policy` is written as for the command line; masters are called a, b, c, … */
export function naiveOutcome(policy: string, cls: NaiveClass, rows: NaiveRows): Outcome {
  const [name = '', argument = ''] = policy.split(':')
  const present = rows.filter((row) => row !== null)
  if (name === 'prefer') return rows['abcd'.indexOf(argument)] ?? null
  if (name === 'union') return cls === 'missing' ? (present[0] ?? 'manual') : 'manual'
  if (name === 'majority') return mostCommon(rows)
  if (name === 'lane-owner') return rows[(Number(present[0]?.id) + rows.length - 1) % rows.length] ?? null
  if (name === 'coalesce') return cls === 'conflict' ? filled(present) : 'manual'
  if (cls === 'missing') return 'manual'
  return outermost(present, argument as 'stock' | 'name', name === 'newest' || name === 'greatest')
}

function mostCommon(rows: NaiveRows): Outcome {
  const votes = rows.map((row) => rows.filter((other) => print(other) === print(row)).length)
  const most = Math.max(...votes)
  const elected = rows.filter((_, at) => votes[at] === most)
  return new Set(elected.map(print)).size === 1 ? (elected[0] ?? null) : 'manual'
}

function filled(rows: readonly NaiveRow[]): Outcome {
  const stocks = new Set(rows.map((row) => row.stock).filter((value) => value !== null))
  const names = new Set(rows.map((row) => row.name).filter((value) => value !== null))
  if (stocks.size > 1 || names.size > 1) return 'manual'
  return { id: rows[0]?.id ?? '', stock: [...stocks][0] ?? null, name: [...names][0] ?? null }
}

function outermost(rows: readonly NaiveRow[], column: 'stock' | 'name', upwards: boolean): Outcome {
  if (rows.some((row) => row[column] === null)) return 'manual'
  const before = (left: NaiveRow, right: NaiveRow) =>
    column === 'stock' ? Number(left.stock) - Number(right.stock) : (left.name ?? '') < (right.name ?? '') ? -1 : 1
  const sorted = [...rows].sort(before)
  const best = upwards ? sorted.at(-1) : sorted[0]
  const rivals = rows.filter((row) => row[column] === best?.[column])
  return new Set(rivals.map(print)).size === 1 ? (best ?? 'manual') : 'manual'
}
