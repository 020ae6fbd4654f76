/**
 * Reads what a MySQL client says without TLS. A packet is three bytes of length, a sequence number and the payload; those
 * that begin a command have number 0, and only those: what belongs to a login, and the rest of a long statement, count on.
 */

/** A packet of the client on its way to the server. */
export interface ClientPacket {
  /** The whole packet, with its header. */
  readonly bytes: Buffer
  /** What it makes the server do; `null` for a packet after which the server runs nothing. */
  readonly command: ClientCommand | null
}

/** The text of a statement that is to be run, prepared or not, with its values; or the client's goodbye. */
export type ClientCommand = { readonly kind: 'statement'; readonly sql: string } | { readonly kind: 'quit' }

const HEADER_BYTES = 4
const [COM_QUIT, COM_QUERY, COM_STMT_PREPARE, COM_STMT_EXECUTE] = [0x01, 0x03, 0x16, 0x17]
/** Command, statement, flags and the number of iterations. */
const EXECUTE_BYTES = 10
/** A flag: the number of values is told, and each has a name. */
const PARAMETER_COUNT_AVAILABLE = 0x08
/** "No attributes, in one set", which clients that could send attributes put before the text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are bytes of the protocol.
const NO_ATTRIBUTES = /^\x00\x01/

/** Cuts the bytes of one client into packets, as they arrive. */
export class ClientCommands {
  #rest: Buffer = Buffer.alloc(0)
  /** The statements that were prepared, in order: servers number them so. */
  readonly #prepared: string[] = []
  /** The number of the first of them: MariaDB goes on from where a thread was with its connection before. */
  #first: number | null = null

  /** The packets that are complete now, in order. */
  push(chunk: Buffer): readonly ClientPacket[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const packets: ClientPacket[] = []
    for (let size = this.#next(); size <= this.#rest.length; size = this.#next()) {
      const bytes = this.#rest.subarray(0, size)
      this.#rest = this.#rest.subarray(size)
      packets.push({ bytes, command: bytes[3] === 0 ? this.#command(bytes.subarray(HEADER_BYTES)) : null })
    }
    return packets
  }

  #next(): number {
    return this.#rest.length < HEADER_BYTES ? Number.POSITIVE_INFINITY : HEADER_BYTES + this.#rest.readUIntLE(0, 3)
  }

  #command(payload: Buffer): ClientCommand | null {
    switch (payload[0]) {
      case COM_QUIT:
        return { kind: 'quit' }
      case COM_QUERY:
        return { kind: 'statement', sql: payload.toString('utf8', 1).replace(NO_ATTRIBUTES, '') }
      case COM_STMT_PREPARE:
        this.#prepared.push(payload.toString('utf8', 1))
        return null
      case COM_STMT_EXECUTE:
        return { kind: 'statement', sql: withValues(this.#statement(payload.readUInt32LE(1)), payload) }
      default:
        return null
    }
  }

  #statement(number: number): string {
    // The first one that is executed is the last one that was prepared.
    this.#first ??= number - this.#prepared.length + 1
    return this.#prepared[number - this.#first] ?? ''
  }
}

/** Puts the values of an execution, short texts, into its statement. */
function withValues(sql: string, payload: Buffer): string {
  const count = sql.match(/\?/g)?.length ?? 0
  const hasNames = ((payload[5] ?? 0) & PARAMETER_COUNT_AVAILABLE) !== 0
  // The NULL bitmap, a flag, and of each value its type, with a name if there are any.
  let at = EXECUTE_BYTES + (hasNames ? 1 : 0) + ((count + 7) >> 3) + 1 + count * (hasNames ? 3 : 2)
  return sql.replace(/\?/g, () => {
    const from = at + 1
    at = from + (payload[at] ?? 0)
    return payload.toString('utf8', from, at)
  })
}
