import { resolve } from 'node:path'
import { resolveAuditConfig } from '../config/resolve.js'
import { MmauditError } from '../model/errors.js'
import { undo } from '../repair/undo.js'
import { createStyle } from '../report/style.js'
import { undoSection } from '../report/undo-section.js'
import type { DiffFlags } from './diff-flags.js'
import { EXIT, type ExitCode, exitCodeOfError, exitCodeOfSignal } from './exit-codes.js'
import { type Io, widthOf } from './io.js'
import { createLog, type Log } from './log.js'
import { resolveLogFormat, resolvePresentation, streamForPeople, wantsColour } from './presentation.js'
import { RepairConsole } from './repair-console.js'
import type { RepairWay } from './repair-flags.js'
import { newRunId } from './run-id.js'
import { type SignalWatch, watchSignals } from './signals.js'

/** Takes a repair back as the command line says, and returns the exit status. Tells errors itself and never rejects for one. */
export async function runUndo(journal: string, flags: DiffFlags, way: () => RepairWay, io: Io): Promise<ExitCode> {
  let log = createLog('text', io.stderr, io.env)
  const watch = watchSignals(
    io.signals,
    (signal) => log.info('interrupting', `${signal}: ending after the transaction under way`),
    (signal) => io.exit(exitCodeOfSignal(signal))
  )
  try {
    log = createLog(resolveLogFormat(flags, io.env), io.stderr, io.env)
    return await takeBack(journal, flags, way(), watch, log, io)
  } catch (error) {
    log.failure(error)
    return watch.caught === null ? exitCodeOfError(error) : exitCodeOfSignal(watch.caught)
  } finally {
    watch.stop()
  }
}

async function takeBack(
  journal: string,
  flags: DiffFlags,
  way: RepairWay,
  watch: SignalWatch,
  log: Log,
  io: Io
): Promise<ExitCode> {
  const presentation = resolvePresentation({ ...flags, json: undefined, csv: undefined }, {}, io.cwd)
  const { config, repair, warnings } = resolveAuditConfig({ flags, env: io.env, cwd: io.cwd, home: io.home })
  for (const warning of warnings) log.warning('configuration', warning)
  const people = streamForPeople(presentation, io)
  const colour = wantsColour(presentation.colour, people, io.env)
  const runId = newRunId()
  const console = new RepairConsole(io, people, colour, { way, runId, masters: config.masters })
  const request = { runId, audit: config, repair, journal: resolve(io.cwd, journal), dryRun: way.dryRun }
  const { summary, divergences } = await undo(request, { signal: watch.abort, onPlan: (plan) => console.confirm(plan) })
  const lines = undoSection(summary, divergences, createStyle(colour), widthOf(people))
  people.write(`${lines.join('\n')}\n`)
  if (watch.caught !== null) {
    log.failure(
      new MmauditError('interrupted', `interrupted by ${watch.caught}`, {
        hint: 'run the same command again to take back what is left'
      })
    )
    return exitCodeOfSignal(watch.caught)
  }
  const { stale, refused, failed } = summary.rows
  return summary.stopped === null && stale + refused + failed === 0 ? EXIT.CONSISTENT : EXIT.INCOMPLETE
}
