import type { RowChange, RowImage, Step, WritableColumn, WritableTable } from '../../src/model/repair.js'
import type { Column } from '../../src/model/table.js'
import { identifier } from '../../src/sql/identifier.js'

/** A compared column that is read as it is, but for what is said otherwise. */
export function writable(form: Column, other: Partial<WritableColumn> = {}): WritableColumn {
  return {
    name: form.name,
    expression: identifier(form.name),
    form,
    compared: true,
    onUpdateNow: form.onUpdateNow,
    ...other
  }
}

/** `shop.items` with these columns, keyed by the first of them. */
export function writableTable(columns: readonly WritableColumn[], other: Partial<WritableTable> = {}): WritableTable {
  return {
    ref: { database: 'shop', table: 'items' },
    columns,
    key: columns.slice(0, 1).map((column) => column.form.name),
    moving: [],
    ...other
  }
}

/** A step of a change of its own, on master a. */
export function step(
  table: WritableTable,
  before: RowImage | null,
  after: RowImage | null,
  other: Partial<RowChange & Pick<Step, 'kind'>> = {}
): Step {
  const { kind = 'write', ...rest } = other
  const change: RowChange = { id: 1, master: 'a', table, before, after, why: 'missing, rule 1, winner b', ...rest }
  return { kind, change, before, after, needs: [], children: [] }
}
