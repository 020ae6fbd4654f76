import { isDown } from '../masters/replication.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { FailoverAnswer, FailoverReason, Outlook, PendingTransactions } from '../model/failover.js'
import type { Subject } from './lacking.js'
import type { LackingFound } from './lacking-found.js'
import type { ForeseenRow } from './prospects.js'
import { counted, listed } from './words.js'

/** What stands in the way by the rows: those that will differ, and those at which an applier will stop. */
export function rowReasons(rows: readonly ForeseenRow[]): readonly FailoverReason[] {
  const both = rows.filter(({ bothSides, outlook }) => bothSides && isTroubled(outlook))
  const differing = rows.filter(({ outlook }) => outlook === 'differs')
  const stopping = rows.filter(({ outlook }) => outlook === 'stops')
  const stopped = [...new Set(stopping.flatMap(({ stoppedOn }) => stoppedOn))]
  return [
    ...reason('both-sides', both, `${counted(both.length, 'row')} written on both sides meanwhile`),
    ...reason(
      'differs',
      differing,
      `${counted(differing.length, 'row')} will differ, not being what the transactions that are still to be applied go by`
    ),
    ...reason(
      'stops',
      stopping,
      `the ${stopped.length === 1 ? 'applier' : 'appliers'} of ${listed(stopped)} would stop at ${counted(stopping.length, 'row')}`
    )
  ]
}

function reason(id: FailoverReason['id'], rows: readonly ForeseenRow[], text: string): readonly FailoverReason[] {
  if (rows.length === 0) return []
  const masters =
    id === 'stops' ? rows.flatMap((row) => row.stoppedOn) : rows.flatMap(({ row }) => [...row.lacked.keys()])
  return [{ id, masters: [...new Set(masters)], text }]
}

/** Whether a row will not come right by itself. */
export function isTroubled(outlook: Outlook): outlook is Exclude<Outlook, 'agrees' | 'arrives'> {
  return outlook !== 'agrees' && outlook !== 'arrives'
}

/** Appliers that have stopped with an error: whatever is to come does not get past that. */
export function stoppedAppliers(states: readonly TransactionState[]): readonly FailoverReason[] {
  return states.flatMap(({ master, channels }) =>
    channels
      .filter((channel) => isDown(channel) && !channel.applierRunning && channel.error !== null)
      .map(({ error }): FailoverReason => {
        return { id: 'applier-stopped', masters: [master], text: `the applier of ${master} has stopped: ${error}` }
      })
  )
}

/** What survivors have not applied yet; only after that can they be compared. */
export function notApplied(pending: readonly PendingTransactions[]): readonly FailoverReason[] {
  return pending.map(({ master, which, stopped }): FailoverReason => {
    const advice = stopped === null ? 'wait for the applier first' : `start the applier first: ${stopped}`
    return { id: 'not-applied', masters: [master], text: `${master} has received and not applied ${which}; ${advice}` }
  })
}

/** Survivors that lack transactions of the lost master. */
export function lackedBySurvivors({ which, read }: LackingFound, subject: Subject): readonly FailoverReason[] {
  return [...which.keys()].map((master): FailoverReason => {
    const count = read.counts.get(master) ?? 0
    const number = count === 0 ? 'transactions' : counted(count, 'transaction')
    return {
      id: 'lacked',
      masters: [master],
      text: `${master} lacks ${number} of ${subject.master} that another survivor has`
    }
  })
}

/** What could not be looked at is no "no"; but a "no" is one, whatever else could not be looked at. */
export function answerOf(reasons: readonly FailoverReason[]): FailoverAnswer {
  if (reasons.some(({ id }) => id !== 'could-not-look' && id !== 'not-applied')) return 'no'
  return reasons.length === 0 ? 'yes' : 'unknown'
}
