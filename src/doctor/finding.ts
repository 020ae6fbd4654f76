import type { Finding, Mend, Severity } from '../model/doctor.js'
import { groupBy } from '../model/group-by.js'
import type { MasterFacts } from './facts.js'

/** What checks go by beside the masters. Times in seconds. */
export interface DoctorLimits {
  /** How long it is until the next audit; binlogs that are to prove what happened must last longer. */
  readonly auditInterval: number
  /** How long an audit waits for masters that lag. */
  readonly confirmTimeout: number
}

/** Draws findings from what was read. Pure: the same facts make the same findings. */
export type Check = (masters: readonly MasterFacts[], limits: DoctorLimits) => readonly Finding[]

/** The words of a finding. */
interface Words {
  readonly what: string
  readonly cause: string
  readonly danger: string
  readonly advice?: string | null
  readonly mend?: readonly Mend[]
}

/** Puts a finding together. */
export function finding(id: string, severity: Severity, masters: readonly MasterFacts[], words: Words): Finding {
  const { what, cause, danger, advice = null, mend = [] } = words
  return { id, severity, masters: namesOf(masters), what, cause, danger, advice, mend }
}

export function namesOf(masters: readonly MasterFacts[]): readonly string[] {
  return masters.map(({ info }) => info.name)
}

/** `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** `1 on a and b, 2 on c` */
export function valuesText(masters: readonly MasterFacts[], told: (facts: MasterFacts) => string): string {
  const groups = groupBy(masters, told)
  return [...groups].map(([value, own]) => `${value === '' ? '(empty)' : value} on ${listed(namesOf(own))}`).join(', ')
}

/** Every two different masters, once. */
export function pairs<Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] {
  return items.flatMap((left, at) => items.slice(at + 1).map((right) => [left, right] as const))
}
