import { unauditedReplicas } from '../../repair/look/impact.js'
import { seen } from '../facts.js'
import { type Check, finding } from '../finding.js'

/** Who else lives on what these masters write. */
export const checkReplicas: Check = (masters) => {
  const audited = new Set(masters.map(({ info }) => info.serverId))
  return masters.flatMap((facts) => {
    const below = unauditedReplicas({ replicas: seen(facts.parts.followers) }, audited)
    if (below.length === 0) return []
    const names = below.map(({ serverId, host, port }) =>
      host === '' ? `server id ${serverId}` : `${host}:${port} (server id ${serverId})`
    )
    return finding('replicas-below', 'info', [facts], {
      what: `other servers replicate from ${facts.info.name}: ${names.join(', ')}`,
      cause: 'replicas for reading, backups or reports',
      danger: 'they are not audited, and do not see a repair of this master, which writes locally',
      advice:
        'name them as masters too, to have them audited; after a repair run its script (--sql-dir) on each of them'
    })
  })
}
