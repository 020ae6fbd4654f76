import type { Lane } from '../../audit/classify.js'
import type { Divergence } from '../../model/divergence.js'
import type { Evidence } from '../../model/evidence.js'
import { imageOf, type Member, placeId } from './family.js'
import { masterOfLane } from './lanes.js'

/** Looks in the binlogs for what was written of rows; `null` for one of which they tell nothing. */
export type ReadEvidence = (rows: readonly Divergence[]) => Promise<readonly (Evidence | null)[]>

/** Says who wrote rows: by the INSERT in the binlogs where those were read, and otherwise by the lane of the row's own id. */
export class Writers {
  readonly #lanes: readonly Lane[]
  readonly #serverIds: ReadonlyMap<number, string>
  readonly #evidence = new Map<string, Evidence>()
  /** Of which only the lane tells. */
  readonly byLane = new Set<Member>()

  /** @param serverIds names of the masters by server id. */
  constructor(lanes: readonly Lane[], serverIds: ReadonlyMap<number, string>) {
    this.#lanes = lanes
    this.#serverIds = serverIds
  }

  add(place: Pick<Member, 'table' | 'key'>, evidence: Evidence | null): void {
    if (evidence !== null) this.#evidence.set(placeId(place), evidence)
  }

  /** The master whose INSERT is in the binlogs; `null` when there is none, or more than one that may be meant. */
  byInsert(member: Member): string | null {
    const events = this.#evidence.get(placeId(member))?.events ?? []
    const inserts = events.filter(({ kind }) => kind === 'insert')
    const own = inserts.filter(({ heldBy }) => heldBy.some((master) => member.rows.has(master)))
    const telling = own.length > 0 ? own : inserts
    const [serverId, ...others] = new Set(telling.map((event) => event.serverId))
    return serverId === undefined || others.length > 0 ? null : (this.#serverIds.get(serverId) ?? null)
  }

  /** @param id the column of its key that the servers count up, if there is one. */
  writerOf(member: Member, id: string | null): string | null {
    const known = this.byInsert(member)
    if (known !== null) return known
    const owner = id === null ? null : masterOfLane(imageOf(member)[id], this.#lanes)
    if (owner !== null) this.byLane.add(member)
    return owner
  }

  /** The master on which a row was born, of those that hold it. */
  bornOn(member: Member): string {
    const known = this.byInsert(member)
    const [first = ''] = member.rows.keys()
    return known !== null && member.rows.has(known) ? known : first
  }
}
