import type { Member } from './family.js'
import type { Parted } from './part.js'

/** Ids that no server gives out, to settle a family with before real ones are asked for. */
export function placeholders({ movers }: Parted): ReadonlyMap<Member, string> {
  return new Map(movers.map((member, at) => [member, String(-1 - at)]))
}
