import { text } from './literal.js'

const inDatabases = (column: string, databases: readonly string[]) => `${column} IN (${databases.map(text).join(', ')})`

/** Engines, and whether what is written to their tables can be rolled back. */
export const selectEngines = 'SELECT ENGINE AS engine, TRANSACTIONS AS transactions FROM information_schema.ENGINES'

/** Tables, with what else than an ordinary table each may be. */
export const selectTableKinds = (
  databases: readonly string[]
) => `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, ENGINE AS engine, TABLE_TYPE AS kind
FROM information_schema.TABLES
WHERE ${inDatabases('TABLE_SCHEMA', databases)}`

/** Columns as they are on this master. */
export const selectColumnFacts = (
  databases: readonly string[]
) => `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS data_type,
  COLUMN_TYPE AS column_type, IS_NULLABLE AS nullable, CHARACTER_MAXIMUM_LENGTH AS length, COLLATION_NAME AS collation_name,
  LOWER(EXTRA) AS extra, COALESCE(GENERATION_EXPRESSION, '') <> '' AS is_generated
FROM information_schema.COLUMNS
WHERE ${inDatabases('TABLE_SCHEMA', databases)}
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`

/** The parts of unique indexes, in index order. A part without a column name is an expression. */
export const selectUniqueParts = (
  usable: string,
  databases: readonly string[]
) => `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, COLUMN_NAME AS column_name,
  SUB_PART AS prefix_length, INDEX_TYPE AS index_type, ${usable} AS usable
FROM information_schema.STATISTICS
WHERE NON_UNIQUE = 0 AND ${inDatabases('TABLE_SCHEMA', databases)}
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`

/** Triggers that the account may see. */
export const selectTriggers = (
  databases: readonly string[]
) => `SELECT EVENT_OBJECT_SCHEMA AS db, EVENT_OBJECT_TABLE AS tbl, TRIGGER_NAME AS name, EVENT_MANIPULATION AS verb,
  ACTION_TIMING AS timing
FROM information_schema.TRIGGERS
WHERE ${inDatabases('EVENT_OBJECT_SCHEMA', databases)}
ORDER BY EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME`

/**
 * The columns of foreign keys that lie in these databases or point into them, in order, as far as the account may see them.
 * MariaDB hides the rules from accounts that may only read.
 */
export const selectForeignKeys = (
  databases: readonly string[]
) => `SELECT k.TABLE_SCHEMA AS db, k.TABLE_NAME AS tbl, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS column_name,
  k.REFERENCED_TABLE_SCHEMA AS parent_db, k.REFERENCED_TABLE_NAME AS parent_tbl, k.REFERENCED_COLUMN_NAME AS parent_column,
  r.DELETE_RULE AS on_delete, r.UPDATE_RULE AS on_update
FROM information_schema.KEY_COLUMN_USAGE k
LEFT JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
  AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
WHERE k.REFERENCED_TABLE_NAME IS NOT NULL
  AND (${inDatabases('k.TABLE_SCHEMA', databases)} OR ${inDatabases('k.REFERENCED_TABLE_SCHEMA', databases)})
ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`
