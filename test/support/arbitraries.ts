import fc from 'fast-check'
import { ColumnType } from '../../src/wire/protocol.js'
import { type Cell, int, NULL, text } from './row-packet.js'

/** A column of a result and what rows may hold in it. */
export interface ArbitraryColumn {
  readonly type: number
  readonly unsigned: boolean
  readonly cell: fc.Arbitrary<Cell>
}

const LENGTH_ENCODED = 0xfd

const INTEGERS: readonly (readonly [type: number, bits: number, bytes: 1 | 2 | 4 | 8])[] = [
  [ColumnType.tiny, 8, 1],
  [ColumnType.short, 16, 2],
  [ColumnType.int24, 24, 4],
  [ColumnType.long, 32, 4],
  [ColumnType.longlong, 64, 8]
]

/** TINYINT to BIGINT, signed and unsigned, over the whole range of each. */
export const integerColumn: fc.Arbitrary<ArbitraryColumn> = fc
  .tuple(fc.constantFrom(...INTEGERS), fc.boolean())
  .map(([[type, bits, bytes], unsigned]) => ({
    type,
    unsigned,
    cell: integers(bits, unsigned).map((value) => int(value, bytes))
  }))

/** DECIMAL of up to 65 digits, printed as the server does: all fraction digits, at least one digit before the point. */
export const decimalColumn: fc.Arbitrary<ArbitraryColumn> = fc
  .integer({ min: 1, max: 65 })
  .chain((digits) => fc.tuple(fc.constant(digits), fc.integer({ min: 0, max: Math.min(30, digits) })))
  .map(([digits, scale]) => ({
    type: ColumnType.newdecimal,
    unsigned: false,
    cell: fc
      .bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n })
      .map((value) => text(decimalText(value, scale)))
  }))

/** Text, sometimes just long enough for a longer length prefix. */
export const stringColumn: fc.Arbitrary<ArbitraryColumn> = fc.constant({
  type: LENGTH_ENCODED,
  unsigned: false,
  cell: fc.oneof(
    { weight: 8, arbitrary: fc.string().map((value) => text(value)) },
    { weight: 1, arbitrary: fc.integer({ min: 248, max: 260 }).map((length) => text('x'.repeat(length))) }
  )
})

/** A cell of the column or NULL. */
function orNull(cell: fc.Arbitrary<Cell>): fc.Arbitrary<Cell> {
  return fc.option(cell, { freq: 4, nil: NULL })
}

/** Columns and rows that fit them; any value may be NULL. */
export function table(
  column: fc.Arbitrary<ArbitraryColumn>,
  maxLength: number
): fc.Arbitrary<{ readonly columns: readonly ArbitraryColumn[]; readonly rows: readonly (readonly Cell[])[] }> {
  return fc.array(column, { minLength: 1, maxLength }).chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(fc.tuple(...columns.map((each) => orNull(each.cell))), { maxLength: 20 })
    })
  )
}

function integers(bits: number, unsigned: boolean): fc.Arbitrary<bigint> {
  const size = 2n ** BigInt(bits)
  const [min, max] = unsigned ? [0n, size - 1n] : [-size / 2n, size / 2n - 1n]
  return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n))
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = scale === 0 ? '' : `.${digits.slice(point)}`
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`
}
