import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster, followUp, type Member, startApplier, transaction } from '../../src/lab/cluster.js'
import type { Evidence } from '../../src/model/evidence.js'
import { representativeKinds } from '../support/representative.js'
import { SimulatedWorld } from '../support/simulated-binlogs.js'
import type { LoggedRow } from '../support/simulated-master.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'
import { nameOf, toldHistories } from '../support/told-histories.js'
import type { Statement, World } from '../support/worlds.js'

const MASTERS = 3
const KEYS = 120
const ROUNDS = 4
const STATEMENTS = 30

/** A ring of masters that pass on what they apply, and over nothing that does not fit. */
const WORLD: Omit<World, 'gtids'> = {
  masters: MASTERS,
  keys: KEYS,
  topology: 'ring',
  logsApplied: Array(MASTERS).fill(true),
  idempotent: Array(MASTERS).fill(true),
  present: true,
  values: 'unique',
  steps: [],
  unread: []
}

/** What happens in one round: each master writes, then some receive, and lose all that came from some other. */
interface Round {
  readonly writes: readonly (readonly Statement[])[]
  readonly deliveries: readonly { readonly follower: number; readonly lost: readonly boolean[] }[]
}

/** Statements on different keys. */
const statements: fc.Arbitrary<readonly Statement[]> = fc
  .shuffledSubarray([...Array(KEYS).keys()], { minLength: 2 * STATEMENTS, maxLength: 2 * STATEMENTS })
  .chain((keys) =>
    fc
      .array(fc.constantFrom('put', 'put', 'put', 'remove', 'remove', 'move'), {
        minLength: STATEMENTS,
        maxLength: STATEMENTS
      })
      .map((kinds) =>
        kinds.map((kind, at): Statement => {
          const [key = 0, to = 0] = [keys[2 * at], keys[2 * at + 1]]
          return kind === 'move'
            ? { kind, key, to, value: 0 }
            : kind === 'put'
              ? { kind, key, value: 0 }
              : { kind: 'remove', key }
        })
      )
  )

const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    writes: fc.array(statements, { minLength: MASTERS, maxLength: MASTERS }),
    deliveries: fc.array(
      fc.record({
        follower: fc.nat(MASTERS - 1),
        lost: fc.array(
          fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
          { minLength: MASTERS, maxLength: MASTERS }
        )
      }),
      { minLength: 2, maxLength: 4 }
    )
  }),
  { minLength: ROUNDS, maxLength: ROUNDS }
)

