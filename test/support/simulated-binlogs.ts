import {
  applyRow,
  asOneChange,
  type Change,
  keysOf,
  type Logged,
  type LoggedRow,
  note,
  SimulatedMaster,
  type Transaction,
  type Version
} from './simulated-master.js'
import type { Statement, Step, World } from './worlds.js'

export const FIRST = 'first'
/** Farther apart than what clocks are allowed to be. */
export const SECONDS_PER_STEP = 100

/** Plays a world to its end, with everything that is still on its way delivered; it may be gone on with from there. */
export class SimulatedWorld {
  readonly world: World
  readonly masters: readonly SimulatedMaster[]
  /** What was written to each key, by the id of the transaction. */
  readonly changes = new Map<number, Map<string, Change>>()
  readonly #read = new Map<string, number>()
  #time = 0
  #values = 10

  /** Where rows come to be alike again, beginnings are read: for nobody can tell a row from its like without its past. */
  constructor({ unread, ...world }: World) {
    this.world = { ...world, unread: world.values === 'few' ? [] : unread }
    this.masters = Array.from({ length: world.masters }, () => new SimulatedMaster())
    for (const { rows } of world.present ? this.masters : []) {
      for (let at = 0; at < world.keys; at++) rows.set(at, { value: 5 + at, writer: FIRST, lineage: FIRST })
    }
    for (const step of world.steps) this.play(step)
    this.settle()
  }

  /** Delivers all that is on its way. */
  settle(): void {
    while (this.#channels().some(([follower, source]) => this.#deliver(follower, source, false))) this.#time++
  }

  /** What `source` has for `follower`, in its order. */
  pending(follower: number, source: number): readonly Logged[] {
    return this.#master(source).binlog.slice(this.#read.get(`${follower}<${source}`) ?? 0)
  }

  /** The keys whose rows are not the same on all masters. */
  get divergent(): readonly number[] {
    const held = (at: number) => new Set(this.masters.map(({ rows }) => rows.get(at)?.value))
    return Array.from({ length: this.world.keys }, (_, at) => at).filter((at) => held(at).size > 1)
  }

  #channels(): readonly (readonly [follower: number, source: number])[] {
    const all = [...this.masters.keys()]
    return all.flatMap((follower) =>
      all.filter((source) => this.#replicates(follower, source)).map((source) => [follower, source] as const)
    )
  }

  #replicates(follower: number, source: number): boolean {
    const { topology, masters } = this.world
    return topology === 'mesh' ? follower !== source : (source + 1) % masters === follower
  }

  play(step: Step): void {
    this.#time++
    switch (step.kind) {
      case 'write':
        this.#write(step.master, step.statements)
        break
      case 'deliver':
        if (this.#replicates(step.follower, step.source)) this.#deliver(step.follower, step.source, step.lost)
        break
      case 'tamper':
        this.#tamper(step.master, step.key)
    }
  }

  #write(origin: number, statements: readonly Statement[]): void {
    const master = this.#master(origin)
    const id = `${origin + 1}:${this.#numberOf(origin)}`
    const found = new Map(master.rows)
    const executed = statements.flatMap((each) => this.#execute(master, each, id) ?? [])
    const rows = executed.map((row) => asOneChange(row, found, master))
    if (rows.length === 0) return
    const transaction = { id, origin, number: this.#numberOf(origin), time: this.#time }
    master.numbers.set(origin, transaction.number)
    master.arrived.add(id)
    master.binlog.push({ transaction, rows, time: this.#time })
    for (const at of keysOf(rows)) this.#remember(at, id, found.get(at) ?? null, master, origin)
  }

  #remember(at: number, id: string, before: Version | null, master: SimulatedMaster, origin: number): void {
    const changes = this.changes.get(at) ?? new Map<string, Change>()
    const writerLogs = this.world.logsApplied[origin] === true
    changes.set(id, { id, before, after: master.rows.get(at) ?? null, known: new Set(master.had(at)), writerLogs })
    this.changes.set(at, changes)
    note(master, at, id)
  }

  #execute({ rows }: SimulatedMaster, statement: Statement, writer: string): LoggedRow | null {
    const { key: at } = statement
    const row = rows.get(at)
    const before = row === undefined ? null : { ...row, key: at }
    if (statement.kind === 'remove') {
      rows.delete(at)
      return before === null ? null : { before, after: null }
    }
    const target = statement.kind === 'move' ? statement.to : at
    const moves = target !== at
    if (statement.kind === 'move' && (before === null || !moves || rows.has(target))) return null
    const made = this.world.values === 'unique' ? ++this.#values : statement.value
    // Where nothing changes, nothing is logged.
    if (!moves && before?.value === made) return null
    const after = { value: made, writer, lineage: before === null || moves ? writer : before.lineage }
    rows.delete(at)
    rows.set(target, after)
    return { before, after: { ...after, key: target } }
  }

  #tamper(at: number, key: number): void {
    // Where nothing is logged of what is applied, nothing can tell of it.
    if (this.world.logsApplied[at] !== true || this.world.values === 'few') return
    const { rows, removed } = this.#master(at)
    const row = rows.get(key)
    const writer = `x${++this.#values}`
    removed.set(key, writer)
    if (row !== undefined && this.#values % 2 === 0) rows.delete(key)
    else rows.set(key, { value: this.#values, writer, lineage: row?.lineage ?? writer })
  }

  /** Returns whether there was anything to deliver. */
  #deliver(to: number, from: number, lost: boolean): boolean {
    const channel = `${to}<${from}`
    const at = this.#read.get(channel) ?? 0
    const logged = this.#master(from).binlog[at]
    if (logged === undefined) return false
    this.#read.set(channel, at + 1)
    const follower = this.#master(to)
    if (logged.transaction.origin !== to && !this.#has(follower, logged.transaction)) {
      this.#apply(follower, to, logged, lost ? [] : logged.rows)
    }
    return true
  }

  #apply(follower: SimulatedMaster, to: number, { transaction }: Logged, rows: readonly LoggedRow[]): void {
    follower.arrived.add(transaction.id)
    follower.numbers.set(transaction.origin, transaction.number)
    const done = rows.flatMap((row) => applyRow(follower.rows, row, this.world.idempotent[to] === true) ?? [])
    for (const key of keysOf(done)) note(follower, key, transaction.id)
    // MySQL logs an empty transaction in place of one that was passed over.
    const isLogged = this.world.logsApplied[to] === true && (done.length > 0 || this.world.gtids === 'sets')
    if (isLogged) follower.binlog.push({ transaction, rows: done, time: this.#time })
  }

  #has({ arrived, numbers }: SimulatedMaster, { id, origin, number }: Transaction): boolean {
    return this.world.gtids === 'sets' ? arrived.has(id) : number <= (numbers.get(origin) ?? 0)
  }

  #numberOf(origin: number): number {
    return (this.#master(origin).numbers.get(origin) ?? 0) + 1
  }

  #master(at: number): SimulatedMaster {
    const master = this.masters[at]
    if (master === undefined) throw new RangeError('no such master')
    return master
  }
}
