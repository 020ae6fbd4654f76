import type { Version } from '../../audit/classify.js'
import type { Divergence } from '../../model/divergence.js'
import type { Wanted } from '../../model/repair.js'
import type { RowValues, SqlValue } from '../../model/value.js'

/** What the masters hold of one row. */
export interface Holdings {
  /** Every distinct content, with its holders, in the order of the masters. */
  readonly versions: readonly Version[]
  /** The masters that were read and lack the row. */
  readonly lacking: readonly string[]
}

/** What has to be done with a row on one master. */
export type Change = 'insert' | 'update' | 'delete'

/** Groups the masters by what they hold. */
export function holdingsOf({ rows }: Divergence): Holdings {
  const versions: { values: RowValues; masters: string[] }[] = []
  const lacking: string[] = []
  for (const [master, values] of Object.entries(rows)) {
    if (values === null) lacking.push(master)
    else {
      const same = versions.find((version) => sameRow(version.values, values))
      if (same === undefined) versions.push({ values, masters: [master] })
      else same.masters.push(master)
    }
  }
  return { versions, lacking }
}

/** Whether two values are the same down to the last byte, as far as reports tell them. */
export function sameValue(left: SqlValue | undefined, right: SqlValue | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

/**
 * What has to change on each master for the row to be there as wanted; nothing where it already is. Of a row
 * that is to be re-keyed, what points to it is not counted.
 */
export function changesFor(divergence: Divergence, wanted: Wanted): Readonly<Record<string, readonly Change[]>> {
  if (wanted.kind === 'rekeyed') return wanted.keeper === null ? {} : rekeyedChanges(divergence, wanted.keeper)
  const { rows } = divergence
  const target = targetRow(rows, wanted)
  if (target === undefined) return {}
  return Object.fromEntries(Object.entries(rows).map(([master, row]) => [master, changeBetween(row, target)]))
}

/** Every version but the keeper's is inserted under another key everywhere, and gives this one up. */
function rekeyedChanges(divergence: Divergence, keeper: string): Readonly<Record<string, readonly Change[]>> {
  const { versions } = holdingsOf(divergence)
  const moved = versions.filter(({ masters }) => !masters.includes(keeper)).map((): Change => 'insert')
  const kept = divergence.rows[keeper] ?? null
  return Object.fromEntries(
    Object.entries(divergence.rows).map(([master, row]) => [master, [...changeBetween(row, kept), ...moved]])
  )
}

function changeBetween(row: RowValues | null, target: RowValues | null): readonly Change[] {
  if (target === null) return row === null ? [] : ['delete']
  if (row === null) return ['insert']
  return sameRow(row, target) ? [] : ['update']
}

/** The row as every master shall have it, `null` for none, `undefined` when nothing was decided. */
function targetRow(rows: Divergence['rows'], wanted: Wanted): RowValues | null | undefined {
  switch (wanted.kind) {
    case 'version':
      return rows[wanted.master]
    case 'merged':
      return Object.fromEntries(
        Object.entries(wanted.from).map(([column, master]) => [column, rows[master]?.[column] ?? null])
      )
    case 'absent':
      return null
    // What is to change there depends on the family.
    case 'rekeyed':
    case 'family':
    case 'manual':
      return undefined
  }
}

function sameRow(left: RowValues, right: RowValues): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => sameValue(left[name], right[name]))
}
