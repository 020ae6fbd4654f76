import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DivergenceLimit } from '../../src/audit/divergence-limit.js'
import { OPEN } from '../../src/audit/gate.js'
import { type Run, runTasks, type Step, type TableTask } from '../../src/audit/run.js'
import type { AuditTable } from '../../src/audit/table-plan.js'
import type { TableTally } from '../../src/audit/table-tally.js'
import { CheckpointFile } from '../../src/checkpoint/checkpoint-file.js'
import { singleDigest } from '../../src/model/chunk.js'
import { MmauditError } from '../../src/model/errors.js'
import type { AuditEvent } from '../../src/model/events.js'
import type { TableRef } from '../../src/model/table.js'
import { configOf, headerAt, SERVERS } from '../checkpoint/samples.js'
import { divergence } from '../report/samples.js'
import { auditTable, column, schema } from '../support/columns.js'

/** What comparing a chunk finds. */
interface FakeChunk {
  readonly rows: readonly [number, number]
  readonly divergences: number
  readonly unsettled: number
}

interface FakeTable {
  readonly chunks: readonly FakeChunk[]
  /** Without a key there are no places to go on from. */
  readonly keyed: boolean
  /** The chunk in which the comparison fails, each time. */
  readonly failsAt: number | null
}

const chunk: fc.Arbitrary<FakeChunk> = fc.record({
  rows: fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })),
  divergences: fc.constantFrom(0, 0, 0, 1, 3),
  unsettled: fc.constantFrom(0, 0, 0, 0, 1)
})
const tables: fc.Arbitrary<readonly FakeTable[]> = fc.array(
  fc.record({
    chunks: fc.array(chunk, { minLength: 1, maxLength: 8 }),
    keyed: fc.constantFrom(true, true, true, false),
    failsAt: fc.option(fc.nat({ max: 7 }), { freq: 5 })
  }),
  { minLength: 1, maxLength: 4 }
)

/** Whether a run may do one more step; one that may not is cut short. */
type Budget = () => void

/** The table as a task. */
function taskOf(fake: FakeTable, name: number, step: Budget): TableTask {
  const ref = { database: 'shop', table: `t${name}` }
  return {
    plan: { kind: 'compare', table: plannedTable(ref) },
    troubles: [],
    async *compare(_context, tally, onProgress, from): AsyncGenerator<Step, void> {
      const first = from === null ? 0 : Number(from[0])
      for (const [at, each] of [...fake.chunks.entries()].slice(first)) {
        if (at === fake.failsAt) throw new Error(`chunk ${at} cannot be read`)
        yield* compareChunk(each, at, ref, tally, step)
        onProgress()
        if (fake.keyed && at < fake.chunks.length - 1) yield { reached: [String(at + 1)] }
      }
    }
  }
}

const COLUMNS = [column('id')]

/** As it was planned on both masters. */
function plannedTable(ref: TableRef): AuditTable {
  const everywhere = <Value>(value: Value) => new Map([...'ab'].map((name) => [name, value]))
  const table = auditTable(COLUMNS, { ref, summed: [0] })
  const reading = { ref, indexName: 'PRIMARY', keyColumns: COLUMNS, expressions: ['`id`'], where: null }
  return { ...table, readings: everywhere(reading), schemas: everywhere(schema(COLUMNS, { ref })) }
}

/** Masters that answer, and hide no column, and whose tables are as they were planned. */
const MASTERS = [...'ab'].map((name) => ({ name, answers: async () => {}, withSession: async () => COLUMNS }))

