import type { TableContext } from '../audit/context.js'
import { together } from '../audit/digest.js'
import type { Gate } from '../audit/gate.js'
import { readChunks } from '../audit/read-chunks.js'
import { readingOn } from '../audit/table-plan.js'
import type { Key } from '../model/range.js'
import { countKeys } from '../sql/select.js'
import type { Sample } from './model.js'

/** Reads a table for about `seconds` from its beginning, as an audit does; what was read is not compared. */
export async function sampleTable(context: TableContext, seconds: number): Promise<Sample> {
  const { masters } = context
  const sentBefore = masters.map((master) => master.cost.bytes)
  const started = performance.now()
  const { read, upper, whole } = await readUntil(context, started + seconds * 1000)
  const took = (performance.now() - started) / 1000
  const bytes = Math.max(...masters.map((master, at) => master.cost.bytes - (sentBefore[at] ?? 0)))
  const rows = Math.max(...read)
  return { rows, bytes, keys: await keysPassed(context, upper, rows), seconds: took, whole }
}

/** What was read when the time was up, or the table at its end. */
interface Seen {
  /** Rows, in the order of the masters. */
  readonly read: readonly number[]
  /** The first key that was not read; `null` at the end of the table. */
  readonly upper: Key | null
  readonly whole: boolean
}

/** @param time of `performance.now()`. */
async function readUntil(context: TableContext, time: number): Promise<Seen> {
  const gate = new ClosingGate(context.gate, time)
  const read = context.masters.map(() => 0)
  const uppers: (Key | null)[] = []
  const chunks = readChunks({ ...context, gate }, null, (parts, { index, range }) => {
    for (const [at, { rows }] of together(parts).entries()) read[at] = (read[at] ?? 0) + rows
    uppers[index] = range.upper
    gate.mayClose = true
  })
  const whole = await isReadToEnd(chunks)
  return { read, upper: uppers.at(-1) ?? null, whole }
}

async function isReadToEnd(chunks: AsyncIterable<void>): Promise<boolean> {
  try {
    for await (const _ of chunks);
    return true
  } catch (error) {
    if (error instanceof TimeIsUp) return false
    throw error
  }
}

/** Without a condition, each key is a row that was read. */
async function keysPassed({ masters, table }: TableContext, upper: Key | null, rows: number): Promise<number> {
  const [master] = masters
  if (table.where === null || master === undefined) return rows
  const sql = countKeys(readingOn(table, master.name), { lower: null, upper })
  const [counted] = await master.withSession((session) => session.query(sql))
  return Number(counted?.keys ?? 0)
}

/** Ends a sample. */
class TimeIsUp extends Error {}

/** A gate that nothing passes once the time is up. What was let through is finished. */
class ClosingGate implements Gate {
  /** One chunk is read in any case: without it, nothing would be known. */
  mayClose = false
  readonly #outer: Gate
  readonly #closesAt: number

  constructor(outer: Gate, closesAt: number) {
    this.#outer = outer
    this.#closesAt = closesAt
  }

  async pass(): Promise<void> {
    await this.#outer.pass()
    if (this.mayClose && performance.now() >= this.#closesAt) throw new TimeIsUp()
  }

  ease(): Promise<void> {
    return this.pass()
  }

  get throttled() {
    return this.#outer.throttled
  }
}
