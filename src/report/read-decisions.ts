import { CsvError, parse } from 'csv-parse/sync'
import { MmauditError } from '../model/errors.js'
import type { Override } from '../model/repair.js'
import { type TableRef, tableName } from '../model/table.js'
import type { RowValues } from '../model/value.js'
import { keyCell } from './csv-cells.js'
import { undefuse } from './formula.js'

const NEEDED = ['database', 'table', 'key', 'winner'] as const
type Needed = (typeof NEEDED)[number]

/** Spreadsheets separate by what their user's language does not use in numbers. */
const DELIMITERS = [',', ';', '\t']

/** One decision, and where in the file it stands. */
interface DecisionLine {
  readonly line: number
  readonly row: string
  readonly winner: string
}

/** What a user wrote into the `winner` column of a CSV report. */
export class Decisions {
  readonly #lines: ReadonlyMap<string, DecisionLine>
  readonly #asked = new Set<string>()

  constructor(lines: readonly DecisionLine[]) {
    this.#lines = new Map(lines.map((line) => [line.row, line]))
  }

  /** Rows that were decided. */
  get size(): number {
    return this.#lines.size
  }

  /** What was decided of a row; `null` for nothing. */
  overrideOf(row: TableRef & { readonly key: RowValues }): Override | null {
    const id = rowId(row.database, row.table, keyCell(row.key))
    this.#asked.add(id)
    const winner = this.#lines.get(id)?.winner
    if (winner === undefined) return null
    return winner === 'delete' || winner === 'skip' ? winner : { winner }
  }

  /** Decisions that nobody has asked for, in words: their rows diverge no more, or a spreadsheet changed the key. */
  unmatched(): readonly string[] {
    return [...this.#lines.values()]
      .filter(({ row }) => !this.#asked.has(row))
      .map(({ line, row }) => `line ${line}: ${rowText(row)}`)
  }
}

/**
 * Reads an edited CSV report. Columns may be in any order, and there may be others.
 *
 * @param name of the file, for errors.
 * @param masters the names that the `winner` column may hold, besides `delete` and `skip`.
 * @throws {MmauditError} `usage`, with the line.
 */
export function readDecisions(text: string, name: string, masters: readonly string[]): Decisions {
  const [header, ...lines] = records(text, name)
  const places = findColumns(header?.record ?? [], name)
  const decisions = new Map<string, DecisionLine>()
  for (const { record, line } of lines) {
    const cell = (column: Needed) => undefuse(record[places[column]] ?? '')
    if (cell('winner').trim() === '') continue
    const winner = winnerOf(cell('winner').trim(), masters, `${name}:${line}`)
    const row = rowId(cell('database'), cell('table'), cell('key'))
    const before = decisions.get(row)
    if (before === undefined) decisions.set(row, { line, row, winner })
    else if (before.winner !== winner) throw twice(before, winner, `${name}:${line}`)
  }
  return new Decisions([...decisions.values()])
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly line: number
}

function records(text: string, name: string): readonly CsvRecord[] {
  try {
    const parsed = parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true
    }) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[]
    return parsed.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new MmauditError('usage', `${name} is no CSV: ${error.message}`, { hint: HINT, cause: error })
  }
}

function delimiterOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1)
  const columns = (delimiter: string) => header.replaceAll(/["\uFEFF]/g, '').split(delimiter)
  return DELIMITERS.find((delimiter) => columns(delimiter).includes('winner')) ?? ','
}

const HINT = 'hand back the file that --csv wrote, with names only changed in the column winner'

function findColumns(header: readonly string[], name: string): Readonly<Record<Needed, number>> {
  const names = header.map((cell) => cell.trim())
  const missing = NEEDED.filter((column) => !names.includes(column))
  if (missing.length > 0) {
    throw new MmauditError('usage', `${name} has no column ${missing.join(', ')}`, { hint: HINT })
  }
  return Object.fromEntries(NEEDED.map((column) => [column, names.indexOf(column)])) as Record<Needed, number>
}

function winnerOf(written: string, masters: readonly string[], place: string): string {
  if (masters.includes(written)) return written
  const word = written.toLowerCase()
  if (word === 'delete' || word === 'skip') return word
  throw new MmauditError('usage', `${place}: ${JSON.stringify(written)} cannot be a winner`, {
    hint: `write ${masters.join(', ')}, delete or skip, or leave the cell empty`
  })
}

function twice(before: DecisionLine, winner: string, place: string): MmauditError {
  return new MmauditError(
    'usage',
    `${place}: ${rowText(before.row)} was decided before, on line ${before.line}: ${before.winner}, and now ${winner}`,
    { hint: 'leave one of the two' }
  )
}

function rowId(database: string, table: string, key: string): string {
  return JSON.stringify([database, table, key])
}

function rowText(row: string): string {
  const [database = '', table = '', key = ''] = JSON.parse(row) as string[]
  return `${tableName({ database, table })} ${key}`
}
