import type { Divergence, DivergenceClass } from '../../model/divergence.js'
import { COMMIT_TIME, decidableClasses } from '../../model/policy.js'
import type { ChangeCounts, PolicyChoice } from '../../model/policy-choice.js'
import { type Policy, policyText, type Ruling } from '../../model/repair.js'
import { type Column, tableName } from '../../model/table.js'
import { Decider, type Deciding } from './decide.js'
import { isTemporal } from './order-values.js'
import { type Change, changesFor } from './versions.js'

/** Fewer masters never hold one version more often than another. */
const FEWEST_FOR_MAJORITY = 3

/** Policies that go by what the binlogs tell. */
const BY_BINLOGS: readonly Policy[] = [{ name: 'evidence' }, { name: 'newest', column: COMMIT_TIME }, { name: 'merge' }]

const NONE: ChangeCounts = { insert: 0, update: 0, delete: 0 }

/** What one policy does to the rows of one class in one table. */
interface Tally {
  readonly policy: Policy
  readonly changes: Map<string, ChangeCounts>
  manual: number
}

/** The rows of one class in one table. */
interface Group {
  readonly database: string
  readonly table: string
  readonly class: DivergenceClass
  readonly tallies: readonly Tally[]
  readonly differing: Set<string>
  rows: number
}

/** What can be chosen where no policy was named: counts what each would do, by table and class. */
export class PolicyChoices {
  readonly #deciding: Omit<Deciding, 'rules' | 'overrideOf'>
  readonly #groups = new Map<string, Group>()

  constructor(deciding: Omit<Deciding, 'rules' | 'overrideOf'>) {
    const clocks = once(deciding.clocks)
    this.#deciding = { ...deciding, clocks }
  }

  /** Counts a batch of divergent rows. */
  async add(divergences: readonly Divergence[]): Promise<void> {
    const batches = new Map<Group, Divergence[]>()
    for (const divergence of divergences) {
      const group = this.#groupOf(divergence)
      for (const column of divergence.columns) group.differing.add(column)
      group.rows++
      batches.set(group, [...(batches.get(group) ?? []), divergence])
    }
    for (const [group, rows] of batches) {
      for (const tally of group.tallies) await this.#count(tally, rows)
    }
  }

  /** Every policy that applies, in the order in which tables and classes came up. */
  list(): readonly PolicyChoice[] {
    return [...this.#groups.values()].flatMap(({ tallies, differing, ...group }) =>
      tallies
        .filter(({ policy }) => !('column' in policy) || policy.column === COMMIT_TIME || differing.has(policy.column))
        .map(({ policy, changes, manual }) => ({
          ...group,
          policy: policyText(policy),
          changes: Object.fromEntries(changes),
          manual
        }))
    )
  }

  #groupOf(divergence: Divergence): Group {
    const id = JSON.stringify([tableName(divergence), divergence.class])
    const known = this.#groups.get(id)
    if (known !== undefined) return known
    const group = {
      database: divergence.database,
      table: divergence.table,
      class: divergence.class,
      tallies: this.#candidates(divergence).map((policy) => ({ policy, changes: new Map(), manual: 0 })),
      differing: new Set<string>(),
      rows: 0
    }
    this.#groups.set(id, group)
    return group
  }

  #candidates(divergence: Divergence): readonly Policy[] {
    const { columnsOf, lanes } = this.#deciding
    const columns = columnsOf(divergence)
    const policies: readonly Policy[] = [
      { name: 'union' },
      ...lanes.map(({ master }): Policy => ({ name: 'prefer', master })),
      ...(lanes.length >= FEWEST_FOR_MAJORITY ? [{ name: 'majority' } as const] : []),
      ...columns.filter(isTemporal).flatMap(({ name: column }): readonly Policy[] => [
        { name: 'newest', column },
        { name: 'oldest', column }
      ]),
      { name: 'coalesce' },
      ...(divergence.evidence === null ? [] : BY_BINLOGS),
      ...(hasLanes(divergence, columns)
        ? [{ name: 'lane-owner' } as const, { name: 'rekey', keep: null } as const]
        : [])
    ]
    return policies.filter((policy) => decidableClasses(policy).includes(divergence.class))
  }

  async #count(tally: Tally, divergences: readonly Divergence[]): Promise<void> {
    const rulings = await this.#decider(tally.policy).decide(divergences)
    for (const [at, divergence] of divergences.entries()) countRow(tally, divergence, rulings[at])
  }

  #decider(policy: Policy): Decider {
    const rule = { name: policyText(policy), tables: null, classes: null, columns: null, when: null, policy }
    return new Decider({ ...this.#deciding, rules: [rule], overrideOf: () => null })
  }
}

function countRow(tally: Tally, divergence: Divergence, ruling: Ruling | undefined): void {
  if (ruling === undefined || isUndecided(ruling)) {
    tally.manual++
    return
  }
  for (const [master, changes] of Object.entries(changesFor(divergence, ruling.wanted))) {
    for (const change of changes) tally.changes.set(master, plusOne(tally.changes.get(master) ?? NONE, change))
  }
}

function isUndecided({ wanted }: Ruling): boolean {
  return wanted.kind === 'manual' || (wanted.kind === 'rekeyed' && wanted.keeper === null)
}

function plusOne(counts: ChangeCounts, change: Change): ChangeCounts {
  return { ...counts, [change]: counts[change] + 1 }
}

function hasLanes(divergence: Divergence, columns: readonly Column[]): boolean {
  return columns.some((column) => column.autoIncrement && Object.hasOwn(divergence.key, column.name))
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null
  return () => {
    made ??= make()
    return made
  }
}
