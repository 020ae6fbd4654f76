import type { Finding, Mend, Severity } from '../../model/doctor.js'
import { startChannel, stopChannel } from '../../sql/replication.js'
import { type MasterFacts, seen, variable } from '../facts.js'
import { finding, valuesText } from '../finding.js'
import { AND_IN_OPTION_FILE, run, setAtStart, setGlobal } from '../mends.js'

/** A variable that should have a certain value on every master. */
export interface SettingRule {
  readonly id: string
  readonly severity: Severity
  /** What the variable is called, newest name first. Servers that have none of these are not judged. */
  readonly names: readonly string[]
  readonly isBad: (value: string) => boolean
  /** The value that mends it. */
  readonly wanted: (facts: MasterFacts) => string
  /** Whether MySQL changes it only while no applier runs. */
  readonly whileStopped?: boolean
  /** Whether it takes effect only at a start of the server. */
  readonly atStart?: boolean
  readonly cause: string
  readonly danger: string
  readonly advice?: string
}

/** The findings of rules that look at one variable each; masters with the same trouble share a finding. */
export function judgeSettings(rules: readonly SettingRule[], masters: readonly MasterFacts[]): readonly Finding[] {
  return rules.flatMap((rule) => {
    const bad = masters.filter((facts) => {
      const found = variable(facts, ...rule.names)
      return found !== null && rule.isBad(found.value)
    })
    return bad.length === 0 ? [] : [findingOf(rule, bad)]
  })
}

function findingOf(rule: SettingRule, bad: readonly MasterFacts[]): Finding {
  const { id, severity, names, cause, danger, wanted, atStart = false } = rule
  const known = (facts: MasterFacts) => variable(facts, ...names) ?? { name: '', value: '' }
  return finding(id, severity, bad, {
    what: valuesText(bad, (facts) => `${known(facts).name} is ${known(facts).value || 'empty'}`),
    cause,
    danger,
    advice: rule.advice ?? (atStart ? restartAdvice(bad, (facts) => known(facts).name, wanted) : lastingAdvice(bad)),
    mend: bad.flatMap((facts) => {
      const { name } = known(facts)
      if (atStart) return setAtStart(facts, name, wanted(facts))
      const set = setGlobal(facts, name, wanted(facts))
      return rule.whileStopped === true ? withoutAppliers(facts, set) : [set]
    })
  })
}

function withoutAppliers(facts: MasterFacts, mend: Mend): readonly Mend[] {
  const { capabilities, parts } = facts
  if (capabilities.vendor !== 'mysql' || (seen(parts.channels) ?? []).length === 0) return [mend]
  // Without the name of a channel, it is all of them.
  return [
    run(facts, stopChannel(capabilities, '', 'applier')),
    mend,
    run(facts, startChannel(capabilities, '', 'applier'))
  ]
}

function lastingAdvice(bad: readonly MasterFacts[]): string | null {
  return bad.some(({ capabilities }) => capabilities.setAtStart === null) ? AND_IN_OPTION_FILE : null
}

function restartAdvice(
  bad: readonly MasterFacts[],
  nameOf: (facts: MasterFacts) => string,
  wanted: (facts: MasterFacts) => string
): string | null {
  const [first] = bad
  if (first === undefined) return null
  return `it takes effect at a start: ${nameOf(first)} = ${wanted(first)} in the option file, then restart the server`
}
