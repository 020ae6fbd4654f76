import { fixedLength, isNull, lengthPrefix, prefixedLength, valuesOffset } from './protocol.js'

/** One row cut into its values: raw bytes, `null` for NULL. Equal bytes are equal values of equal columns. */
export type RawRow = readonly (Buffer | null)[]

/** Cuts a row packet into its values, which stay views of the packet. `types` has the type code of every column. */
export function splitRow(packet: Buffer, types: readonly number[]): RawRow {
  let at = valuesOffset(types.length)
  return types.map((type, column) => {
    if (isNull(packet, 0, column)) return null
    const value = valueAt(packet, at, type)
    at += value.size
    return value.bytes
  })
}

/**
 * The values of a key as they stand in a row packet: its columns come first in the row and are never NULL, so these bytes
 * tell keys apart and can be cut again by {@link splitKey}.
 */
export function keyBytes(packet: Buffer, start: number, types: readonly number[], keyColumns: number): Buffer {
  const from = start + valuesOffset(types.length)
  return packet.subarray(from, keyEnd(packet, from, types.slice(0, keyColumns).map(fixedLength)))
}

/**
 * Where a key ends that begins at `from`; see {@link keyBytes}.
 * @param lengths bytes of each of its values, 0 where the length stands before the value.
 */
export function keyEnd(packet: Buffer, from: number, lengths: readonly number[]): number {
  let at = from
  for (const fixed of lengths) {
    at += fixed === 0 ? lengthPrefix(packet[at] ?? 0) + prefixedLength(packet, at) : fixed
  }
  return at
}

/** Cuts what {@link keyBytes} returned into its values; `types` has the type codes of the key columns. */
export function splitKey(key: Buffer, types: readonly number[]): readonly Buffer[] {
  let at = 0
  return types.map((type) => {
    const value = valueAt(key, at, type)
    at += value.size
    return value.bytes
  })
}

function valueAt(packet: Buffer, at: number, type: number): { readonly bytes: Buffer; readonly size: number } {
  const fixed = fixedLength(type)
  const prefix = fixed === 0 ? lengthPrefix(packet[at] ?? 0) : 0
  const size = prefix + (fixed === 0 ? prefixedLength(packet, at) : fixed)
  if (at + size > packet.length) throw new Error('a row packet ends before its last value')
  return { bytes: packet.subarray(at + prefix, at + size), size }
}

/**
 * Takes the last column, an integer that is never NULL, off a row packet: its value, and the packet as the server would
 * have sent it without that column. `types` has the type codes of all columns; servers size integers by their values.
 */
export function splitTag(packet: Buffer, types: readonly number[]): { readonly tag: number; readonly packet: Buffer } {
  const columns = types.length - 1
  if (isNull(packet, 0, columns)) throw new Error('the server matched a row with none of the keys asked for')
  const size = fixedLength(types[columns] ?? 0)
  const end = packet.length - size
  return {
    tag: size === 8 ? Number(packet.readBigInt64LE(end)) : packet.readIntLE(end, size),
    packet: Buffer.concat([packet.subarray(0, valuesOffset(columns)), packet.subarray(valuesOffset(columns + 1), end)])
  }
}

/** The row packet with other bytes for some of its values, which must be length-encoded and not NULL. */
export function replaceValues(packet: Buffer, types: readonly number[], replaced: ReadonlyMap<number, Buffer>): Buffer {
  const parts = [packet.subarray(0, valuesOffset(types.length))]
  let at = valuesOffset(types.length)
  for (const [column, type] of types.entries()) {
    if (isNull(packet, 0, column)) continue
    const { size } = valueAt(packet, at, type)
    const value = replaced.get(column)
    if (value === undefined) parts.push(packet.subarray(at, at + size))
    else parts.push(lengthEncoded(value.length), value)
    at += size
  }
  return Buffer.concat(parts)
}

function lengthEncoded(length: number): Buffer {
  if (length < 0xfb) return Buffer.of(length)
  const prefix = Buffer.alloc(9, 0xfe)
  prefix.writeBigUInt64LE(BigInt(length), 1)
  return prefix
}
