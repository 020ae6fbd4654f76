import { isOn, type MasterFacts, seen, takesWrites } from '../facts.js'
import { type Check, finding, listed, namesOf } from '../finding.js'
import { setGlobal } from '../mends.js'

/** Which masters take writes, and whether they should. */
export const checkWritable: Check = (masters) => [...readOnly(masters), ...writableReplicas(masters)]

function readOnly(masters: readonly MasterFacts[]) {
  const closed = masters.filter((facts) => !takesWrites(facts))
  if (closed.length === 0) return []
  const all = closed.length === masters.length
  return [
    finding('read-only', all ? 'danger' : 'info', closed, {
      what: `${listed(namesOf(closed))} ${closed.length === 1 ? 'is' : 'are'} read-only`,
      cause: 'it was set on purpose, to keep writes to one master, or was left behind by a failover',
      danger: all
        ? 'no master takes writes'
        : 'applications cannot write there, and a repair refuses to (--allow-read-only)',
      advice: 'only if it is to take writes',
      mend: closed.flatMap((facts) =>
        ['super_read_only', 'read_only']
          .filter((name) => isOn(facts, name))
          .map((name) => setGlobal(facts, name, 'OFF'))
      )
    })
  ]
}

/** Nobody receives what is written by mistake on a server that only follows. */
function writableReplicas(masters: readonly MasterFacts[]) {
  return masters.flatMap((facts) => {
    const channels = seen(facts.parts.channels) ?? []
    const isFollowed = masters.some((other) =>
      (seen(other.parts.channels) ?? [{ sourceServerId: facts.info.serverId }]).some(
        ({ sourceServerId }) => sourceServerId === facts.info.serverId
      )
    )
    if (channels.length === 0 || isFollowed || !takesWrites(facts)) return []
    return finding('writable-replica', 'warning', [facts], {
      what: `${facts.info.name} takes writes, and no other master replicates from it`,
      cause: 'a replica without read_only, or one direction of a circle that is not set up',
      danger: 'what is written there stays there: it makes rows differ, and errant transactions',
      mend: [setGlobal(facts, facts.capabilities.vendor === 'mysql' ? 'super_read_only' : 'read_only', 'ON')]
    })
  })
}
