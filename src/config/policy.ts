import type { DivergenceClass } from '../model/divergence.js'
import { COMMIT_TIME, decidableClasses, whyUndecidable } from '../model/policy.js'
import type { Policy, SimplePolicy } from '../model/repair.js'
import { masterNameProblem } from './names.js'
import type { Parser } from './parse.js'
import { didYouMean } from './suggest.js'

/** What stands after the colon of a policy. */
const ARGUMENTS: Readonly<Record<Policy['name'], 'none' | 'master' | 'column' | 'keeper'>> = {
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
  origin: 'none',
  merge: 'none',
  rekey: 'keeper',
  manual: 'none'
}

type Parsed = ReturnType<Parser<Policy>>

/** What may be said apart from the name of a policy, as the file does. */
export interface PolicyParts {
  readonly column?: string | null
  readonly keep?: string | null
}

/** Reads a policy as it is written: `prefer:a`, `newest:updated_at`, `union`, or with its argument given apart. */
export function parsePolicy(text: string, { column = null, keep = null }: PolicyParts = {}): Parsed {
  const [name, argument] = split(text.trim())
  if (!isPolicyName(name)) return { problem: `${name} is not a policy${didYouMean(name, Object.keys(ARGUMENTS))}` }
  const wanted = ARGUMENTS[name]
  if (wanted !== 'column' && column !== null) return { problem: `${name} takes no column` }
  if (wanted !== 'keeper' && keep !== null) return { problem: `${name} takes no keep` }
  if (wanted === 'keeper') return rekey(argument, keep)
  if (wanted === 'column') return byColumn(name as ByColumn, argument, column)
  if (wanted === 'master') return byMaster(argument)
  return argument === null
    ? { value: { name: name as SimplePolicy } }
    : { problem: `${name} takes nothing after a colon` }
}

/**
 * What is wrong with a policy for these classes, or `null`. Without classes a rule may name any policy; it then decides
 * what it can. A missing row beside other classes is likewise left undecided by policies that choose between versions.
 */
export function classProblem(policy: Policy, classes: readonly DivergenceClass[] | null): string | null {
  const unfit = (classes ?? []).filter((cls) => !decidableClasses(policy).includes(cls))
  const fits = (classes ?? []).some((cls) => decidableClasses(policy).includes(cls))
  const wrong = unfit.find((cls) => !(cls === 'missing' && fits && policy.name !== 'rekey'))
  if (wrong === undefined) return null
  return `cannot decide class ${wrong}: ${whyUndecidable(policy, wrong)}; for ${wrong} use ${INSTEAD[wrong]}`
}

const INSTEAD: Readonly<Record<DivergenceClass, string>> = {
  missing: 'union, prefer:<master>, majority or lane-owner',
  conflict: 'newest:<column>, greatest:<column>, coalesce, majority or prefer:<master>',
  collision: 'rekey, lane-owner, prefer:<master>, newest:<column> or manual'
}

type ByColumn = 'newest' | 'oldest' | 'greatest' | 'least'

function byColumn(name: ByColumn, argument: string | null, apart: string | null): Parsed {
  const column = argument ?? apart
  if (column === null) return { problem: `${name} needs a column: ${name}:updated_at` }
  if (argument !== null && apart !== null) return { problem: 'the column is named twice' }
  if (column === COMMIT_TIME && name !== 'newest') return { problem: `only newest goes by ${COMMIT_TIME}` }
  return { value: { name, column } }
}

function rekey(argument: string | null, apart: string | null): Parsed {
  if (argument !== null && apart !== null) return { problem: 'the master whose row keeps its key is named twice' }
  const keep = argument ?? apart
  const problem = keep === null ? null : masterNameProblem(keep)
  return problem === null ? { value: { name: 'rekey', keep } } : { problem }
}

function byMaster(argument: string | null): Parsed {
  if (argument === null) return { problem: 'prefer needs a master: prefer:a' }
  const problem = masterNameProblem(argument)
  return problem === null ? { value: { name: 'prefer', master: argument } } : { problem }
}

function isPolicyName(name: string): name is Policy['name'] {
  return Object.hasOwn(ARGUMENTS, name)
}

function split(policy: string): [name: string, argument: string | null] {
  const colon = policy.indexOf(':')
  if (colon < 0) return [policy, null]
  return [policy.slice(0, colon), policy.slice(colon + 1) || null]
}
