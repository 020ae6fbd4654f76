import type { Ruling } from '../../model/repair.js'
import type { Ruled } from '../plan/plan-rows.js'
import type { ChangedRow, PlannedRow, RowFate } from '../plan/planned-row.js'
import type { Draft } from './draft.js'
import { placeId } from './family.js'
import { leftText, ruleOf } from './family-words.js'
import { isParting, isSeed, type Located } from './located.js'
import type { Refusal } from './refusal.js'
import type { Settled } from './settle.js'

/** What is planned of the rows of a family that were found to differ. */
export interface PlannedFamily {
  readonly rows: ReadonlyMap<Ruled, PlannedRow>
  readonly warnings: readonly string[]
}

/** The rows of a family that will be written; the first carries along those that nobody has reported. */
export function plannedRows(
  draft: Draft,
  rows: readonly Settled[],
  moves: string,
  changed: ReadonlyMap<string, ChangedRow>
): ReadonlyMap<Ruled, PlannedRow> {
  const moving = new Set(rows.filter(isMoved).map(({ member }) => placeId(member)))
  const told = new Set(draft.own.map(({ seed }) => placeId(seed)))
  const carried = [...changed].flatMap(([id, row]) => (told.has(id) ? [] : row))
  const bearer = draft.own.find(({ seed }) => changed.has(placeId(seed)))
  return new Map(
    draft.own.map((located): [Ruled, PlannedRow] => {
      const id = placeId(located.seed)
      const ruling: Ruling = {
        ...ruleOf(draft),
        because: becauseOf(located, draft, moving.has(id) ? moves : ''),
        winner: null,
        wanted: { kind: 'family', moves: moving.has(id) }
      }
      const fate = fateOf(changed.get(id), located === bearer ? carried : [])
      return [located.ruled, { ...located.ruled, ruling, fate }]
    })
  )
}

/** A family of which nothing is written. */
export function leftAlone(draft: Draft, { kind, reasons }: Refusal): PlannedFamily {
  const reason = leftText(draft, reasons)
  const ruling = { ...ruleOf(draft), because: reason, winner: null, wanted: { kind: 'manual' } } as const
  const rows = draft.own.map(({ ruled }): [Ruled, PlannedRow] => [ruled, { ...ruled, ruling, fate: { kind, reason } }])
  return { rows: new Map(rows), warnings: rows.length === 0 ? [reason] : [] }
}

/** What stands in the way is not for people to decide. */
export function refused(reasons: readonly string[]): Refusal {
  return { kind: 'refused', reasons }
}

/** Rows under a key that nobody counts up, and that nothing parts, are for people to decide. */
export function unsettled({ own }: Draft, problems: readonly string[]): Refusal {
  const seeds = own.filter(isSeed)
  if (seeds.length === 0 || !seeds.every(isParting)) return refused(problems)
  return { kind: 'manual', reasons: [...seeds.map(({ ruled }) => ruled.ruling.because), ...problems] }
}

function isMoved({ member, key }: Settled): boolean {
  return placeId(member) !== placeId({ table: member.table, key })
}

function becauseOf(located: Located, { name }: Draft, moves: string): string {
  const belongs = `it belongs to ${name}`
  if (moves === '') return belongs
  return isSeed(located) && !isParting(located) ? `${located.ruled.ruling.because}; ${moves}` : `${belongs}; ${moves}`
}

function fateOf(row: ChangedRow | undefined, carried: readonly ChangedRow[]): RowFate {
  if (row === undefined) return { kind: 'stale', reason: 'the row is as wanted on every master by now' }
  return carried.length === 0 ? { kind: 'change', ...row } : { kind: 'change', ...row, carried }
}
