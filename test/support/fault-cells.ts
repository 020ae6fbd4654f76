import { CHUNK_ROWS, ORDERS, STORES } from './fault-tables.js'
import type { Fault } from './proxy-link.js'
import { cut, delay, down, silence, stall, throttle, truncate } from './tcp-faults.js'
import type { Moment } from './tcp-proxy.js'

/** A moment of an audit at which the connection to a master may fail. */
interface FaultMoment {
  readonly name: string
  readonly master: 'a' | 'b'
  readonly at: Moment
  readonly nth?: number
  readonly after: Fault['after']
  readonly args?: readonly string[]
}

/** One line of the matrix: a fault, and when it strikes. */
export interface FaultCell extends FaultMoment {
  readonly fault: Fault
}

/** The second chunk of `orders`, in which a row is missing on b. */
export const CHUNK = new RegExp(`^SELECT .*\`orders\`.*${CHUNK_ROWS + 1}.*${2 * CHUNK_ROWS + 1}.* ORDER BY`)
const READING = /^SELECT .*`orders`.* WHERE .* ORDER BY/
const ONE_CHUNK = ['--chunk-rows', String(2 * ORDERS)]

export const SHORT_CHUNKS = ['--chunk-rows', '50']
/** A chunk of `stores`, whose keys are text. */
export const SHORT_CHUNK_OF_STORES = /^SELECT .*`stores`.* ORDER BY .* LIMIT 51$/

/** The rows of `orders` in both chunks in which any differ. */
export const DIFFERING_PARTS = /^SELECT .*`orders`.* OR .* ORDER BY/

/** Each asks something else of a master, in the order of an audit. */
const MOMENTS: readonly FaultMoment[] = [
  { name: 'self-check', master: 'b', at: /-838:59:59/, after: 10 },
  { name: 'definitions', master: 'a', at: /information_schema\.COLUMNS/, after: 200 },
  { name: 'table without a key', master: 'b', at: /^SELECT (?!1 FROM).*`log_lines`/, after: 2_000 },
  { name: 'copies of a row', master: 'b', at: /^SELECT (?!1 FROM).*`log_lines`/, nth: 2, after: 2_000 },
  { name: 'every column', master: 'b', at: /SELECT \* FROM .*`orders` LIMIT 0/, after: 10 },
  { name: 'login of another session', master: 'b', at: 'connect', nth: 2, after: 10 },
  { name: 'bound', master: 'a', at: /^SELECT .*`orders`.* LIMIT 1 OFFSET/, nth: 2, after: 0 },
  { name: 'plan of a range', master: 'b', at: /^EXPLAIN .*`orders`/, after: 10 },
  { name: 'chunk', master: 'b', at: CHUNK, after: 20_000 },
  { name: 'chunk, last row', master: 'b', at: CHUNK, after: `order ${2 * CHUNK_ROWS}` },
  { name: 'chunk read ahead', master: 'a', at: SHORT_CHUNK_OF_STORES, nth: 2, after: 'store 70', args: SHORT_CHUNKS },
  {
    name: 'chunk read after another',
    master: 'b',
    at: SHORT_CHUNK_OF_STORES,
    nth: 2,
    after: 'store 99',
    args: SHORT_CHUNKS
  },
  { name: 'several differing parts', master: 'b', at: DIFFERING_PARTS, after: 100 },
  { name: 'differing part', master: 'b', at: READING, nth: 2, after: 5_000, args: ONE_CHUNK },
  { name: 'rows of a chunk', master: 'a', at: /^SELECT .*`stores`.* ORDER BY/, nth: 2, after: `store ${STORES}` },
  { name: 'positions', master: 'b', at: /GTID_SUBSET|@@gtid_slave_pos/, after: 0 },
  { name: 'rows by key', master: 'b', at: /^SELECT .*`stores`.* IN \(/, after: 10 },
  { name: 'definition again', master: 'b', at: /information_schema\.COLUMNS\s+WHERE .*'orders'/, after: 10 },
  { name: 'goodbye', master: 'b', at: 'quit', after: null }
]

const BREAKS: Readonly<Record<string, (after: Fault['after']) => Fault>> = { cut, truncate, stall }

/** A connection fails once, and the master is still there. */
export const PASSING: readonly FaultCell[] = MOMENTS.flatMap((moment) =>
  Object.entries(BREAKS).map(([name, fault]) => ({
    ...moment,
    name: `${moment.name}: ${name}`,
    fault: fault(moment.after)
  }))
)

/** A connection that is only slow. */
export const SLOW: readonly FaultCell[] = [
  { ...momentOf('chunk'), name: 'chunk: delay', fault: delay(300) },
  { ...momentOf('chunk'), name: 'chunk: throttle', fault: throttle(60_000) }
]

/** A fault that stays, and what becomes of the tables that it does not spare. */
export interface LastingCell extends FaultCell {
  readonly times?: number
  readonly failed: Readonly<Record<string, RegExp>>
}

const GIVEN_UP = /^master b \(127.0.0.1:\d+\): cannot connect: .*tried \d+ times in \d+ s\)/
/** With fewer than two masters left, a table is not compared at all. */
const STILL_GONE = /^master b \(127.0.0.1:\d+\): cannot connect: /

/** The master is gone, or fails each time at the same row. */
export const LASTING: readonly LastingCell[] = [
  {
    ...momentOf('chunk'),
    name: 'chunk: silent for good',
    fault: silence(20_000),
    failed: { orders: GIVEN_UP, stores: STILL_GONE }
  },
  {
    ...momentOf('chunk'),
    name: 'chunk: gone for good',
    fault: down(20_000),
    failed: { orders: GIVEN_UP, stores: STILL_GONE }
  },
  {
    ...momentOf('chunk, last row'),
    name: 'chunk, last row: truncate, each time',
    fault: truncate(momentOf('chunk, last row').after),
    times: Number.POSITIVE_INFINITY,
    failed: { orders: /^master b: reading a chunk: .*tried \d+ times in \d+ s\)/ }
  },
  {
    ...momentOf('rows by key'),
    name: 'rows by key: gone for good',
    fault: down(),
    failed: { stores: GIVEN_UP }
  }
]

function momentOf(name: string): FaultMoment {
  const moment = MOMENTS.find((each) => each.name === name)
  if (moment === undefined) throw new Error(`there is no moment ${name}`)
  return moment
}
