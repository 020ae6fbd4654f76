import type { CheckpointFile } from '../checkpoint/checkpoint-file.js'
import { type AuditFlags, resolveAuditConfig } from '../config/resolve.js'
import type { Checkpoint } from '../model/checkpoint.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { AuditEvent, Progress, WaitReason } from '../model/events.js'
import type { FailoverReport } from '../model/failover.js'
import type { RepairConfig, RepairSummary } from '../model/repair.js'
import type { Summary } from '../model/report.js'
import { FanOut } from '../report/fan-out.js'
import { RunSoFar } from '../report/run-so-far.js'
import { shellWord } from '../report/text.js'
import { createProgress } from './create-progress.js'
import { lookingBack } from './evidence-since.js'
import {
  type EndingSignal,
  EXIT,
  type ExitCode,
  exitCodeOfError,
  exitCodeOfFailover,
  exitCodeOfSignal,
  exitCodeOfSummary
} from './exit-codes.js'
import type { Io } from './io.js'
import { createLog, type Log } from './log.js'
import { type Presentation, type PresentationFlags, resolveLogFormat, resolvePresentation } from './presentation.js'
import type { ProgressView } from './progress.js'
import { openReports, type Reports } from './reports.js'
import { type SignalWatch, watchSignals } from './signals.js'
import { keepHeapSmall } from './small-heap.js'

/** The core, as the command needs it. */
export type Audit = (
  config: AuditConfig,
  hooks: {
    readonly signal: AbortSignal
    readonly onProgress: (progress: Progress) => void
    readonly onWaiting?: (reasons: readonly WaitReason[]) => void
    readonly onNote?: (note: string) => void
    readonly checkpoint?: Checkpoint
  }
) => AsyncIterable<AuditEvent>

/** What is known before anything is looked at. */
export interface Setting {
  readonly config: AuditConfig
  readonly repair: RepairConfig
  readonly presentation: Presentation
  readonly view: ProgressView
  readonly log: Log
  readonly io: Io
}

/** What finds divergences, and where it saves its progress. */
export interface Prepared {
  readonly audit: Audit
  readonly checkpoint?: CheckpointFile
}

/** Reads what the events are to come from, before a report is opened: what is wrong with it is told before anything is done. */
export type PrepareAudit = (setting: Setting) => Promise<Prepared>

/**
 * Runs whatever finds divergences as the command line says, reports, and returns the exit status. Tells errors itself and
 * never rejects for one.
 */
export async function runAudit(
  flags: AuditFlags & PresentationFlags,
  io: Io,
  prepare: PrepareAudit
): Promise<ExitCode> {
  let log = createLog('text', io.stderr, io.env)
  try {
    log = createLog(resolveLogFormat(flags, io.env), io.stderr, io.env)
    const presentation = resolvePresentation(flags, io.env, io.cwd)
    const resolved = resolveAuditConfig({ flags, env: io.env, cwd: io.cwd, home: io.home })
    for (const warning of resolved.warnings) log.warning('configuration', warning)
    const { repair } = resolved
    const config = await lookingBack(resolved.config, log)
    const view = createProgress(presentation, log, io)
    const { audit, checkpoint = null } = await prepare({ config, repair, presentation, view, log, io })
    try {
      const reports = await openReports(presentation, io)
      return await conduct({ config, audit, checkpoint, reports, view, log, io })
    } finally {
      await checkpoint?.keep()
    }
  } catch (error) {
    log.failure(error)
    return exitCodeOfError(error)
  }
}

interface Run {
  readonly config: AuditConfig
  readonly audit: Audit
  readonly checkpoint: CheckpointFile | null
  readonly reports: Reports
  readonly view: ProgressView
  readonly log: Log
  readonly io: Io
}

async function conduct(run: Run): Promise<ExitCode> {
  keepHeapSmall()
  const watch = watchSignals(
    run.io.signals,
    (signal) => {
      run.view.clear()
      run.log.info('interrupting', `${signal}: ending the audit; a second signal ends it at once`)
    },
    (signal) => endAtOnce(signal, run)
  )
  try {
    const failures: unknown[] = []
    const out = new FanOut(run.reports.sinks, (error) => {
      failures.push(error)
      run.view.clear()
      run.log.failure(error)
    })
    const { code, isEnd } = await follow(run, watch, out)
    await settle(run, isEnd && failures.length === 0)
    return failures.length > 0 && code < EXIT.INCOMPLETE ? EXIT.INCOMPLETE : code
  } finally {
    watch.stop()
  }
}

/** How a run ended: whether all was done that was asked for, so that there is nothing to go on with. */
interface Ending {
  readonly code: ExitCode
  readonly isEnd: boolean
}

