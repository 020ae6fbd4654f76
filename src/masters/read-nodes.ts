import type { Capabilities } from './capabilities.js'
import type { Master } from './master.js'
import { readChannels } from './replication.js'
import type { Session } from './session.js'
import type { Node } from './topology.js'

/** Empty where the plugin is loaded and not used; unknown elsewhere. */
const GROUP_VARIABLE = 'group_replication_group_name'

/** Asks servers of their channels, and of what they pass on. */
export function readNodes(masters: readonly Master[]): Promise<readonly Node[]> {
  return Promise.all(
    masters.map(async (master) => {
      const [relaying, channels] = await Promise.all([
        master.withSession((session) => readRelaying(session, master.capabilities)),
        master.withSession((session) => readChannels(session, master.capabilities))
      ])
      return { name: master.name, serverId: master.info.serverId, ...relaying, channels }
    })
  )
}

async function readRelaying(
  session: Session,
  { relayVariable }: Capabilities
): Promise<Pick<Node, 'relays' | 'group'>> {
  const names = [relayVariable, GROUP_VARIABLE].map((name) => `'${name}'`).join(', ')
  const rows = await session.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const told = (name: string) => rows.find((row) => row.Variable_name === name)?.Value ?? ''
  return { relays: told(relayVariable) === 'ON', group: told(GROUP_VARIABLE) || null }
}
