import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence, RowEvent } from '../../src/model/evidence.js'
import { numRuns } from '../report/runs.js'
import { FIRST, SimulatedWorld } from '../support/simulated-binlogs.js'
import { nameOf, type ToldHistory, toldHistories } from '../support/told-histories.js'
import { TrueHistory } from '../support/true-history.js'
import { type World, worlds } from '../support/worlds.js'

type Told = ToldHistory & { readonly truth: TrueHistory; readonly world: World }

/** Plays a world, with what the binlogs tell of each divergent row beside what happened to it. */
function tell(world: World, classOf: 'conflict' | 'collision'): readonly Told[] {
  const simulated = new SimulatedWorld(world)
  const truth = (key: number) => new TrueHistory(simulated, key)
  return toldHistories(simulated, classOf).map((told) => ({ ...told, world, truth: truth(told.key) }))
}

function lastOf({ events }: Evidence): readonly string[] {
  return [...new Set(events.filter((event) => event.last).map((event) => event.gtid ?? ''))]
}

/** Changes that some binlog tells of. */
function toldOf({ history }: Pick<Told, 'history'>): readonly string[] {
  return [...new Set(history.masters.flatMap(({ log }) => log.map(({ write }) => write)))]
}

/** What each event claims: its kind, and who holds the row as it left it. Of another master's, not all may have been applied. */
function checkEvent({ gtid, kind, local, heldBy }: RowEvent, { truth, world, history }: Told): void {
  const change = truth.changes.get(gtid ?? '')
  const made = change?.before === null ? 'insert' : change?.after === null ? 'delete' : 'update'
  if (local) expect(kind).toBe(made)
  const isRead = history.masters[originOf(gtid ?? '')]?.log.some(({ write }) => write === gtid) === true
  for (const [at, held] of isRead ? truth.held.entries() : []) {
    if (!heldBy.includes(nameOf(at))) continue
    expect(held?.value).toBe(change?.after?.value)
    if (held !== null && world.values === 'unique') expect(held.writer).toBe(gtid)
  }
}

function originOf(id: string): number {
  return Number(id.split(':')[0]) - 1
}

/** That the last changes are those, and that nothing is lost with any other. */
function checkLast(last: readonly string[], told: Told): void {
  const { truth } = told
  for (const one of last) for (const other of last) expect(truth.knew(one, other), `${one} < ${other}`).toBe(false)
  const others = toldOf(told).filter((id) => !last.includes(id) && !truth.isNothing(id))
  for (const id of others)
    expect(
      last.some((each) => truth.restsOn(id, each)),
      `${id} < ${last}`
    ).toBe(true)
}

function checkOnlyLast(last: string, { verdict, events }: Evidence, told: Told): void {
  const { truth } = told
  const change = truth.changes.get(last)
  expect(change?.after === null).toBe(verdict === 'deleted')
  const holders = events.find((event) => event.last)?.heldBy
  for (const [at, held] of truth.held.entries()) {
    if (holders?.includes(nameOf(at)) === true) continue
    expect(truth.had(at, last), `${last} on ${nameOf(at)}`).toBe(false)
    if (held !== null || verdict === 'deleted') continue
    expect(hasReason(at, last, told), `${last} on ${nameOf(at)}`).toBe(true)
  }
}

/** Whether a master lacks a row because it never had it, or lost it by what the last writer knew of. */
function hasReason(master: number, last: string, { truth, ...told }: Told): boolean {
  const removed = truth.removedOn(master)
  if (removed === undefined || truth.isNothing(removed)) return true
  // What came before the binlogs that were read is not seen.
  const root = truth.lineageOf(last)
  if (!toldOf(told).includes(removed)) return root !== FIRST && !truth.had(master, root)
  return truth.restsOn(removed, last)
}

function checkCrosswise(last: readonly string[], { truth }: Told): void {
  const holdsOf = (at: number, id: string) => {
    const held = truth.held[at] ?? null
    const left = truth.changes.get(id)?.after ?? null
    return held === null || left === null ? held === left : held.value === left.value
  }
  const isCrosswise = last.some((one) =>
    last.some((other) => one !== other && holdsOf(originOf(one), other) && holdsOf(originOf(other), one))
  )
  expect(isCrosswise).toBe(true)
}

/** Where a row was replaced by its like, it does not matter which of them the last changes go back to. */
function checkDoubleInsert(last: readonly string[], { truth, world }: Told): void {
  const ids = world.values === 'unique' ? last : [...truth.changes.keys()]
  const lineages = ids.map((id) => truth.lineageOf(id))
  expect(lineages.some((one) => lineages.some((other) => truth.areApart(one, other)))).toBe(true)
}

/** Whether masters hold rows that were inserted independently of each other. */
function holdsApart(truth: TrueHistory): boolean {
  const lineages = truth.held.flatMap((version) => version?.lineage ?? [])
  return lineages.some((one) => lineages.some((other) => truth.areApart(one, other)))
}

