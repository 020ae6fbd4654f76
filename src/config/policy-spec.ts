import type { DivergenceClass } from '../model/divergence.js'
import type { RepairRule } from '../model/repair.js'
import { commaList, oneOf, type Parser } from './parse.js'
import { classProblem, parsePolicy } from './policy.js'
import { CLASSES } from './repair-rules.js'

/** One `--policy` with the place where it was said, for errors and as the name of its rule. */
export interface SaidPolicy {
  readonly text: string
  /** `--policy conflict=newest:updated_at` */
  readonly said: string
}

const classes: Parser<readonly DivergenceClass[]> = (text) => {
  const names = commaList(text)
  if ('problem' in names) return names
  const found: DivergenceClass[] = []
  for (const name of names.value) {
    const parsed = oneOf(CLASSES)(name)
    if ('problem' in parsed) return { problem: `${name} is no class: ${parsed.problem}` }
    found.push(parsed.value)
  }
  return { value: found }
}

/** Reads `union`, or `missing=union`, or `conflict,collision=prefer:a`, as a rule. */
export function policyRule({ text, said }: SaidPolicy): ReturnType<Parser<RepairRule>> {
  const { before, after } = cut(text)
  const named = before === null ? { value: null } : classes(before)
  if ('problem' in named) return named
  const policy = parsePolicy(after)
  if ('problem' in policy) return policy
  const problem = classProblem(policy.value, named.value)
  if (problem !== null) return { problem: `${policy.value.name} ${problem}` }
  return {
    value: { name: said, tables: null, classes: named.value, columns: null, when: null, policy: policy.value }
  }
}

/** A policy for one class goes before one for all of them, in whatever order they were typed. */
export function inOrder(rules: readonly RepairRule[]): readonly RepairRule[] {
  return [...rules.filter((rule) => rule.classes !== null), ...rules.filter((rule) => rule.classes === null)]
}

/** The class, or `all classes`, that two of these rules are for; `null` when each has its own. */
export function namedTwice(rules: readonly RepairRule[]): string | null {
  const targets = rules.flatMap((rule): readonly string[] => rule.classes ?? ['all classes'])
  return targets.find((target, at) => targets.indexOf(target) !== at) ?? null
}

/** Cuts the commas between policies, and leaves those between the classes of one: `missing,conflict=prefer:a,union`. */
export function splitPolicies(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim())
  const policies: string[] = []
  let open = ''
  for (const part of parts) {
    open += part
    if (CLASSES.some((name) => name === part.toLowerCase())) open += ','
    else policies.push(open)
    if (!open.endsWith(',')) open = ''
  }
  return open === '' ? policies : [...policies, open.slice(0, -1)]
}

/** An equals sign after the colon belongs to the name of a column. */
function cut(text: string): { before: string | null; after: string } {
  const [, before, after] = /^([^:=]*)=(.*)$/s.exec(text) ?? []
  return before === undefined || after === undefined ? { before: null, after: text } : { before, after }
}
