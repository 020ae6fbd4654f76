import type { ChannelFacts } from '../../masters/channel-facts.js'
import { groupBy } from '../../model/group-by.js'
import { changeSource, startChannel, stopChannel } from '../../sql/replication.js'
import { isOn, type MasterFacts, seen, variable } from '../facts.js'
import { type Check, finding, listed, namesOf, valuesText } from '../finding.js'
import { run, setGlobal } from '../mends.js'
import { judgeSettings, type SettingRule } from './setting-rules.js'

const RULES: readonly SettingRule[] = [
  {
    id: 'gtid-mode',
    severity: 'warning',
    names: ['gtid_mode'],
    isBad: (value) => value !== 'ON',
    wanted: nextMode,
    cause: 'GTIDs were never switched on, or the change was left half way',
    danger:
      'replication goes by file and position: after a failover nobody knows where to go on, lag can only be told hop by hop, ' +
      'and errant transactions are not seen',
    advice:
      'enforce_gtid_consistency first; then this, which is the next step, on all masters before any takes the one after it; ' +
      'before ON, Ongoing_anonymous_transaction_count must be 0 everywhere'
  },
  {
    id: 'gtid-consistency',
    severity: 'warning',
    names: ['enforce_gtid_consistency'],
    isBad: (value) => value !== 'ON',
    wanted: () => 'ON',
    cause: 'the default of the server',
    danger: 'statements that one GTID cannot stand for are taken, and replicate otherwise than they ran'
  },
  {
    id: 'gtid-strict-off',
    severity: 'warning',
    names: ['gtid_strict_mode'],
    isBad: (value) => value !== 'ON' && value !== '1',
    wanted: () => 'ON',
    cause: 'the default of the server',
    danger:
      'a transaction that comes out of order within its domain is taken without a word: the binlogs of the masters then ' +
      'differ, and a position in one means another thing in the next'
  }
]

/** The server takes one step at a time: OFF, OFF_PERMISSIVE, ON_PERMISSIVE, ON. */
function nextMode(facts: MasterFacts): string {
  switch (facts.variables.get('gtid_mode')) {
    case 'OFF':
      return 'OFF_PERMISSIVE'
    case 'OFF_PERMISSIVE':
      return 'ON_PERMISSIVE'
    default:
      return 'ON'
  }
}

/** Whether transactions are numbered so that all masters mean the same by a number. */
export const checkGtid: Check = (masters) => [
  ...judgeSettings(
    RULES,
    masters.filter((facts) => isOn(facts, 'log_bin'))
  ),
  ...modesDiffer(masters),
  ...sharedDomains(masters),
  ...byFile(masters)
]

function modesDiffer(masters: readonly MasterFacts[]) {
  const own = masters.filter((facts) => variable(facts, 'gtid_mode') !== null)
  const values = new Set(own.map((facts) => facts.variables.get('gtid_mode')))
  if (!(values.has('ON') && (values.has('OFF') || values.has('OFF_PERMISSIVE')))) return []
  return [
    finding('gtid-mode-differs', 'danger', own, {
      what: `gtid_mode is ${valuesText(own, (facts) => facts.variables.get('gtid_mode') ?? '')}`,
      cause: 'GTIDs were switched on on some of the masters only',
      danger:
        'a server with ON takes no transaction without a GTID, and the receiver of one with OFF stops at the first with one',
      advice: 'bring all masters to ON, step by step; see gtid-mode'
    })
  ]
}

/** MariaDB: two masters that write in one domain number against each other. */
function sharedDomains(masters: readonly MasterFacts[]) {
  const own = masters.filter((facts) => variable(facts, 'gtid_domain_id') !== null)
  const domains = groupBy(own, (facts) => facts.variables.get('gtid_domain_id') ?? '0')
  const taken = new Set([...domains.keys()])
  return [...domains].flatMap(([domain, members]) => {
    if (members.length < 2) return []
    const strict = members.some((facts) => isOn(facts, 'gtid_strict_mode'))
    return finding('gtid-domain-shared', 'danger', members, {
      what: `${listed(namesOf(members))} write in one GTID domain (gtid_domain_id is ${domain})`,
      cause: 'gtid_domain_id was left at its default, or was copied',
      danger: strict
        ? 'both count on from the same number: what arrives is out of order, and gtid_strict_mode stops the applier with 1950'
        : 'both count on from the same number: one GTID stands for two transactions, and a position leaves one of them out',
      advice: 'stop writing on these masters, let all of them catch up, then run this; new domains begin to count anew',
      mend: members.slice(1).map((facts) => setGlobal(facts, 'gtid_domain_id', freeDomain(taken, facts.info.serverId)))
    })
  })
}

/** The server id makes a good domain: it is not taken by another master either. */
function freeDomain(taken: Set<string>, serverId: number): string {
  let domain = serverId
  while (taken.has(String(domain))) domain++
  taken.add(String(domain))
  return String(domain)
}

function byFile(masters: readonly MasterFacts[]) {
  return masters.flatMap((facts) =>
    (seen(facts.parts.channels) ?? [])
      .filter(({ byFile }) => byFile && (facts.capabilities.vendor === 'mariadb' || isOn(facts, 'gtid_mode')))
      .map((channel) =>
        finding('channel-by-file', 'warning', [facts], {
          what: `${facts.info.name} asks ${channel.sourceHost}:${channel.sourcePort} for writes by file and position, not by GTID`,
          cause: 'the channel was set up so, or before there were GTIDs',
          danger: 'when the source is replaced, nobody knows where to go on in the binlogs of the next',
          advice: 'only when it has caught up',
          mend: channelMends(facts, channel)
        })
      )
  )
}

function channelMends(facts: MasterFacts, { name }: ChannelFacts) {
  const { capabilities } = facts
  const statements = [
    stopChannel(capabilities, name),
    changeSource(capabilities, name, 'by-gtid'),
    startChannel(capabilities, name)
  ]
  return statements.map((statement) => run(facts, statement))
}
