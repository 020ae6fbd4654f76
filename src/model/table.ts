/** Names one table. Names are kept as the server returns them. */
export interface TableRef {
  readonly database: string
  readonly table: string
}

/** `db.table`, for people and for matching globs; not for SQL (see `sql/identifier.ts`). */
export function tableName(ref: TableRef): string {
  return `${ref.database}.${ref.table}`
}

/** One column, as `information_schema.columns` describes it. */
export interface Column {
  readonly name: string
  /** `DATA_TYPE` in lower case: `int`, `varchar`, `decimal`, … */
  readonly dataType: string
  /** `COLUMN_TYPE`, for example `int(10) unsigned`. */
  readonly columnType: string
  readonly unsigned: boolean
  readonly nullable: boolean
  /** `null` for columns that are not text. */
  readonly charset: string | null
  readonly collation: string | null
  /** Digits after the decimal point of an exact numeric column, else `null`. */
  readonly scale: number | null
  /** Digits in all of an exact numeric column, else `null`. */
  readonly precision: number | null
  readonly autoIncrement: boolean
  /** The expression of a generated column, else `null`. */
  readonly generated: string | null
  /** The default expression as the server prints it, else `null`. */
  readonly defaultValue: string | null
  /** Set by the server to the current time at every UPDATE. */
  readonly onUpdateNow: boolean
}

/** One index whose columns are unique together. */
export interface UniqueKey {
  readonly name: string
  readonly columns: readonly string[]
  /** True for `PRIMARY`. */
  readonly primary: boolean
  /** True when one of its columns may be NULL: then it does not name every row. */
  readonly nullable: boolean
  /** True when the index holds its keys in order; hash indexes do not, and the optimizer may be told to leave one alone. */
  readonly ordered: boolean
  /** True when an index part covers only a prefix of its column: then it cannot serve as a range key. */
  readonly prefix: boolean
}

/** What one master says of one base table. */
export interface TableSchema {
  readonly ref: TableRef
  readonly engine: string
  readonly columns: readonly Column[]
  readonly uniqueKeys: readonly UniqueKey[]
  /** The server's own estimate of the row count; only ever used for progress and sizing. */
  readonly estimatedRows: number
  /** The server's own estimate of the bytes in a row. */
  readonly averageRowBytes: number
  /** The next automatic id, `null` for a table without one. */
  readonly nextId: string | null
}
