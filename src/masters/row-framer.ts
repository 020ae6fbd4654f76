/** Length (3 bytes, little endian) and sequence number in front of every packet. */
export const HEADER_BYTES = 4
/** A packet of this length is continued by the next one. */
const CONTINUED = 0xffffff
/** The first byte of a row in the binary protocol; the packets that end the rows begin with 0xfe or 0xff. */
const ROW = 0x00

/** Room for an incomplete packet that is kept for the next one. */
const MOST_KEPT = 2 * 1024 * 1024
const NO_ROOM = Buffer.alloc(0)

/** Takes row packets as they arrive. Buffers are those of the socket: they are only valid during the call. */
export interface RowSink {
  /**
   * Whole row packets, so many, one behind the other in `buffer[start, end)`, each with its header; sequence numbers are set
   * to zero, so that equal rows are equal bytes.
   */
  block(buffer: Buffer, start: number, end: number, rows: number): void
  /** A row that was too large for one packet, put together, without headers. */
  large(row: Buffer): void
}

/** What the driver does with the packets that are not rows. */
export interface OtherPackets {
  /** A whole packet, with its header; valid during the call. */
  forward(packet: Buffer): void
  /** Whether the next packets may be rows: the columns are known and their end was seen. */
  expectsRows(): boolean
}

/**
 * Cuts the bytes of a connection into packets and takes the rows out. Socket reads end anywhere, so an incomplete packet is
 * kept until the rest of it arrives; complete ones are used where they lie.
 */
export class RowFramer {
  /** Rows taken out so far. */
  rows = 0
  readonly #sink: RowSink
  readonly #others: OtherPackets
  /** Has room for the packet whose rest has not arrived, and its first `#held` bytes. */
  #partial = NO_ROOM
  #held = 0
  /** The parts of a row that goes on in the next packet. */
  #parts: Buffer[] = []

  constructor(sink: RowSink, others: OtherPackets) {
    this.#sink = sink
    this.#others = others
  }

  /** Takes what one read of the socket returned, and keeps nothing of the chunk itself. */
  push(chunk: Buffer): void {
    this.#takeAll(this.#held === 0 ? chunk : this.#complete(chunk))
  }

  /** Completes the held packet and takes it; returns what is left of the chunk, nothing when more is needed. */
  #complete(chunk: Buffer): Buffer {
    const payload = this.#hold(chunk, HEADER_BYTES)
    if (this.#held < HEADER_BYTES) return payload
    const whole = HEADER_BYTES + lengthAt(this.#partial, 0)
    const rest = this.#hold(payload, whole)
    if (this.#held < whole) return rest
    this.#held = 0
    this.#takeAll(this.#partial.subarray(0, whole))
    if (this.#partial.length > MOST_KEPT) this.#partial = NO_ROOM
    return rest
  }

  /** Copies bytes of the chunk until `wanted` are held; returns the others. */
  #hold(chunk: Buffer, wanted: number): Buffer {
    if (this.#partial.length < wanted) {
      const larger = Buffer.allocUnsafeSlow(wanted)
      this.#partial.copy(larger, 0, 0, this.#held)
      this.#partial = larger
    }
    const taken = Math.min(chunk.length, Math.max(0, wanted - this.#held))
    chunk.copy(this.#partial, this.#held, 0, taken)
    this.#held += taken
    return chunk.subarray(taken)
  }

  #takeAll(buffer: Buffer): void {
    // Rows that lie behind each other go to the sink together: [from, at).
    let from = 0
    let at = 0
    let rows = 0
    while (at + HEADER_BYTES <= buffer.length) {
      const length = lengthAt(buffer, at)
      const end = at + HEADER_BYTES + length
      if (end > buffer.length) break
      if (length < CONTINUED && this.#parts.length === 0 && this.#isRow(buffer, at, length)) {
        buffer[at + 3] = 0
        rows++
      } else {
        if (from < at) this.#sink.block(buffer, from, at, rows)
        // Whoever learns from the packet that the rows have ended may ask how many they were.
        this.rows += rows
        rows = 0
        this.#takeOther(buffer, at, end, length)
        from = end
      }
      at = end
    }
    if (from < at) this.#sink.block(buffer, from, at, rows)
    this.rows += rows
    // Less than a packet: it is held.
    if (at < buffer.length) this.#complete(buffer.subarray(at))
  }

  #isRow(buffer: Buffer, at: number, length: number): boolean {
    return length > 0 && buffer[at + HEADER_BYTES] === ROW && this.#others.expectsRows()
  }

  #takeOther(buffer: Buffer, start: number, end: number, length: number): void {
    const continues = this.#parts.length > 0
    if (!continues && !this.#isRow(buffer, start, length)) {
      this.#others.forward(buffer.subarray(start, end))
      return
    }
    this.#parts.push(Buffer.from(buffer.subarray(start + HEADER_BYTES, end)))
    if (length === CONTINUED) return
    const row = Buffer.concat(this.#parts)
    this.#parts = []
    this.rows++
    this.#sink.large(row)
  }
}

/** The length of the payload whose header starts at `at`. */
export function lengthAt(buffer: Buffer, at: number): number {
  return (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8) | ((buffer[at + 2] ?? 0) << 16)
}

/**
 * A sink that hands over one row after the other, `buffer[start, end)` without its header. Who takes millions of rows has a
 * loop of its own: V8 does not inline what one loop calls of several kinds.
 */
export function rowByRow(onRow: (buffer: Buffer, start: number, end: number) => void): RowSink {
  return {
    block(buffer, start, end) {
      for (let at = start; at < end; ) {
        const rowEnd = at + HEADER_BYTES + lengthAt(buffer, at)
        onRow(buffer, at + HEADER_BYTES, rowEnd)
        at = rowEnd
      }
    },
    large: (row) => onRow(row, 0, row.length)
  }
}
