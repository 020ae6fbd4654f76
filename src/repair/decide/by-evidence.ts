import type { Evidence, RowEvent } from '../../model/evidence.js'
import type { Case } from './case.js'
import { absentAsOn, list, manual, type Verdict, versionOf } from './verdict.js'

/** What was written last, where the binlogs prove it by the order of the changes; of changes in no order, the later commit. */
export async function evidence(row: Case): Promise<Verdict> {
  return withProof(row, (found, last) => {
    const [only, ...others] = contenders(found, last)
    return others.length === 0 ? winnerOf(only, found.because) : latest(contenders(found, last), row)
  })
}

/** Whoever deleted one of two rows under a key did not delete the other. */
function contenders({ verdict }: Evidence, last: readonly RowEvent[]): readonly RowEvent[] {
  const living = last.filter(({ kind }) => kind !== 'delete')
  return verdict === 'double-insert' && living.length > 0 ? living : last
}

/** What was written last, where the binlogs prove it by the order of the changes alone. */
export async function origin(row: Case): Promise<Verdict> {
  return withProof(row, async (found, last) =>
    last.length === 1 ? winnerOf(last[0], found.because) : manual(`${found.because}; no order decides between them`)
  )
}

/** The version that was committed last, by the time at which it was first written. */
export async function newestCommit(row: Case): Promise<Verdict> {
  const { evidence: found } = row.divergence
  if (found === null) return manual(NOT_READ)
  const last = lastOf(found)
  if (found.verdict !== 'unknown' && last.length === 1) return winnerOf(last[0], found.because)
  const writers = row.versions.map(({ masters }) => ({ masters, event: writerOf(masters, found) }))
  const unknown = writers.filter(({ event }) => event === null).flatMap(({ masters }) => masters)
  if (unknown.length > 0)
    return manual(`when the row on ${list(unknown)} was written is not in the binlogs that were read`)
  return latest(
    writers.flatMap(({ event }) => event ?? []),
    row
  )
}

const NOT_READ = 'the binlogs were not read'

async function withProof(
  row: Case,
  decide: (found: Evidence, last: readonly RowEvent[]) => Verdict | Promise<Verdict>
): Promise<Verdict> {
  const { evidence: found } = row.divergence
  if (found === null) return manual(NOT_READ)
  if (found.verdict === 'unknown') return manual(`the binlogs prove nothing: ${found.because}`)
  return decide(found, lastOf(found))
}

/** One event for each of the last changes. */
function lastOf({ events }: Evidence): readonly RowEvent[] {
  const last = events.filter((event) => event.last)
  return last.filter((event, at) => last.findIndex((other) => isSameChange(event, other)) === at)
}

function isSameChange(left: RowEvent, right: RowEvent): boolean {
  return left.gtid === right.gtid && left.serverId === right.serverId && left.at === right.at
}

/** The change that made the row what these masters hold. */
function writerOf(masters: readonly string[], { events }: Evidence): RowEvent | null {
  return events.find(({ heldBy }) => heldBy.some((master) => masters.includes(master))) ?? null
}

function winnerOf(event: RowEvent | undefined, because: string): Verdict {
  const [holder] = event?.heldBy ?? []
  if (event === undefined || holder === undefined) return manual(`${because}; no master holds that any more`)
  return event.kind === 'delete' ? absentAsOn(holder, because) : versionOf(holder, because)
}

/** The change that was committed last; times are only compared where clocks agree. */
async function latest(events: readonly RowEvent[], row: Case): Promise<Verdict> {
  const { skew } = await row.clocks()
  if (skew !== null) return manual(`the times of the commits do not tell which was last: ${skew}`)
  const best = events.filter((event) => !events.some((other) => isLater(other.at, event.at)))
  const [winner, rival] = best
  if (rival !== undefined) return manual(`committed at the same time, ${list(best.map(({ at }) => at))}`)
  return winnerOf(winner, `committed last, at ${winner?.at}`)
}

/** Whether one time of a commit lies behind another. What one server logs to the second is compared to the second. */
function isLater(left: string, right: string): boolean {
  const exact = left.includes('.') && right.includes('.')
  return exact ? left > right : left.slice(0, SECONDS) > right.slice(0, SECONDS)
}

const SECONDS = '2026-01-01T00:00:00'.length
