import { MmauditError } from '../model/errors.js'
import { mayDelete } from '../model/policy.js'
import type { RepairConfig, RepairLimits, RepairRule } from '../model/repair.js'
import type { ConfigFile } from './config-file.js'
import type { FileRepair } from './file-schema.js'
import { truth } from './parse.js'
import { parsePolicy } from './policy.js'
import { inOrder, namedTwice, policyRule, splitPolicies } from './policy-spec.js'
import { namedMaster } from './repair-rules.js'
import { type Environment, given, REPAIR_SETTINGS, type Setting } from './settings.js'
import { toSoftReference } from './soft-references.js'

/** What the command line says of a repair, as typed. What was not typed is absent. */
export interface RepairFlags {
  /** `--policy`, as often as it was given. */
  readonly policy?: readonly string[] | undefined
  readonly maxRows?: string | undefined
  readonly maxDeletes?: string | undefined
  readonly maxPercent?: string | undefined
  /** Only ever a flag: what one run was allowed must not hold for the next. */
  readonly allowEmptied?: string | undefined
  readonly viaReplication?: string | undefined
  readonly allowTriggers?: string | undefined
  readonly allowReadOnly?: string | undefined
}

/** Everything that the configuration of a repair is made of. */
export interface RepairSources {
  readonly flags: RepairFlags
  readonly env: Environment
  readonly file: ConfigFile | null
  /** The names of the masters of this run. */
  readonly masters: readonly string[]
}

/** A rule, and how to complain about it where it was said. */
interface SaidRule {
  readonly rule: RepairRule
  /** Masters that the rule may name although they take no part in this run. */
  readonly absent: readonly string[]
  readonly error: (message: string, hint?: string) => MmauditError
}

/** More changes than nightly damage makes, and few enough to be looked through. */
const MAX_ROWS = 100_000
/** A table of which a tenth differs is rather a restore than a repair. */
const MAX_PERCENT = 10

const ALLOW_EMPTIED: Setting<boolean> = { flag: '--allow-emptied', variable: 'MMAUDIT_ALLOW_EMPTIED', parse: truth }

/**
 * Merges flags over environment over file over defaults. `--policy` takes the place of all rules of the file.
 * @throws {MmauditError} `usage` for a wrong flag, `config` for a wrong variable or file.
 */
export function resolveRepairConfig({ flags, env, file, masters }: RepairSources): RepairConfig {
  const rules = saidRules(flags, env, file)
  requireMasters(rules, masters)
  const written: FileRepair = file?.settings.repair ?? {}
  const decided = rules.map(({ rule }) => rule)
  return {
    rules: decided,
    limits: limits(flags, env, written, decided),
    viaReplication: setting('viaReplication', flags, env) ?? written.viaReplication ?? false,
    allowTriggers: setting('allowTriggers', flags, env) ?? written.allowTriggers ?? false,
    allowReadOnly: setting('allowReadOnly', flags, env) ?? written.allowReadOnly ?? false,
    references: (written.references ?? []).map(toSoftReference)
  }
}

/** Whether anything was said of who wins; without, a repair only shows what could be chosen. */
export function hasPolicy(repair: RepairConfig): boolean {
  return repair.rules.length > 0
}

function limits(flags: RepairFlags, env: Environment, file: FileRepair, rules: readonly RepairRule[]): RepairLimits {
  return {
    maxRows: setting('maxRows', flags, env) ?? file.maxRows ?? MAX_ROWS,
    maxDeletes: setting('maxDeletes', flags, env) ?? file.maxDeletes ?? (rules.some(deletesMissing) ? null : 0),
    maxPercent: setting('maxPercent', flags, env) ?? file.maxPercent ?? MAX_PERCENT,
    allowEmptied: given(ALLOW_EMPTIED, flags.allowEmptied, {}) ?? false
  }
}

/** Who names such a policy for missing rows has asked for deletions. */
function deletesMissing(rule: RepairRule): boolean {
  return mayDelete(rule.policy) && rule.columns === null && (rule.classes?.includes('missing') ?? true)
}

type Settings = typeof REPAIR_SETTINGS
type Value<Name extends keyof Settings> = Settings[Name] extends Setting<infer T> ? T : never

function setting<Name extends keyof Settings>(name: Name, flags: RepairFlags, env: Environment) {
  return given(REPAIR_SETTINGS[name] as Setting<Value<Name>>, flags[name], env)
}

function saidRules(flags: RepairFlags, env: Environment, file: ConfigFile | null): readonly SaidRule[] {
  if (flags.policy !== undefined && flags.policy.length > 0) return typed(flags.policy, '--policy ', 'usage')
  const variable = env.MMAUDIT_POLICY ?? ''
  return variable === '' ? fileRules(file) : typed(splitPolicies(variable), 'MMAUDIT_POLICY=', 'config')
}

function typed(texts: readonly string[], place: string, code: 'usage' | 'config'): readonly SaidRule[] {
  const said = texts.map((text): SaidRule => {
    const name = `${place}${text}`
    const error = (message: string, hint?: string) =>
      new MmauditError(code, `${name}: ${message}`, hint === undefined ? {} : { hint })
    const parsed = policyRule({ text, said: name })
    if ('problem' in parsed) throw error(parsed.problem, 'docs/reference/policies.md lists the policies')
    return { rule: parsed.value, absent: [], error }
  })
  const rules = inOrder(said.map(({ rule }) => rule))
  const twice = namedTwice(rules)
  if (twice !== null) {
    throw new MmauditError(code, `${place.trim()}: two policies for ${twice}`, { hint: 'name one for each class' })
  }
  return rules.flatMap((rule) => said.find((each) => each.rule === rule) ?? [])
}

/** One file serves several runs, so its rules may prefer a master that this run leaves out. */
function fileRules(file: ConfigFile | null): readonly SaidRule[] {
  const absent = Object.keys(file?.settings.masters ?? {})
  return (file?.settings.repair?.rules ?? []).map((written, at): SaidRule => {
    const parsed = parsePolicy(written.policy, { column: written.column ?? null, keep: written.keep ?? null })
    if ('problem' in parsed) throw new Error(`a rule that was not checked: ${parsed.problem}`)
    const rule: RepairRule = {
      name: `rule ${at + 1}`,
      tables: written.tables ?? null,
      classes: written.class ?? null,
      columns: written.columns ?? null,
      when: written.when ?? null,
      policy: parsed.value
    }
    return { rule, absent, error: (message, hint) => fileRuleError(file, at, message, hint) }
  })
}

function fileRuleError(file: ConfigFile | null, at: number, message: string, hint?: string): MmauditError {
  if (file === null) throw new Error('a rule of no file')
  return file.error(['repair', 'rules', at, 'policy'], `repair.rules[${at}].policy: ${message}`, hint)
}

function requireMasters(rules: readonly SaidRule[], masters: readonly string[]): void {
  for (const { rule, absent, error } of rules) {
    const named = namedMaster(rule.policy)
    if (named === null || [...masters, ...absent].includes(named)) continue
    throw error(`there is no master named ${named}; the masters are ${masters.join(', ')}`)
  }
}
