import type { Ruling } from '../../model/repair.js'
import type { Draft } from './draft.js'
import type { Member } from './family.js'
import { tableOf } from './part.js'
import type { Writers } from './writers.js'

/** Reasons that are told in full; of others the number is enough. */
const MOST_TOLD = 20

/** Which ids change: `customer_id 7 of b becomes 12`. */
export function movesText({ question }: Draft, newIds: ReadonlyMap<Member, string>): string {
  const moves = [...newIds].map(([member, to]) => {
    const { key, id } = tableOf(question, member)
    return `${id} ${member.key[key.indexOf(id ?? '')]} of ${[...member.rows.keys()].join(', ')} becomes ${to}`
  })
  return moves.join(', ')
}

/** Why a row is written, for the comment before the statement. */
export function whyText(draft: Draft, moves: string): string {
  const { rule, policy } = ruleOf(draft)
  const by = rule === null || rule.includes(policy) ? (rule ?? policy) : `${rule} (${policy})`
  return `${by}: ${draft.name}${moves === '' ? '' : `, ${moves}`}`
}

/** Why nothing of a family is written. */
export function leftText({ name }: Draft, reasons: readonly string[]): string {
  const all = [...new Set(reasons)]
  const more = all.length > MOST_TOLD ? [`and ${all.length - MOST_TOLD} more`] : []
  return `the family of ${name} is left alone: ${[...all.slice(0, MOST_TOLD), ...more].join('; ')}`
}

/** By which rule the whole family goes: that for the collision it begins with. */
export function ruleOf({ own: [first] }: Draft): Pick<Ruling, 'rule' | 'policy'> {
  const ruling = first?.ruled.ruling
  if (ruling?.wanted.kind !== 'rekeyed') return { rule: null, policy: 'rekey' }
  return { rule: ruling.rule, policy: ruling.policy }
}

/** Why nobody can say what points to rows. */
export function blindText(masters: readonly string[]): string {
  return (
    `the account may not see all tables on ${masters.join(', ')}, of which some may point to these rows; ` +
    'grant it SELECT on *.*'
  )
}

/** What somebody should know before saying yes. */
export function warningsOf({ name, parted }: Draft, writers: Writers): readonly string[] {
  const { length } = parted.members.filter((member) => writers.byLane.has(member))
  if (length === 0) return []
  const rows = length === 1 ? '1 row that points' : `${length} rows that point`
  return [
    `of ${rows} to ${name} only the auto-increment lane of the own id says on which master it was written: ` +
      'the binlogs do not tell'
  ]
}
