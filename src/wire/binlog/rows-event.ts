import { lengthPrefix, prefixedLength } from '../protocol.js'
import { ImageCutter, type RowCells } from './cells.js'
import { EventType } from './codes.js'
import { inflateMariadb } from './compressed.js'
import type { TableMap } from './table-map.js'

/** Takes the images of one changed row; `null` for no row. They are only valid during the call. */
export type TakeRow = (before: RowCells | null, after: RowCells | null) => void

type Verb = 'insert' | 'update' | 'delete'

interface RowsEvent {
  readonly verb: Verb
  /** Table id and flags; from version 2 on also something more, with its length. */
  readonly version: 1 | 2
  readonly compressed: boolean
}

const ROWS_EVENTS: ReadonlyMap<number, RowsEvent> = new Map([
  [EventType.writeRowsV1, { verb: 'insert', version: 1, compressed: false }],
  [EventType.updateRowsV1, { verb: 'update', version: 1, compressed: false }],
  [EventType.deleteRowsV1, { verb: 'delete', version: 1, compressed: false }],
  [EventType.writeRows, { verb: 'insert', version: 2, compressed: false }],
  [EventType.updateRows, { verb: 'update', version: 2, compressed: false }],
  [EventType.deleteRows, { verb: 'delete', version: 2, compressed: false }],
  [EventType.compressedWriteRowsV1, { verb: 'insert', version: 1, compressed: true }],
  [EventType.compressedUpdateRowsV1, { verb: 'update', version: 1, compressed: true }],
  [EventType.compressedDeleteRowsV1, { verb: 'delete', version: 1, compressed: true }],
  [EventType.compressedWriteRows, { verb: 'insert', version: 2, compressed: true }],
  [EventType.compressedUpdateRows, { verb: 'update', version: 2, compressed: true }],
  [EventType.compressedDeleteRows, { verb: 'delete', version: 2, compressed: true }]
])

/** Whether an event holds changed rows. */
export function isRowsEvent(type: number): boolean {
  return ROWS_EVENTS.has(type)
}

/** The table that a table map or rows event is about, as numbered within its binlog. */
export function tableId(body: Buffer): number {
  return body.readUIntLE(0, 6)
}

/** Bytes of table id and flags. */
export const TABLE_HEAD = 8

/** What the images before and after a change are cut by. */
export type Cutters = readonly [before: ImageCutter, after: ImageCutter]

/** For the rows of this table. */
export function cuttersFor({ cells }: TableMap): Cutters {
  return [new ImageCutter(cells), new ImageCutter(cells)]
}

/** Hands over every row of an event. @param body without its header. @throws {UnknownCell} */
export function readRows(type: number, body: Buffer, cutters: Cutters, take: TakeRow): void {
  const event = ROWS_EVENTS.get(type)
  if (event === undefined) throw new Error(`event ${type} holds no rows`)
  // The length of what is more counts its own two bytes.
  const width = event.version === 1 ? TABLE_HEAD : TABLE_HEAD + body.readUInt16LE(TABLE_HEAD)
  const bitmap = (prefixedLength(body, width) + 7) >> 3
  const first = width + lengthPrefix(body[width] ?? 0)
  const present = body.subarray(first, first + bitmap)
  const second = event.verb === 'update' ? body.subarray(first + bitmap, first + 2 * bitmap) : present
  const from = first + (event.verb === 'update' ? 2 : 1) * bitmap
  const rows = event.compressed ? inflateMariadb(body.subarray(from)) : body.subarray(from)
  eachRow(event.verb, rows, cutters, [present, second], take)
}

function eachRow(
  verb: Verb,
  rows: Buffer,
  [before, after]: Cutters,
  present: readonly [Buffer, Buffer],
  take: TakeRow
): void {
  for (let at = 0; at < rows.length; ) {
    if (verb === 'insert') {
      at = after.cut(rows, at, present[0])
      take(null, after)
      continue
    }
    at = before.cut(rows, at, present[0])
    if (verb === 'update') at = after.cut(rows, at, present[1])
    take(before, verb === 'update' ? after : null)
  }
}
