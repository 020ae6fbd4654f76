import { CatchUp, type Obstacle } from '../masters/catch-up.js'
import { systemClock } from '../masters/clock.js'
import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import { type Digest, singleDigest } from '../model/chunk.js'
import type { Divergence } from '../model/divergence.js'
import type { RowValues } from '../model/value.js'
import { selectAll } from '../sql/select.js'
import { RowLoop } from '../wire/row-loop.js'
import { refuseAltered } from './altered.js'
import type { TableContext } from './context.js'
import { gatedClock } from './gated-clock.js'
import { onEveryMaster } from './on-every-master.js'
import { RowShape } from './row-shape.js'
import { readingOn } from './table-plan.js'
import type { TableTally } from './table-tally.js'
import { judge, settledMasters } from './verdict.js'

/** Distinct rows that are counted at a time, for each master; about 100 MB for two. Larger tables are read once for each share. */
const COUNTED_ROWS = 500_000
/** Rows whose contents are shown are kept whole, so they are collected in portions of this many. */
const SHOWN_ROWS = 1_000
/** Rows whose sums are surely told before they would not fit. */
const TOTAL_ROWS = 2 ** 30
const UNHASHED = Buffer.alloc(0)
const SECOND_SEED = 0x9e3779b97f4a7c15n
const MODULUS = 2n ** 64n

/** All rows of a table on one master, whatever their order. */
interface Bag {
  readonly rows: number
  /** Two independent sums of row hashes: equal for the same rows in any order, and for no others that chance would find. */
  readonly sum: bigint
  readonly secondSum: bigint
  readonly sums: readonly bigint[]
  readonly bytes: number
}

/** How many copies of one row each master has, in the order of the masters. */
type Copies = ReadonlyMap<bigint, readonly number[]>

/**
 * Compares a table that has no key: as a multiset of rows, counting duplicates. Every master is read whole, and again only
 * where they differ.
 */
export async function* auditMultiset(context: TableContext, tally: TableTally): AsyncGenerator<Divergence, void> {
  await context.gate.pass()
  const bags = await readBags(context)
  const agrees = sameBags(bags)
  const digests = bags.map(asDigest)
  tally.addChunk(digests, agrees)
  if (agrees) {
    tally.addPart({ differing: [], unsettled: 0, obstacles: [], digests })
    return
  }
  const shares = Math.max(1, Math.ceil(Math.max(...bags.map((bag) => bag.rows)) / COUNTED_ROWS))
  let unsettled = 0
  const obstacles: Obstacle[] = []
  for (let share = 0; share < shares; share++) {
    const settled = await settle(context, share, shares)
    unsettled += settled.unsettled
    obstacles.push(...settled.obstacles)
    if (settled.differing.size > 0) await refuseAltered(context)
    yield* describeAll(context, settled.differing, tally)
  }
  await context.gate.ease()
  const latest = (await readBags(context)).map(asDigest)
  tally.addPart({ differing: [], unsettled, obstacles, digests: latest })
}

async function readBags(context: TableContext): Promise<readonly Bag[]> {
  return onEveryMaster(context.masters, 'reading the table', (master) =>
    master.withSession((session) => readBag(context, session))
  )
}

async function readBag(context: TableContext, session: Session): Promise<Bag> {
  const { hashing } = context
  const totals = new Totals(context.table.summed.length)
  let [sum, secondSum] = [0n, 0n]
  await readRows(context, session, (packet, shape) => {
    totals.add(packet, shape)
    const normal = shape.normal(packet)
    sum += hashing.row(normal)
    secondSum += hashing.row(normal, SECOND_SEED)
  })
  const { rows, bytes, sums } = totals.take()
  return { rows, bytes, sum: sum % MODULUS, secondSum: secondSum % MODULUS, sums }
}

/** Counts and adds up any number of rows. */
class Totals {
  #loop: RowLoop | null = null
  #pending = 0
  #rows = 0
  #bytes = 0
  #sums: readonly bigint[]

  /** @param summed how many columns are added up. */
  constructor(summed: number) {
    this.#sums = new Array(summed).fill(0n)
  }

