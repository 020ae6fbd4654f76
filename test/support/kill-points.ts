import type { Fault } from './fault-point.js'

/** Transactions on a, b and c in turn: 250, 340 and 320 steps or so, at most 200 each. */
export const LAST_MASTER = 'c'
export const WRITE = '^(INSERT|UPDATE|DELETE)'
/** Text is written as it is, or as its bytes. */
const PARKING = `^UPDATE .* SET .*(mmaudit-parked-|${Buffer.from('mmaudit-parked-').toString('hex')}).* WHERE`

/** Nothing is committed yet. */
export const EARLY_FAULTS = {
  'before the journal is opened': { call: 'open', when: 'before' },
  'before anything is written': { call: 'open', when: 'after' },
  'with the first letters of the journal': { call: 'append', matching: '"journal":', when: 'after', part: 0.05 },
  'with half of the first line of the journal': { call: 'append', matching: '"journal":', when: 'after' },
  'before the first transaction': { call: 'run', matching: '^START', when: 'before' },
  'after the first transaction has begun': { call: 'run', matching: '^START', when: 'after', nth: 3 },
  'between the locks of two masters': { call: 'stream', matching: 'IN SHARE MODE$', when: 'after' },
  'before the first write': { call: 'run', matching: WRITE, when: 'before' },
  'while the first write is under way': { call: 'run', matching: WRITE, when: 'sent' },
  'after the first write': { call: 'run', matching: WRITE, when: 'after' },
  'after the second write': { call: 'run', matching: WRITE, when: 'after', nth: 2 }
} as const satisfies Readonly<Record<string, Fault>>

/** Some transactions are committed. */
export const LATE_FAULTS = {
  // The row has the far value now, and its own one is not yet free.
  'while a row is parked': { call: 'run', matching: PARKING, master: 'b', when: 'after' },
  'before the journal is written': { call: 'prepare', when: 'before', nth: 2 },
  'in the middle of the changes in the journal': { call: 'append', matching: '"prepared":2,', when: 'after' },
  'in the middle of a letter in the journal': {
    call: 'append',
    matching: '"prepared":3,',
    when: 'after',
    part: 0.50001
  },
  'before the journal is flushed': { call: 'datasync', when: 'before', nth: 2 },
  'after the journal is written, before COMMIT': { call: 'prepare', when: 'after', nth: 2 },
  'with COMMIT sent and not answered': { call: 'run', matching: '^COMMIT', when: 'sent', nth: 2 },
  'after COMMIT, before the journal knows': { call: 'run', matching: '^COMMIT', when: 'after', nth: 2 },
  'in the middle of the record of a COMMIT': { call: 'append', matching: '^{"committed":2,', when: 'after' },
  'after the record of a COMMIT': { call: 'committed', when: 'after', nth: 2 },
  'between two masters': { call: 'run', matching: '^START', master: LAST_MASTER, when: 'before', nth: 5 },
  'before the first COMMIT on the last master': {
    call: 'run',
    matching: '^COMMIT',
    master: LAST_MASTER,
    when: 'before'
  },
  'after the last COMMIT, before the journal knows': {
    ...{ call: 'run', matching: '^COMMIT', master: LAST_MASTER, when: 'after', nth: 2 }
  },
  'before the rows are read again': { call: 'left', when: 'after' },
  'while the rows are read again': { call: 'stream', proving: true, when: 'sent' },
  'before the journal is closed': { call: 'close', when: 'before' }
} as const satisfies Readonly<Record<string, Fault>>

export const UNDO_FAULTS = {
  'before the first write': { call: 'run', matching: WRITE, when: 'before' },
  'in the middle of the changes in the journal': { call: 'append', matching: '"prepared":', when: 'after', nth: 2 },
  'after the journal is written, before COMMIT': { call: 'prepare', when: 'after', nth: 2 },
  'with COMMIT sent and not answered': { call: 'run', matching: '^COMMIT', when: 'sent', nth: 2 },
  'after COMMIT, before the journal knows': { call: 'run', matching: '^COMMIT', when: 'after', nth: 2 },
  'between two masters': { call: 'run', matching: '^COMMIT', master: LAST_MASTER, when: 'before' }
} as const satisfies Readonly<Record<string, Fault>>

/** What is struck there is our own file: no server has a part in it. */
const JOURNAL_CALLS: readonly Fault['call'][] = ['open', 'append', 'datasync', 'committed', 'left', 'close']

/** The points to try, by name; those that are about the journal alone only where `withJournal`. */
export function killPoints(
  faults: Readonly<Record<string, Fault>>,
  withJournal: boolean
): readonly (readonly [string, Fault])[] {
  return Object.entries(faults).filter(([, { call }]) => withJournal || !JOURNAL_CALLS.includes(call))
}