/** Masters that do what a simulated world does. */
class Replay {
  readonly world: SimulatedWorld
  readonly #cluster: Cluster
  /** The positions of the writer around each transaction. */
  readonly #positions = new Map<string, { readonly before: string; readonly after: string }>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    const gtids = cluster.at(0).master.vendor === 'mysql' ? 'sets' : 'numbers'
    this.world = new SimulatedWorld({ ...WORLD, gtids })
  }

  async play({ writes, deliveries }: Round): Promise<void> {
    for (const [master, statements] of writes.entries()) await this.#write(master, statements)
    for (const { follower, lost } of deliveries) await this.#deliver(follower, lost)
  }

  async settle(): Promise<void> {
    this.world.settle()
    await this.#cluster.startAppliers()
    await this.#cluster.catchUp()
    // What was lost is not waited for once something came after it, which no other write must have made already.
    for (const [at, { session }] of this.#cluster.members.entries())
      await session.run(`INSERT INTO marks VALUES (${at})`)
    await this.#cluster.catchUp()
  }

  async #write(master: number, statements: readonly Statement[]): Promise<void> {
    this.world.play({ kind: 'write', master, statements })
    const done = this.world.masters[master]?.binlog.at(-1)
    if (done === undefined || this.#positions.has(done.transaction.id)) return
    const { session, replication } = this.#cluster.at(master)
    const before = await replication.position(session)
    await transaction(session, done.rows.map(statementOf))
    this.#positions.set(done.transaction.id, { before, after: await replication.position(session) })
  }

  async #deliver(follower: number, lost: readonly boolean[]): Promise<void> {
    const source = (follower + MASTERS - 1) % MASTERS
    const pending = this.world.pending(follower, source).filter(({ transaction: { origin } }) => origin !== follower)
    for (const { transaction: passed } of pending.filter(({ transaction: { origin } }) => lost[origin])) {
      await this.#skip(this.#cluster.at(follower), passed.origin, passed.id)
    }
    for (const {
      transaction: { origin }
    } of this.world.pending(follower, source)) {
      this.world.play({ kind: 'deliver', follower, source, lost: lost[origin] === true })
    }
    const member = this.#cluster.at(follower)
    await startApplier(member)
    await followUp(this.#cluster.at(source), member)
    await member.session.run(member.replication.stop)
  }

  async #skip({ session, replication }: Member, origin: number, id: string): Promise<void> {
    const interval = this.#positions.get(id)
    if (interval === undefined) throw new Error(`${id} was not written`)
    await replication.skip(session, { master: this.#cluster.at(origin).master, ...interval })
  }
}

function statementOf({ before, after }: LoggedRow): string {
  if (before === null) return `INSERT INTO histories VALUES (${after?.key}, ${after?.value})`
  if (after === null) return `DELETE FROM histories WHERE id = ${before.key}`
  return `UPDATE histories SET id = ${after.key}, v = ${after.value} WHERE id = ${before.key}`
}

/** A verdict with what policies go by. */
function summary({ verdict, events, base }: Evidence): string {
  const holders = events.filter(({ last }) => last).map(({ kind, heldBy }) => `${kind} ${heldBy.join(',')}`)
  return [verdict, base?.v ?? '', ...[...new Set(holders)].sort()].join(' | ')
}

describe.each(representativeKinds())('random histories on three masters of %s', (kind) => {
  let lab: TestLab
  let cluster: Cluster

  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: MASTERS, rows: 10 })
    cluster = await Cluster.open(lab.state, 'retail_db')
    const rows = Array.from({ length: KEYS }, (_, key) => `(${key}, ${5 + key})`)
    for (const { master, session } of cluster.members) {
      const table = 'CREATE TABLE retail_db.histories (id INT PRIMARY KEY, v INT NOT NULL)'
      const marks = 'CREATE TABLE retail_db.marks (id INT PRIMARY KEY)'
      await lab.runLocally(master.name, marks, table, `INSERT INTO retail_db.histories VALUES ${rows.join(', ')}`)
      await session.run(`SET GLOBAL ${master.vendor === 'mysql' ? 'replica' : 'slave'}_exec_mode = 'IDEMPOTENT'`)
    }
    await cluster.stopAppliers()
  })
  afterAll(async () => {
    await cluster?.close()
    await lab?.down()
  })

  it('leave the rows that simulated masters have, and are told as what happened', async () => {
    const replay = new Replay(cluster)
    const [history = []] = fc.sample(rounds, 1)
    for (const round of history) await replay.play(round)
    await replay.settle()
    for (const [at, { rows }] of replay.world.masters.entries()) {
      const held = await lab.query(nameOf(at), 'SELECT id, v FROM retail_db.histories ORDER BY id')
      const simulated = [...rows].sort(([left], [right]) => left - right)
      expect(held, nameOf(at)).toEqual(simulated.map(([id, { value }]) => ({ id: String(id), v: String(value) })))
    }
    const { report, run } = await lab.diff(['retail_db.histories'])
    const expected = toldHistories(replay.world, 'conflict').map(
      ({ key, conclusion }) => `${key}: ${summary(conclusion.evidence)}`
    )
    const told = report.divergences.map(
      ({ key, evidence }) => `${key.id}: ${evidence === null ? '' : summary(evidence)}`
    )
    expect(told.sort(), run.stderr).toEqual(expected.sort())
    const verdicts = new Set(report.divergences.map(({ evidence }) => evidence?.verdict))
    expect(verdicts.size, [...verdicts].join(' ')).toBeGreaterThan(3)
  })
})
