/** What stands before every event. */
export interface EventHeader {
  /** Seconds since 1970; that of the first server, also where the event was applied and logged again. */
  readonly timestamp: number
  readonly type: number
  /** The server on which it came about. */
  readonly serverId: number
  /** Made up for this reader; not in the file. */
  readonly artificial: boolean
}

/** Bytes of an event header. */
export const HEADER_BYTES = 19

const ARTIFICIAL_FLAG = 0x20

/** Reads the header of the event that starts at `at`. */
export function readHeader(buffer: Buffer, at: number): EventHeader {
  return {
    timestamp: buffer.readUInt32LE(at),
    type: buffer[at + 4] ?? 0,
    serverId: buffer.readUInt32LE(at + 5),
    artificial: (buffer.readUInt16LE(at + 17) & ARTIFICIAL_FLAG) !== 0
  }
}
