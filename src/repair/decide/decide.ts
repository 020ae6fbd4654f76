import type { Lane } from '../../audit/classify.js'
import type { Divergence } from '../../model/divergence.js'
import { groupBy } from '../../model/group-by.js'
import { type Override, policyText, type RepairRule, type Ruling } from '../../model/repair.js'
import { type Column, type TableRef, tableName } from '../../model/table.js'
import type { Clocks } from './clocks.js'
import { checkConditions, isFor } from './matching.js'
import { applyPolicy } from './policies.js'
import type { Judge } from './server-judge.js'
import { absentAsOn, list, manual, type Verdict, versionOf } from './verdict.js'
import { holdingsOf } from './versions.js'

/** Everything that deciding goes by. */
export interface Deciding {
  readonly rules: readonly RepairRule[]
  /** What was said of a row by hand; `null` for nothing. */
  readonly overrideOf: (divergence: Divergence) => Override | null
  /** One for every master of the run: a row that was not read on all of them is not decided. */
  readonly lanes: readonly Lane[]
  /** The compared columns of a table, in its order. */
  readonly columnsOf: (table: TableRef) => readonly Column[]
  readonly judge: Judge
  /** Asked at most once, and only if a rule goes by time. */
  readonly clocks: () => Promise<Clocks>
}

/** What an override is called where others name their rule and their policy. */
export const BY_HAND = { rule: '--decisions', policy: 'by hand' }

/** Says of each divergent row what it shall be on every master: an override by hand, or else the first rule that matches. */
export class Decider {
  readonly #deciding: Deciding
  #clocks: Promise<Clocks> | null = null

  /** @throws {MmauditError} `config` for a condition that cannot be put to a server. */
  constructor(deciding: Deciding) {
    checkConditions(deciding.rules)
    this.#deciding = deciding
  }

  /**
   * Rules a batch; rulings are in the order of `divergences`.
   * @throws {MmauditError} `config` when no server understands the `when` of a rule, `incomplete` when a master is lost.
   */
  async decide(divergences: readonly Divergence[]): Promise<readonly Ruling[]> {
    const rulings = new Map<Divergence, Ruling>()
    for (const divergence of divergences) {
      const ruling = this.#withoutRules(divergence)
      if (ruling !== null) rulings.set(divergence, ruling)
    }
    for (const rule of this.#deciding.rules) {
      const open = divergences.filter((divergence) => !rulings.has(divergence) && isFor(rule, divergence))
      const matching = await this.#holding(rule, open)
      const ruled = await Promise.all(matching.map((divergence) => this.#rule(rule, divergence)))
      for (const [at, divergence] of matching.entries()) rulings.set(divergence, ruled[at] ?? NO_RULE)
    }
    return divergences.map((divergence) => rulings.get(divergence) ?? NO_RULE)
  }

  /** Rows that no rule is asked about: those decided by hand, and those that some master could not show. */
  #withoutRules(divergence: Divergence): Ruling | null {
    const { lanes, overrideOf } = this.#deciding
    const unread = lanes.map(({ master }) => master).filter((master) => divergence.rows[master] === undefined)
    if (unread.length > 0) return { rule: null, policy: 'manual', ...manual(unreadText(unread)) }
    const override = overrideOf(divergence)
    return override === null ? null : { ...BY_HAND, ...byHand(override, divergence) }
  }

  /** Those rows for which the condition of a rule holds. */
  async #holding(rule: RepairRule, divergences: readonly Divergence[]): Promise<readonly Divergence[]> {
    const { when } = rule
    if (when === null || divergences.length === 0) return divergences
    const holding = new Set<Divergence>()
    for (const rows of groupBy(divergences, tableName).values()) {
      const [first] = rows
      const columns = first === undefined ? [] : this.#deciding.columnsOf(first)
      // Of a table that cannot be repaired nothing is known to put to a server, and nothing will be written.
      if (first === undefined || columns.length === 0) continue
      const holds = await this.#deciding.judge.holds({
        rule: rule.name,
        condition: when,
        table: tableName(first),
        columns,
        rows: rows.map((divergence) => divergence.rows)
      })
      for (const [at, divergence] of rows.entries()) if (holds[at] === true) holding.add(divergence)
    }
    return divergences.filter((divergence) => holding.has(divergence))
  }

  async #rule(rule: RepairRule, divergence: Divergence): Promise<Ruling> {
    const { lanes, judge, columnsOf } = this.#deciding
    const verdict = await applyPolicy(rule.policy, {
      divergence,
      ...holdingsOf(divergence),
      columns: columnsOf(divergence),
      lanes,
      judge,
      clocks: () => this.#readClocks()
    })
    return { rule: rule.name, policy: policyText(rule.policy), ...verdict }
  }

  #readClocks(): Promise<Clocks> {
    this.#clocks ??= this.#deciding.clocks()
    return this.#clocks
  }
}

const NO_RULE: Ruling = { rule: null, policy: 'manual', ...manual('no rule matches') }

function unreadText(masters: readonly string[]): string {
  return masters.length === 1 ? `master ${list(masters)} was not read` : `masters ${list(masters)} were not read`
}

function byHand(override: Override, { rows }: Divergence): Verdict {
  if (override === 'skip') return manual('skipped by hand')
  if (override === 'delete') return absentAsOn(null, 'deleted by hand')
  const { winner } = override
  if (rows[winner] === undefined) return manual(`${winner} was chosen by hand, and takes no part in this run`)
  if (rows[winner] === null) return absentAsOn(winner, `${winner} was chosen by hand, and does not have the row`)
  return versionOf(winner, `${winner} was chosen by hand`)
}
