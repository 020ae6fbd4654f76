import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { ClientCommand } from './client-commands.js'
import { type Address, type Due, type Fault, ProxyLink } from './proxy-link.js'

/** A point in what a client says: it connects, it runs a statement that looks like this, it says goodbye. */
export type Moment = 'connect' | 'quit' | RegExp

/** A fault, and the moment that it waits for. */
export interface ArmedFault {
  readonly at: Moment
  /** The how-manieth such moment, from 1; 1 by default. */
  readonly nth?: number
  /** How often it strikes from then on; once by default. */
  readonly times?: number
  readonly fault: Fault
}

const LOOPBACK = '127.0.0.1'

/** Stands on loopback between clients and one server, passes everything on, and does harm at exact moments. */
export class TcpProxy {
  readonly #server: Server = createServer((client) => this.#accept(client))
  readonly #links = new Set<ProxyLink>()
  readonly #unheard = new Set<Socket>()
  readonly #waiting: Waiting[] = []
  readonly #endings: (() => Promise<void>)[] = []
  #target: Address
  #port = 0
  #isSilent = false

  private constructor(target: Address) {
    this.#target = target
  }

  static async start(target: Address): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await proxy.up()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Lets a fault wait for its moment. Returns what tells how often it has struck. */
  arm(armed: ArmedFault): { readonly struck: number } {
    const waiting = new Waiting(armed)
    this.#waiting.push(waiting)
    return waiting
  }

  /** Cuts every connection, and lets another server answer at the same address. */
  retarget(target: Address): void {
    this.#target = target
    this.#resetAll()
  }

  /** Cuts every connection, and refuses new ones. */
  down(): void {
    this.#server.close()
    this.#resetAll()
  }

  /** Takes connections, always at the same address. */
  async up(): Promise<void> {
    this.#server.listen(this.#port, LOOPBACK)
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Not a byte passes any more, in either direction. New connections come about, and hear nothing. */
  silence(): void {
    this.#isSilent = true
    for (const link of this.#links) link.freeze()
  }

  /** What a fault began beside the connection is ended with the proxy. */
  atClose(ending: () => Promise<void>): void {
    this.#endings.push(ending)
  }

  async close(): Promise<void> {
    this.down()
    for (const client of this.#unheard) client.destroy()
    for (const ending of this.#endings) await ending()
  }

  #accept(client: Socket): void {
    client.on('error', () => {})
    if (this.#isSilent) {
      this.#unheard.add(client.pause())
      return
    }
    const link = new ProxyLink(client, this, (moment) => this.#faultAt(moment))
    this.#links.add(link)
    client.once('close', () => this.#links.delete(link))
    void link.run(this.#target)
  }

  /** Every fault counts its own moments, also those at which another one strikes. */
  #faultAt(moment: 'connect' | ClientCommand): Due | null {
    return this.#waiting.filter((waiting) => waiting.isDue(moment))[0] ?? null
  }

  #resetAll(): void {
    for (const link of this.#links) link.reset()
  }
}

/** An armed fault and its counts. */
class Waiting implements Due {
  struck = 0
  readonly fault: Fault
  readonly #armed: ArmedFault
  #seen = 0

  constructor(armed: ArmedFault) {
    this.#armed = armed
    this.fault = armed.fault
  }

  isDue(moment: 'connect' | ClientCommand): boolean {
    const { at, nth = 1, times = 1 } = this.#armed
    if (!isAt(at, moment)) return false
    this.#seen++
    return this.#seen >= nth && this.#seen < nth + times
  }
}

function isAt(at: Moment, moment: 'connect' | ClientCommand): boolean {
  if (moment === 'connect') return at === 'connect'
  return moment.kind === 'quit' ? at === 'quit' : at instanceof RegExp && at.test(moment.sql)
}
