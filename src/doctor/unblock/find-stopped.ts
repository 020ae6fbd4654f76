import type { ChannelFacts } from '../../masters/channel-facts.js'
import type { MasterFacts } from '../facts.js'
import { seen } from '../facts.js'

/** The row that was to be inserted is there already; the row that was to be changed is not. */
const ROW_ERRORS: ReadonlySet<number> = new Set([1062, 1032])

/** An applier that has stopped at a row. */
export interface StoppedApplier {
  readonly facts: MasterFacts
  readonly channel: ChannelFacts
  /** The master that it applies writes of; `null` when that is none of the masters named. */
  readonly source: MasterFacts | null
}

/** Whether an applier has stopped because a row does not fit. */
export function stoppedAtRow({ applierRunning, applierError }: ChannelFacts): boolean {
  return !applierRunning && applierError !== null && ROW_ERRORS.has(applierError.errno)
}

/** The appliers that have stopped because a row does not fit. */
export function findStopped(masters: readonly MasterFacts[]): readonly StoppedApplier[] {
  return masters.flatMap((facts) =>
    (seen(facts.parts.channels) ?? []).filter(stoppedAtRow).map((channel) => ({
      facts,
      channel,
      source: masters.find(({ info }) => info.serverId === channel.sourceServerId) ?? null
    }))
  )
}
