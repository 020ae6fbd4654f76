import type { DivergenceClass } from '../model/divergence.js'
import type { Policy } from '../model/repair.js'
import { tablePatternProblem } from './names.js'
import { oneOf } from './parse.js'
import { classProblem, type PolicyParts, parsePolicy } from './policy.js'
import { checked, closed, leaf, listOf, text } from './schema-parts.js'

/** The names of the classes, in the order of reports. */
export const CLASSES: readonly DivergenceClass[] = ['missing', 'conflict', 'collision']

/** One rule of `repair.rules`, checked. */
export const repairRule = closed({
  tables: listOf(checked(tablePatternProblem)).optional(),
  class: listOf(leaf(oneOf(CLASSES))).optional(),
  columns: listOf(text).optional(),
  when: text.optional(),
  policy: text,
  column: text.optional(),
  keep: text.optional()
}).superRefine((rule, context) => {
  const problem = policyProblem(
    rule.policy,
    { column: rule.column ?? null, keep: rule.keep ?? null },
    rule.class ?? null
  )
  if (problem !== null) context.addIssue({ code: 'custom', path: ['policy'], message: problem })
  if (rule.columns !== undefined && rule.class?.every((cls) => cls === 'missing')) {
    context.addIssue({ code: 'custom', path: ['columns'], message: NO_COLUMNS })
  }
})

const NO_COLUMNS = 'a missing row does not differ in single columns; leave columns out, or name another class'

/** The master that a policy names, or `null`. */
export function namedMaster(policy: Policy): string | null {
  if (policy.name === 'prefer') return policy.master
  return policy.name === 'rekey' ? policy.keep : null
}

/** The master that a rule of the file names, or `null`. */
export function masterInRule({ policy, keep }: { readonly policy: string; readonly keep?: string | undefined }) {
  const parsed = parsePolicy(policy, { keep: keep ?? null })
  return 'value' in parsed ? namedMaster(parsed.value) : null
}

function policyProblem(policy: string, parts: PolicyParts, classes: readonly DivergenceClass[] | null) {
  const parsed = parsePolicy(policy, parts)
  if ('problem' in parsed) return parsed.problem
  const problem = classProblem(parsed.value, classes)
  return problem === null ? null : `${parsed.value.name} ${problem}`
}
