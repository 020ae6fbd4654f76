// A running XXH64 in the first 80 bytes of the memory. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

// Four accumulators, how many bytes they have seen, and the rest that does not fill a stripe.
const ACCUMULATORS: usize = 0
const HASHED: usize = 32
const HELD: usize = 40
const HELD_BYTES: usize = 72

const PRIME_1: u64 = 0x9e3779b185ebca87
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f
const PRIME_3: u64 = 0x165667b19e3779f9
const PRIME_4: u64 = 0x85ebca77c2b2ae63
const PRIME_5: u64 = 0x27d4eb2f165667c5
const STRIPE_BYTES: usize = 32

/** Begins another hash. */
export function beginHash(): void {
  store<u64>(ACCUMULATORS, PRIME_1 + PRIME_2)
  store<u64>(ACCUMULATORS + 8, PRIME_2)
  store<u64>(ACCUMULATORS + 16, 0)
  store<u64>(ACCUMULATORS + 24, 0 - PRIME_1)
  store<u64>(HASHED, 0)
  store<u64>(HELD_BYTES, 0)
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

/** The XXH64 of what was hashed. */
export function hashed(): u64 {
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
