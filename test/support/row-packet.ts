/**
 * An encoder of row packets that shares nothing with `src/wire`: written from the description of "Binary Protocol
 * Resultset Row" and "Length-Encoded Integer" in the MySQL client/server protocol, as an oracle for the code that reads.
 */

/** A value of a row: `int` of 1, 2, 4 or 8 bytes, `text` with its length before it, or NULL. */
export type Cell =
  | { readonly kind: 'int'; readonly bytes: 1 | 2 | 4 | 8; readonly value: bigint }
  | { readonly kind: 'text'; readonly value: Buffer }
  | { readonly kind: 'null' }

export const NULL: Cell = { kind: 'null' }

export function int(value: number | bigint, bytes: 1 | 2 | 4 | 8 = 4): Cell {
  return { kind: 'int', bytes, value: BigInt(value) }
}

export function text(value: string | Buffer): Cell {
  return { kind: 'text', value: Buffer.from(value) }
}

/** The packet of one row. */
export function rowPacket(cells: readonly Cell[]): Buffer {
  const bitmap = Buffer.alloc(Math.floor((cells.length + 7 + 2) / 8))
  for (const [at, cell] of cells.entries()) {
    const byte = Math.floor((at + 2) / 8)
    if (cell.kind === 'null') bitmap[byte] = (bitmap[byte] ?? 0) + 2 ** ((at + 2) % 8)
  }
  return Buffer.concat([Buffer.of(0), bitmap, ...cells.map(encoded)])
}

/** The bytes of a value as they follow each other in a packet. */
export function encoded(cell: Cell): Buffer {
  switch (cell.kind) {
    case 'null':
      return Buffer.alloc(0)
    case 'int':
      return littleEndian(BigInt.asUintN(cell.bytes * 8, cell.value), cell.bytes)
    case 'text':
      return Buffer.concat([lengthEncoded(cell.value.length), cell.value])
  }
}

/** The bytes of a value without the length before it; `null` for NULL. */
export function valueBytes(cell: Cell): Buffer | null {
  if (cell.kind === 'null') return null
  return cell.kind === 'text' ? cell.value : encoded(cell)
}

function lengthEncoded(length: number): Buffer {
  if (length < 251) return Buffer.of(length)
  if (length < 2 ** 16) return Buffer.concat([Buffer.of(0xfc), littleEndian(BigInt(length), 2)])
  if (length < 2 ** 24) return Buffer.concat([Buffer.of(0xfd), littleEndian(BigInt(length), 3)])
  return Buffer.concat([Buffer.of(0xfe), littleEndian(BigInt(length), 8)])
}

function littleEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => Number((value >> BigInt(8 * at)) & 255n)))
}
