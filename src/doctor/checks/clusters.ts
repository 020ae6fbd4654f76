import type { Finding } from '../../model/doctor.js'
import { type ClusterFacts, type MasterFacts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'

/** Galera nodes and members of Group Replication, and how they are. */
export const checkClusters: Check = (masters) =>
  masters.flatMap((facts) => {
    const cluster = seen(facts.parts.cluster)
    if (cluster === null) return []
    return [membership(facts, cluster), ...unwell(facts, cluster)]
  })

const NAMES = { galera: 'a Galera cluster', 'group-replication': 'a group of Group Replication' } as const
const WELL = { galera: 'Synced', 'group-replication': 'ONLINE' } as const

function membership(facts: MasterFacts, { kind, state }: ClusterFacts): Finding {
  return finding('cluster-member', 'info', [facts], {
    what: `${facts.info.name} belongs to ${NAMES[kind]}${state === null ? '' : ` (${state})`}`,
    cause: 'it was set up so',
    danger:
      kind === 'galera'
        ? 'a repair of one node alone is refused: the cluster would vote the node out, or abort'
        : 'a repair of one member alone is refused: no other member would notice the change',
    advice:
      'a node that differs joins again with a full state transfer (SST) or as a clone; wanted rows come in by ordinary writes'
  })
}

/** A state that the account may not see is not known to be bad. */
function unwell(facts: MasterFacts, { kind, state, primary }: ClusterFacts): readonly Finding[] {
  if ((state === null || state === WELL[kind]) && primary !== false) return []
  return [
    finding('cluster-state', 'danger', [facts], {
      what: `${facts.info.name} is ${primary === false ? 'not in the primary part of its cluster' : (state ?? 'in no state')}`,
      cause: 'the node is joining, has lost the others, or was put out of the cluster',
      danger:
        'it does not have the latest writes, or takes none; what an audit finds there is not what the cluster holds',
      advice: 'see the error log of the server'
    })
  ]
}