/** Hands every event to the reports and the progress view, to the end or to where it breaks off. */
async function follow({ audit, config, checkpoint, view, log }: Run, watch: SignalWatch, out: FanOut): Promise<Ending> {
  const soFar = new RunSoFar()
  let repair: RepairSummary | null = null
  let failover: FailoverReport | null = null
  try {
    const onProgress = (progress: Progress) => view.progress(progress)
    const onWaiting = (reasons: readonly WaitReason[]) => view.waiting(reasons)
    const onNote = (note: string) => {
      view.clear()
      log.warning('note', note)
    }
    for await (const event of audit(config, { signal: watch.abort, onProgress, onWaiting, onNote })) {
      soFar.observe(event)
      view.observe(event)
      await report(event, out)
      if (event.type === 'repaired') repair = event.repair
      if (event.type === 'failover') failover = event.failover
      if (event.type === 'finished') return endOf(event.summary, { repair, failover }, watch, log)
    }
    throw new Error('the audit ended without a result')
  } catch (error) {
    view.clear()
    const ending = watch.caught === null ? error : interruption(watch.caught, soFar.header !== null, error)
    log.failure(ending)
    out.cutShort(checkpoint?.resumable ?? null)
    await reportPart(soFar, watch.caught === null ? messageOf(error) : `interrupted by ${watch.caught}`, out)
    return { code: watch.caught === null ? exitCodeOfError(error) : exitCodeOfSignal(watch.caught), isEnd: false }
  }
}

/** Progress is of use to a run that was cut short, and to one whose report was lost: then only that has to be written again. */
async function settle({ checkpoint, log }: Run, isEnd: boolean): Promise<void> {
  if (isEnd) return checkpoint?.done()
  tellSaved((await checkpoint?.keep()) ?? null, log)
}

function tellSaved(path: string | null, log: Log): void {
  if (path === null) return
  log.info('saved', `progress was saved; go on with: mmaudit diff … --resume ${path}`, { resume: path })
}

/** What was told beside the rows. */
interface Told {
  readonly repair: RepairSummary | null
  readonly failover: FailoverReport | null
}

/** A repair that a signal ended has still told what it did. */
function endOf(summary: Summary, { repair, failover }: Told, { caught }: SignalWatch, log: Log): Ending {
  if (caught === null || summary.complete) {
    return { code: failover === null ? exitCodeOfSummary(summary) : exitCodeOfFailover(failover, summary), isEnd: true }
  }
  log.failure(interruptedRepair(caught, repair))
  return { code: exitCodeOfSignal(caught), isEnd: false }
}

function interruptedRepair(signal: EndingSignal, repair: RepairSummary | null): MmauditError {
  const begin = `interrupted by ${signal}`
  const isWritten = Object.values(repair?.changes ?? {}).some((changes) => changes > 0)
  if (!isWritten || repair?.journal == null) {
    return new MmauditError('interrupted', `${begin}; nothing was changed on any master`)
  }
  const journal = shellWord(repair.journal)
  return new MmauditError('interrupted', `${begin}; what was changed until then stands in the journal`, {
    hint: `finish it: the same command with --journal ${journal}; or take it back: mmaudit undo ${journal}`
  })
}

async function report(event: AuditEvent, out: FanOut): Promise<void> {
  switch (event.type) {
    case 'started':
      return out.open(event.header)
    case 'table-started':
    case 'unlisted':
    case 'broken-off':
      return
    case 'divergences':
      return out.divergences(event.found.map(({ divergence }) => divergence))
    case 'table-finished':
      return out.table(event.result)
    case 'repaired':
      return out.repaired(event.repair)
    case 'failover':
      return out.failover(event.failover)
    case 'finished':
      return out.close(event.finishedAt, event.summary, event.costs)
  }
}

/** What was found before the end is worth having, marked as incomplete; before the start there is nothing to report. */
async function reportPart(soFar: RunSoFar, reason: string, out: FanOut): Promise<void> {
  if (soFar.header === null) return out.abort()
  const unfinished = soFar.fail(reason)
  if (unfinished !== null) await out.table(unfinished)
  await out.close(new Date(), soFar.partialSummary(), soFar.costs)
}

function interruption(signal: EndingSignal, started: boolean, cause: unknown): MmauditError {
  const result = started ? 'the report is partial' : 'there is no report, for nothing was compared yet'
  return new MmauditError('interrupted', `interrupted by ${signal}; nothing was changed on any master, and ${result}`, {
    cause
  })
}

function endAtOnce(signal: EndingSignal, { reports, checkpoint, log, io }: Run): void {
  reports.discardNow()
  tellSaved(checkpoint?.keepNow() ?? null, log)
  io.exit(exitCodeOfSignal(signal))
}
