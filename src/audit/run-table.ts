import type { EarlierTable } from '../model/checkpoint.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { type AuditEvent, FOUND_AT_ONCE, foundEvents, type Progress } from '../model/events.js'
import { gathered } from '../model/portions.js'
import type { TableResult } from '../model/report.js'
import { reasonBehind, refuseAltered } from './altered.js'
import { liveMasters } from './connect-masters.js'
import type { TableContext } from './context.js'
import { hiddenColumns } from './hidden-columns.js'
import type { Run, TableTask } from './run.js'
import type { AuditTable } from './table-plan.js'
import { shapeOf } from './table-shape.js'
import { TableTally } from './table-tally.js'

/** How far the audit of one table is. */
export type TableProgress = Omit<Progress, 'tables' | 'tablesDone'>

type Begun = Extract<EarlierTable, { kind: 'begun' }>

/**
 * Compares a table on every master that answers; with one silent, the others are compared and the table counts as failed.
 * What an earlier run found of it is told again, and not compared again.
 */
export async function* runTable(
  task: TableTask,
  table: AuditTable,
  run: Run,
  onProgress: (progress: TableProgress) => void
): AsyncGenerator<AuditEvent, TableResult> {
  const earlier = run.checkpoint.earlier(table.ref, shapeOf(table))
  if (earlier?.kind === 'finished') {
    yield* toldAgain(earlier)
    return earlier.result
  }
  const result = yield* compareTable(task, table, run, earlier, onProgress)
  await run.checkpoint.finished(result)
  return result
}

async function* compareTable(
  task: TableTask,
  table: AuditTable,
  run: Run,
  earlier: Begun | null,
  onProgress: (progress: TableProgress) => void
): AsyncGenerator<AuditEvent, TableResult> {
  // Asked at the same time as for a sign of life: over a slow link, each question costs more than its answer.
  const hidden = new Map(run.masters.map((master) => [master, hiddenColumns(master, table)]))
  const { live, failures } = await liveMasters(run.masters)
  run.hooks.signal?.throwIfAborted()
  const names = live.map((master) => master.name)
  // Counts of other masters say nothing of these.
  const begun = earlier !== null && earlier.tally.masters.join() === names.join() ? earlier : null
  const counted = () => (begun === null ? new TableTally(table, names) : TableTally.from(table, begun.tally))
  const tally = counted()
  await run.checkpoint.table(table.ref, shapeOf(table), begun !== null)
  if (begun !== null) yield* toldAgain(begun)
  if (live.length < 2) return tally.cutShort([...task.troubles, ...failures].join('; '))
  const silent = failures.length === 0 ? [] : [`not compared on every master: ${failures.join('; ')}`]
  const troubles = [...task.troubles, ...silent]
  const context = { ...run, masters: live, table, signal: run.hooks.signal }
  const visible = refuseHidden(live.map((master) => hidden.get(master)))
  try {
    yield* compareRows(task, context, run, tally, begun, onProgress, visible)
    // One chunk is one statement, and sees one definition.
    if (tally.chunks > 1) await refuseAltered(context)
  } catch (error) {
    run.hooks.signal?.throwIfAborted()
    if (error instanceof MmauditError && error.code === 'interrupted') throw error
    // What was read before it was known that something is hidden counts for nothing.
    const told = await visible.then(
      () => tally,
      () => counted()
    )
    return told.cutShort([...troubles, withHint(await reasonBehind(error, context))].join('; '))
  }
  return tally.result(troubles.length === 0 ? null : troubles.join('; '))
}

/** Rejects with the first in the order of the masters. */
async function refuseHidden(answers: readonly (Promise<MmauditError | null> | undefined)[]): Promise<void> {
  for (const answer of answers) {
    const error = (await answer) ?? null
    if (error !== null) throw error
  }
}

/** Begins with a work at once, and hands over nothing of it before `known` resolves; rejects as that does. */
async function* onceKnown<Item>(known: Promise<unknown>, work: AsyncIterable<Item>): AsyncGenerator<Item, void> {
  const items = work[Symbol.asyncIterator]()
  try {
    const first = items.next()
    first.catch(() => {})
    await known
    for (let next = await first; !next.done; next = await items.next()) yield next.value
  } finally {
    await items.return?.()
  }
}

/** Whatever is found is written down before it is told; `visible` rejects if not every column could be looked at. */
async function* compareRows(
  task: TableTask,
  context: TableContext,
  run: Run,
  tally: TableTally,
  begun: Begun | null,
  onProgress: (progress: TableProgress) => void,
  visible: Promise<unknown>
): AsyncGenerator<AuditEvent, void> {
  const { ref, estimatedRows } = context.table
  const report = () =>
    onProgress({ ref, rows: tally.rowsRead, estimatedRows, chunks: tally.chunks, mismatched: tally.mismatched })
  for await (const step of onceKnown(visible, task.compare(context, tally, report, begun?.upTo ?? null))) {
    if ('reached' in step) {
      await run.checkpoint.reached(step.reached, tally.snapshot())
      continue
    }
    // Those that are only counted need not be found again.
    await run.checkpoint.divergences(step.found.slice(0, run.limit.room).map(({ divergence }) => divergence))
    yield { type: 'divergences', found: step.found }
  }
}

async function* toldAgain(earlier: EarlierTable): AsyncGenerator<AuditEvent, void> {
  for await (const rows of gathered(earlier.divergences(), FOUND_AT_ONCE)) yield* foundEvents(rows)
}

function withHint(error: unknown): string {
  return error instanceof MmauditError && error.hint !== null ? `${error.message} (${error.hint})` : messageOf(error)
}
