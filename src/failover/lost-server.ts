import type { TransactionState } from '../masters/transaction-state.js'
import type { MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { FailoverReport } from '../model/failover.js'

/** What the user says of a lost server. */
export interface NamedServer {
  readonly serverId: number | null
  readonly uuid: string | null
}

/**
 * What stands for the lost server: in GTIDs of MySQL its uuid, else its server id. Unless the user says so, the
 * survivors' channels tell it: the one source that is none of them, or whose address is that of the lost master.
 *
 * @throws MmauditError `usage` when that is not enough.
 */
export function lostServer(
  states: readonly TransactionState[],
  lost: MasterConfig,
  named: NamedServer,
  by: FailoverReport['by']
): string {
  const usesUuids = by === 'gtid' && states[0]?.vendor === 'mysql'
  const said = usesUuids ? named.uuid?.toLowerCase() : named.serverId
  if (said != null) return String(said)
  const own = new Set(states.map(({ serverId }) => serverId))
  const channels = states.flatMap((state) => state.channels)
  const outside = channels.filter(({ sourceServerId }) => !own.has(sourceServerId))
  const byId = named.serverId === null ? outside : outside.filter((each) => each.sourceServerId === named.serverId)
  const atAddress = byId.filter((each) => each.sourceHost === lost.host && each.sourcePort === lost.port)
  const found = [atAddress, byId].map((some) =>
    distinct(some.map((each) => (usesUuids ? each.sourceUuid : idOf(each.sourceServerId))))
  )
  const sure = found.find(({ length }) => length === 1)?.[0]
  if (sure !== undefined) return sure
  throw new MmauditError('usage', whyUnknown(lost.name, distinct(byId.map((each) => String(each.sourceServerId)))), {
    hint: usesUuids
      ? `name it: --lost-uuid <uuid>; it stands in auto.cnf of ${lost.name}, and in gtid_executed of the others`
      : `name it: --lost-server-id <n>, the server_id of ${lost.name}`
  })
}

/** One that never connected since it was started does not know the id. */
function idOf(serverId: number): string | null {
  return serverId === 0 ? null : String(serverId)
}

function distinct(items: readonly (string | null)[]): readonly string[] {
  return [...new Set(items.filter((item) => item !== null))]
}

function whyUnknown(name: string, ids: readonly string[]): string {
  return ids.length === 0
    ? `which server ${name} was cannot be told: no survivor has a channel from a server that is not named`
    : `which server ${name} was cannot be told: the survivors have channels from several servers (${ids.join(', ')}) that are not named`
}
