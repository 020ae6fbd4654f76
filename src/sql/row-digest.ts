import type { Column } from '../model/table.js'

/**
 * The function that gives a text its second 32 bits; the first are its CRC32. Two CRCs of one polynomial over the same
 * bytes would say the same twice, so it is CRC32C where every master has it (MariaDB from 10.8), and else the CRC32 of
 * the bytes in reverse.
 */
export type SecondCrc = 'crc32c' | 'reversed'

/** A column as a master selects it. */
export interface DigestedColumn {
  readonly expression: string
  readonly column: Column
}

const SHORT_INTEGER = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'year'])

/** The largest prime below 2^43. What remains of a row is multiplied by a number below 2^21, so that 64 bits hold it. */
const PRIME = 2n ** 43n - 57n
const FACTOR_BITS = 20n
/** How far the bits of a key's cell that choose its factor lie above the lowest: there every bit of a small key counts. */
const FACTOR_SHIFT = 22n

/**
 * A number of 64 bits for a row, as SQL: never NULL, and the same for the same values on every master.
 *
 * Each value is one or two *words* of 32 bits: integers and dates as they are, everything else two CRCs of its bytes. A
 * word times a constant of its column is a *cell*. The cells of a row are combined by XOR; the remainder of that by a
 * prime, times a factor that the key chooses, is the number. XOR over the rows of a range is then not linear in them: what
 * a change does to the number of a row depends, by the carries of the multiplications and the remainder, on everything
 * else in the row, and by the factor on where the row is. See docs/decisions/0009-pushdown.md.
 *
 * @param columns the columns of the key first; those are never NULL.
 */
export function rowNumber(columns: readonly DigestedColumn[], keyColumns: number, second: SecondCrc): string {
  const constants = new Constants()
  const cells = columns.map((each) => wordsOf(each, second).map((word) => cellOf(word, constants)))
  const [key, others] = [cells.slice(0, keyColumns).flat(), cells.slice(keyColumns).flat()]
  const factor = factorOf(key)
  const whole = number(
    [...key, ...others].map(({ product }) => product),
    factor
  )
  if (others.length === 0) return whole
  // A row without NULL is done with the first; only the others pay for looking at each column.
  const either = others.map(({ product, absent }) => `COALESCE(${product}, ${absent})`)
  return `COALESCE(${whole}, ${number([...key.map(({ product }) => product), ...either], factor)})`
}

/** A word times the constant of its column, and what stands for it where the column is NULL. */
interface Cell {
  readonly product: string
  readonly absent: bigint
}

function cellOf(word: string, constants: Constants): Cell {
  return { product: `(${word} * ${constants.next() >> 32n})`, absent: constants.next() }
}

function factorOf(key: readonly Cell[]): string {
  const bits = `(${xor(key.map(({ product }) => product))} >> ${FACTOR_SHIFT})`
  return `((${bits} & ${2n ** FACTOR_BITS - 1n}) | ${2n ** FACTOR_BITS})`
}

function number(cells: readonly string[], factor: string): string {
  return `((${xor(cells)} % ${PRIME}) * ${factor})`
}

/** As a tree: a server's stack holds no chain of a thousand operators. */
function xor(cells: readonly string[]): string {
  if (cells.length <= 2) return `(${cells.join(' ^ ')})`
  const middle = Math.ceil(cells.length / 2)
  return `(${xor(cells.slice(0, middle))} ^ ${xor(cells.slice(middle))})`
}

/** What tells values of a column apart, as numbers of at most 32 bits; all are NULL where the value is. */
function wordsOf({ column, expression }: DigestedColumn, second: SecondCrc): readonly string[] {
  if (SHORT_INTEGER.has(column.dataType)) return [expression]
  switch (column.dataType) {
    case 'bigint':
      return [`(${expression} & 4294967295)`, `(${expression} >> 32)`]
    case 'date':
      return [`(${expression} + 0)`]
    case 'float':
    case 'double':
      // As it is, a FLOAT is written with too few digits.
      return crcs(`CAST(${expression} AS DOUBLE)`, second)
    default:
      return crcs(expression, second)
  }
}

/** Both are of the bytes that are stored, whatever their character set; REVERSE alone would turn characters round. */
function crcs(value: string, second: SecondCrc): readonly string[] {
  return [`CRC32(${value})`, second === 'crc32c' ? `CRC32C(${value})` : `CRC32(REVERSE(CAST(${value} AS BINARY)))`]
}

const MODULUS = 2n ** 64n

/**
 * Odd numbers of 63 bits, the same in every run: SplitMix64, https://prng.di.unimi.it/splitmix64.c. Their upper half has
 * 31 bits, so that its product with a word of 32 bits or a sign stays in range: servers refuse what does not fit.
 */
class Constants {
  #state = 0n

  next(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) % MODULUS
    let mixed = this.#state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) % MODULUS
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) % MODULUS
    mixed ^= mixed >> 31n
    // The highest bit makes the upper half long, and the lowest of each half makes it odd.
    return ((mixed >> 1n) | 0x4000_0001_0000_0001n) & 0x7fff_ffff_ffff_ffffn
  }
}
