import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Decision, DecisionStatus } from '../../src/model/divergence.js'
import { CampaignRound, type Contents, type RepairRun } from '../support/campaign.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Every run of the command takes seconds, not microseconds. */
const ROUNDS = Math.max(1, Math.ceil(Number(process.env.MMAUDIT_RUNS ?? 30) / 30))
const SEED = Number(process.env.MMAUDIT_SEED)
const REPAIRS_UNDER_WRITERS = 2
/** Each may have to wait for what the one before it moved out of the way. */
const MOST_FINAL_REPAIRS = 3

const kinds = representativeKinds().filter((kind) => !kind.includes('://'))

describe.each(kinds.flatMap((kind) => [2, 3].map((masters) => ({ kind, masters }))))(
  'random repairs of $masters masters of $kind under writers',
  ({ kind, masters }) => {
    let lab: TestLab
    const figures = {
      rounds: 0,
      repairs: 0,
      commits: 0,
      conflicts: 0,
      lost: 0,
      found: 0,
      applied: 0,
      stale: 0,
      refused: 0,
      failed: 0,
      manual: 0,
      finallyApplied: 0
    }
    const reasons = new Map<string, number>()
    beforeAll(async () => {
      lab = await startTestLab(kind, { rows: 10, masters })
    })
    afterAll(async () => {
      process.stderr.write(`repairs of ${masters} masters of ${kind}: ${JSON.stringify(figures)}\n`)
      for (const [reason, times] of reasons) process.stderr.write(`  ${times} x ${reason}\n`)
      await lab?.down()
    })

    it.each(Array.from({ length: ROUNDS }, (_, at) => (SEED + at) % 2 ** 31))(
      'lose no write, stop no applier and account for every row (MMAUDIT_SEED=%i)',
      async (seed) => {
        const round = new CampaignRound(lab, seed)
        await round.load()
        const planted = await round.contents()
        const repairs: RepairRun[] = []
        await round.underWriters(async () => {
          for (let at = 0; at < REPAIRS_UNDER_WRITERS; at++) repairs.push(await round.repairAtRandom())
        })
        await round.settle().catch((error) => Promise.reject(new Error(story(round, repairs), { cause: error })))
        count(round, repairs)
        for (const repair of repairs) expectAccounted(repair)
        const settled = await round.contents()
        expect(round.lostWrites(settled), story(round, repairs)).toEqual([])
        expectAsReported(round, repairs, planted, settled)
        await finish(round)
        figures.rounds++
      },
      180_000
    )

    function count(round: CampaignRound, repairs: readonly RepairRun[]): void {
      figures.repairs += repairs.length
      for (const { tally } of round.writers) {
        figures.commits += tally.commits
        figures.conflicts += tally.conflicts
        figures.lost += tally.lost.length
      }
      for (const { decision } of repairs.flatMap(({ report }) => report.divergences)) countRow(decision)
    }

    function countRow(decision: Decision | null): void {
      figures.found++
      if (decision === null || decision.status === 'planned') return
      figures[decision.status]++
      if (!['failed', 'refused'].includes(decision.status)) return
      const reason = `${decision.status}: ${decision.reason.replaceAll(/\d+|'[^']*'/g, '#').slice(0, 160)}`
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }

    /** Without writers, everything can be made equal, and nothing that was written is lost by it. */
    async function finish(round: CampaignRound): Promise<void> {
      let last = await round.repair(['prefer:a'])
      figures.finallyApplied += appliedIn(last)
      for (let more = 1; more < MOST_FINAL_REPAIRS && last.run.code !== 0; more++) {
        expectAccounted(last)
        last = await round.repair(['prefer:a'])
        figures.finallyApplied += appliedIn(last)
      }
      expect(last.run, JSON.stringify(last.report.divergences)).toMatchObject({ code: 0 })
      await round.settle()
      const [first, ...others] = await round.contents()
      for (const other of others) expect(textsOf(other)).toEqual(first === undefined ? {} : textsOf(first))
      expect(round.lostWrites([first ?? new Map(), ...others])).toEqual([])
    }
  }
)

/** Every divergent row has an outcome, and the sums are right. */
function expectAccounted({ run, report, policies }: RepairRun): void {
  const statuses = report.divergences.map(({ decision }) => decision?.status)
  const all: readonly DecisionStatus[] = ['applied', 'stale', 'refused', 'failed', 'manual']
  const about = `${policies.join(' ')}: ${run.code} ${run.stderr} ${JSON.stringify(report.repair)}`
  expect([0, 1, 2], about).toContain(run.code)
  expect(
    statuses.filter((status) => !all.some((each) => each === status)),
    about
  ).toEqual([])
  if (report.divergences.length === 0) return
  expect(report.repair, about).toMatchObject({ dryRun: false, stopped: null })
  for (const status of all) {
    expect(report.repair?.rows[status], `${status}: ${about}`).toBe(statuses.filter((each) => each === status).length)
  }
  const found = report.tables.reduce((sum, { missing, conflict, collision }) => sum + missing + conflict + collision, 0)
  expect(report.divergences.length, about).toBe(found)
}

/** A row that no writer touched is equal everywhere once a repair said so, and as it was planted where nobody wrote. */
function expectAsReported(
  round: CampaignRound,
  repairs: readonly RepairRun[],
  planted: readonly Contents[],
  settled: readonly Contents[]
): void {
  const written = round.written()
  const outcomes = new Map<string, Set<string>>()
  for (const divergence of repairs.flatMap(({ report }) => report.divergences)) {
    const name = round.nameOfReported(divergence)
    outcomes.set(name, (outcomes.get(name) ?? new Set()).add(divergence.decision?.status ?? ''))
  }
  const names = new Set([...planted, ...settled].flatMap((held) => [...held.keys()]))
  for (const name of names) {
    if (written.has(name)) continue
    const now = settled.map((held) => held.get(name)?.text)
    const became = outcomes.get(name) ?? new Set()
    const about = `${name}, ${[...became]}: ${story(round, repairs)}`
    if (became.has('applied')) expect(new Set(now).size, about).toBe(1)
    else if (!became.has('failed')) expect(now, about).toEqual(planted.map((held) => held.get(name)?.text))
  }
}

function story(round: CampaignRound, repairs: readonly RepairRun[]): string {
  return `binlog_row_image ${round.image}; ${repairs.map(({ policies }) => policies.join(' ')).join('; then ')}`
}

function appliedIn({ report }: RepairRun): number {
  return report.divergences.filter(({ decision }) => decision?.status === 'applied').length
}

function textsOf(contents: Contents): Readonly<Record<string, string>> {
  return Object.fromEntries([...contents].sort().map(([name, { text }]) => [name, text]))
}
