import { decidingLanes } from '../decide/deciding.js'
import { namedRow } from '../plan/named-row.js'
import type { Draft } from './draft.js'
import { type Member, placeId } from './family.js'
import type { Kinship } from './kinship.js'
import { placeholders } from './placeholders.js'
import type { FamilyRequest } from './rekeying.js'
import { settleFamily } from './settle.js'
import { Writers } from './writers.js'

/** A row of which it has to be known who wrote it. */
interface Undecided {
  readonly draft: Draft
  readonly member: Member
}

/** Finds out who wrote the rows that point to a key under which masters hold different rows: they belong to his. */
export async function knowWriters(
  drafts: readonly Draft[],
  kinship: Kinship,
  { masters, rekeying }: FamilyRequest
): Promise<Writers> {
  const serverIds = new Map(masters.map(({ info, name }) => [info.serverId, name]))
  const writers = new Writers(decidingLanes(masters), serverIds)
  for (const { own } of drafts) for (const { ruled, seed } of own) writers.add(seed, ruled.divergence.evidence)
  const unknown = rekeying.readEvidence === null ? [] : drafts.flatMap((draft) => undecidedIn(draft, writers))
  if (unknown.length === 0) return writers
  const found = (await rekeying.readEvidence?.(unknown.map((each) => asReported(each, kinship)))) ?? []
  for (const [at, { member }] of unknown.entries()) writers.add(member, found[at] ?? null)
  return writers
}

function undecidedIn(draft: Draft, writers: Writers): readonly Undecided[] {
  if (draft.refusal !== null) return []
  const found = settleFamily(draft.question, draft.parted, placeholders(draft.parted), (member) =>
    writers.byInsert(member)
  )
  return found.kind === 'settled' ? [] : found.undecided.map((member) => ({ draft, member }))
}

function asReported({ draft, member }: Undecided, { tables }: Kinship) {
  const table = tables.get(member.table)
  const relative = draft.clan.relatives.find((each) => placeId(each) === placeId(member))
  if (table === undefined || relative === undefined) throw new Error(`${member.table} was not looked at`)
  const rows = [...relative.held].map(([master, row]) => [master, row?.values ?? null] as const)
  return namedRow(table, member.key, Object.fromEntries(rows))
}
