// What is done for every row that is read: AssemblyScript, compiled to WebAssembly by `npm run assemble`; `row-loop.ts` in the
// folder above is the other side of it. It works on one piece of memory, without allocating anything:
//
//   0                 the state of whoever uses it at the moment: the fields below, a step for each column that is passed,
//                     then eight limbs for each sum
//   INPUT             whole row packets one behind the other, each with its header, or bytes to be hashed

/** Bytes of state at most. */
const STATE_BYTES: usize = 0x50000
/** Bytes of input at most: they are copied here and read at once, so they should still be near. There is a page to spare behind. */
const INPUT_BYTES: usize = 0x10000

// The running XXH64: four accumulators, how many bytes they have seen, and the rest that does not fill a stripe.
const ACCUMULATORS: usize = 0
const HASHED: usize = 32
const HELD: usize = 40
const HELD_BYTES: usize = 72
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

// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
const PRIME_1: u64 = 0x9e3779b185ebca87
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f
const PRIME_3: u64 = 0x165667b19e3779f9
const PRIME_4: u64 = 0x85ebca77c2b2ae63
const PRIME_5: u64 = 0x27d4eb2f165667c5
const STRIPE_BYTES: usize = 32

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
  store<u64>(ACCUMULATORS, PRIME_1 + PRIME_2)
  store<u64>(ACCUMULATORS + 8, PRIME_2)
  store<u64>(ACCUMULATORS + 16, 0)
  store<u64>(ACCUMULATORS + 24, 0 - PRIME_1)
  store<u64>(HASHED, 0)
  store<u64>(HELD_BYTES, 0)
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
  switch (kind) {
    case LONG:
      addTo(sum, load<i32>(at))
      return
    case LONG | UNSIGNED:
      addTo(sum, load<u32>(at))
      return
    case LONGLONG:
      addTo(sum, load<u32>(at))
      addTo(sum + 8, load<i32>(at + 4))
      return
    case LONGLONG | UNSIGNED:
      addTo(sum, load<u32>(at))
      addTo(sum + 8, load<u32>(at + 4))
      return
    case SHORT:
      addTo(sum, load<i16>(at))
      return
    case SHORT | UNSIGNED:
      addTo(sum, load<u16>(at))
      return
    case TINY:
      addTo(sum, load<i8>(at))
      return
    default:
      addTo(sum, load<u8>(at))
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

/** Hashes the bytes in `[start, end)` of the memory behind those that were hashed before. */
export function hash(start: usize, end: usize): void {
  store<u64>(HASHED, load<u64>(HASHED) + (end - start))
  let at = start
  let held: usize = load<u32>(HELD_BYTES)
  if (held !== 0) {
    const taken = min<usize>(STRIPE_BYTES - held, end - at)
    memory.copy(HELD + held, at, taken)
    at += taken
    held += taken
    if (held === STRIPE_BYTES) {
      stripes(HELD, HELD + STRIPE_BYTES)
      held = 0
    }
  }
  if (at < end) {
    at = stripes(at, end)
    held = end - at
    memory.copy(HELD, at, held)
  }
  store<u32>(HELD_BYTES, held)
}

/** Takes whole stripes; returns where the rest begins. */
function stripes(start: usize, end: usize): usize {
  let at = start
  let first = load<u64>(ACCUMULATORS)
  let second = load<u64>(ACCUMULATORS + 8)
  let third = load<u64>(ACCUMULATORS + 16)
  let fourth = load<u64>(ACCUMULATORS + 24)
  for (; at + STRIPE_BYTES <= end; at += STRIPE_BYTES) {
    first = round(first, load<u64>(at))
    second = round(second, load<u64>(at + 8))
    third = round(third, load<u64>(at + 16))
    fourth = round(fourth, load<u64>(at + 24))
  }
  store<u64>(ACCUMULATORS, first)
  store<u64>(ACCUMULATORS + 8, second)
  store<u64>(ACCUMULATORS + 16, third)
  store<u64>(ACCUMULATORS + 24, fourth)
  return at
}

/** Puts the XXH64 of what was hashed beside the counts. */
export function settle(): void {
  store<u64>(CHECKSUM, hashed())
}

function hashed(): u64 {
  const total = load<u64>(HASHED)
  let value = total < STRIPE_BYTES ? PRIME_5 : converged()
  value += total
  let at = HELD
  const end = HELD + load<u32>(HELD_BYTES)
  for (; at + 8 <= end; at += 8) value = rotl<u64>(value ^ round(0, load<u64>(at)), 27) * PRIME_1 + PRIME_4
  if (at + 4 <= end) {
    value = rotl<u64>(value ^ (<u64>load<u32>(at) * PRIME_1), 23) * PRIME_2 + PRIME_3
    at += 4
  }
  for (; at < end; at++) value = rotl<u64>(value ^ (<u64>load<u8>(at) * PRIME_5), 11) * PRIME_1
  value = (value ^ (value >> 33)) * PRIME_2
  value = (value ^ (value >> 29)) * PRIME_3
  return value ^ (value >> 32)
}

function converged(): u64 {
  const first = load<u64>(ACCUMULATORS)
  const second = load<u64>(ACCUMULATORS + 8)
  const third = load<u64>(ACCUMULATORS + 16)
  const fourth = load<u64>(ACCUMULATORS + 24)
  let value = rotl<u64>(first, 1) + rotl<u64>(second, 7) + rotl<u64>(third, 12) + rotl<u64>(fourth, 18)
  value = merged(value, first)
  value = merged(value, second)
  value = merged(value, third)
  return merged(value, fourth)
}

function round(accumulator: u64, lane: u64): u64 {
  return rotl<u64>(accumulator + lane * PRIME_2, 31) * PRIME_1
}

function merged(value: u64, accumulator: u64): u64 {
  return (value ^ round(0, accumulator)) * PRIME_1 + PRIME_4
}
