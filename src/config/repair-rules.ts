import { tablePatternProblem } from './names.js'
import { oneOf } from './parse.js'
import { checked, closed, leaf, listOf, text } from './schema-parts.js'
import { didYouMean } from './suggest.js'

/** What stands after the colon of a policy. */
type Argument = 'none' | 'master' | 'column'

const POLICIES: Readonly<Record<string, Argument>> = {
  prefer: 'master',
  union: 'none',
  newest: 'column',
  oldest: 'column',
  greatest: 'column',
  least: 'column',
  majority: 'none',
  coalesce: 'none',
  'lane-owner': 'none',
  evidence: 'none',
  merge: 'none',
  rekey: 'none',
  manual: 'none'
}

/** One rule of `repair.rules`, checked for its form. */
export const repairRule = closed({
  tables: listOf(checked(tablePatternProblem)).optional(),
  class: listOf(leaf(oneOf(['missing', 'conflict', 'collision']))).optional(),
  policy: text,
  column: text.optional()
}).superRefine((rule, context) => {
  const problem = policyProblem(rule.policy, rule.column ?? null)
  if (problem !== null) context.addIssue({ code: 'custom', path: ['policy'], message: problem })
})

/** The master that a policy names, or `null`. */
export function preferredMaster(policy: string): string | null {
  const [name, argument] = split(policy)
  return name === 'prefer' ? argument : null
}

function policyProblem(policy: string, column: string | null): string | null {
  const [name, argument] = split(policy)
  const wanted = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined
  if (wanted === undefined) return `${name} is not a policy${didYouMean(name, Object.keys(POLICIES))}`
  if (wanted === 'column' && argument === null && column === null) return `${name} needs a column: ${name}:updated_at`
  if (wanted === 'master' && argument === null) return `${name} needs a master: ${name}:a`
  if (wanted === 'none' && argument !== null) return `${name} takes nothing after a colon`
  return null
}

function split(policy: string): [name: string, argument: string | null] {
  const colon = policy.indexOf(':')
  if (colon < 0) return [policy, null]
  return [policy.slice(0, colon), policy.slice(colon + 1) || null]
}
