import type { Finding } from '../../model/doctor.js'
import { isOn, type MasterFacts, meansOn, seen, variable } from '../facts.js'
import { type Check, type DoctorLimits, finding, valuesText } from '../finding.js'
import { AND_IN_OPTION_FILE, setAtStart, setGlobal } from '../mends.js'
import { judgeSettings, type SettingRule } from './setting-rules.js'

const CRASH = 'a crash of the machine takes the last transactions back on this master'

const RULES: readonly SettingRule[] = [
  {
    id: 'binlog-format',
    severity: 'danger',
    names: ['binlog_format'],
    isBad: (value) => value !== 'ROW',
    wanted: () => 'ROW',
    whileStopped: true,
    cause: 'the option was set, or is the default of an older version',
    danger:
      'statements are run again on the other masters, where they may find other rows, another time or another order; ' +
      'masters drift apart without an error, and binlogs prove nothing of single rows',
    advice: `sessions that are open keep the old format until they reconnect; ${AND_IN_OPTION_FILE}`
  },
  {
    id: 'row-image',
    severity: 'warning',
    names: ['binlog_row_image'],
    isBad: (value) => !value.startsWith('FULL'),
    wanted: () => 'FULL',
    cause: 'the option was set to save binlog',
    danger:
      'binlogs do not tell what a row was before: an applier cannot notice that its row was another one, and neither evidence nor merges can be had from them'
  },
  {
    id: 'row-value-options',
    severity: 'warning',
    names: ['binlog_row_value_options'],
    isBad: meansOn,
    wanted: () => '',
    cause: 'the option was set to save binlog',
    danger:
      'of a changed JSON value only the difference is logged: on a row that differs already, it makes another value'
  },
  {
    id: 'sync-binlog',
    severity: 'warning',
    names: ['sync_binlog'],
    isBad: (value) => value !== '1',
    wanted: () => '1',
    cause: 'the binlog is left to the operating system to write, which is faster',
    danger: `${CRASH}, while the others have them already: they stay different, or replication stops`
  },
  {
    id: 'flush-log',
    severity: 'warning',
    names: ['innodb_flush_log_at_trx_commit'],
    isBad: (value) => value !== '1',
    wanted: () => '1',
    cause: 'the redo log is not written at each commit, which is faster',
    danger: `${CRASH}, while its binlog and the others may have them`
  }
]

/** Whether every write gets into the binlog as it was made, and stays there. */
export const checkBinlog: Check = (masters, limits) => [
  ...withoutBinlog(masters),
  ...judgeSettings(
    RULES,
    masters.filter((facts) => isOn(facts, 'log_bin'))
  ),
  ...notRelaying(masters),
  ...shortRetention(masters, limits)
]

function withoutBinlog(masters: readonly MasterFacts[]): readonly Finding[] {
  const bad = masters.filter((facts) => !isOn(facts, 'log_bin'))
  if (bad.length === 0) return []
  return [
    finding('binlog-off', 'danger', bad, {
      what: `no binlog is written on ${bad.map(({ info }) => info.name).join(', ')}`,
      cause: 'log_bin is off (skip-log-bin, or no log-bin in the option file of a MariaDB)',
      danger: 'no server can replicate from it: its writes never reach the others',
      advice: 'log-bin in the option file, then restart the server'
    })
  ]
}

/** What a master receives must go on to those behind it, and into its binlogs for evidence. */
function notRelaying(masters: readonly MasterFacts[]): readonly Finding[] {
  const names = ['log_replica_updates', 'log_slave_updates'] as const
  const bad = masters.filter((facts) => {
    const found = variable(facts, ...names)
    return found !== null && !meansOn(found.value) && (seen(facts.parts.channels) ?? []).length > 0
  })
  if (bad.length === 0) return []
  const name = (facts: MasterFacts) => variable(facts, ...names)?.name ?? ''
  return [
    finding('replica-updates', masters.length > 2 ? 'danger' : 'warning', bad, {
      what: valuesText(bad, (facts) => `${name(facts)} is OFF`),
      cause: 'the option was set, or is the default of the version',
      danger:
        'what this master receives is not in its binlog: in a ring of three the third never gets it, a server behind it ' +
        'never does, and its binlogs do not tell what was applied',
      advice: 'log-slave-updates (log-replica-updates on MySQL) in the option file, then restart the server',
      mend: bad.flatMap((facts) => setAtStart(facts, name(facts), 'ON'))
    })
  ]
}

function shortRetention(masters: readonly MasterFacts[], { auditInterval }: DoctorLimits): readonly Finding[] {
  const bad = masters.filter((facts) => {
    const seconds = retention(facts)
    return isOn(facts, 'log_bin') && seconds !== null && seconds < auditInterval
  })
  if (bad.length === 0) return []
  const wanted = Math.ceil(2 * auditInterval)
  return [
    finding('binlog-retention', 'warning', bad, {
      what: `binlogs are kept for ${valuesText(bad, (facts) => `${retention(facts)} seconds`)}; audits are ${auditInterval} seconds apart`,
      cause: 'old binlogs are removed to save room',
      danger:
        'what went wrong between two audits can no longer be proved, and a master that is down for as long cannot catch up',
      advice: 'name another interval with --audit-interval, if audits are more frequent',
      mend: bad.map((facts) => setGlobal(facts, 'binlog_expire_logs_seconds', String(wanted)))
    })
  ]
}

/** Seconds; `null` for as long as the disk has room. Older versions of MariaDB count in days. */
function retention(facts: MasterFacts): number | null {
  if (facts.variables.get('binlog_expire_logs_auto_purge') === 'OFF') return null
  const seconds = Number(variable(facts, 'binlog_expire_logs_seconds')?.value ?? 0)
  const days = Number(variable(facts, 'expire_logs_days')?.value ?? 0)
  return seconds || days * 86_400 || null
}
