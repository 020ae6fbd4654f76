import type { ChannelFacts } from '../../masters/channel-facts.js'
import { whyNotFollowing } from '../../masters/topology.js'
import type { Finding } from '../../model/doctor.js'
import { changeSource, startChannel, stopChannel } from '../../sql/replication.js'
import { type MasterFacts, seen, takesWrites } from '../facts.js'
import { type Check, type DoctorLimits, finding } from '../finding.js'
import { run } from '../mends.js'
import { nodeOf } from '../node.js'
import { stoppedAtRow } from '../unblock/find-stopped.js'

/** Whether what one master writes arrives on the others, and how soon. */
export const checkAppliers: Check = (masters, limits) => [
  ...masters.flatMap((facts) => channelsOf(facts).flatMap((channel) => channelFindings(facts, channel, limits))),
  ...apart(masters)
]

function channelsOf(facts: MasterFacts): readonly ChannelFacts[] {
  return seen(facts.parts.channels) ?? []
}

function channelFindings(facts: MasterFacts, channel: ChannelFacts, limits: DoctorLimits): readonly Finding[] {
  return [
    ...(channel.applierRunning ? [] : [stoppedApplier(facts, channel)]),
    ...(channel.receiver === 'running' ? [] : [stoppedReceiver(facts, channel)]),
    ...lagging(facts, channel, limits),
    ...delayed(facts, channel)
  ]
}

function stoppedApplier(facts: MasterFacts, channel: ChannelFacts): Finding {
  const { applierError: error } = channel
  const isRow = stoppedAtRow(channel)
  return finding('applier-stopped', 'danger', [facts], {
    what: `the applier of ${facts.info.name}${sourceText(channel)} has stopped${error === null ? '' : ` with ${error.errno}: ${error.message}`}`,
    cause: isRow
      ? 'the rows differ already: what the source did to a row does not fit the row that is here'
      : error === null
        ? 'somebody stopped it, or the server was started with skip-replica-start'
        : 'see the error, and the error log of the server',
    danger: 'nothing that the source writes arrives any more, and the masters drift apart with every write',
    advice: isRow
      ? 'the plan for this transaction follows below; mmaudit doctor --unblock carries it out. Never skip an error without looking at its rows'
      : error === null
        ? null
        : 'mend what the error says first',
    mend: isRow ? [] : [run(facts, startChannel(facts.capabilities, channel.name, 'applier'))]
  })
}

function stoppedReceiver(facts: MasterFacts, channel: ChannelFacts): Finding {
  const { receiverError: error } = channel
  return finding('receiver-stopped', 'danger', [facts], {
    what: `the receiver of ${facts.info.name}${sourceText(channel)} does not run${error === null ? '' : `: ${error.errno} ${error.message}`}`,
    cause:
      error === null
        ? 'somebody stopped it, or it is connecting'
        : 'the source cannot be reached, refuses, or no longer has what is asked for',
    danger: 'nothing that the source writes arrives any more; once its binlogs are removed it never can',
    advice: error === null ? null : 'mend what the error says first',
    mend: [run(facts, startChannel(facts.capabilities, channel.name, 'receiver'))]
  })
}

function lagging(facts: MasterFacts, channel: ChannelFacts, { confirmTimeout }: DoctorLimits): readonly Finding[] {
  const { secondsBehind, delay } = channel
  if (secondsBehind === null || secondsBehind - delay <= confirmTimeout) return []
  return [
    finding('lag', 'warning', [facts], {
      what: `${facts.info.name} is ${secondsBehind} seconds behind${sourceText(channel)}`,
      cause: 'a long transaction, too few parallel appliers, a table without a key, or a machine that is too slow',
      danger: `an audit waits ${confirmTimeout} seconds (--confirm-timeout): rows that change meanwhile stay unsettled; after a failover the rest is lost`,
      advice: 'see what it applies: SHOW PROCESSLIST'
    })
  ]
}

function delayed(facts: MasterFacts, channel: ChannelFacts): readonly Finding[] {
  if (channel.delay === 0) return []
  const { capabilities } = facts
  return [
    finding('delayed', 'warning', [facts], {
      what: `${facts.info.name} applies what it receives${sourceText(channel)} ${channel.delay} seconds late, on purpose`,
      cause: 'a delay was set up for the channel',
      danger: 'among masters that take writes it only makes conflicts likelier; an audit waits for it in vain',
      mend: [
        run(facts, stopChannel(capabilities, channel.name)),
        run(facts, changeSource(capabilities, channel.name, 'no-delay')),
        run(facts, startChannel(capabilities, channel.name))
      ]
    })
  ]
}

/** Between which masters nothing is replicated at all. From one that takes no writes, nothing has to come. */
function apart(masters: readonly MasterFacts[]): readonly Finding[] {
  const known = masters.filter(({ parts }) => seen(parts.channels) !== null)
  if (known.length < masters.length) return []
  const nodes = masters.map((facts) => ({ facts, ...nodeOf(facts) }))
  return nodes.flatMap((source) =>
    nodes.flatMap((follower) => {
      if (follower === source || !takesWrites(source.facts)) return []
      const broken = whyNotFollowing(nodes, follower, source)
      if (broken?.kind !== 'apart') return []
      return finding('not-replicating', 'warning', [follower.facts], {
        what: `${follower.name} does not receive what ${source.name} writes: ${broken.reason}`,
        cause: 'the channel was never set up, or was removed',
        danger: `every write on ${source.name} makes the two differ`,
        advice: `set up a channel on ${follower.name} that reads from ${source.name} or from a master that does, or make ${source.name} read-only`
      })
    })
  )
}

function sourceText({ sourceHost, sourcePort, name }: ChannelFacts): string {
  const channel = name === '' ? '' : ` (channel ${name})`
  return ` from ${sourceHost}:${sourcePort}${channel}`
}
