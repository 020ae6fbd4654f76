import { groupBy } from '../../model/group-by.js'
import { tableName } from '../../model/table.js'
import { decidingLanes } from '../decide/deciding.js'
import { type RepairTable, writableOn } from '../plan/repair-table.js'
import type { Draft } from './draft.js'
import { imageOf, type Member, placeId } from './family.js'
import { type FreshIds, foreseeIds, type IdRequest, reserveIds } from './fresh-ids.js'
import type { Kinship } from './kinship.js'
import { whyNotApart } from './lanes.js'
import { tableOf } from './part.js'
import type { FamilyRequest, ReservedId } from './rekeying.js'
import { ReservingSessions } from './reserving-sessions.js'
import type { Writers } from './writers.js'

/** Gets ids for rows that need new ones, each from the lane of the master on which the row was born. */
export class NewIds {
  readonly #request: FamilyRequest
  readonly #kinship: Kinship
  readonly #writers: Writers
  readonly #sessions: ReservingSessions
  /** By master and table, the last id that was foreseen. */
  readonly #foreseen = new Map<string, bigint>()

  constructor(request: FamilyRequest, kinship: Kinship, writers: Writers) {
    this.#request = request
    this.#kinship = kinship
    this.#writers = writers
    this.#sessions = new ReservingSessions(request.repair.viaReplication)
  }

  /** Ends the sessions on which ids were reserved. */
  close(): Promise<void> {
    return this.#sessions.close()
  }

  /** The new id of each row of a family that moves, or why there is none. */
  async of(draft: Draft): Promise<{ readonly ids: ReadonlyMap<Member, string> } | { readonly refused: string }> {
    const ids = new Map<Member, string>()
    const open: Mover[] = []
    for (const member of draft.parted.movers) {
      const reserved = this.#reservedFor(member)
      if (reserved === undefined) open.push({ member, master: this.#writers.bornOn(member) })
      else ids.set(member, reserved)
    }
    for (const movers of groupBy(open, ({ member, master }) => JSON.stringify([member.table, master])).values()) {
      const found = await this.#fresh(draft, movers)
      if ('refused' in found) return found
      for (const [at, { member }] of movers.entries()) ids.set(member, found.ids[at] ?? '')
    }
    return { ids }
  }

  #reservedFor(member: Member): string | undefined {
    return this.#request.rekeying.reserved.findLast(
      (each) => placeId({ table: tableName(each), key: each.key }) === placeId(member) && member.rows.has(each.master)
    )?.id
  }

  async #fresh(draft: Draft, movers: readonly Mover[]): Promise<FreshIds> {
    const request = this.#requestFor(draft, movers)
    const lanes = decidingLanes(this.#request.masters)
    const shared = whyNotApart(request.master.name, lanes)
    if (shared !== null) return { refused: shared }
    const { noteReserved } = this.#request.rekeying
    if (noteReserved === null) return this.#foresee(request)
    const found = await reserveIds(request, this.#sessions, this.#request.repair)
    if ('ids' in found) await noteReserved(this.#reserved(draft, request, movers, found.ids))
    return found
  }

  async #foresee(request: IdRequest): Promise<FreshIds> {
    const place = JSON.stringify([request.master.name, request.table.ref])
    const found = await foreseeIds(request, this.#foreseen.get(place) ?? 0n)
    if ('ids' in found) this.#foreseen.set(place, BigInt(found.ids.at(-1) ?? 0))
    return found
  }

  #reserved(
    { question }: Draft,
    { id: column, master }: IdRequest,
    movers: readonly Mover[],
    ids: readonly string[]
  ): readonly ReservedId[] {
    return movers.map(({ member }, at) => ({
      ...this.#tableOf(member.table).reading.ref,
      column,
      from: String(member.key[tableOf(question, member).key.indexOf(column)]),
      id: ids[at] ?? '',
      key: member.key,
      master: master.name,
      keeper: question.keepers.get(placeId(member)) ?? ''
    }))
  }

  #tableOf(name: string): RepairTable {
    const table = this.#kinship.tables.get(name)
    if (table === undefined) throw new Error(`${name} was not looked at`)
    return table
  }

  #requestFor(draft: Draft, movers: readonly Mover[]): IdRequest {
    const [first] = movers
    if (first === undefined) throw new Error('no row moves')
    const master = this.#request.masters.find(({ name }) => name === first.master)
    const { id } = tableOf(draft.question, first.member)
    const facts = this.#kinship.facts.get(first.master)?.get(first.member.table)
    if (master === undefined || id === null || facts === undefined)
      throw new Error(`${first.member.table} is not known`)
    return {
      master,
      lane: { master: master.name, ...master.lane },
      facts,
      table: writableOn(this.#tableOf(first.member.table), master.name),
      id,
      rows: movers.map(({ member }) => member.rows.get(master.name) ?? imageOf(member))
    }
  }
}

interface Mover {
  readonly member: Member
  readonly master: string
}
