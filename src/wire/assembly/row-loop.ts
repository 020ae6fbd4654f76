// What is done for every row that is read: AssemblyScript, compiled to WebAssembly by `npm run assemble`; `row-loop.ts` in the
// folder above is the other side of it. It works on one piece of memory, without allocating anything:
//
//   0                 the state of whoever uses it at the moment: the fields below, a step for each column that is passed,
//                     then eight limbs for each sum
//   INPUT             whole row packets one behind the other, each with its header, or bytes to be hashed

import { beginHash, hash, hashed } from './xxh64'

export { hash }

/** Bytes of state at most. */
const STATE_BYTES: usize = 0x50000
/** Bytes of input at most: they are copied here and read at once, so they should still be near. There is a page to spare behind. */
const INPUT_BYTES: usize = 0x10000

// In front of them is the running hash; see `xxh64.ts`.
// What is told of the rows that were taken; their sums as well.
const ROWS: usize = 80
const BYTES: usize = 88
const CHECKSUM: usize = 96
/** Whether the next row is taken without asking if it begins a section: it does. */
const BEGUN: usize = 104
// How rows are laid out.
const VALUES_FROM: usize = 108
const KEY_COLUMNS: usize = 112
const PASSED_COLUMNS: usize = 116
const CUT_BELOW: usize = 120
const SUMS_FROM: usize = 124
const STEPS: usize = 128

/** Of each column: bytes of a value, 0 where its length stands before it; what is added up, see below; which sum. */
const STEP_BYTES: usize = 4
/** Bytes of a sum: limbs of 64 bits. */
const SUM_BYTES: usize = 64

const NOTHING: u32 = 0
const TINY: u32 = 1
const SHORT: u32 = 2
const LONG: u32 = 4
const LONGLONG: u32 = 8
const DECIMAL: u32 = 16
const UNSIGNED: u32 = 32

/** Length and sequence number in front of a packet. */
const HEADER_BYTES: usize = 4
/** 2^32 divided by the golden ratio: multiples of it spread evenly, also those of every second or third number. */
const SPREAD: u32 = 0x9e3779b1
/** Keys longer than twice this are known by both ends: hashing all of a long text for each row costs more than the row. */
const KEY_END_BYTES: usize = 32

/** A decimal is added up in limbs of nine digits; one of 18 digits at most is read in one go. */
const LIMB: i64 = 1_000_000_000
const SHORT_DIGITS: i32 = 18

const MINUS: u8 = 0x2d
const POINT: u8 = 0x2e
const ZERO: u8 = 0x30

/** Where whoever calls puts what is to be read. */
export function input(): usize {
  return STATE_BYTES
}

/** How much of it there may be. */
export function inputBytes(): usize {
  return INPUT_BYTES
}

/** Begins counting, adding up and hashing anew; how rows are laid out stays. */
export function begin(sums: usize): void {
  beginHash()
  store<u64>(ROWS, 0)
  store<u64>(BYTES, 0)
  memory.fill(load<u32>(SUMS_FROM), 0, sums * SUM_BYTES)
}

/**
 * Takes the rows in `[start, end)` of the memory up to the first that begins a section: returns where its header is, or `end`.
 * Having told of it, it goes on with that row when it is called again. Returns 0 if a row is shorter than its values.
 */
export function take(start: usize, end: usize): usize {
  let at = start
  let rows: u64 = 0
  let bytes: u64 = 0
  let isBegun = load<u32>(BEGUN) !== 0
  while (at < end) {
    const row = at + HEADER_BYTES
    if (!isBegun && beginsSection(row)) break
    isBegun = false
    const rowEnd = row + (load<u32>(at) & 0xffffff)
    if (addValues(row) > rowEnd) return 0
    rows++
    bytes += rowEnd - row
    at = rowEnd
  }
  store<u32>(BEGUN, at < end ? 1 : 0)
  store<u64>(ROWS, load<u64>(ROWS) + rows)
  store<u64>(BYTES, load<u64>(BYTES) + bytes)
  hash(start, at)
  return at
}

/** Whether a row begins a section, by its key alone. */
export function beginsSection(row: usize): bool {
  return keyNumber(row) * SPREAD < load<u32>(CUT_BELOW)
}

function keyNumber(row: usize): u32 {
  const from = row + load<u32>(VALUES_FROM)
  const columns: usize = load<u32>(KEY_COLUMNS)
  if (columns === 1) {
    const fixed = load<u8>(STEPS)
    if (fixed === 4) return load<u32>(from)
    if (fixed === 8) return load<u32>(from) ^ load<u32>(from + 4)
  }
  let to = from
  for (let step = STEPS; step < STEPS + columns * STEP_BYTES; step += STEP_BYTES) {
    const fixed: usize = load<u8>(step)
    to += fixed !== 0 ? fixed : prefixBytes(to) + prefixedLength(to)
  }
  if (to - from <= 2 * KEY_END_BYTES) return mixed(0, from, to)
  return mixed(mixed(0, from, from + KEY_END_BYTES), to - KEY_END_BYTES, to)
}