  add(packet: Buffer, shape: RowShape): void {
    this.#loop ??= new RowLoop(shape.layout, Number.POSITIVE_INFINITY)
    this.#loop.takeRow(packet, UNHASHED, () => {})
    if (++this.#pending === TOTAL_ROWS) this.#addUp()
  }

  take() {
    this.#addUp()
    return { rows: this.#rows, bytes: this.#bytes, sums: this.#sums }
  }

  #addUp(): void {
    this.#pending = 0
    if (this.#loop === null) return
    const { rows, bytes, sums } = this.#loop.total()
    this.#rows += rows
    this.#bytes += bytes
    this.#sums = this.#sums.map((sum, at) => sum + (sums[at] ?? 0n))
  }
}

function asDigest({ rows, sums, bytes, sum }: Bag): Digest {
  return singleDigest({ rows, sums, bytes, checksum: sum })
}

function sameBags(bags: readonly Bag[]): boolean {
  const [first, ...others] = bags
  return others.every((bag) => bag.rows === first?.rows && bag.sum === first.sum && bag.secondSum === first.secondSum)
}

interface Settled {
  readonly differing: Copies
  readonly unsettled: number
  readonly obstacles: readonly Obstacle[]
}

/** Counts the copies of the rows of one share until their numbers stand still after the masters caught up. */
async function settle(context: TableContext, share: number, shares: number): Promise<Settled> {
  const clock = gatedClock(context.gate, systemClock(context.signal))
  const deadline = clock.now() + context.config.confirmTimeout * 1000
  const catchUp = new CatchUp(context.masters, clock)
  const names = context.masters.map((master) => master.name)
  let before = await differingCopies(context, share, shares)
  if (!context.config.confirm) return { differing: before, unsettled: 0, obstacles: [] }
  for (;;) {
    const { obstacles } = await catchUp.upTo(deadline)
    const settled = settledMasters(names, obstacles)
    const now = await differingCopies(context, share, shares)
    const verdicts = [...now].map(([hash, copies]) => judge(copies, before.get(hash) ?? [], settled))
    if (!verdicts.includes('moving') || clock.now() >= deadline) {
      const differing = new Map([...now].filter((_, at) => verdicts[at] === 'differs'))
      return { differing, unsettled: now.size - differing.size, obstacles: now.size > 0 ? obstacles : [] }
    }
    before = now
  }
}

async function differingCopies(context: TableContext, share: number, shares: number): Promise<Copies> {
  await context.gate.ease()
  const counted = await onEveryMaster(context.masters, 'counting rows', (master) =>
    master.withSession((session) => countCopies(context, session, share, shares))
  )
  const differing = new Map<bigint, readonly number[]>()
  for (const counts of counted) {
    for (const hash of counts.keys()) {
      const copies = counted.map((each) => each.get(hash) ?? 0)
      if (copies.some((count) => count !== copies[0])) differing.set(hash, copies)
    }
  }
  return differing
}

async function countCopies(
  context: TableContext,
  session: Session,
  share: number,
  shares: number
): Promise<ReadonlyMap<bigint, number>> {
  const counts = new Map<bigint, number>()
  await readRows(context, session, (packet, shape) => {
    const hash = context.hashing.row(shape.normal(packet))
    if (Number(hash % BigInt(shares)) === share) counts.set(hash, (counts.get(hash) ?? 0) + 1)
  })
  return counts
}

async function* describeAll(
  context: TableContext,
  differing: Copies,
  tally: TableTally
): AsyncGenerator<Divergence, void> {
  const hashes = [...differing.keys()]
  for (let at = 0; at < hashes.length; at += SHOWN_ROWS) {
    const portion = hashes.slice(at, at + SHOWN_ROWS)
    const contents = await readContents(context, new Set(portion))
    for (const hash of portion) {
      const values = contents.get(hash)
      if (values === undefined) continue
      const divergence = describe(context, values, differing.get(hash) ?? [])
      tally.addDivergence(divergence)
      yield divergence
    }
  }
}

async function readContents(
  context: TableContext,
  wanted: ReadonlySet<bigint>
): Promise<ReadonlyMap<bigint, RowValues>> {
  await context.gate.ease()
  const contents = new Map<bigint, RowValues>()
  // Equal hashes are equal rows, so what an attempt left that broke off does no harm.
  await onEveryMaster(context.masters, 'reading differing rows again', (master) =>
    master.withSession((session) =>
      readRows(context, session, (packet, shape) => {
        const normal = shape.normal(packet)
        const hash = context.hashing.row(normal)
        if (wanted.has(hash) && !contents.has(hash)) contents.set(hash, shape.values(shape.split(Buffer.from(normal))))
      })
    )
  )
  return contents
}

/** Without a key, the row is its own name. */
function describe(context: TableContext, values: RowValues, copies: readonly number[]): Divergence {
  const names = context.masters.map((master) => master.name)
  return {
    ...context.table.ref,
    key: values,
    class: 'missing',
    reason: `no key tells the rows apart; copies of this row: ${names.map((name, at) => `${copies[at]} on ${name}`).join(', ')}`,
    columns: [],
    rows: Object.fromEntries(names.map((name, at) => [name, copies[at] === 0 ? null : values])),
    decision: null,
    evidence: null
  }
}

function readRows(
  context: TableContext,
  session: Session,
  onRow: (packet: Buffer, shape: RowShape) => void
): Promise<void> {
  return session.stream(selectAll(readingOn(context.table, session.master)), (columns) => {
    const shape = new RowShape(context.table, columns)
    return rowByRow((buffer, start, end) => onRow(buffer.subarray(start, end), shape))
  })
}
