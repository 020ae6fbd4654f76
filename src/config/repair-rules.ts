import type { DivergenceClass } from '../model/divergence.js'
import { tablePatternProblem } from './names.js'
import { oneOf } from './parse.js'
import { classProblem, parsePolicy } from './policy.js'
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
  column: text.optional()
}).superRefine((rule, context) => {
  const problem = policyProblem(rule.policy, rule.column ?? null, rule.class ?? null)
  if (problem !== null) context.addIssue({ code: 'custom', path: ['policy'], message: problem })
  if (rule.columns !== undefined && rule.class?.every((cls) => cls === 'missing')) {
    context.addIssue({ code: 'custom', path: ['columns'], message: NO_COLUMNS })
  }
})

const NO_COLUMNS = 'a missing row does not differ in single columns; leave columns out, or name another class'

/** The master that a policy names, or `null`. */
export function preferredMaster(policy: string): string | null {
  const parsed = parsePolicy(policy)
  return 'value' in parsed && parsed.value.name === 'prefer' ? parsed.value.master : null
}

function policyProblem(policy: string, column: string | null, classes: readonly DivergenceClass[] | null) {
  const parsed = parsePolicy(policy, column)
  if ('problem' in parsed) return parsed.problem
  const problem = classProblem(parsed.value, classes)
  return problem === null ? null : `${parsed.value.name} ${problem}`
}
