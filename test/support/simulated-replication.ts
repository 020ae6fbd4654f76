import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RowVersion } from '../../src/audit/fetch.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import type { Clock } from '../../src/masters/clock.js'
import type { Master } from '../../src/masters/master.js'
import type { Session, TextRow } from '../../src/masters/session.js'
import type { Key } from '../../src/model/range.js'

/** A channel between two simulated servers, by their numbers. */
export interface SimulatedChannel {
  readonly follower: number
  readonly source: number
  /** `stuck`: it runs, and its applier waits for something that does not come while anybody looks. */
  readonly state: 'running' | 'stuck' | 'stopped'
  /** Events that it applies in ten milliseconds. */
  readonly pace: number
}

/** How simulated servers replicate. */
export interface SimulatedTopology {
  readonly servers: number
  readonly channels: readonly SimulatedChannel[]
  /** By GTID, as MariaDB does with one domain for each server; or by file and position, as MySQL does without GTIDs. */
  readonly positions: 'gtid' | 'file'
  /** Whether servers pass on what they apply. */
  readonly relays: boolean
}

interface Event {
  readonly origin: number
  readonly sequence: number
  readonly key: number
  readonly content: bigint | null
}

interface Server {
  readonly rows: Map<number, bigint>
  readonly binlog: Event[]
  /** The last transaction of each server that is here. */
  readonly state: Map<number, number>
}

interface Running extends SimulatedChannel {
  /** Events of the source's binlog that are done with. */
  applied: number
}

const TICK_MS = 10

/**
 * Servers that hold one table, write to it, and replicate to each other, under a clock that moves only while somebody
 * sleeps. They answer the statements by which positions are asked for. Each key is written by one server, so rows that
 * nobody tampered with agree when everything has arrived.
 */
export class SimulatedReplication implements Clock {
  readonly masters: readonly Master[]
  readonly #topology: SimulatedTopology
  readonly #servers: readonly Server[]
  readonly #channels: readonly Running[]
  readonly #random: ReturnType<typeof xoroshiro128plus>
  #time = 0
  #contents = 0n
  /** Writes that are still to come. */
  #writes: number

