import { readFile, stat } from 'node:fs/promises'
import type { Divergence } from '../model/divergence.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { NamedRows, SavedReport } from '../model/saved-report.js'
import { openByLine, refText } from './read-by-line.js'
import { readDivergence, readFrame } from './saved-schema.js'

/** Read whole, a report takes about ten times its size in memory. */
const MOST_WHOLE_MIB = 128
const MIB = 1_048_576

/**
 * Reads a JSON report, as mmaudit wrote it or laid out anew. One that mmaudit wrote may be of any size: it is gone
 * through line by line, now to check it and again whenever divergences are asked for, so it has to stay where it is.
 *
 * @param name what to call it in messages.
 * @throws {MmauditError} `usage` when it cannot be read, or is no report; says where.
 */
export async function readReport(path: string, name: string = path): Promise<SavedReport> {
  try {
    const { size } = await stat(path)
    const saved = await openByLine(path, name)
    if (saved !== null) return saved
    if (size > MOST_WHOLE_MIB * MIB) throw tooLarge(name)
    return readText(await readFile(path, 'utf8'), name)
  } catch (cause) {
    if (cause instanceof MmauditError) throw cause
    // A line that is no line.
    if (cause instanceof RangeError) throw tooLarge(name)
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new MmauditError(
      'usage',
      missing ? `there is no report ${name}` : `cannot read ${name}: ${messageOf(cause)}`,
      {
        ...(missing ? { hint: 'write one with mmaudit diff --json <file>' } : {}),
        cause
      }
    )
  }
}

/** Reads a JSON report that can be read only once, such as standard input. @throws {MmauditError} `usage`. */
export async function readReportFrom(stream: AsyncIterable<Buffer | string>, name: string): Promise<SavedReport> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece))
    size += piece.length
    if (size > MOST_WHOLE_MIB * MIB) throw tooLarge(name)
  }
  return readText(Buffer.concat(pieces).toString('utf8'), name)
}

function readText(text: string, name: string): SavedReport {
  const value = parse(text, name)
  const frame = readFrame(value, name)
  const rows = (value as { divergences?: unknown }).divergences
  if (!Array.isArray(rows)) throw new MmauditError('usage', `${name}: divergences must be a list`)
  const byTable = new Map<string, Divergence[]>()
  for (const [at, row] of rows.entries()) {
    const divergence = readDivergence(row, `${name}: divergences[${at}]`)
    const known = byTable.get(refText(divergence))
    if (known === undefined) byTable.set(refText(divergence), [divergence])
    else known.push(divergence)
  }
  return {
    name,
    ...frame,
    named: [...byTable.values()].flatMap(namedRows),
    async *divergences(ref) {
      yield* byTable.get(refText(ref)) ?? []
    }
  }
}

function namedRows(rows: readonly Divergence[]): readonly NamedRows[] {
  const [first] = rows
  return first === undefined ? [] : [{ ref: { database: first.database, table: first.table }, rows: rows.length }]
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const begun = text.trim()
    if (begun === '') throw new MmauditError('usage', `${name} is empty`, { cause })
    const problem = isCutOff(begun, messageOf(cause)) ? 'is cut off' : 'is not JSON'
    throw new MmauditError('usage', `${name} ${problem}: ${messageOf(cause)}`, {
      hint: 'it has to be a report as `mmaudit diff --json` writes it',
      cause
    })
  }
}

/** Whether an object was begun, and what is wrong with it stands at its very end. */
function isCutOff(text: string, message: string): boolean {
  const position = Number(/ position (\d+)/.exec(message)?.[1] ?? -1)
  return text.startsWith('{') && (!text.endsWith('}') || position >= text.length || /end of JSON/.test(message))
}

function tooLarge(name: string): MmauditError {
  return new MmauditError('usage', `${name} is too large to be read whole (more than ${MOST_WHOLE_MIB} MiB)`, {
    hint: 'name the file that mmaudit wrote, with one divergence a line as it is; that may have any size'
  })
}
