import type { TableRef } from '../model/table.js'
import { text } from './literal.js'

const SYSTEM_SCHEMAS = ['mysql', 'information_schema', 'performance_schema', 'sys']

const notSystem = `TABLE_SCHEMA NOT IN (${SYSTEM_SCHEMAS.map(text).join(', ')})`

/** Every base table that the account may see. MariaDB lists tables that keep their row history apart. */
export const selectTables = `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, ENGINE AS engine,
  TABLE_ROWS AS estimated_rows, AUTO_INCREMENT AS next_id, AVG_ROW_LENGTH AS average_row_bytes
FROM information_schema.TABLES
WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ${notSystem}
ORDER BY TABLE_SCHEMA, TABLE_NAME`

/** What else goes by the name of a table: views, sequences. */
export const selectOtherObjects = `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, LOWER(TABLE_TYPE) AS kind
FROM information_schema.TABLES
WHERE TABLE_TYPE NOT IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ${notSystem}`

const columnsWhere = (condition: string) => `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, COLUMN_NAME AS name,
  DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, IS_NULLABLE AS nullable, CHARACTER_SET_NAME AS charset_name,
  COLLATION_NAME AS collation_name, NUMERIC_PRECISION AS numeric_digits, NUMERIC_SCALE AS numeric_decimals,
  EXTRA AS extra, GENERATION_EXPRESSION AS generated_as, COLUMN_DEFAULT AS default_value
FROM information_schema.COLUMNS
WHERE ${condition}
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`

/** The columns of those tables, in table order. */
export const selectColumns = columnsWhere(notSystem)

/** The columns of one table, in table order. */
export function selectColumnsOf({ database, table }: TableRef): string {
  return columnsWhere(`TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(table)}`)
}

/**
 * The parts of their unique indexes, in index order. `usable` tells by YES or NO whether the optimizer may use one; each
 * vendor has its own column for it. An index part without a column name is an expression.
 */
export const selectUniqueKeys = (
  usable: string
) => `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, COLUMN_NAME AS column_name,
  SUB_PART AS prefix_length, NULLABLE AS nullable, INDEX_TYPE AS index_type, ${usable} AS usable
FROM information_schema.STATISTICS
WHERE NON_UNIQUE = 0 AND ${notSystem}
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`
