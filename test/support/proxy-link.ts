import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClientCommand, ClientCommands } from './client-commands.js'
import type { TcpProxy } from './tcp-proxy.js'

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What happens to a connection once its moment has come. */
export interface Fault {
  /**
   * What of the server's answer passes before it strikes: so many bytes, or all up to and with this text. `null`: it strikes
   * before the server hears anything.
   */
  readonly after: number | string | null
  /** Nothing passes in either direction until it is done. */
  strike(link: ProxyLink, proxy: TcpProxy): void | Promise<void>
}

/** A fault whose moment has come. */
export interface Due {
  readonly fault: Fault
  struck: number
}

/** A slow line passes something that often, so that it is slow and never silent. */
const TICK_MS = 20
const FOREVER = new Promise<never>(() => {})

/** The connection of one client, and the one that is made to the server for it. */
export class ProxyLink {
  readonly #client: Socket
  readonly #proxy: TcpProxy
  readonly #faultAt: (moment: 'connect' | ClientCommand) => Due | null
  #server: Socket | null = null
  /** What strikes in the midst of the answer. */
  #pending: { readonly due: Due; readonly reaches: Reaches } | null = null
  /** Nothing passes until this is over. */
  #hold: Promise<void> = Promise.resolve()
  #bytesPerTick = Number.POSITIVE_INFINITY

  constructor(client: Socket, proxy: TcpProxy, faultAt: (moment: 'connect' | ClientCommand) => Due | null) {
    this.#client = client
    this.#proxy = proxy
    this.#faultAt = faultAt
  }

  /** Connects to the server and passes everything on until either side ends. Never rejects. */
  async run(target: Address): Promise<void> {
    await this.#meet('connect')
    if (this.#client.destroyed) return
    const server = createConnection(target)
    server.on('error', () => {})
    this.#server = server
    await Promise.all([
      this.#requests(server).catch(() => server.destroy()),
      // What was ended in order by a fault stays so.
      this.#replies(server).catch(() => this.#client.writableEnded || this.reset())
    ])
  }

  /** Breaks the connection off: both sides get an RST. */
  reset(): void {
    this.#client.resetAndDestroy()
    this.#server?.resetAndDestroy()
  }

  /** Ends the connection in order, as if the server had nothing more to say. */
  end(): void {
    this.#client.end()
    this.#server?.destroy()
  }

  /** Keeps the connection, and passes nothing on any more. */
  freeze(): void {
    this.#hold = FOREVER
  }

  /** Passes the server's answers on at this pace. */
  throttle(bytesPerSecond: number): void {
    this.#bytesPerTick = Math.ceil((bytesPerSecond * TICK_MS) / 1000)
  }

  async #requests(server: Socket): Promise<void> {
    const commands = new ClientCommands()
    for await (const chunk of this.#client as AsyncIterable<Buffer>) {
      for (const { bytes, command } of commands.push(chunk)) {
        if (command !== null) await this.#meet(command)
        await this.#hold
        await write(server, bytes)
      }
    }
    server.end()
  }

  async #replies(server: Socket): Promise<void> {
    for await (const chunk of server as AsyncIterable<Buffer>) {
      const rest = await this.#strikeWithin(chunk)
      await this.#hold
      await this.#deliver(rest)
    }
    this.#client.end()
  }

  /** Strikes at once, or leaves it to the answer. */
  async #meet(moment: 'connect' | ClientCommand): Promise<void> {
    // The answer before was over sooner, and met no fault.
    this.#pending = null
    const due = this.#faultAt(moment)
    if (due === null) return
    const { after } = due.fault
    if (after === null) await this.#strike(due)
    else this.#pending = { due, reaches: typeof after === 'number' ? length(after) : marker(after) }
  }

  /** Delivers what may pass before a fault, lets it strike, and returns the rest. */
  async #strikeWithin(chunk: Buffer): Promise<Buffer> {
    const pending = this.#pending
    if (pending === null) return chunk
    const at = pending.reaches(chunk)
    if (at === null) return chunk
    this.#pending = null
    await this.#deliver(chunk.subarray(0, at))
    await this.#strike(pending.due)
    return chunk.subarray(at)
  }

  async #strike(due: Due): Promise<void> {
    due.struck++
    const striking = Promise.resolve(due.fault.strike(this, this.#proxy))
    // A fault that froze the connection goes before.
    if (this.#hold !== FOREVER) this.#hold = striking
    await striking
  }

  async #deliver(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#bytesPerTick) {
      await write(this.#client, bytes.subarray(at, at + this.#bytesPerTick))
      if (this.#bytesPerTick < bytes.length) await sleep(TICK_MS)
    }
  }
}

/** Where in the next chunk of an answer a point in it is reached; `null` when it comes later. */
type Reaches = (chunk: Buffer) => number | null

function length(bytes: number): Reaches {
  let left = bytes
  return (chunk) => {
    if (left <= chunk.length) return left
    left -= chunk.length
    return null
  }
}

/** The end of a text, which may come in pieces. */
function marker(text: string): Reaches {
  let before = ''
  return (chunk) => {
    const seen = before + chunk.toString('latin1')
    const at = seen.indexOf(text)
    if (at !== -1) return at + text.length - before.length
    before = seen.slice(1 - text.length)
    return null
  }
}

/** Waits until the bytes are with the system, so that what breaks the connection next does not take them along. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.write(bytes, () => resolve())
  })
}
