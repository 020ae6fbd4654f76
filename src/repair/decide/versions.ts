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

/** What has to change on each master for the row to be there as wanted; masters where it already is have no entry. */
export function changesFor({ rows }: Divergence, wanted: Wanted): Readonly<Record<string, Change>> {
  const target = targetRow(rows, wanted)
  if (target === undefined) return {}
  return Object.fromEntries(
    Object.entries(rows).flatMap(([master, row]): [string, Change][] => {
      const change = changeBetween(row, target)
      return change === null ? [] : [[master, change]]
    })
  )
}

function changeBetween(row: RowValues | null, target: RowValues | null): Change | null {
  if (target === null) return row === null ? null : 'delete'
  if (row === null) return 'insert'
  return sameRow(row, target) ? null : 'update'
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
    case 'manual':
      return undefined
  }
}

function sameRow(left: RowValues, right: RowValues): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => sameValue(left[name], right[name]))
}
