import { reachesFile } from '../masters/position.js'
import type { Reception } from '../masters/reception.js'
import { serverOf, type TransactionState } from '../masters/transaction-state.js'
import type { PendingTransactions } from '../model/failover.js'
import { gtidsFrom } from '../model/gtid-set.js'
import type { Subject } from './lacking.js'
import { gtidsText } from './words.js'

/** What each master has received and not applied; of a lost master only what it wrote. */
export function pendingOf(states: readonly TransactionState[], subject: Subject): readonly PendingTransactions[] {
  return states.flatMap((state) => {
    const which = whichOf(state, subject)
    if (which === '') return []
    const stopped = state.channels.find(({ applierRunning }) => !applierRunning)
    return { master: state.master, which, stopped: stopped === undefined ? null : (stopped.error ?? 'it was stopped') }
  })
}

function whichOf({ vendor, pending, channels }: TransactionState, { kind, source }: Subject): string {
  const own = kind === 'lost' ? gtidsFrom(pending, (each) => serverOf(vendor, each) === source) : pending
  if (own.size > 0) return gtidsText(vendor, own)
  // A channel by file and position does not number what it receives.
  const behind = channels.filter((channel) => channel.receivedGtids === '' && isBehind(channel))
  return behind
    .map(({ applied, received }) => `${applied.file}:${applied.offset} to ${received.file}:${received.offset}`)
    .join(', ')
}

/** Whether an applier has not got as far as its receiver. */
export function isBehind({ applied, received, isIdle }: Reception): boolean {
  return !isIdle && received.file !== '' && applied.file !== '' && !reachesFile(applied, received)
}
