import { expect, test } from 'vitest'
import { SimulatedWorld } from '../support/simulated-binlogs.js'
import { toldHistories } from '../support/told-histories.js'
import type { Step, World } from '../support/worlds.js'

const [A, B] = [0, 1]
const put = (master: number, value = 1): Step => ({
  kind: 'write',
  master,
  statements: [{ kind: 'put', key: 0, value }]
})
const remove = (master: number): Step => ({ kind: 'write', master, statements: [{ kind: 'remove', key: 0 }] })
const move = (master: number): Step => ({
  kind: 'write',
  master,
  statements: [{ kind: 'move', key: 0, to: 1, value: 1 }]
})
const toA: Step = { kind: 'deliver', follower: A, source: B, lost: false }
const toB: Step = { kind: 'deliver', follower: B, source: A, lost: false }
/** B's own change may come back to it before what it is to lose. */
const lostOnB: readonly Step[] = Array(2).fill({ ...toB, lost: true })

/** Two masters that both log what they apply, and what is told of each key that came to differ. */
function told(steps: readonly Step[], other: Partial<World> = {}): readonly unknown[] {
  const both = [true, true]
  const world = { masters: 2, keys: 2, topology: 'ring', gtids: 'sets', present: false, values: 'unique' } as const
  const simulated = new SimulatedWorld({ ...world, logsApplied: both, idempotent: both, unread: [], steps, ...other })
  return toldHistories(simulated, 'collision').map(({ key, conclusion: { evidence, class: proven } }) => ({
    key,
    class: proven,
    verdict: evidence.verdict,
    base: evidence.base?.v ?? null
  }))
}

test.each([true, false])('a collision, whether applied changes are logged (%s) or not', (logs) => {
  const logsApplied = [logs, logs]
  const skipping = { logsApplied, idempotent: [false, false] }
  expect(told([put(A), put(B)], skipping)).toMatchObject([{ class: 'collision', verdict: 'double-insert' }])
  expect(told([put(A), put(B)], { logsApplied })).toMatchObject([{ class: 'collision', verdict: 'crosswise' }])
})

test('a row that replaced another one, and then lost a change, is not taken for two rows', () => {
  const steps = [put(A), put(B), toB, { ...toA, lost: true }, put(A), ...lostOnB]
  expect(told(steps)).toMatchObject([{ verdict: 'unknown' }])
})

test('what was deleted and made anew has no base in common with what was changed elsewhere', () => {
  const changed = told([put(A), put(B)], { present: true })
  expect(changed).toEqual([{ key: 0, class: 'conflict', verdict: 'crosswise', base: '5' }])
  const renewed = told([remove(A), put(A), put(B)], { present: true })
  expect(renewed).toMatchObject([{ verdict: 'crosswise', base: null }])
})

test.each([true, false])('a change that found the row so already has arrived all the same (logged: %s)', (logs) => {
  const steps = [put(A, 1), put(B, 1), toA, toB, put(A, 2), ...lostOnB]
  const world = { present: true, values: 'few', logsApplied: [logs, logs] } as const
  expect(told(steps, world)).toMatchObject([{ verdict: 'never-arrived' }])
})

test('a lost change of a key is a lost delete and a lost insert', () => {
  const steps = [put(A), toB, move(A), ...lostOnB]
  expect(told(steps)).toMatchObject([
    { key: 0, class: 'missing', verdict: 'deleted' },
    { key: 1, class: 'missing', verdict: 'never-arrived' }
  ])
})

test('two changes of one transaction are one', () => {
  const twice: Step = {
    kind: 'write',
    master: A,
    statements: [1, 2].map((value) => ({ kind: 'put' as const, key: 0, value }))
  }
  expect(told([put(A), toB, twice, ...lostOnB])).toMatchObject([{ verdict: 'never-arrived' }])
})

test('a write in no binlog shows, and proves nothing', () => {
  const tamper: Step = { kind: 'tamper', master: B, key: 0 }
  expect(told([put(A), toB, tamper])).toMatchObject([{ verdict: 'unknown' }])
})