function mixed(before: u32, from: usize, to: usize): u32 {
  let number = before
  let at = from
  for (; at + 4 <= to; at += 4) number = (rotl<u32>(number, 5) ^ load<u32>(at)) * SPREAD
  for (; at < to; at++) number = (rotl<u32>(number, 5) ^ load<u8>(at)) * SPREAD
  return number
}

/** Counts a row of so many bytes, of which as many are there as are needed; returns where the last value that was passed ends. */
export function addRow(row: usize, bytes: u32): usize {
  store<u64>(ROWS, load<u64>(ROWS) + 1)
  store<u64>(BYTES, load<u64>(BYTES) + bytes)
  return addValues(row)
}

/** Adds the values of a row to the sums. */
function addValues(row: usize): usize {
  let at = row + load<u32>(VALUES_FROM)
  const sums: usize = load<u32>(SUMS_FROM)
  const columns: usize = load<u32>(PASSED_COLUMNS)
  for (let column: usize = 0; column < columns; column++) {
    // Two bits of the map are unused.
    const bit = column + 2
    if ((load<u8>(row + 1 + (bit >> 3)) & (1 << (<u32>bit & 7))) !== 0) continue
    const step: usize = load<u32>(STEPS + column * STEP_BYTES)
    const fixed = step & 0xff
    const kind: u32 = (<u32>step >> 8) & 0xff
    const sum = sums + (step >> 16) * SUM_BYTES
    if (fixed !== 0) {
      if (kind !== NOTHING) addInteger(kind, sum, at)
      at += fixed
    } else {
      const from = at + prefixBytes(at)
      at = from + prefixedLength(at)
      if (kind === DECIMAL) addDecimal(sum, from, at)
    }
  }
  return at
}

/** The upper half of a BIGINT has a limb of its own: in 64 bits, the sum of a few would not fit. */
function addInteger(kind: u32, sum: usize, at: usize): void {
  if ((kind & LONGLONG) !== 0) {
    addTo(sum, load<u32>(at))
    addTo(sum + 8, shortInteger(LONG | (kind & UNSIGNED), at + 4))
  } else addTo(sum, shortInteger(kind, at))
}

function shortInteger(kind: u32, at: usize): i64 {
  switch (kind) {
    case LONG:
      return load<i32>(at)
    case LONG | UNSIGNED:
      return load<u32>(at)
    case SHORT:
      return load<i16>(at)
    case SHORT | UNSIGNED:
      return load<u16>(at)
    case TINY:
      return load<i8>(at)
    default:
      return load<u8>(at)
  }
}

/** A DECIMAL arrives as text with exactly as many fraction digits as its column has; dropping the point scales it. */
function addDecimal(sum: usize, from: usize, to: usize): void {
  const isNegative = from < to && load<u8>(from) === MINUS
  const digits = isNegative ? from + 1 : from
  if (<i32>(to - digits) > SHORT_DIGITS) addLong(sum, digits, to, isNegative)
  else addShort(sum, digits, to, isNegative)
}

function addShort(sum: usize, from: usize, to: usize, isNegative: bool): void {
  let value: i64 = 0
  for (let at = from; at < to; at++) {
    const byte = load<u8>(at)
    if (byte !== POINT) value = value * 10 + (byte - ZERO)
  }
  const upper = value / LIMB
  const lower = value - upper * LIMB
  addTo(sum, isNegative ? -lower : lower)
  if (upper !== 0) addTo(sum + 8, isNegative ? -upper : upper)
}

/** From the last digit on, a limb at a time. */
function addLong(sum: usize, from: usize, to: usize, isNegative: bool): void {
  let limb = sum
  let value: i64 = 0
  let power: i64 = 1
  for (let at = to; at > from; at--) {
    const byte = load<u8>(at - 1)
    if (byte === POINT) continue
    value += power * (byte - ZERO)
    power *= 10
    if (power === LIMB) {
      addTo(limb, isNegative ? -value : value)
      limb += 8
      value = 0
      power = 1
    }
  }
  addTo(limb, isNegative ? -value : value)
}

function addTo(limb: usize, value: i64): void {
  store<i64>(limb, load<i64>(limb) + value)
}

/** Bytes of the length that stands before a value. */
function prefixBytes(at: usize): usize {
  const first = load<u8>(at)
  if (first === 0xfc) return 3
  if (first === 0xfd) return 4
  return first === 0xfe ? 9 : 1
}

/** That length. */
function prefixedLength(at: usize): usize {
  const first: usize = load<u8>(at)
  if (first < 0xfb) return first
  if (first === 0xfc) return load<u16>(at + 1)
  if (first === 0xfd) return load<u32>(at + 1) & 0xffffff
  return load<u32>(at + 1)
}

/** Puts the XXH64 of what was hashed beside the counts. */
export function settle(): void {
  store<u64>(CHECKSUM, hashed())
}
