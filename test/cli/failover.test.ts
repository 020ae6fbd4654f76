import { describe, expect, test } from 'vitest'
import { exitCodeOfFailover } from '../../src/cli/exit-codes.js'
import { runCli } from '../../src/cli/program.js'
import type { FailoverReport } from '../../src/model/failover.js'
import { summarise } from '../../src/model/summary.js'
import { fakeIo } from './fake-io.js'

const MASTERS = ['--master', 'a=mysql://u@h1', '--master', 'b=mysql://u@h2']

async function failover(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const io = fakeIo()
  const code = await runCli(['failover', ...MASTERS, ...args], io)
  return { code, said: io.stderr.text }
}

describe('mmaudit failover', () => {
  test.each([[[]], [['--lost', 'a', '--returned', 'b']]])('wants one master: %j', async (args) => {
    expect(await failover(...args)).toMatchObject({
      code: 64,
      said: expect.stringContaining('--lost or with --returned')
    })
  })

  test('does not know a master that is not configured', async () => {
    expect(await failover('--lost', 'x')).toMatchObject({
      code: 64,
      said: expect.stringContaining('no master is configured as x')
    })
  })

  test('repairs nothing while a master is gone', async () => {
    const { code, said } = await failover('--lost', 'a', '--repair', '--policy', 'union', '--yes')
    expect(code).toBe(64)
    expect(said).toContain('mmaudit repair lost.json')
  })

  test.each([
    ['--policy', 'union'],
    ['--yes', '--quiet'],
    ['--dry-run', '--quiet']
  ])('refuses %s without --repair', async (...args) => {
    expect(await failover('--returned', 'a', ...args)).toMatchObject({
      code: 64,
      said: expect.stringContaining('--repair was not said')
    })
  })

  test.each([
    ['--lost-server-id', 'one', 'must be a whole number'],
    ['--lost-uuid', 'one', 'must be a server_uuid']
  ])('refuses %s %s', async (option, value, said) => {
    expect(await failover('--lost', 'a', option, value)).toMatchObject({
      code: 64,
      said: expect.stringContaining(said)
    })
  })
})

const REPORT: FailoverReport = {
  ...{ kind: 'returned', master: 'a', by: 'gtid', server: '1', lacked: [], unsent: 0, pending: [], troubled: [] },
  ...{ rows: { written: 0, bothSides: 0, arriving: 0, troubled: 0 }, gaps: [], notes: [], reasons: [], stepOver: [] },
  answer: 'yes'
}
const lanes = { id: 'lanes', masters: [], text: '' } as const

test.each([
  ['nothing was found', {}, 0],
  ['unsent transactions will arrive', { unsent: 1 }, 1],
  ['there is a reason against it', { answer: 'no', reasons: [lanes] }, 1],
  ['something could not be seen', { answer: 'unknown', gaps: ['?'] }, 2],
  ['there is a reason, and something could not be seen', { answer: 'no', reasons: [lanes], gaps: ['?'] }, 2]
] as const)('the exit status when %s', (_, more, code) => {
  expect(exitCodeOfFailover({ ...REPORT, ...more }, summarise([]))).toBe(code)
})

test('rows that could not be read again are not taken for equal', () => {
  expect(exitCodeOfFailover(REPORT, { ...summarise([]), complete: false })).toBe(2)
  expect(exitCodeOfFailover(REPORT, { ...summarise([]), consistent: false })).toBe(1)
})
