import type { Divergence } from '../model/divergence.js'
import { MmauditError } from '../model/errors.js'
import type { NamedRows, SavedReport } from '../model/saved-report.js'
import type { TableRef } from '../model/table.js'
import { type FilePart, type Line, linesOf } from './file-lines.js'
import { readDivergence, readFrame } from './saved-schema.js'

// The layout of `json.ts`.
const FIRST_LINES = [/^\{$/, /^"version":/]
const BEGIN_ROWS = '"divergences":['
const END_ROWS = '],'

/**
 * Opens a report in the layout in which mmaudit writes it, one divergence a line. Every line is checked, and only where
 * the rows of each table stand is kept.
 *
 * @returns `null` when it is laid out otherwise, or is no JSON.
 * @throws {MmauditError} `usage` when it is no report.
 */
export async function openByLine(path: string, name: string): Promise<SavedReport | null> {
  const survey = new Survey(name)
  for await (const line of linesOf(path)) if (!survey.take(line)) return null
  const frame = survey.frame()
  if (frame === null) return null
  const tables = survey.tables
  return {
    name,
    ...frame,
    named: [...tables.values()].map(({ ref, rows }) => ({ ref, rows })),
    divergences: (ref) => rowsOf(path, name, ref, tables.get(refText(ref)))
  }
}

/** The rows of a table lie in this part of the file, first to last; those of others may lie between. */
interface TablePart extends NamedRows, FilePart {}

async function* rowsOf(path: string, name: string, ref: TableRef, part: TablePart | undefined) {
  if (part === undefined) return
  for await (const { text } of linesOf(path, part)) {
    const value = parsed(text)
    if (value === undefined) throw new MmauditError('incomplete', `${name} was changed while it was read`)
    const divergence = readDivergence(value, name)
    if (refText(divergence) === refText(ref)) yield divergence
  }
}

class Survey {
  readonly tables = new Map<string, TablePart>()
  readonly #name: string
  /** All lines but those of the rows. */
  readonly #outer: string[] = []
  #at: 'head' | 'rows' | 'tail' = 'head'
  #hasMore = true

  constructor(name: string) {
    this.#name = name
  }

  /** Returns whether the line fits the layout. */
  take(line: Line): boolean {
    if (FIRST_LINES[line.number - 1]?.test(line.text) === false) return false
    if (this.#at === 'rows') return line.text === END_ROWS ? this.#endRows() : this.#takeRow(line)
    if (this.#at === 'head' && line.text === BEGIN_ROWS) this.#at = 'rows'
    else this.#outer.push(line.text)
    return true
  }

  /** Everything but the rows; `null` when the file ends too early, or is no JSON. */
  frame() {
    const value = this.#at === 'tail' ? parsed(this.#outer.join('\n')) : undefined
    return value === undefined ? null : readFrame(value, this.#name)
  }

  #takeRow(line: Line): boolean {
    const value = parsed(line.text)
    if (value === undefined || !this.#hasMore) return false
    this.#hasMore = line.text.endsWith(',')
    this.#add(readDivergence(value, `${this.#name}, line ${line.number}`), line)
    return true
  }

  #endRows(): boolean {
    this.#at = 'tail'
    return this.tables.size === 0 || !this.#hasMore
  }

  #add({ database, table }: Divergence, { start, end }: FilePart): void {
    const name = refText({ database, table })
    const known = this.tables.get(name)
    this.tables.set(name, { ref: { database, table }, rows: (known?.rows ?? 0) + 1, start: known?.start ?? start, end })
  }
}

/** Tells tables apart, whatever characters are in their names. */
export function refText({ database, table }: TableRef): string {
  return JSON.stringify([database, table])
}

/** `undefined` for what is no JSON; a comma may follow. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/,$/, ''))
  } catch {
    return undefined
  }
}