/** The latest version that all of these were made from. */
function commonAncestor({ truth }: Told, last: readonly string[]): string | undefined {
  const lines = last.map((id) => {
    const change = truth.changes.get(id)
    return truth.ancestors(change?.after ?? change?.before ?? null)
  })
  return lines[0]?.find((writer) => lines.every((line) => line.includes(writer)))
}

function checkBase({ base }: Evidence, last: readonly string[], told: Told): void {
  if (base === null || told.world.values === 'few') return
  const { truth } = told
  const writer = [...truth.changes.values()].find(({ after }) => String(after?.value) === base.v)?.id ?? FIRST
  expect(commonAncestor(told, last), 'base of the last changes').toBe(writer)
  for (const held of truth.held) expect(truth.ancestors(held), 'base of what is held').toContain(writer)
}

/** What a conclusion claims, held against what happened. */
function checkClaims(told: Told): void {
  const { evidence, class: proven } = told.conclusion
  const { truth } = told
  for (const event of evidence.events) checkEvent(event, told)
  if (evidence.verdict === 'unknown') return
  const last = lastOf(evidence)
  for (const held of truth.held) expect(held?.writer ?? '', 'a row that was tampered with').not.toMatch(/^x/)
  checkLast(last, told)
  if (last.length === 1) checkOnlyLast(last[0] ?? '', evidence, told)
  else expect(['double-insert', 'concurrent-update', 'crosswise']).toContain(evidence.verdict)
  if (evidence.verdict === 'crosswise') checkCrosswise(last, told)
  if (evidence.verdict === 'double-insert') checkDoubleInsert(last, told)
  checkBase(evidence, last, told)
  if (told.world.values === 'few') return
  if (told.history.class !== 'missing' && proven !== told.history.class) {
    if (proven === 'collision') expect(holdsApart(truth), 'a collision').toBe(true)
    else expect(new Set(truth.held.map((held) => held?.lineage)).size, 'a conflict').toBe(1)
  }
}

/** Everything is logged by everybody and was read, and nobody tampers. */
function open(world: World): World {
  const steps = world.steps.filter(({ kind }) => kind !== 'tamper')
  return { ...world, values: 'unique', logsApplied: world.logsApplied.map(() => true), unread: [], steps }
}

/** Whether the past leaves it open what made the row differ, though all of it was read. */
function isOpen(told: Told): boolean {
  const { truth, history } = told
  const changes = toldOf(told)
  const last = changes.filter((id) => !changes.some((other) => truth.knew(id, other)))
  const holds = (id: string, at: number) => truth.held[at]?.value === truth.changes.get(id)?.after?.value
  const lacks = (at: number) => truth.held[at] === null
  const [only = '', ...others] = last
  // Only the last changes of a row are kept.
  if (history.masters.some(({ log }) => log.length >= 16)) return true
  const masters = [...truth.held.keys()]
  if (others.length > 0) return !last.every((id) => masters.some((at) => holds(id, at))) || areGone(last, told)
  const losers = masters.filter((at) => !holds(only, at))
  const wasThere = (at: number) => truth.lineageOf(only) === FIRST || truth.had(at, truth.lineageOf(only))
  return losers.length === masters.length || losers.some((at) => truth.had(at, only) || (lacks(at) && wasThere(at)))
}

/** Whether rows were inserted independently of each other, of which no two are held any more. */
function areGone(last: readonly string[], { truth, history }: Told): boolean {
  const lineages = last.map((id) => truth.lineageOf(id))
  const wereApart = lineages.some((one) => lineages.some((other) => truth.areApart(one, other)))
  return wereApart && history.class !== 'missing' && !holdsApart(truth)
}

const VERDICTS = ['concurrent-update', 'crosswise', 'deleted', 'double-insert', 'never-arrived', 'unknown']

const RUNS = { numRuns: 30 * numRuns }
/** Thousands of worlds take seconds; whoever asks for more by MMAUDIT_RUNS waits longer. */
const TIMEOUT_MS = 1000 * numRuns

describe('what is concluded from random histories', () => {
  test(
    'is never other than what happened, whoever logs what and however much was read',
    () => {
      fc.assert(
        fc.property(worlds(), fc.constantFrom('conflict' as const, 'collision' as const), (world, classOf) => {
          for (const told of tell(world, classOf)) checkClaims(told)
        }),
        RUNS
      )
    },
    TIMEOUT_MS
  )

  test(
    'is what happened, where everything is logged and was read, and nothing was overwritten',
    () => {
      const verdicts = new Set<string>()
      fc.assert(
        fc.property(worlds().map(open), (world) => {
          for (const told of tell(world, 'conflict')) {
            checkClaims(told)
            const { verdict, because } = told.conclusion.evidence
            verdicts.add(verdict)
            if (verdict === 'unknown') expect(isOpen(told), because).toBe(true)
          }
        }),
        RUNS
      )
      expect([...verdicts].sort()).toEqual(VERDICTS)
    },
    TIMEOUT_MS
  )
})
