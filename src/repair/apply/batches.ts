import type { MasterScript, RowChange, Step } from '../../model/repair.js'
import { inTransactions, shareOf } from '../../sql/transactions.js'
import { strongComponents } from '../order/components.js'
import type { LiveRow } from './apply-run.js'

/** The steps of one master in a batch. */
export type MasterSteps = Pick<MasterScript, 'master' | 'steps'>

/** What is made as a whole or not at all: a row on all its masters, or a family of rows. */
export type Unit = LiveRow | string

/** What is written in one go, with its rows locked on every master: a transaction on each master named. */
export type Batch = readonly MasterSteps[]

/**
 * Cuts the scripts into batches. A row that has to be written on several masters is written on all of them before its locks
 * are given back on any: else an application could change it where it is right by now, and the applier of a master where it
 * is still missing, or where another row still has its unique value, would stop at that. A family has a batch to itself.
 */
export function batchesOf(scripts: readonly MasterScript[], rows: ReadonlyMap<number, LiveRow>): readonly Batch[] {
  const masters = new Map<Unit, Set<string>>()
  for (const { change } of scripts.flatMap((script) => script.steps)) {
    const unit = unitOf(change, rows)
    masters.set(unit, (masters.get(unit) ?? new Set()).add(change.master))
  }
  if ([...masters.values()].every((own) => own.size === 1)) {
    return scripts.flatMap(({ master, steps }) => inTransactions(steps).map((each) => [{ master, steps: each }]))
  }
  return pack(groupsOf(scripts, rows)).map((own) => stepsOf(scripts, own, rows))
}

/** A batch in two, without parting rows that need each other; what others need comes first. As it is, when it cannot be parted. */
export function halvesOf(batch: Batch, rows: ReadonlyMap<number, LiveRow>): readonly Batch[] {
  const groups = groupsOf(batch, rows)
  if (groups.length < 2) return [batch]
  const middle = Math.ceil(groups.length / 2)
  return [groups.slice(0, middle), groups.slice(middle)].map((half) =>
    stepsOf(batch, new Set(half.flat().map(({ unit }) => unit)), rows)
  )
}

/** Rows that need each other on one master or another, after those that they need. */
function groupsOf(scripts: Batch, rows: ReadonlyMap<number, LiveRow>): readonly (readonly Sized[])[] {
  const nodes = new Map<Unit, { readonly node: number; readonly needs: number[]; size: number }>()
  const steps = scripts.flatMap((script) => script.steps)
  for (const step of steps) {
    const unit = unitOf(step.change, rows)
    const known = nodes.get(unit) ?? { node: nodes.size, needs: [], size: 0 }
    known.size += shareOf(step)
    nodes.set(unit, known)
  }
  const units = new Map(steps.map(({ change }) => [change.id, unitOf(change, rows)]))
  for (const { change, needs } of steps) {
    // What is not in these scripts was made before.
    const needed = needs.flatMap((id) => units.get(id) ?? []).flatMap((unit) => nodes.get(unit)?.node ?? [])
    nodes.get(unitOf(change, rows))?.needs.push(...needed)
  }
  const all = [...nodes].map(([unit, { size }]) => ({ unit, size }))
  const components = strongComponents([...nodes.values()].map(({ needs }) => needs))
  return components.map((members) => members.flatMap((node) => all[node] ?? []))
}

interface Sized {
  readonly unit: Unit
  /** The part of a transaction that its steps take up, on all masters together. */
  readonly size: number
}

/** Groups stay together, however large. */
function pack(groups: readonly (readonly Sized[])[]): readonly ReadonlySet<Unit>[] {
  const batches: Set<Unit>[] = []
  let size = 1
  for (const group of groups) {
    const own = group.reduce((sum, each) => sum + each.size, 0)
    const isFamily = group.some(({ unit }) => typeof unit === 'string')
    if (batches.length === 0 || size + own > 1 || isFamily) {
      batches.push(new Set())
      size = 0
    }
    size += isFamily ? 1 : own
    for (const { unit } of group) batches.at(-1)?.add(unit)
  }
  return batches
}

function stepsOf(scripts: Batch, own: ReadonlySet<Unit>, rows: ReadonlyMap<number, LiveRow>): Batch {
  const isOwn = ({ change }: Step) => own.has(unitOf(change, rows))
  const picked = scripts.flatMap(({ master, steps }) => {
    const found = steps.filter(isOwn)
    return found.length === 0 ? [] : [{ master, steps: found }]
  })
  return [...picked.filter((each) => !isLeft(each)), ...picked.filter(isLeft)]
}

/** Where a row of a family leaves its key is committed last: until then, whoever looks finds the collision, and goes on with it. */
function isLeft({ steps }: MasterSteps): boolean {
  return steps.some(({ change }) => change.before !== null && (change.guards ?? []).length > 0)
}

/** The row or the family that a change is made with. */
export function unitOf(change: RowChange, rows: ReadonlyMap<number, LiveRow>): Unit {
  return change.family ?? rowOf(change, rows)
}

/** The row that a change belongs to. */
export function rowOf(change: RowChange, rows: ReadonlyMap<number, LiveRow>): LiveRow {
  const row = rows.get(change.id)
  if (row === undefined) throw new Error(`change ${change.id} belongs to no row of the plan`)
  return row
}

/** The changes of a batch, each once, master by master. */
export function changesOf(batch: Batch): readonly RowChange[] {
  return [...new Set(batch.flatMap(({ steps }) => steps.map((step) => step.change)))]
}
