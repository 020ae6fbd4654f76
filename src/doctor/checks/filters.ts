import type { ChannelFacts } from '../../masters/channel-facts.js'
import type { Finding, Mend } from '../../model/doctor.js'
import { changeSource, startChannel, stopChannel } from '../../sql/replication.js'
import { type MasterFacts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'

/** What does not reach the binlog, and what is not applied. */
export const checkFilters: Check = (masters) => [...masters.flatMap(binlogFilters), ...masters.flatMap(channelFilters)]

function binlogFilters(facts: MasterFacts): readonly Finding[] {
  const { doDb = '', ignoreDb = '' } = seen(facts.parts.binlog) ?? {}
  const filters = [
    ...(doDb === '' ? [] : [`binlog_do_db = ${doDb}`]),
    ...(ignoreDb === '' ? [] : [`binlog_ignore_db = ${ignoreDb}`])
  ]
  if (filters.length === 0) return []
  return [
    finding('binlog-filter', 'danger', [facts], {
      what: `${facts.info.name} writes only a part of its changes to the binlog: ${filters.join(', ')}`,
      cause: 'the option file of the server',
      danger:
        'nobody ever receives the rest. Statements are judged by the default database of the session, not by the table: ' +
        'USE other; ALTER TABLE shop.t … gets lost as well',
      advice:
        'take binlog-do-db and binlog-ignore-db out of the option file and restart the server; filter on the replicas, if at all'
    })
  ]
}

/** `Replicate_Rewrite_DB` renames what it lets through; to the tables that are compared it is a filter all the same. */
function channelFilters(facts: MasterFacts): readonly Finding[] {
  return (seen(facts.parts.channels) ?? []).flatMap((channel) => {
    const filters = Object.entries(channel.filters).map(([name, value]) => `${name.toLowerCase()} = ${value}`)
    if (filters.length === 0) return []
    return [
      finding('replicate-filter', 'danger', [facts], {
        what: `${facts.info.name} applies only a part of what it receives${channelText(channel)}: ${filters.join(', ')}`,
        cause: 'replication filters, set in the option file or while the server ran',
        danger:
          'rows that other masters write are never written here; an audit finds them missing, and a repair brings them in',
        advice:
          'also take replicate-* out of the option file; tables that are to differ belong under exclude in mmaudit.yaml',
        mend: filterMends(facts, channel)
      })
    ]
  })
}

function channelText({ name }: ChannelFacts): string {
  return name === '' ? '' : ` by the channel ${name}`
}

function filterMends(facts: MasterFacts, channel: ChannelFacts): readonly Mend[] {
  const { capabilities } = facts
  const names = Object.keys(channel.filters)
  const statements = [
    ...(names.includes('Replicate_Ignore_Server_Ids')
      ? [changeSource(capabilities, channel.name, 'no-ignored-servers')]
      : []),
    ...(names.some((name) => name.endsWith('_Domain_Ids'))
      ? [changeSource(capabilities, channel.name, 'no-ignored-domains')]
      : []),
    ...names.filter((name) => !name.endsWith('_Ids')).map((name) => clearFilter(facts, channel, name))
  ]
  return [
    run(facts, stopChannel(capabilities, channel.name)),
    ...statements.map((statement) => run(facts, statement)),
    run(facts, startChannel(capabilities, channel.name))
  ]
}

/** MariaDB keeps the filters of a named channel in variables with the name of the channel before a dot. */
function clearFilter({ capabilities }: MasterFacts, { name }: ChannelFacts, filter: string): string {
  if (capabilities.vendor === 'mariadb') {
    return `SET GLOBAL ${name === '' ? '' : `\`${name}\`.`}${filter.toLowerCase()} = ''`
  }
  const channel = name === '' ? '' : ` FOR CHANNEL '${name}'`
  return `CHANGE REPLICATION FILTER ${filter.toUpperCase()} = ()${channel}`
}
