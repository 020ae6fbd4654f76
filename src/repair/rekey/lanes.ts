import type { Lane } from '../../audit/classify.js'
import { liesInLane } from '../../audit/classify.js'

/** Why ids of a master's lane may come from another master too; `null` when its lane is its own. */
export function whyNotApart(master: string, lanes: readonly Lane[]): string | null {
  const own = lanes.find((lane) => lane.master === master)
  if (own === undefined) throw new Error(`nothing is known of the lane of ${master}`)
  const other = lanes.find((lane) => lane !== own && doMeet(own, lane))
  if (other === undefined) return null
  return (
    `the auto-increment lanes of ${master} (${laneText(own)}) and ${other.master} (${laneText(other)}) meet: ` +
    'mend the lanes first, see mmaudit doctor'
  )
}

/** The master in whose lane alone an id lies; `null` when it lies in none, or in several. */
export function masterOfLane(id: string | undefined, lanes: readonly Lane[]): string | null {
  if (id === undefined || !/^\d+$/.test(id)) return null
  const owners = lanes.filter((lane) => lane.increment > 1 && liesInLane(id, lane))
  const [owner, ...others] = owners
  return owner === undefined || others.length > 0 || lanes.some((lane) => lane.increment <= 1) ? null : owner.master
}

/** The first ids of a lane that are not below `least`. */
export function idsFrom(least: bigint, lane: Lane, count: number): readonly bigint[] {
  const step = BigInt(lane.increment)
  const over = (((BigInt(lane.offset) - least) % step) + step) % step
  return Array.from({ length: count }, (_, at) => least + over + BigInt(at) * step)
}

/** Two lanes have an id in common when their offsets leave the same where both increments divide (Bézout). */
function doMeet(left: Lane, right: Lane): boolean {
  const shared = commonDivisor(left.increment, right.increment)
  return left.offset % shared === right.offset % shared
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right)
}

function laneText({ increment, offset }: Lane): string {
  return `every ${increment}, from ${offset}`
}
