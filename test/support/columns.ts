import type { SchemaOf } from '../../src/audit/schema-drift.js'
import type { AuditTable } from '../../src/audit/table-plan.js'
import type { Column, TableSchema, UniqueKey } from '../../src/model/table.js'

/** A signed INT column that may not be NULL, but for what is said otherwise. */
export function column(name: string, other: Partial<Column> = {}): Column {
  return {
    name,
    dataType: 'int',
    columnType: other.dataType ?? 'int',
    unsigned: false,
    nullable: false,
    charset: null,
    collation: null,
    scale: null,
    precision: null,
    autoIncrement: false,
    generated: null,
    defaultValue: null,
    onUpdateNow: false,
    ...other
  }
}

/** A VARCHAR column in utf8mb4. */
export function textColumn(name: string, other: Partial<Column> = {}): Column {
  return column(name, { dataType: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_bin', ...other })
}

/** A unique key that can name every row, but for what is said otherwise. */
export function uniqueKey(name: string, columns: readonly string[], other: Partial<UniqueKey> = {}): UniqueKey {
  return { name, columns, primary: name === 'PRIMARY', nullable: false, ordered: true, prefix: false, ...other }
}

/** `shop.items` with these columns and a primary key on the first of them. */
export function schema(columns: readonly Column[], other: Partial<TableSchema> = {}): TableSchema {
  return {
    ref: { database: 'shop', table: 'items' },
    engine: 'InnoDB',
    columns,
    uniqueKeys: [uniqueKey('PRIMARY', [columns[0]?.name ?? ''])],
    estimatedRows: 1000,
    averageRowBytes: 100,
    nextId: null,
    ...other
  }
}

/** What masters a, b, c, … say of one table: MySQL, with lanes of their own, but for what is said otherwise. */
export function onMasters(shapes: readonly TableSchema[], other: Partial<SchemaOf> = {}): readonly SchemaOf[] {
  return shapes.map((shape, at) => ({
    master: 'abcdef'.charAt(at),
    vendor: 'mysql',
    schema: shape,
    increment: shapes.length,
    ...other
  }))
}

/** `shop.items` ready for reading, keyed by its first column. */
export function auditTable(columns: readonly Column[], other: Partial<AuditTable> = {}): AuditTable {
  return {
    ref: { database: 'shop', table: 'items' },
    schemas: new Map(),
    readings: new Map(),
    keyColumns: columns.slice(0, 1),
    columns,
    tableColumns: columns,
    summed: [],
    json: [],
    drift: [],
    pushed: false,
    notes: [],
    where: null,
    looseKey: false,
    alternateKeys: [],
    identity: null,
    estimatedRows: 1000,
    averageRowBytes: 100,
    ...other
  }
}
