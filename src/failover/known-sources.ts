import type { Reception } from '../masters/reception.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { MasterInfo } from '../model/master.js'

/**
 * A server that was started and has not connected to its sources since does not know their server ids. Those that were asked
 * are known by their uuid, or by the address that the channel has.
 */
export function withKnownSources(
  states: readonly TransactionState[],
  infos: readonly MasterInfo[]
): readonly TransactionState[] {
  const idOf = ({ sourceUuid, sourceHost, sourcePort }: Reception): number =>
    states.find(({ source }) => source === sourceUuid)?.serverId ??
    infos.find(({ host, port }) => host === sourceHost && port === sourcePort)?.serverId ??
    0
  const known = (channel: Reception) =>
    channel.sourceServerId > 0 ? channel : { ...channel, sourceServerId: idOf(channel) }
  return states.map((state) => ({ ...state, channels: state.channels.map(known) }))
}
