import { resolve } from 'node:path'
import { withLock } from '../../files/lock.js'
import { Cluster, transaction } from '../cluster.js'
import { type LabState, lockFile, readLab } from '../lab-state.js'
import { Random } from '../random.js'
import { insertStatement } from '../tables.js'
import { addTruth, frozenRows, type How, readTruth, type TrueDivergence } from '../truth.js'
import { collisionFamily } from './collision-family.js'
import { letMeet, loseWrites } from './deliver.js'
import { evenUpdate, lostDelete, lostInsert, lostUpdate, orderWithItems, swap } from './lost-writes.js'
import { crossingUpdates, sameId } from './meetings.js'
import { observe } from './observe.js'
import { checkDiverge, type DivergePlan, type LabDivergeOptions } from './options.js'
import { Picker } from './picker.js'
import { type LostWrite, type Meeting, pairOf } from './writes.js'

/** What was made to differ. */
export interface LabDivergeResult {
  /** By this run. */
  readonly made: readonly TrueDivergence[]
  /** In the lab as a whole. */
  readonly total: number
}

/** Makes masters of a running lab differ the way it really happens, and records what then differs. */
export async function labDiverge(options: LabDivergeOptions): Promise<LabDivergeResult> {
  const plan = checkDiverge(options)
  const dir = resolve(options.dir)
  const lab = await readLab(dir)
  return withLock(lockFile(dir), 'this lab', 'making divergence', async () => {
    const cluster = await Cluster.open(lab, lab.database)
    try {
      await cluster.catchUp()
      return await diverge(dir, lab, cluster, plan)
    } finally {
      await cluster.startAppliers().finally(() => cluster.close())
    }
  })
}

async function diverge(dir: string, lab: LabState, cluster: Cluster, plan: DivergePlan): Promise<LabDivergeResult> {
  const frozen = await frozenRows(cluster, await readTruth(dir))
  const picker = new Picker(cluster, lab, frozen, new Random(plan.seed, `diverge ${frozen.size}`))
  const made: TrueDivergence[] = []
  const record = async (done: readonly (LostWrite | Meeting)[]) => {
    const touched = done.flatMap(({ how, rows }) => rows.map((row) => ({ how, row })))
    const found = await observe(cluster, touched)
    await addTruth(dir, plan.seed, found)
    made.push(...found)
  }
  const lost = await planLost(picker, cluster, plan)
  await loseWrites(cluster, lost)
  await record(lost)
  const meetings = await planMeetings(picker, cluster, plan)
  await letMeet(cluster, meetings)
  await record(meetings)
  await goOn(picker, cluster)
  for (const how of plan.hows) plan.say(`${how}: ${made.filter((each) => each.how === how).length} rows differ`)
  return { made, total: (await readTruth(dir)).divergences.length }
}

async function planLost(picker: Picker, cluster: Cluster, { hows, count }: DivergePlan): Promise<readonly LostWrite[]> {
  const writes: LostWrite[] = []
  const at = Date.now()
  for (const how of hows) {
    for (let turn = 0; turn < timesOf(how, count); turn++) {
      const [origin, lostAt] = pairOf(turn + picker.random.below(2), cluster.members.length)
      const write = await lostWrite(how, picker, { turn, count, placed: { origin, lostAt }, at: at - 1000 * turn })
      if (write !== null) writes.push(write)
    }
  }
  return writes
}

/** An update lost on many rows is one loss, and each swap makes two rows differ. */
function timesOf(how: How, count: number): number {
  if (how === 'even-update') return 1
  return how === 'swap' ? Math.ceil(count / 2) : count
}

interface LostOne {
  readonly turn: number
  readonly count: number
  readonly placed: Pick<LostWrite, 'origin' | 'lostAt'>
  readonly at: number
}

async function lostWrite(how: How, picker: Picker, { turn, count, placed, at }: LostOne): Promise<LostWrite | null> {
  switch (how) {
    case 'lost-insert':
      return lostInsert(picker, turn, placed, at)
    case 'lost-delete':
      return lostDelete(picker, turn, placed)
    case 'lost-update':
      return lostUpdate(picker, turn, placed, at)
    case 'even-update':
      return evenUpdate(picker, count, placed)
    case 'swap':
      return swap(picker, placed)
    case 'crossing-updates':
    case 'same-id':
    case 'collision-family':
      return null
  }
}

async function planMeetings(
  picker: Picker,
  cluster: Cluster,
  { hows, count }: DivergePlan
): Promise<readonly Meeting[]> {
  const meetings: Meeting[] = []
  const at = Date.now()
  for (let turn = 0; turn < count; turn++) {
    const pair = pairOf(turn, cluster.members.length)
    if (hows.includes('crossing-updates')) meetings.push(await crossingUpdates(picker, turn, pair, at - 1000 * turn))
    if (hows.includes('collision-family')) meetings.push(await collisionFamily(picker, pair, at - 1000 * turn))
    if (hows.includes('same-id')) meetings.push(await sameId(picker, turn, pair, at - 1000 * turn))
  }
  return meetings
}

/**
 * Business goes on: each master takes an ordinary order that all the others receive. That also moves every master's
 * position past what was lost, so that nobody waits for it.
 */
async function goOn(picker: Picker, cluster: Cluster): Promise<void> {
  for (const [index, own] of cluster.members.entries()) {
    const rows = await orderWithItems(picker, index, Date.now())
    const statements = rows.map(([table, values]) => insertStatement(table, values))
    for (const { session } of cluster.linked ? [own] : cluster.members) await transaction(session, statements)
  }
  await cluster.catchUp()
}
