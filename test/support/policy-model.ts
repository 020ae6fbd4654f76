import type { PolicyCase, Row } from './policy-cases.js'

/** What docs/reference/policies.md says of a row. */
export interface Expected {
  /** The row that all masters hold in the end, `null` for none; `manual` where each keeps its own. */
  readonly wanted: Row | null | 'manual'
  /** Masters that any may be named as the winner; none where nobody wins. */
  readonly winners: readonly string[]
  readonly action: 'insert' | 'update' | 'delete' | 'none'
}

const MANUAL = 'manual' as const

/** Columns that decide nothing for `coalesce`: the server works them out. */
const GENERATED = 'doubled'

/**
 * The policies as the manual tells them, in the plainest way: no code of the product is used, and nothing is kept for speed.
 *
 * @param policy as after `--policy`, or a decision by hand: the name of a master, `delete`, `skip`.
 */
export function expectedOf(policy: string, each: PolicyCase): Expected {
  const wanted = wantedOf(policy, each)
  if (wanted === MANUAL) return { wanted, winners: [], action: 'none' }
  const rows = Object.entries(each.rows)
  const winners = policy === 'delete' ? [] : rows.filter(([, row]) => same(row, wanted)).map(([master]) => master)
  const replaces = rows.some(([, row]) => row !== null && !same(row, wanted))
  return { wanted, winners, action: wanted === null ? 'delete' : replaces ? 'update' : 'insert' }
}

function wantedOf(policy: string, { class: cls, id, rows }: PolicyCase): Row | null | typeof MANUAL {
  const masters = Object.keys(rows)
  const held = Object.values(rows).filter((row) => row !== null)
  const [name = '', argument = ''] = policy.split(':')
  if (masters.includes(name)) return rows[name] ?? null
  switch (name) {
    case 'prefer':
      return rows[argument] ?? null
    case 'union':
      return cls === 'missing' ? (held[0] ?? MANUAL) : MANUAL
    case 'newest':
    case 'greatest':
      return cls === 'missing' ? MANUAL : furthest(held, argument, 1)
    case 'oldest':
    case 'least':
      return cls === 'missing' ? MANUAL : furthest(held, argument, -1)
    case 'majority':
      return mostHeld(Object.values(rows))
    case 'coalesce':
      return cls === 'conflict' ? joined(held) : MANUAL
    case 'lane-owner':
      return rows[masters[(Number(id) - 1) % masters.length] ?? ''] ?? null
    case 'delete':
      return null
    default:
      return MANUAL
  }
}

function furthest(rows: readonly Row[], column: string, direction: number): Row | typeof MANUAL {
  if (rows.some((row) => row[column] === null)) return MANUAL
  const best = rows.filter((row) => rows.every((other) => direction * order(column, row, other) >= 0))
  const [first] = best
  return first !== undefined && best.every((row) => same(row, first)) ? first : MANUAL
}

function order(column: string, left: Row, right: Row): number {
  const [one, other] = [comparable(column, left[column] ?? ''), comparable(column, right[column] ?? '')]
  return one < other ? -1 : one > other ? 1 : 0
}

function comparable(column: string, text: string): string | bigint | number {
  switch (column) {
    case 'amount':
      return BigInt(text.replace('.', ''))
    case 'hits':
      return Number(text)
    case 'took': {
      const [hours = 0, minutes = 0, seconds = 0] = text.replace('-', '').split(':').map(Number)
      return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
    }
    case 'name':
      return text.toLowerCase()
    default:
      return text
  }
}

function mostHeld(rows: readonly (Row | null)[]): Row | null | typeof MANUAL {
  const votes = rows.map((row) => rows.filter((other) => same(row, other)).length)
  const most = Math.max(...votes)
  const best = rows.filter((_, at) => votes[at] === most)
  const [first = null] = best
  return best.every((row) => same(row, first)) ? first : MANUAL
}

function joined(rows: readonly Row[]): Row | typeof MANUAL {
  const result: Record<string, string | null> = {}
  for (const column of Object.keys(rows[0] ?? {})) {
    const values = new Set(rows.map((row) => row[column] ?? null).filter((value) => value !== null))
    if (values.size > 1 && column !== GENERATED) return MANUAL
    result[column] = [...values][0] ?? null
  }
  return { ...result, doubled: result.hits == null ? null : String(2 * Number(result.hits)) }
}

function same(left: Row | null, right: Row | null): boolean {
  if (left === null || right === null) return left === right
  return Object.keys(left).every((column) => left[column] === right[column])
}
