import { onEveryMaster } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import type { Divergence } from '../../model/divergence.js'
import type { Key } from '../../model/range.js'
import type { RowChange, RowImage, Ruling, WritableTable } from '../../model/repair.js'
import type { RowValues } from '../../model/value.js'
import { type HeldRow, readHeldRows, sameImages } from './held-rows.js'
import type { PlannedRow, RowFate } from './planned-row.js'
import { type RepairTable, writableOn } from './repair-table.js'
import { wantedImage } from './wanted-image.js'

/** A divergence, and the row on each master as it must still be for a repair to be made of it. */
export interface Wrong {
  readonly divergence: Divergence
  /** As the report has it from which the repair is made, or else as the audit found it just now. */
  readonly seen: Divergence['rows']
}

/** A divergence and what was ruled of it. */
export interface Ruled extends Wrong {
  readonly ruling: Ruling
}

/** What earlier runs on the same journal wrote: the row that they left on a master, `undefined` when they left none. */
export type Written = (divergence: Divergence, master: string) => RowImage | null | undefined

/** Reads the rows of one table again on every master, and says what has to be written where. */
export async function planRows(
  masters: readonly Master[],
  table: RepairTable,
  ruled: readonly Ruled[],
  written: Written,
  nextId: () => number
): Promise<readonly PlannedRow[]> {
  const keys = ruled.map(({ divergence }) => keyOf(table, divergence.key))
  const read = await onEveryMaster(masters, 'reading the rows to repair', (master) =>
    master.withSession((session) => readHeldRows(session, table, keys, 'none'))
  )
  return ruled.map((each, at) => {
    const held = new Map(masters.map((master, of) => [master.name, read[of]?.[at] ?? null]))
    return { ...each, fate: fateOf(each, table, keys[at] ?? [], held, written, nextId) }
  })
}

/** The key of a divergence, in the order of the table's key. */
export function keyOf(table: RepairTable, key: RowValues): Key {
  return table.reading.keyColumns.map(({ name }) => {
    const value = key[name]
    if (value === undefined) throw new Error(`the key of the divergence has no column ${name}`)
    return value
  })
}

function fateOf(
  ruled: Ruled,
  table: RepairTable,
  key: Key,
  held: ReadonlyMap<string, HeldRow | null>,
  written: Written,
  nextId: () => number
): RowFate {
  const { divergence, ruling } = ruled
  const images = new Map([...held].map(([master, row]) => [master, row?.image ?? null]))
  const moved = movedSince(ruled, table, held, written)
  if (moved.length > 0) return { kind: 'stale', reason: moved.join('; ') }
  const wanted = wantedImage(ruling.wanted, images)
  const changes = [...images].flatMap(([master, before]): Omit<RowChange, 'id'>[] => {
    const writable = writableOn(table, master)
    const after = afterImage(writable, before, wanted)
    if (sameImages(writable, before, after)) return []
    return [{ master, table: writable, before, after, why: whyText(divergence, ruling) }]
  })
  const refusal = whyNotWhole(table, changes)
  if (refusal !== null) return { kind: 'refused', reason: refusal }
  // All masters hold it as wanted by now: an earlier run was killed after its last write, or somebody else was quicker.
  if (changes.length === 0) return { kind: 'stale', reason: 'the row is as wanted on every master by now' }
  return { kind: 'change', table, key, held: images, changes: changes.map((change) => ({ id: nextId(), ...change })) }
}

/** Where a row is neither as it was reported nor as an earlier run has left it, and how. */
export function movedSince(
  { divergence, seen }: Wrong,
  table: RepairTable,
  held: ReadonlyMap<string, HeldRow | null>,
  written: Written
): readonly string[] {
  return [...held].flatMap(([master, row]) => {
    if (isAsSeen(seen[master], row) || isAsWritten(table, written(divergence, master), row, master)) return []
    return whyMoved(seen[master], master, row)
  })
}

/** A row that is deleted could not be brought back without a value for every column. */
export function whyNotWhole({ notWhole }: RepairTable, changes: readonly Omit<RowChange, 'id'>[]): string | null {
  if (notWhole === null) return null
  if (changes.some(({ before }) => before === null)) return `a whole row cannot be written: ${notWhole}`
  return changes.some(({ after }) => after === null) ? `a deleted row could not be brought back: ${notWhole}` : null
}

/** Columns that are not compared stay as the master has them. */
export function afterImage(table: WritableTable, before: RowImage | null, wanted: RowImage | null): RowImage | null {
  if (before === null || wanted === null) return wanted
  const columns = table.columns.map(({ form, compared }) => {
    const literal = (compared ? wanted : before)[form.name]
    if (literal === undefined) throw new Error(`the wanted row has no column ${form.name}`)
    return [form.name, literal] as const
  })
  return Object.fromEntries(columns)
}

function isAsSeen(seen: RowValues | null | undefined, row: HeldRow | null): boolean {
  if (seen === undefined) return false
  if (seen === null || row === null) return seen === row
  return Object.entries(seen).every(([name, value]) => JSON.stringify(value) === JSON.stringify(row.values[name]))
}

function isAsWritten(
  table: RepairTable,
  image: RowImage | null | undefined,
  row: HeldRow | null,
  master: string
): boolean {
  return image !== undefined && sameImages(writableOn(table, master), image, row?.image ?? null)
}

function whyMoved(seen: RowValues | null | undefined, master: string, row: HeldRow | null): string {
  if (seen === null) return `${master} has the row by now, or has it outside the condition of the audit`
  return row === null ? `${master} has lost the row since` : `the row was changed on ${master} since`
}

/** Says no more of the policy when the rule is called after it. */
function whyText(divergence: Divergence, { rule, policy, because }: Ruling): string {
  const by = rule === null ? policy : rule.includes(policy) ? rule : `${rule} (${policy})`
  return `${divergence.class}; ${by}: ${because}`
}
