import { resolve } from 'node:path'
import { resolveAuditConfig } from '../config/resolve.js'
import { estimate } from '../estimate/estimate.js'
import { MmauditError } from '../model/errors.js'
import type { Estimate } from '../model/estimate.js'
import { AtomicFile } from '../report/atomic-file.js'
import { estimateJson } from '../report/estimate-json.js'
import { estimateLines } from '../report/estimate-text.js'
import { StreamOutput } from '../report/stream-output.js'
import { createStyle } from '../report/style.js'
import type { TextOutput } from '../report/text-output.js'
import { createProgress } from './create-progress.js'
import { type DiffFlags, type DiffOptions, diffFlags } from './diff-flags.js'
import { EXIT, type ExitCode, exitCodeOfError, exitCodeOfSignal } from './exit-codes.js'
import { type Io, widthOf } from './io.js'
import { createLog, type Log } from './log.js'
import {
  type Presentation,
  resolveLogFormat,
  resolvePresentation,
  streamForPeople,
  wantsColour
} from './presentation.js'
import { refuseWithoutRepair } from './repair-flags.js'
import { type SignalWatch, watchSignals } from './signals.js'
import { packageVersion } from './version.js'

/** What an estimate has no use for, and would silently lose. */
const IDLE = { repair: '--repair', csv: '--csv', resume: '--resume' } as const

function refuseBesideEstimate(options: DiffOptions): void {
  const idle = (['repair', 'csv', 'resume'] as const).find((name) => options[name] !== undefined)
  if (idle !== undefined) {
    throw new MmauditError('usage', `${IDLE[idle]} is about what differs, and --estimate compares nothing`, {
      hint: 'leave one of them out'
    })
  }
  refuseWithoutRepair(options)
}

/** Says what an audit would take, and returns the exit status. Tells errors itself and never rejects for one. */
export async function runEstimate(tables: readonly string[], options: DiffOptions, io: Io): Promise<ExitCode> {
  const flags = diffFlags(tables, options)
  let log = createLog('text', io.stderr, io.env)
  const watch = watchSignals(
    io.signals,
    (signal) => log.info('interrupting', `${signal}: ending the estimate`),
    (signal) => io.exit(exitCodeOfSignal(signal))
  )
  try {
    log = createLog(resolveLogFormat(flags, io.env), io.stderr, io.env)
    refuseBesideEstimate(options)
    return await conduct(flags, watch, log, io)
  } catch (error) {
    log.failure(error)
    return watch.caught === null ? exitCodeOfError(error) : exitCodeOfSignal(watch.caught)
  } finally {
    watch.stop()
  }
}

async function conduct(flags: DiffFlags, watch: SignalWatch, log: Log, io: Io): Promise<ExitCode> {
  // A variable that names the CSV report of audits is not meant for this.
  const presentation = { ...resolvePresentation(flags, io.env, io.cwd), csv: null }
  const { config, warnings } = resolveAuditConfig({ flags, env: io.env, cwd: io.cwd, home: io.home })
  for (const warning of warnings) log.warning('configuration', warning)
  const view = createProgress(presentation, log, io)
  const json = presentation.json === null ? null : await openJson(presentation.json, io)
  try {
    const result = await estimate(config, {
      signal: watch.abort,
      onWaiting: (reasons) => view.waiting(reasons),
      onNote: (note) => log.warning('note', note)
    })
    view.clear()
    await json?.write(estimateJson(result, packageVersion()))
    await json?.commit()
    tell(result, presentation, io)
    return result.failed.length === 0 ? EXIT.CONSISTENT : EXIT.INCOMPLETE
  } catch (error) {
    view.clear()
    await json?.discard()
    throw error
  }
}

function openJson(path: string, io: Io): Promise<TextOutput> | TextOutput {
  return path === '-' ? new StreamOutput(io.stdout, 'standard output') : AtomicFile.create(resolve(io.cwd, path), path)
}

function tell(result: Estimate, presentation: Presentation, io: Io): void {
  if (presentation.quiet) return
  const people = streamForPeople(presentation, io)
  const style = createStyle(wantsColour(presentation.colour, people, io.env))
  people.write(`${estimateLines(result, style, widthOf(people)).join('\n')}\n`)
}
