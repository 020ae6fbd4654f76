import type { Obstacle } from '../masters/catch-up.js'
import type { Key } from '../model/range.js'
import type { RowVersion } from './fetch.js'
import type { Suspect } from './scan.js'

/** What confirming needs of the masters. */
export interface Confirmation {
  /** The rows of `keys` on each master: by master, then in the order of the keys. */
  fetch(keys: readonly Key[]): Promise<readonly (readonly (RowVersion | null)[])[]>
  /** Waits until every master has applied what the others have now; resolves with what could not be waited for. */
  catchUp(deadline: number): Promise<readonly Obstacle[]>
  /** Milliseconds that one batch of suspects may take to settle. */
  readonly patience: number
  now(): number
  sleep(milliseconds: number): Promise<void>
}

/** Between two readings of rows that keep changing: long enough to be gentle, short against the usual patience. */
const PAUSE_MS = 100

/** A key whose rows really differ: what each master holds, in the order of the masters. */
export interface ConfirmedRow {
  readonly key: Key
  readonly versions: readonly (RowVersion | null)[]
}

/** What became of a batch of suspects. */
export interface Confirmed {
  readonly differing: readonly ConfirmedRow[]
  /** Suspects that turned out equal: they had been on their way. */
  readonly converged: number
  /** Those of them that no master has any more, under this key. */
  readonly gone: readonly Key[]
  /** Suspects that kept changing, or that some master could not be waited for. */
  readonly unsettled: readonly Key[]
  /** What could not be waited for in the last round. */
  readonly obstacles: readonly Obstacle[]
}

/**
 * Tells divergence from replication lag. After each reading, every master is given the time to apply what all the others
 * had; a row that is then still different, and on no master other than it was at the reading before, differs for good.
 * A row that changed meanwhile is read again, until it agrees, stands still, or time runs out.
 */
export async function confirm(suspects: readonly Suspect[], confirmation: Confirmation): Promise<Confirmed> {
  const deadline = confirmation.now() + confirmation.patience
  const [differing, same]: [ConfirmedRow[], ConfirmedRow[]] = [[], []]
  let open = suspects
  for (;;) {
    const obstacles = await confirmation.catchUp(deadline)
    const caughtUp = obstacles.every((obstacle) => obstacle.kind !== 'timeout')
    const rows = await readAll(open, confirmation)
    const verdicts = rows.map((row, at) => judge(row, open[at]?.seen ?? [], caughtUp))
    const judged = (verdict: Verdict) => rows.filter((_, at) => verdicts[at] === verdict)
    differing.push(...judged('differs'))
    same.push(...judged('same'))
    open = judged('moving').map(asSuspect)
    if (open.length === 0 || confirmation.now() >= deadline) {
      const unsettled = open.map((suspect) => suspect.key)
      return { differing, converged: same.length, gone: goneKeys(same), unsettled, obstacles }
    }
    await confirmation.sleep(PAUSE_MS)
  }
}

type Verdict = 'same' | 'differs' | 'moving'

function judge(row: ConfirmedRow, before: readonly (bigint | null)[], caughtUp: boolean): Verdict {
  const seen = hashes(row)
  if (isEverywhereSame(seen)) return 'same'
  return caughtUp && sameHashes(seen, before) ? 'differs' : 'moving'
}

/** A row of one reading that is to be confirmed by further ones. */
export function asSuspect(row: ConfirmedRow): Suspect {
  return { key: row.key, seen: hashes(row) }
}

/** One reading and no waiting: what differs now, lag included. */
export async function readOnce(suspects: readonly Suspect[], confirmation: Confirmation): Promise<Confirmed> {
  const rows = await readAll(suspects, confirmation)
  const same = rows.filter((row) => isEverywhereSame(hashes(row)))
  const differing = rows.filter((row) => !same.includes(row))
  return { differing, converged: same.length, gone: goneKeys(same), unsettled: [], obstacles: [] }
}

function goneKeys(rows: readonly ConfirmedRow[]): readonly Key[] {
  return rows.filter((row) => row.versions.every((version) => version === null)).map((row) => row.key)
}

async function readAll(suspects: readonly Suspect[], confirmation: Confirmation): Promise<readonly ConfirmedRow[]> {
  const byMaster = await confirmation.fetch(suspects.map((suspect) => suspect.key))
  return suspects.map((suspect, at) => ({
    key: suspect.key,
    versions: byMaster.map((versions) => versions[at] ?? null)
  }))
}

function hashes(row: ConfirmedRow): readonly (bigint | null)[] {
  return row.versions.map((version) => version?.hash ?? null)
}

function isEverywhereSame(seen: readonly (bigint | null)[]): boolean {
  return seen.every((hash) => hash === seen[0])
}

function sameHashes(left: readonly (bigint | null)[], right: readonly (bigint | null)[]): boolean {
  return left.length === right.length && left.every((hash, at) => hash === right[at])
}
