import { resolve } from 'node:path'
import { resolveAuditConfig } from '../config/resolve.js'
import { DOCTOR_SETTINGS, given } from '../config/settings.js'
import { type DoctorRequest, doctor, unblockAll } from '../doctor/doctor.js'
import { countFindings, type Diagnosis } from '../model/doctor.js'
import { MmauditError } from '../model/errors.js'
import { AtomicFile } from '../report/atomic-file.js'
import { doctorJson } from '../report/doctor-json.js'
import { doctorLines } from '../report/doctor-terminal.js'
import { StreamOutput } from '../report/stream-output.js'
import type { TextOutput } from '../report/text-output.js'
import type { DoctorOptions } from './doctor.js'
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
import { repairFlags, repairWay } from './repair-flags.js'
import { newRunId } from './run-id.js'
import { type SignalWatch, watchSignals } from './signals.js'
import { UnblockConsole } from './unblock-console.js'
import { packageVersion } from './version.js'

/** A day: audits are made every night. */
const AUDIT_INTERVAL = 86_400

/** Looks at the masters as the command line says, and returns the exit status. Tells errors itself and never rejects for one. */
export async function runDoctor(tables: readonly string[], options: DoctorOptions, io: Io): Promise<ExitCode> {
  let log = createLog('text', io.stderr, io.env)
  const watch = watchSignals(
    io.signals,
    (signal) => log.info('interrupting', `${signal}: ending`),
    (signal) => io.exit(exitCodeOfSignal(signal))
  )
  try {
    log = createLog(resolveLogFormat({ logFormat: options.logFormat }, io.env), io.stderr, io.env)
    refuseWithoutUnblock(options)
    const presentation = presentationOf(options, io)
    const request = requestOf(tables, options, log, io)
    if (options.unblock === true) await unblockStopped(request, options, presentation, watch, io)
    return await examine(request, presentation, io, watch)
  } catch (error) {
    log.failure(watch.caught === null ? error : new MmauditError('interrupted', `interrupted by ${watch.caught}`))
    return watch.caught === null ? exitCodeOfError(error) : exitCodeOfSignal(watch.caught)
  } finally {
    watch.stop()
  }
}

/** What was said of unblocking although none was asked for would be lost silently. A policy also shapes the plan shown. */
function refuseWithoutUnblock({ unblock, yes, journal, allowTriggers, allowReadOnly }: DoctorOptions): void {
  const idle = Object.entries({
    '--yes': yes,
    '--journal': journal,
    '--allow-triggers': allowTriggers,
    '--allow-read-only': allowReadOnly
  }).find(([, value]) => value !== undefined)
  if (unblock === true || idle === undefined) return
  throw new MmauditError('usage', `${idle[0]} says how to unblock, and --unblock was not said`, {
    hint: 'doctor shows the plan for a stopped applier; --unblock carries it out'
  })
}

function requestOf(tables: readonly string[], options: DoctorOptions, log: Log, io: Io): DoctorRequest {
  const flags = { ...repairFlags(options), tables, masters: options.master, config: options.config }
  const { config, repair, warnings } = resolveAuditConfig({ flags, env: io.env, cwd: io.cwd, home: io.home })
  for (const warning of warnings) log.warning('configuration', warning)
  const auditInterval = given(DOCTOR_SETTINGS.auditInterval, options.auditInterval, io.env) ?? AUDIT_INTERVAL
  const limits = { auditInterval, confirmTimeout: config.confirmTimeout }
  return { runId: newRunId(), audit: config, repair, limits }
}

async function unblockStopped(
  request: DoctorRequest,
  options: DoctorOptions,
  presentation: Presentation,
  watch: SignalWatch,
  io: Io
): Promise<void> {
  const way = repairWay(options, io)
  const people = streamForPeople(presentation, io)
  const console = new UnblockConsole(io, people, {
    colour: wantsColour(presentation.colour, people, io.env),
    yes: way.yes,
    masters: request.audit.masters.map(({ name }) => name)
  })
  const journal = resolve(io.cwd, way.journal ?? `mmaudit-${request.runId}.journal`)
  const done = await unblockAll(request, { signal: watch.abort, journal, onPlan: (plan) => console.confirm(plan) })
  await console.tell(done)
}

async function examine(
  request: DoctorRequest,
  presentation: Presentation,
  io: Io,
  watch: SignalWatch
): Promise<ExitCode> {
  const json = await openJson(presentation, io)
  try {
    const diagnosis = await doctor(request, watch.abort)
    await json?.write(doctorJson(diagnosis, packageVersion()))
    await json?.commit()
    await show(diagnosis, presentation, io)
    return exitCodeOf(diagnosis)
  } catch (error) {
    await json?.discard()
    throw error
  }
}

function presentationOf({ json, quiet, color, logFormat }: DoctorOptions, io: Io): Presentation {
  const flags = { json, quiet: quiet === true ? 'true' : undefined, color: color ? undefined : 'false', logFormat }
  return resolvePresentation(flags, { ...io.env, MMAUDIT_CSV: undefined }, io.cwd)
}

async function openJson({ json }: Presentation, io: Io): Promise<TextOutput | null> {
  if (json === null) return null
  return json === '-' ? new StreamOutput(io.stdout, 'standard output') : AtomicFile.create(resolve(io.cwd, json), json)
}

async function show(diagnosis: Diagnosis, presentation: Presentation, io: Io): Promise<void> {
  const people = streamForPeople(presentation, io)
  const colour = wantsColour(presentation.colour, people, io.env)
  const lines = doctorLines(diagnosis, { colour, width: widthOf(people), quiet: presentation.quiet })
  const output = new StreamOutput(people, 'the terminal')
  if (lines.length > 0) await output.write(`${lines.join('\n')}\n`)
  await output.commit()
}

/** By severity: what could not be looked at may be as grave as anything. */
function exitCodeOf({ findings }: Diagnosis): ExitCode {
  const { danger, unknown, warning } = countFindings(findings)
  if (danger + unknown > 0) return EXIT.INCOMPLETE
  return warning > 0 ? EXIT.DIVERGENT : EXIT.CONSISTENT
}
