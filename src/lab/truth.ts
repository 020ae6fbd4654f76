import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { MmauditError } from '../model/errors.js'
import type { Cluster } from './cluster.js'
import { DATABASE, LAB_FILES, writeJson } from './lab-state.js'
import { type RowRef, rowName, type TableName } from './tables.js'

/** How a divergence was made. */
const HOWS = [
  'lost-insert',
  'lost-delete',
  'lost-update',
  'crossing-updates',
  'even-update',
  'swap',
  'same-id',
  'collision-family'
] as const

export type How = (typeof HOWS)[number]

const TABLE_NAMES = [
  'customers',
  'products',
  'orders',
  'order_items',
  'stores',
  'sessions'
] as const satisfies TableName[]

const DIVERGENCE = z.object({
  database: z.string(),
  table: z.enum(TABLE_NAMES),
  key: z.record(z.string(), z.union([z.string(), z.object({ hex: z.string() })])),
  class: z.enum(['missing', 'conflict', 'collision']),
  how: z.enum(HOWS),
  /** By master: which version of the row it holds, counted from 1; `null` where it lacks the row. */
  holders: z.record(z.string(), z.number().int().nullable())
})

const TRUTH = z.object({
  version: z.literal(1),
  database: z.string(),
  /** Of the last time that divergence was made. */
  seed: z.number().int(),
  divergences: z.array(DIVERGENCE)
})

/** One row that was made to differ, as it was then read from every master. */
export type TrueDivergence = z.infer<typeof DIVERGENCE>

/** Everything that differs in a lab: what an audit must find, no more and no less. */
export type Truth = z.infer<typeof TRUTH>

/** Reads what was made to differ in the lab in `dir`; nothing, when nothing was. */
export async function readTruth(dir: string): Promise<Truth> {
  const file = join(dir, LAB_FILES.truth)
  if (!existsSync(file)) return { version: 1, database: DATABASE, seed: 0, divergences: [] }
  const parsed = TRUTH.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new MmauditError('config', `${file} does not tell what differs in a lab`, { cause: parsed.error })
}

/** Adds to what is known to differ. */
export async function addTruth(dir: string, seed: number, found: readonly TrueDivergence[]): Promise<Truth> {
  const known = await readTruth(dir)
  const truth: Truth = { ...known, seed, divergences: [...known.divergences, ...found] }
  await writeJson(join(dir, LAB_FILES.truth), truth)
  return truth
}

/**
 * The rows that nothing may write to any more, by name: those that differ, and the orders whose items do. A write that
 * reaches a master where the row is missing would stop its replication.
 */
export async function frozenRows(cluster: Cluster, truth: Truth): Promise<Set<string>> {
  const frozen = new Set(truth.divergences.map(rowName))
  const items = truth.divergences.flatMap(({ table, key }) => (table === 'order_items' ? [String(key.item_id)] : []))
  if (items.length === 0) return frozen
  for (const { session } of cluster.members) {
    const orders = await session.query(`SELECT order_id FROM order_items WHERE item_id IN (${items.join(',')})`)
    for (const { order_id = '' } of orders) frozen.add(rowName(orderRef(order_id ?? '')))
  }
  return frozen
}

/** An order, by its id. */
export function orderRef(id: string): RowRef {
  return { table: 'orders', key: { order_id: id } }
}
