/**
 * The shape of a row in the binary protocol:
 * `0x00`, a NULL bitmap of `(columns + 9) >> 3` bytes whose first two bits are unused, then every value that is not NULL.
 * Source: "Binary Protocol Resultset Row" in the MySQL client/server protocol documentation; MariaDB's is the same.
 */

/** Column type codes that decide how long a value is. Every code not listed is a length-encoded string. */
export const ColumnType = {
  tiny: 0x01,
  short: 0x02,
  long: 0x03,
  float: 0x04,
  double: 0x05,
  timestamp: 0x07,
  longlong: 0x08,
  int24: 0x09,
  date: 0x0a,
  time: 0x0b,
  datetime: 0x0c,
  year: 0x0d,
  newdecimal: 0xf6
} as const

/** Bytes from the start of a row packet to the first value. */
export function valuesOffset(columns: number): number {
  return 1 + ((columns + 9) >> 3)
}

/** Whether column `at` of the row packet that starts at `start` is NULL. */
export function isNull(buffer: Uint8Array, start: number, at: number): boolean {
  const bit = at + 2
  return ((buffer[start + 1 + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0
}

/** Bytes of a value whose length depends on its type alone, 0 when the length stands before the value. */
export function fixedLength(type: number): number {
  switch (type) {
    case ColumnType.tiny:
      return 1
    case ColumnType.short:
    case ColumnType.year:
      return 2
    case ColumnType.long:
    case ColumnType.int24:
    case ColumnType.float:
      return 4
    case ColumnType.longlong:
    case ColumnType.double:
      return 8
    default:
      return 0
  }
}

/** Bytes of the length that stands before a value of variable length, by its first byte. */
export function lengthPrefix(first: number): number {
  switch (first) {
    case 0xfc:
      return 3
    case 0xfd:
      return 4
    case 0xfe:
      return 9
    default:
      return 1
  }
}

/** The length itself; `at` is where the prefix starts. */
export function prefixedLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0
  if (first < 0xfb) return first
  if (first === 0xfc) return buffer.readUInt16LE(at + 1)
  if (first === 0xfd) return buffer.readUIntLE(at + 1, 3)
  return Number(buffer.readBigUInt64LE(at + 1))
}
