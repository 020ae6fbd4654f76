import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelFacts, readChannelFacts } from '../../masters/channel-facts.js'
import type { Master } from '../../masters/master.js'
import { reachesFile } from '../../masters/position.js'
import type { StoppedTransaction } from '../../model/doctor.js'
import { MmauditError, messageOf } from '../../model/errors.js'
import type { LoggedTransaction } from './collect.js'
import type { StoppedApplier } from './find-stopped.js'

/** How often an applier is looked at that was started. */
const POLL_MS = 50

/** Reads the channel of a stopped applier as it is now. @throws MmauditError `incomplete` when it is gone. */
export async function channelNow({ channel }: StoppedApplier, master: Master): Promise<ChannelFacts> {
  const channels = await master.withSession((session) => readChannelFacts(session, master.capabilities))
  const found = channels.find(({ name }) => name === channel.name)
  if (found !== undefined) return found
  throw new MmauditError('incomplete', `${master.name} has no such channel any more`)
}

/** Whether an applier still stands where it stood, with the same error. */
export function standsStill({ channel: before }: StoppedApplier, now: ChannelFacts): boolean {
  return (
    !now.applierRunning &&
    now.applied.file === before.applied.file &&
    now.applied.offset === before.applied.offset &&
    now.applierError?.errno === before.applierError?.errno &&
    now.applierError?.gtid === before.applierError?.gtid
  )
}

/**
 * Steps over the transaction and starts the applier. When a statement fails, nothing stays behind that would make the next
 * start step over something.
 */
export async function stepOver(master: Master, { stepOver: statements }: StoppedTransaction): Promise<void> {
  const session = await master.openSession([])
  const done: string[] = []
  try {
    for (const { statement } of statements) {
      await session.run(statement)
      done.push(statement)
    }
  } catch (cause) {
    const counter = done.find((statement) => statement.endsWith('_skip_counter = 1'))
    if (counter !== undefined) await session.run(counter.replace(/1$/, '0'))
    const failed = statements[done.length]?.statement
    throw new MmauditError('incomplete', `on ${master.name}, ${failed}: ${messageOf(cause)}`, { cause })
  } finally {
    await session.close()
  }
}

/** Waits until the applier is behind the transaction; `null` then, or why it does not get there. */
export async function whyNotBehind(
  stopped: StoppedApplier,
  master: Master,
  { begin, end }: LoggedTransaction,
  deadline: number
): Promise<string | null> {
  for (;;) {
    const now = await channelNow(stopped, master)
    const isBehind = reachesFile(now.applied, { file: begin.file, offset: end })
    if (isBehind && now.applierRunning) return null
    if (!now.applierRunning && now.applierError !== null) {
      return `the applier has stopped again, with ${now.applierError.errno}: ${now.applierError.message}`
    }
    if (Date.now() >= deadline) return 'the applier has not got behind the transaction in the time allowed'
    await sleep(POLL_MS)
  }
}
