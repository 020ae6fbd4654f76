import type { Finding, Severity } from '../../model/doctor.js'
import { judgeClocks } from '../../repair/decide/clocks.js'
import { type MasterFacts, seen, variable } from '../facts.js'
import { type Check, finding, valuesText } from '../finding.js'
import { AND_IN_OPTION_FILE, setGlobal } from '../mends.js'
import { judgeSettings, type SettingRule } from './setting-rules.js'

/** A variable that should be the same on all masters, whatever it is. */
interface AlikeRule {
  readonly id: string
  readonly severity: Severity
  readonly name: string
  readonly danger: string
  /** Which value is rather the right one; else that of the first master. */
  readonly isRight?: (value: string) => boolean
  /** What a difference that is none looks like after this. */
  readonly normal?: (value: string) => string
  /** Set when only the option file can change it. */
  readonly advice?: string
}

const CAUSE = 'the servers were set up apart, or have other defaults'

const ALIKE: readonly AlikeRule[] = [
  {
    id: 'sql-mode-differs',
    severity: 'warning',
    name: 'sql_mode',
    isRight: isStrict,
    normal: (value) => value.split(',').toSorted().join(','),
    danger:
      'a statement that one master takes another refuses, or stores otherwise; an application notices after a failover'
  },
  {
    id: 'charset-differs',
    severity: 'warning',
    name: 'character_set_server',
    normal: (value) => value.replace(/^utf8$/, 'utf8mb3'),
    danger: 'tables that are created without a character set differ from master to master'
  },
  {
    id: 'collation-differs',
    severity: 'warning',
    name: 'collation_server',
    danger: 'tables that are created without a collation differ: two texts are one unique value here, and two there'
  },
  {
    id: 'lower-case-differs',
    severity: 'danger',
    name: 'lower_case_table_names',
    danger: 'tables are not found under the name that the other master logs, and appliers stop with 1146',
    advice: 'it is chosen when a server is set up: set up the one that is wrong anew'
  }
]

/** A value under which a server refuses what does not fit. */
function isStrict(mode: string): boolean {
  return /\bSTRICT_(TRANS|ALL)_TABLES\b|\bTRADITIONAL\b/.test(mode)
}

/** Whoever is lax becomes like a master that is not, where there is one. */
function strictRule(masters: readonly MasterFacts[]): SettingRule {
  const modes = masters.map(({ variables }) => variables.get('sql_mode') ?? '')
  return {
    id: 'sql-mode-lax',
    severity: 'warning',
    names: ['sql_mode'],
    isBad: (value) => !isStrict(value),
    wanted: ({ variables }) =>
      modes.find(isStrict) ??
      ['STRICT_TRANS_TABLES', ...(variables.get('sql_mode') ?? '').split(',')].filter((mode) => mode !== '').join(','),
    cause: CAUSE,
    danger: 'values that do not fit are cut or become zero without an error'
  }
}

/** What should be alike everywhere. */
export const checkAlike: Check = (masters) => [
  ...ALIKE.flatMap((rule) => judgeAlike(rule, masters)),
  ...judgeSettings([strictRule(masters)], masters),
  ...clocks(masters),
  ...versions(masters)
]

function judgeAlike(rule: AlikeRule, masters: readonly MasterFacts[]): readonly Finding[] {
  const { normal = (value: string) => value, isRight = () => true, name } = rule
  const own = masters.filter((facts) => variable(facts, name) !== null)
  const told = (facts: MasterFacts) => normal(variable(facts, name)?.value ?? '')
  const first = own.find((facts) => isRight(told(facts))) ?? own[0]
  if (first === undefined || new Set(own.map(told)).size < 2) return []
  const others = own.filter((facts) => told(facts) !== told(first))
  const wanted = variable(first, name)?.value ?? ''
  return [
    finding(rule.id, rule.severity, own, {
      what: `${name} is ${valuesText(own, told)}`,
      cause: CAUSE,
      danger: rule.danger,
      advice:
        rule.advice ?? `these make the others like ${first.info.name}; choose what is right; ${AND_IN_OPTION_FILE}`,
      mend: rule.advice === undefined ? others.map((facts) => setGlobal(facts, name, wanted)) : []
    })
  ]
}

function clocks(masters: readonly MasterFacts[]): readonly Finding[] {
  const readings = masters.flatMap(({ parts }) => seen(parts.clock) ?? [])
  const { skew, zones } = judgeClocks(readings)
  const [first] = masters
  const zone = first?.variables.get('time_zone') ?? 'SYSTEM'
  return [
    ...(skew === null
      ? []
      : [
          finding('clock-skew', 'warning', masters, {
            what: skew,
            cause: 'a machine does not keep its clock by NTP, or only in part',
            danger:
              '"newest" chooses wrongly, and times in binlogs cannot be put in order; lag is told wrongly as well',
            advice: 'set up NTP (chrony) on every machine'
          })
        ]),
    ...(zones === null
      ? []
      : [
          finding('time-zone-differs', 'warning', masters, {
            what: zones,
            cause: CAUSE,
            danger: 'NOW() in a DATETIME is hours apart from master to master, and "newest" chooses wrongly',
            advice: `these make the others like ${first?.info.name}; choose what is right; ${AND_IN_OPTION_FILE}`,
            mend: masters
              .slice(1)
              .flatMap((facts) =>
                facts.variables.get('time_zone') === zone ? [] : [setGlobal(facts, 'time_zone', zone)]
              )
          })
        ])
  ]
}

function versions(masters: readonly MasterFacts[]): readonly Finding[] {
  if (new Set(masters.map(({ info }) => info.serverVersion)).size < 2) return []
  const series = new Set(masters.map((facts) => seriesOf(facts)))
  return [
    finding('version-differs', series.size === 1 ? 'info' : 'warning', masters, {
      what: valuesText(masters, ({ info }) => `${vendorText(info.vendor)} ${info.serverVersion}`),
      cause: 'an upgrade that is under way, or was left half done',
      danger:
        series.size === 1
          ? 'little, within one series'
          : 'an older server may not understand what a newer one logs; defaults, collations and types differ between series',
      advice:
        series.size === 1 ? null : 'bring all masters to one series; replicate from the older to the newer until then'
    })
  ]
}

function seriesOf({ info }: MasterFacts): string {
  return `${info.vendor} ${info.serverVersion.split('.').slice(0, 2).join('.')}`
}

function vendorText(vendor: MasterFacts['info']['vendor']): string {
  return vendor === 'mariadb' ? 'MariaDB' : 'MySQL'
}
