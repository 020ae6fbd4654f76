import { readKeys, readRowsWhere } from '../../audit/fetch.js'
import type { RowShape } from '../../audit/row-shape.js'
import type { Session } from '../../masters/session.js'
import type { Key } from '../../model/range.js'
import type { RowImage, WritableTable } from '../../model/repair.js'
import type { RowValues } from '../../model/value.js'
import { exactLiteral } from '../../sql/exact-literal.js'
import { type RepairTable, writableOn } from './repair-table.js'

/** Rows read by key in one statement: short enough for any `max_allowed_packet` with wide keys. */
const BATCH_ROWS = 250

/** A row as one master holds it: to be written elsewhere, and to be shown. */
export interface HeldRow {
  readonly image: RowImage
  /** As reports print it. */
  readonly values: RowValues
}

/** How rows are locked while they are read: not at all, against being changed, to be changed, or only those that nobody holds. */
export type Locking = 'none' | 'shared' | 'exclusive' | 'unheld'

/** Works on every supported server; the newer words do not. */
const LOCKING: Readonly<Record<Locking, string>> = {
  none: '',
  shared: ' LOCK IN SHARE MODE',
  exclusive: ' FOR UPDATE',
  unheld: ' FOR UPDATE SKIP LOCKED'
}

/** Reads rows by key on the master of the session; results are in the order of `keys`, `null` for no such row. */
export async function readHeldRows(
  session: Session,
  table: RepairTable,
  keys: readonly Key[],
  locking: Locking
): Promise<readonly (HeldRow | null)[]> {
  const writable = writableOn(table, session.master)
  const rows: (HeldRow | null)[] = []
  for (let at = 0; at < keys.length; at += BATCH_ROWS) {
    const batch = keys.slice(at, at + BATCH_ROWS)
    const read = await readKeys(session, table.reading, batch, LOCKING[locking], (shape, packet) =>
      heldRow(shape, packet, writable)
    )
    rows.push(...read)
  }
  return rows
}

/** Reads the rows for which a condition in SQL holds, on the master of the session. */
export function findHeldRows(
  session: Session,
  table: RepairTable,
  condition: string
): Promise<readonly { readonly key: Key; readonly row: HeldRow }[]> {
  const writable = writableOn(table, session.master)
  return readRowsWhere(session, table.reading, condition, (shape, packet, key) => ({
    key,
    row: heldRow(shape, packet, writable)
  }))
}

function heldRow(shape: RowShape, packet: Buffer, writable: WritableTable): HeldRow {
  const row = shape.split(packet)
  const exact = shape.exact(row)
  const image = writable.columns.map(({ form }) => [form.name, exactLiteral(form, exact[form.name] ?? null)] as const)
  return { image: Object.fromEntries(image), values: shape.values(row) }
}

/** Whether two states of a row are alike in every column that is compared, as `columns` say it. */
export function sameImages(
  table: WritableTable,
  left: RowImage | null,
  right: RowImage | null,
  columns: 'compared' | 'all' = 'compared'
): boolean {
  if (left === null || right === null) return left === right
  return differingColumns(table, left, right, columns).length === 0
}

/** The columns, by their names in images, in which two rows differ. */
export function differingColumns(
  table: WritableTable,
  left: RowImage,
  right: RowImage,
  columns: 'compared' | 'all' = 'compared'
): readonly string[] {
  return table.columns
    .filter((column) => column.compared || columns === 'all')
    .map((column) => column.form.name)
    .filter((name) => left[name] !== right[name])
}