function* compareChunk(each: FakeChunk, at: number, ref: TableRef, tally: TableTally, step: Budget): Generator<Step> {
  const digests = each.rows.map((rows) => singleDigest({ rows, bytes: rows, checksum: 0n, sums: [BigInt(rows * at)] }))
  const obstacle = { follower: 'b', source: 'a', kind: 'timeout', reason: `late in chunk ${at}` } as const
  tally.addPart({
    differing: [],
    unsettled: each.unsettled,
    obstacles: each.unsettled === 0 ? [] : [obstacle],
    digests
  })
  for (let row = 0; row < each.divergences; row++) {
    step()
    const found = divergence({ ...ref, key: { id: `${at}.${row}` } })
    tally.addDivergence(found)
    yield { found: [{ divergence: found }] }
  }
  tally.addChunk(digests, each.divergences === 0)
  step()
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-resumed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  /** What a report is made of; `null` when the run was cut short. */
  readonly events: readonly AuditEvent[] | null
  readonly log: Buffer
}

/** Runs up to `steps` steps on what `log` holds. */
async function run(fakes: readonly FakeTable[], log: Buffer, steps = Number.POSITIVE_INFINITY): Promise<Outcome> {
  const path = join(folder, 'x')
  writeFileSync(path, log)
  const checkpoint = await CheckpointFile.resume(path, 'x', configOf(), (error) => expect(error).toBeNull())
  await checkpoint.begin(headerAt('2026-01-01T00:00:00Z'), SERVERS)
  let left = steps
  const step = () => {
    if (left-- <= 0) throw new MmauditError('interrupted', 'enough')
  }
  const tasks = fakes.map((fake, name) => taskOf(fake, name, step))
  const events: AuditEvent[] = []
  let whole = true
  try {
    const limit = new DivergenceLimit(null)
    const context = { masters: MASTERS, config: configOf(), hooks: {}, checkpoint, gate: OPEN, limit } as unknown as Run
    for await (const event of runTasks(tasks, context)) {
      // In what portions rows are told is of no account.
      if (event.type === 'divergences') events.push(...event.found.map((row) => ({ ...event, found: [row] })))
      else if (event.type !== 'finished') events.push(event)
      else events.push({ ...event, finishedAt: new Date(0) })
    }
  } catch (error) {
    whole = false
    if (!(error instanceof MmauditError && error.code === 'interrupted')) throw error
  } finally {
    await checkpoint.keep()
  }
  return { events: whole ? events : null, log: readFileSync(path) }
}

const NOTHING = Buffer.alloc(0)

function isToFail({ chunks, failsAt }: FakeTable): boolean {
  return failsAt !== null && failsAt < chunks.length
}

/** Of each table, whether it failed. */
function failures({ events }: Outcome): readonly boolean[] {
  return (events ?? []).flatMap((event) => (event.type === 'table-finished' ? [event.result.status === 'failed'] : []))
}

test('a run that is cut short as often as can be tells in the end what one in one piece tells', async () => {
  await fc.assert(
    fc.asyncProperty(tables, fc.array(fc.nat({ max: 12 }), { maxLength: 6 }), async (fakes, pieces) => {
      const whole = await run(fakes, NOTHING)
      // Were it for another reason that they failed, nothing below would be tried.
      for (const [at, fake] of fakes.entries()) {
        if (!fake.chunks.some(({ unsettled }) => unsettled > 0)) expect(failures(whole)[at]).toBe(isToFail(fake))
      }
      let log: Buffer = NOTHING
      for (const steps of pieces) {
        const part = await run(fakes, log, steps)
        if (part.events !== null) expect(part.events).toEqual(whole.events)
        log = part.log
      }
      expect((await run(fakes, log)).events).toEqual(whole.events)
    })
  )
}, 120_000)

test('a run that was killed after any record, or within one, tells in the end what one in one piece tells', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (fakes) => {
      const whole = await run(fakes, NOTHING)
      const ends = [...whole.log.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1, at + 20] : []))
      for (const end of ends) {
        expect((await run(fakes, whole.log.subarray(0, end))).events).toEqual(whole.events)
      }
    }),
    { numRuns: Math.ceil(Number(process.env.MMAUDIT_RUNS ?? 100) / 5) }
  )
}, 120_000)
