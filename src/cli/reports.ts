import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { AtomicFile } from '../report/atomic-file.js'
import { CsvReport } from '../report/csv.js'
import { JsonReport } from '../report/json.js'
import type { ReportSink } from '../report/sink.js'
import { Spool } from '../report/spool.js'
import { StreamOutput } from '../report/stream-output.js'
import { SHOWN_ROWS, TerminalReport } from '../report/terminal.js'
import type { TextOutput } from '../report/text-output.js'
import { type Io, widthOf } from './io.js'
import { type Presentation, streamForPeople, wantsColour } from './presentation.js'
import { packageVersion } from './version.js'

/** Narrower than this a table cannot be laid out; better to let the terminal wrap. */
const NARROWEST = 40

/** The reports of a run, ready to be written to. */
export interface Reports {
  readonly sinks: readonly ReportSink[]
  /** Removes unfinished files, for a process that ends at once. */
  discardNow(): void
}

/** Opens all reports that were asked for, or none. */
export async function openReports(presentation: Presentation, io: Io): Promise<Reports> {
  const sinks: ReportSink[] = []
  const files: AtomicFile[] = []
  const open = async (path: string): Promise<{ output: TextOutput; folder: string }> => {
    if (path === '-') return { output: new StreamOutput(io.stdout, 'standard output'), folder: tmpdir() }
    const file = await AtomicFile.create(resolve(io.cwd, path), path)
    files.push(file)
    return { output: file, folder: file.folder ?? tmpdir() }
  }
  try {
    if (presentation.json !== null) {
      const { output, folder } = await open(presentation.json)
      sinks.push(new JsonReport(output, await Spool.create(folder), packageVersion()))
    }
    if (presentation.csv !== null) sinks.push(new CsvReport((await open(presentation.csv)).output))
  } catch (error) {
    await Promise.all([...sinks.map((sink) => sink.abort()), ...files.map((file) => file.discard())])
    throw error
  }
  sinks.push(terminalReport(presentation, io))
  return { sinks, discardNow: () => files.forEach((file) => void file.discardNow()) }
}

function terminalReport(presentation: Presentation, io: Io): TerminalReport {
  const stream = streamForPeople(presentation, io)
  const name = stream === io.stdout ? 'standard output' : 'standard error'
  return new TerminalReport(new StreamOutput(stream, name), {
    colour: wantsColour(presentation.colour, stream, io.env),
    width: Math.max(NARROWEST, widthOf(stream)),
    quiet: presentation.quiet,
    rows: SHOWN_ROWS,
    savedTo: [presentation.json, presentation.csv].filter((path) => path !== null && path !== '-') as string[]
  })
}
