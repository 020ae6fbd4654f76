import fc from 'fast-check'

/** What a client's statement does to rows, if it can: `put` inserts or updates, `move` changes the key. */
export type Statement =
  | { readonly kind: 'put'; readonly key: number; readonly value: number }
  | { readonly kind: 'remove'; readonly key: number }
  | { readonly kind: 'move'; readonly key: number; readonly to: number; readonly value: number }

/** One thing that happens. */
export type Step =
  | { readonly kind: 'write'; readonly master: number; readonly statements: readonly Statement[] }
  /** The next transaction of `source` comes to `follower`, which applies it, or passes over it. */
  | { readonly kind: 'deliver'; readonly follower: number; readonly source: number; readonly lost: boolean }
  /** A write that no binlog has. */
  | { readonly kind: 'tamper'; readonly master: number; readonly key: number }

/** Masters, how they replicate, and what happens to them. */
export interface World {
  readonly masters: number
  /** Rows have keys from 0 on. */
  readonly keys: number
  /** Each from the one before it, or each from all others. */
  readonly topology: 'ring' | 'mesh'
  /** How a server knows what it has: by sets of transactions (MySQL), or by the last number of each server (MariaDB). */
  readonly gtids: 'sets' | 'numbers'
  /** For each master, whether it logs what it applies. */
  readonly logsApplied: readonly boolean[]
  /** For each master, whether an insert over a row replaces it (IDEMPOTENT), or is passed over like all that does not fit. */
  readonly idempotent: readonly boolean[]
  /** Every master has all rows at the start. */
  readonly present: boolean
  /** Whether every write leaves a value that was never there before, or one of few. */
  readonly values: 'unique' | 'few'
  readonly steps: readonly Step[]
  /** For each master, how many transactions at the beginning of its binlog are not read. */
  readonly unread: readonly number[]
}

const KEYS = 3
const key = fc.nat(KEYS - 1)
const value = fc.integer({ min: 1, max: 3 })
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), key, to: key, value }) }
)

/** What deletes a row and makes another of its key in one transaction may be applied in part, and then nobody can tell. */
function areApart([one, other]: readonly Statement[]): boolean {
  if (one === undefined || other === undefined || (one.kind === 'put' && other.kind === 'put')) return true
  const keys = (each: Statement) => (each.kind === 'move' ? [each.key, each.to] : [each.key])
  return keys(one).every((each) => !keys(other).includes(each))
}

function steps(masters: number): fc.Arbitrary<readonly Step[]> {
  const master = fc.nat(masters - 1)
  const lost = fc.integer({ min: 0, max: 3 }).map((n) => n === 0)
  const statements = fc.array(statement, { minLength: 1, maxLength: 2 }).filter(areApart)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('write' as const), master, statements }) },
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant('deliver' as const), follower: master, source: master, lost })
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('tamper' as const), master, key }) }
  )
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(step, { minLength: 1, maxLength: 20 }) },
    { weight: 1, arbitrary: fc.array(step, { minLength: 40, maxLength: 120 }) }
  )
}

/** Worlds of two or three masters. */
export function worlds(): fc.Arbitrary<World> {
  return fc.integer({ min: 2, max: 3 }).chain((masters) => {
    const each = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: masters, maxLength: masters })
    return fc.record({
      masters: fc.constant(masters),
      keys: fc.constant(KEYS),
      topology: fc.constantFrom('ring' as const, 'mesh' as const),
      gtids: fc.constantFrom('sets' as const, 'numbers' as const),
      logsApplied: each(fc.boolean()),
      idempotent: each(fc.boolean()),
      present: fc.boolean(),
      values: fc.constantFrom('unique' as const, 'few' as const),
      steps: steps(masters),
      unread: each(fc.nat(6))
    })
  })
}
