import { findColumn } from '../audit/schema-drift.js'
import type { AuditTable } from '../audit/table-plan.js'
import type { Column } from '../model/table.js'
import type { RowValues, SqlValue } from '../model/value.js'
import type { RowCells } from '../wire/binlog/cells.js'
import { CellType } from '../wire/binlog/codes.js'
import type { CellLayout, TableMap } from '../wire/binlog/table-map.js'
import { comparable } from '../wire/comparable.js'
import { cellValue } from './cell-value.js'

/** A compared column, and where it stands in the binlog of one master. */
interface Place {
  readonly form: Column
  readonly own: Column
  readonly at: number
  readonly layout: CellLayout
}

/**
 * Prints the row images of one table in the binlog of one master as the audit prints its rows. A binlog names no columns:
 * they are those that the table has now, so whoever reads must notice when it was altered.
 */
export class ImageReader {
  readonly #key: readonly Place[]
  readonly #compared: readonly Place[]

  /** @throws when the table had another shape when this was logged. */
  constructor(table: AuditTable, master: string, map: TableMap) {
    const columns = table.schemas.get(master)?.columns ?? []
    if (columns.length !== map.cells.length || !columns.every((column, at) => fits(column, map.cells[at]))) {
      throw new Error('the table had other columns when its rows were logged')
    }
    const schema = table.schemas.get(master)
    const placeOf = (form: Column): Place[] => {
      const own = schema === undefined ? null : findColumn(schema, form.name)
      const at = own === null ? -1 : columns.indexOf(own)
      const layout = map.cells[at]
      return own === null || layout === undefined ? [] : [{ form, own, at, layout }]
    }
    this.#key = table.keyColumns.flatMap(placeOf)
    this.#compared = table.tableColumns.flatMap(placeOf)
  }

  /** Whether a change left the key as it was; what an image leaves out has not changed. */
  keepsKey(before: RowCells, after: RowCells): boolean {
    return this.#key.every(({ at }) => {
      const [left, right] = [before.cell(at), after.cell(at)]
      return right == null || left?.equals(right) === true
    })
  }

  /**
   * The key of a row; `null` when it cannot be told.
   * @param before the row before it was changed: what an image leaves out has not changed.
   */
  key(cells: RowCells, before: RowCells = cells): readonly SqlValue[] | null {
    const values = this.#key.map((place) => valueAt(cells, place) ?? valueAt(before, place))
    return values.every((value) => value != null) ? values : null
  }

  /** The compared columns that the image has, as far as they can be read. */
  image(cells: RowCells): RowValues {
    return Object.fromEntries(
      this.#compared.flatMap((place) => {
        const value = valueAt(cells, place)
        return value === undefined ? [] : [[place.form.name, value] as const]
      })
    )
  }
}

function valueAt(cells: RowCells, { form, own, at, layout }: Place): SqlValue | undefined {
  const cell = cells.cell(at)
  if (cell === undefined || cell === null) return cell
  const value = cellValue(cell, layout, own, form)
  return value === undefined ? undefined : comparable(form, value)
}

/** Types of cells that the values of a column of these types are logged as. Types that are not listed go by any. */
const LOGGED_AS: Readonly<Record<string, readonly number[]>> = {
  tinyint: [CellType.tiny],
  smallint: [CellType.short],
  mediumint: [CellType.int24],
  int: [CellType.long],
  bigint: [CellType.longlong],
  decimal: [CellType.newDecimal],
  float: [CellType.float],
  double: [CellType.double],
  year: [CellType.year],
  date: [CellType.date, CellType.newDate],
  datetime: [CellType.datetime2],
  timestamp: [CellType.timestamp2],
  time: [CellType.time2],
  varchar: [CellType.varchar, CellType.varString, CellType.compressedVarchar],
  varbinary: [CellType.varchar, CellType.varString, CellType.compressedVarchar],
  char: [CellType.string],
  binary: [CellType.string],
  enum: [CellType.enum],
  set: [CellType.set],
  bit: [CellType.bit],
  json: [CellType.json]
}

function fits({ dataType }: Column, layout: CellLayout | undefined): boolean {
  return layout !== undefined && (LOGGED_AS[dataType]?.includes(layout.type) ?? true)
}
