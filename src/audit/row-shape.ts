import type { ResultColumn } from '../masters/row-stream.js'
import type { Key } from '../model/range.js'
import type { Column } from '../model/table.js'
import type { RowValues, SqlValue } from '../model/value.js'
import { isPlainAscii, isUtf8 } from '../sql/exact-literal.js'
import { display } from '../wire/display.js'
import { canonicalJson } from '../wire/json-value.js'
import { fixedLength, valuesOffset } from '../wire/protocol.js'
import { keyBytes, keyEnd, type RawRow, replaceValues, splitKey, splitRow } from '../wire/row.js'
import type { RowLayout } from '../wire/row-loop.js'
import type { AuditTable } from './table-plan.js'

/** How the rows of one result are laid out; knows how to cut them and how to print their values. */
export class RowShape {
  readonly types: readonly number[]
  readonly #table: AuditTable
  readonly #valuesAt: number
  readonly #keyLengths: readonly number[]
  readonly #wire: readonly ResultColumn[]
  /** Where in a row each column of the table is, in the order of the table. */
  readonly #reported: readonly { readonly column: Column; readonly at: number }[]
  readonly #noValues: Readonly<Record<string, SqlValue>>

  /** `columns` as the server describes them; a tag column after those of the table is left out. */
  constructor(table: AuditTable, columns: readonly ResultColumn[]) {
    this.#table = table
    this.#wire = table.columns.flatMap((column, at) =>
      columns[at] === undefined ? [] : [{ ...columns[at], ...printing(column) }]
    )
    this.types = this.#wire.map((column) => column.type)
    this.#valuesAt = valuesOffset(this.types.length)
    this.#keyLengths = this.types.slice(0, table.keyColumns.length).map(fixedLength)
    this.#reported = table.tableColumns.map((column) => ({ column, at: table.columns.indexOf(column) }))
    this.#noValues = Object.fromEntries(table.tableColumns.map((column) => [column.name, null]))
  }

  /** How many columns, at the beginning of the row, are its key. */
  get keyColumns(): number {
    return this.#table.keyColumns.length
  }

  split(packet: Buffer): RawRow {
    return splitRow(packet, this.types)
  }

  /** True when rows have to be brought into one form before their bytes can be compared. */
  get hasJson(): boolean {
    return this.#table.json.length > 0
  }

  /** The row packet in the form in which equal values are equal bytes; see `ColumnForm.json`. */
  normal(packet: Buffer): Buffer {
    if (!this.hasJson) return packet
    const row = this.split(packet)
    const replaced = this.#table.json.flatMap((at): [number, Buffer][] => {
      const text = row[at] == null ? null : canonicalJson(row[at].toString('utf8'))
      return text === null ? [] : [[at, Buffer.from(text)]]
    })
    return replaceValues(packet, this.types, new Map(replaced))
  }

  /** The bytes that name the row among the rows of its master; see {@link keyBytes}. */
  keyBytes(packet: Buffer, start: number): Buffer {
    return keyBytes(packet, start, this.types, this.keyColumns)
  }

  /** Where those bytes are: `[from, to)`. */
  keyAt(packet: Buffer, start: number): { readonly from: number; readonly to: number } {
    const from = start + this.#valuesAt
    return { from, to: keyEnd(packet, from, this.#keyLengths) }
  }

  /** The key in printed form, from its bytes. */
  key(bytes: Buffer): Key {
    return splitKey(bytes, this.types.slice(0, this.keyColumns)).map((value, at) =>
      this.#display(this.#table.keyColumns[at], at, value)
    )
  }

  /** The row in printed form, by column name in the order of the table. */
  values(row: RawRow): RowValues {
    // A copy has all its columns at once, in order, and as its own, whatever they are called.
    const values = { ...this.#noValues }
    for (const { column, at } of this.#reported) values[column.name] = this.#display(column, at, row[at] ?? null)
    return values
  }

  /** The row as values of which `exactLiteral` makes literals that store it again: bytes where text would be a guess. */
  exact(row: RawRow): RowValues {
    return Object.fromEntries(
      this.#reported.map(({ column, at }) => {
        const value = row[at] ?? null
        return [column.name, exactText(column, value) ?? this.#display(column, at, value)]
      })
    )
  }

  get layout(): RowLayout {
    const { types, keyColumns } = this
    return { types, unsigned: this.#wire.map((column) => column.unsigned), keyColumns, summed: this.#table.summed }
  }

  #display(column: Column | undefined, at: number, value: Buffer | null) {
    const wire = this.#wire[at]
    if (column === undefined || wire === undefined) throw new Error('the server returned fewer columns than asked for')
    return display(column, wire, value)
  }
}

/** Text whose bytes are not UTF-8 as bytes, unless they are plain ASCII; `null` for any other value. */
function exactText({ charset }: Column, bytes: Buffer | null): SqlValue {
  if (bytes === null || charset === null || isUtf8(charset)) return null
  const ascii = bytes.toString('latin1')
  return isPlainAscii(charset, ascii) ? ascii : { hex: bytes.toString('hex') }
}

/** How values of a column are printed follows from its definition, not from what each server says: equal bytes look equal. */
function printing({ columnType, dataType }: Column): Partial<ResultColumn> {
  const declared = Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 0)
  const zerofill = /zerofill/i.test(columnType)
  return {
    zerofill,
    ...(zerofill ? { displayLength: declared } : {}),
    ...(TIMES.has(dataType) ? { decimals: declared } : {})
  }
}

const TIMES = new Set(['time', 'datetime', 'timestamp'])
