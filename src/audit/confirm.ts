import type { CaughtUp, Obstacle } from '../masters/catch-up.js'
import type { Clock } from '../masters/clock.js'
import type { Key } from '../model/range.js'
import type { RowVersion } from './fetch.js'
import type { Suspect } from './scan.js'
import { allEqual, judge, settledMasters, type Verdict } from './verdict.js'

/** What confirming needs of the masters. */
export interface Confirmation extends Clock {
  /** Their names, in the order in which rows are told. */
  readonly masters: readonly string[]
  /** The rows of `keys` on each master: by master, then in the order of the keys. */
  fetch(keys: readonly Key[]): Promise<readonly (readonly (RowVersion | null)[])[]>
  /** Waits until every master has applied what the others have now. */
  catchUp(deadline: number): Promise<CaughtUp>
  /** Whether nothing was written on any master since a wait began. */
  stoodStill(marks: CaughtUp['marks']): Promise<boolean>
  /** Milliseconds that one batch of suspects may take to settle. */
  readonly patience: number
}

/** Before rows that moved are read again: at first shortly, then gently, for as long as they keep moving. */
const PAUSES_MS = [10, 20, 50, 100]
/** The shortest time for which a difference is watched while the masters are written to. */
const WATCH_MS = 50
/** When it is looked at meanwhile: without a beat, so that a row that changes at one is not always met at the same stroke. */
const WATCH_SHARES = [0.13, 0.25, 0.09, 0.21, 0.32]

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
  /** Suspects that kept changing, or whose difference may be on its way to a master that could not be waited for. */
  readonly unsettled: readonly Key[]
  /** What could not be waited for in the last round, if any row was left differing or unsettled. */
  readonly obstacles: readonly Obstacle[]
}

/**
 * Tells divergence from replication lag. After each reading, every master is given the time to apply what all the others
 * had then; see `verdict.ts` for what the next reading proves. A row that changed meanwhile is read again, until it
 * agrees, stands still, or time runs out. A difference that could not be waited for is left unsettled.
 *
 * Versions are told apart by content, so a row that was changed and changed back looks as if it stood still. If nothing
 * was written on any master, that is ruled out. Else the difference is watched for about as long as the masters took to
 * catch up: a row that is changed to and fro so fast that it is on its way again and again shows itself then.
 */
export async function confirm(suspects: readonly Suspect[], confirmation: Confirmation): Promise<Confirmed> {
  const deadline = confirmation.now() + confirmation.patience
  const differing: ConfirmedRow[] = []
  const same: ConfirmedRow[] = []
  const late: Key[] = []
  let open = suspects
  for (let round = 0; ; round++) {
    const caughtUp = await confirmation.catchUp(deadline)
    const settled = settledMasters(confirmation.masters, caughtUp.obstacles)
    const found = await readAndJudge(open, settled, confirmation)
    const watched = await watch(found.differs, caughtUp, settled, deadline, confirmation)
    differing.push(...watched.differs)
    same.push(...found.same, ...watched.same)
    late.push(...[...found.late, ...watched.late].map((row) => row.key))
    open = [...found.moving, ...watched.moving].map(asSuspect)
    if (open.length === 0 || confirmation.now() >= deadline) {
      const unsettled = [...late, ...open.map((suspect) => suspect.key)]
      const obstacles = differing.length + unsettled.length > 0 ? caughtUp.obstacles : []
      return { differing, converged: same.length, gone: goneKeys(same), unsettled, obstacles }
    }
    await confirmation.sleep(Math.min(PAUSES_MS[round] ?? LONGEST_PAUSE_MS, deadline - confirmation.now()))
  }
}

const LONGEST_PAUSE_MS = Math.max(...PAUSES_MS)

type Judged = Readonly<Record<Verdict, readonly ConfirmedRow[]>>

async function readAndJudge(
  suspects: readonly Suspect[],
  settled: readonly boolean[],
  confirmation: Confirmation
): Promise<Judged> {
  const rows = await readAll(suspects, confirmation)
  const verdicts = rows.map((row, at) => judge(hashes(row), suspects[at]?.seen ?? [], settled))
  const judged = (verdict: Verdict) => rows.filter((_, at) => verdicts[at] === verdict)
  return { same: judged('same'), differs: judged('differs'), moving: judged('moving'), late: judged('late') }
}

/** Reads rows that seem to differ again and again, and keeps those that stand still all the time. */
async function watch(
  rows: readonly ConfirmedRow[],
  { took, marks }: CaughtUp,
  settled: readonly boolean[],
  deadline: number,
  confirmation: Confirmation
): Promise<Judged> {
  let found: Judged = { same: [], differs: rows, moving: [], late: [] }
  if (rows.length === 0 || (await confirmation.stoodStill(marks))) return found
  const time = Math.max(WATCH_MS, Math.min(took, deadline - confirmation.now()))
  for (const share of WATCH_SHARES) {
    if (found.differs.length === 0) return found
    await confirmation.sleep(share * time)
    const again = await readAndJudge(found.differs.map(asSuspect), settled, confirmation)
    found = {
      differs: again.differs,
      same: [...found.same, ...again.same],
      moving: [...found.moving, ...again.moving],
      late: [...found.late, ...again.late]
    }
  }
  return found
}

/** A row of one reading that is to be confirmed by further ones. */
export function asSuspect(row: ConfirmedRow): Suspect {
  return { key: row.key, seen: hashes(row) }
}

/** One reading and no waiting: what differs now, lag included. */
export async function readOnce(suspects: readonly Suspect[], confirmation: Confirmation): Promise<Confirmed> {
  const rows = await readAll(suspects, confirmation)
  const same = rows.filter((row) => allEqual(hashes(row)))
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