  /** @param keys rows that all servers hold in the beginning. */
  constructor(topology: SimulatedTopology, keys: number, writes: number, seed: number) {
    this.#topology = topology
    this.#writes = writes
    this.#random = xoroshiro128plus(seed)
    this.#channels = topology.channels.map((channel) => ({ ...channel, applied: 0 }))
    this.#servers = Array.from({ length: topology.servers }, () => ({
      rows: new Map(Array.from({ length: keys }, (_, key) => [key, 0n])),
      binlog: [],
      state: new Map()
    }))
    this.masters = this.#servers.map((_, at) => this.#master(at))
  }

  now(): number {
    return this.#time
  }

  async sleep(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds
    while (this.#time < end) {
      this.#time = Math.min(end, this.#time + TICK_MS)
      this.#tick()
    }
  }

  /** Changes a row on one server, and nobody ever hears of it. */
  plant(server: number, key: number): void {
    this.#server(server).rows.set(key, this.#content())
  }

  /** What each server holds of each key; time passes between one server and the next. */
  async read(keys: readonly number[]): Promise<readonly (readonly (bigint | null)[])[]> {
    const seen: (readonly (bigint | null)[])[] = []
    for (const { rows } of this.#servers) {
      seen.push(keys.map((key) => rows.get(key) ?? null))
      await this.sleep(this.#below(2) * TICK_MS)
    }
    return seen
  }

  /** As confirming reads rows. */
  async fetch(keys: readonly Key[]): Promise<readonly (readonly (RowVersion | null)[])[]> {
    const seen = await this.read(keys.map(([key]) => Number(key)))
    return seen.map((rows) =>
      rows.map((hash, at) => (hash === null ? null : { key: keys[at] ?? [], hash, values: {} }))
    )
  }

  /** How many transactions of each server are on each server. */
  histories(): readonly (readonly number[])[] {
    return this.#servers.map(({ state }) => this.#servers.map((_, origin) => state.get(origin) ?? 0))
  }

  /** Applies all that is on its way, also where an applier was stuck, and nothing over stopped channels. */
  drain(): void {
    this.#writes = 0
    const running = this.#channels.filter(({ state }) => state !== 'stopped')
    for (let applied = true; applied; ) {
      applied = false
      for (const channel of running) while (this.#applyNext(channel)) applied = true
    }
  }

  #tick(): void {
    for (const server of this.#servers.keys()) if (this.#writes > 0 && this.#below(2) === 0) this.#write(server)
    for (const channel of this.#channels) {
      if (channel.state !== 'running') continue
      for (let event = 0; event < this.#below(2 * channel.pace + 1); event++) this.#applyNext(channel)
    }
  }

  #write(origin: number): void {
    const { rows, state } = this.#server(origin)
    const own = [...rows.keys()].filter((key) => key % this.#servers.length === origin && key < 1000)
    const key = own[this.#below(own.length)]
    if (key === undefined) return
    this.#writes--
    const sequence = (state.get(origin) ?? 0) + 1
    this.#execute(origin, { origin, sequence, key, content: this.#below(8) === 0 ? null : this.#content() })
  }

  #execute(server: number, event: Event): void {
    const { rows, binlog, state } = this.#server(server)
    state.set(event.origin, event.sequence)
    if (event.content === null) rows.delete(event.key)
    else rows.set(event.key, event.content)
    if (event.origin === server || this.#topology.relays) binlog.push(event)
  }

  #applyNext(channel: Running): boolean {
    const event = this.#server(channel.source).binlog[channel.applied]
    if (event === undefined) return false
    channel.applied++
    const known = this.#server(channel.follower).state.get(event.origin) ?? 0
    if (event.origin !== channel.follower && event.sequence > known) this.#execute(channel.follower, event)
    return true
  }

  /** Never the same twice: a row that is changed and changed back is another matter. */
  #content(): bigint {
    return ++this.#contents
  }

  #below(count: number): number {
    return count === 0 ? 0 : (this.#random.next() >>> 0) % count
  }

  #server(at: number): Server {
    const server = this.#servers[at]
    if (server === undefined) throw new RangeError('no such server')
    return server
  }

  #master(at: number): Master {
    const vendor = this.#topology.positions === 'gtid' ? 'mariadb' : 'mysql'
    const query = async (sql: string) => this.#answer(at, sql)
    const session = { query } as unknown as Session
    const master: Pick<Master, 'name' | 'info' | 'capabilities' | 'withSession'> = {
      name: 'abcd'.charAt(at),
      info: { name: 'abcd'.charAt(at), host: '', port: 0, vendor, serverVersion: '', serverId: at + 1, position: '' },
      capabilities: capabilitiesOf(vendor === 'mariadb' ? '11.8.0-MariaDB' : '9.7.0', ''),
      withSession: (use) => use(session)
    }
    return master as Master
  }

  #answer(at: number, sql: string): readonly TextRow[] {
    const { binlog, state } = this.#server(at)
    const gtids = [...state].map(([origin, sequence]) => `${origin + 1}-${origin + 1}-${sequence}`).join(',')
    if (/^SHOW (MASTER|BINARY LOG) STATUS/.test(sql)) return [{ File: 'bin.000001', Position: String(binlog.length) }]
    if (/^SHOW (ALL SLAVES|REPLICA) STATUS/.test(sql)) return this.#channelsOf(at)
    if (sql.startsWith('SHOW GLOBAL VARIABLES')) {
      const Value = this.#topology.relays ? 'ON' : 'OFF'
      return ['log_slave_updates', 'log_replica_updates'].map((Variable_name) => ({ Variable_name, Value }))
    }
    if (sql.includes('@@GLOBAL.gtid_owned')) return [{ owned: '', uuid: '' }]
    if (sql.includes('@@gtid_mode')) return [{ mode: 'OFF', executed: '' }]
    if (sql.includes('@@gtid_binlog_state')) return [{ state: gtids, position: gtids, logs: '1' }]
    if (sql.includes('replication_applier_status') || sql.includes('update_time')) return []
    throw new Error(`the simulation does not know: ${sql}`)
  }

  #channelsOf(at: number): readonly TextRow[] {
    return this.#channels
      .filter(({ follower }) => follower === at)
      .map(({ source, state, applied }) => {
        const running = state === 'stopped' ? 'No' : 'Yes'
        const [name, part, sourceName, mode] =
          this.#topology.positions === 'gtid'
            ? (['Connection_name', 'Slave', 'Master', { Using_Gtid: 'Slave_Pos' }] as const)
            : (['Channel_Name', 'Replica', 'Source', { Auto_Position: '0' }] as const)
        return {
          [name]: `from ${source}`,
          [`${sourceName}_Server_Id`]: String(source + 1),
          [`${part}_IO_Running`]: running,
          [`${part}_SQL_Running`]: running,
          ...mode,
          [`Relay_${sourceName}_Log_File`]: 'bin.000001',
          [`Exec_${sourceName}_Log_Pos`]: String(applied)
        }
      })
  }
}
