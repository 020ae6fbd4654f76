/** Keys that one statement names. */
const BLOCK = 10_000

/** The rows that differ are the same in every run. */
const SEED = 20_240_701

/** `count` different numbers from 1 to `most`, scattered as if by chance, in order. */
export function scattered(count, most) {
  const random = randomBelow(most)
  const chosen = new Set()
  while (chosen.size < Math.min(count, most)) chosen.add(1 + random())
  return [...chosen].sort((left, right) => left - right)
}

/** Mulberry32: a small generator that gives the same series everywhere. */
function randomBelow(most) {
  let state = SEED
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most)
  }
}

/**
 * Makes `count` orders of a table differ, past the binlogs: half of them have another amount on the second master, a
 * quarter is lacking there, and a quarter on the first.
 */
export async function plant(masters, table, rows, count) {
  const keys = scattered(count, rows)
  const quarter = (place) => keys.filter((_, at) => at % 4 === place)
  await inBlocks(
    keys.filter((_, at) => at % 2 === 0),
    (list) => masters.on(1, `UPDATE ${table} SET amount = amount + 1 WHERE order_id IN (${list})`)
  )
  await removeOrders(masters, 1, table, quarter(1))
  await removeOrders(masters, 0, table, quarter(3))
}

/** Removes orders from one master, past its binlog. */
export function removeOrders(masters, at, table, keys) {
  return inBlocks(keys, (list) => masters.on(at, `DELETE FROM ${table} WHERE order_id IN (${list})`))
}

async function inBlocks(keys, act) {
  for (let from = 0; from < keys.length; from += BLOCK) await act(keys.slice(from, from + BLOCK).join())
}
