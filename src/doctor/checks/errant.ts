import { coversGtids, parseGtids } from '../../masters/position.js'
import { type Node, whyNotFollowing } from '../../masters/topology.js'
import type { Finding, Mend } from '../../model/doctor.js'
import { gtidsOf, subtractGtids } from '../../model/gtid-set.js'
import { type GtidFacts, isOn, type MasterFacts, meansOn, seen, variable } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'
import { nodeOf } from '../node.js'

/** More empty transactions than this nobody wants to read; they are a case for a new copy. */
const MOST_EMPTY = 10

/** A master and the transactions that it has. */
interface Holder extends Node {
  readonly facts: MasterFacts
  readonly gtids: GtidFacts
}

/** Transactions that one master has and another one can never receive. */
export const checkErrant: Check = (masters) => {
  const holders = masters.flatMap((facts): Holder[] => {
    const gtids = seen(facts.parts.gtids)
    return gtids === null || seen(facts.parts.channels) === null ? [] : [{ facts, gtids, ...nodeOf(facts) }]
  })
  return holders.flatMap((holder) =>
    holders.flatMap((other) =>
      other === holder || other.facts.info.vendor !== holder.facts.info.vendor ? [] : errant(holder, other, holders)
    )
  )
}

function errant(holder: Holder, other: Holder, all: readonly Holder[]): readonly Finding[] {
  const apart = whyNotFollowing(all, other, holder)?.kind === 'apart'
  return holder.facts.info.vendor === 'mysql' ? errantMysql(holder, other, apart) : errantMariadb(holder, other, apart)
}

/** With a way from one to the other, only what was removed from the binlogs cannot arrive any more. */
function errantMysql(holder: Holder, other: Holder, apart: boolean): readonly Finding[] {
  if (!isOn(holder.facts, 'gtid_mode') || !isOn(other.facts, 'gtid_mode')) return []
  const set = subtractGtids(apart ? holder.gtids.own : holder.gtids.purged, other.gtids.own)
  if (set === '') return []
  const single = gtidsOf(set, MOST_EMPTY + 1)
  return [
    finding('errant-transactions', 'danger', [holder.facts, other.facts], {
      what: `${holder.name} has transactions that ${other.name} can never receive${apart ? '' : ', for its binlogs are removed'}: ${set}`,
      cause: apart
        ? `they were written on ${holder.name}, and nothing replicates from there to ${other.name}`
        : `${other.name} was away for longer than the binlogs are kept, or was restored from another copy`,
      danger: apart
        ? `when ${other.name} is to follow ${holder.name}, as after a failover, they arrive late, or stop replication with 1236 if they are removed by then`
        : `replication from ${holder.name} stops with 1236`,
      advice:
        'run mmaudit diff first: the rows that they changed differ. Once those are repaired, these make the transactions known' +
        (single.length > MOST_EMPTY ? `; there are more than ${MOST_EMPTY}, so rather set ${other.name} up anew` : ''),
      mend: single.length > MOST_EMPTY ? [] : single.flatMap((gtid) => emptyTransaction(other.facts, gtid))
    })
  ]
}

function emptyTransaction(facts: MasterFacts, gtid: string): readonly Mend[] {
  return [`SET GTID_NEXT = '${gtid}'`, 'BEGIN', 'COMMIT', "SET GTID_NEXT = 'AUTOMATIC'"].map((statement) =>
    run(facts, statement)
  )
}

/** MariaDB keeps no list of what was removed; the receiver says so by its error. */
function errantMariadb(holder: Holder, other: Holder, apart: boolean): readonly Finding[] {
  if (!apart) return []
  const logs = variable(other.facts, 'log_slave_updates')?.value ?? ''
  const applied = {
    serverId: other.serverId,
    logsApplied: meansOn(logs),
    binlogState: parseGtids(other.gtids.own),
    slavePosition: parseGtids(other.gtids.applied)
  }
  const lacking = parseGtids(holder.gtids.own).filter((entry) => !coversGtids(applied, [entry]))
  if (lacking.length === 0) return []
  const text = lacking.map(({ domain, serverId, sequence }) => `${domain}-${serverId}-${sequence}`).join(',')
  return [
    finding('errant-transactions', 'danger', [holder.facts, other.facts], {
      what: `${holder.name} has transactions that ${other.name} can never receive: up to ${text}`,
      cause: `they were written on ${holder.name}, and nothing replicates from there to ${other.name}`,
      danger: `when ${other.name} is to follow ${holder.name}, as after a failover, they arrive late, or stop replication with 1236`,
      advice: `run mmaudit diff first: the rows that they changed differ. Then write on ${holder.name} no more, or replicate from it as well`
    })
  ]
}
