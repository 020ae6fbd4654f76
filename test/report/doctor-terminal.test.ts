import { describe, expect, test } from 'vitest'
import type { Diagnosis, Finding, StoppedTransaction } from '../../src/model/doctor.js'
import { doctorLines } from '../../src/report/doctor-terminal.js'
import { createStyle } from '../../src/report/style.js'
import { unblockedLines } from '../../src/report/unblocked-section.js'

const PLAIN = { colour: false, width: 80, quiet: false }

const FINDING: Finding = {
  id: 'sync-binlog',
  severity: 'warning',
  masters: ['a', 'b'],
  what: 'sync_binlog is 0 on a and b',
  cause: 'it is faster',
  danger: 'a crash takes transactions back',
  advice: null,
  mend: [
    { master: 'a', statement: 'SET GLOBAL sync_binlog = 1' },
    { master: 'b', statement: 'SET GLOBAL sync_binlog = 1' }
  ]
}

const STOPPED: StoppedTransaction = {
  master: 'b',
  channel: '',
  source: 'a',
  errno: 1062,
  message: 'Duplicate entry',
  gtid: '1-1-7',
  position: 'binlog.000001:400',
  rows: [{ verb: 'insert', database: 'shop', table: 'orders', key: { id: '7' } }],
  divergences: [],
  repair: null,
  mend: [],
  stepOver: [{ master: 'b', statement: 'START SLAVE SQL_THREAD' }],
  obstacle: null
}

function diagnosis(findings: readonly Finding[], stopped: readonly StoppedTransaction[] = []): Diagnosis {
  const masters = ['a', 'b'].map((name, at) => ({
    ...{ name, host: name, port: 3306, vendor: 'mariadb' as const },
    ...{ serverVersion: '10.11', serverId: at + 1, position: '' }
  }))
  return { startedAt: new Date(0), finishedAt: new Date(1), masters, findings, stopped }
}

const shown = (findings: readonly Finding[], view = PLAIN) => doctorLines(diagnosis(findings), view)

test('a finding stands in the table, and below it with what mends it on each master', () => {
  const lines = shown([FINDING])
  expect(lines).toContain('  warning  sync-binlog  a, b  sync_binlog is 0 on a and b')
  expect(lines.join('\n')).toContain(
    [
      'sync-binlog  warning on a and b',
      '  sync_binlog is 0 on a and b',
      '  cause    it is faster',
      '  danger   a crash takes transactions back',
      '  run on a',
      '    SET GLOBAL sync_binlog = 1;',
      '  run on b',
      '    SET GLOBAL sync_binlog = 1;'
    ].join('\n')
  )
  expect(lines.at(-1)).toBe('✗ Found 1 warning.')
})

test('statements are never broken, prose is', () => {
  const long = 'x '.repeat(100).trim()
  const lines = shown([{ ...FINDING, cause: long, mend: [{ master: 'a', statement: `SET GLOBAL v = '${long}'` }] }])
  expect(lines).toContain(`    SET GLOBAL v = '${long}';`)
  expect(lines.filter((line) => line.includes('x x') && !line.includes('SET')).every((line) => line.length <= 80)).toBe(
    true
  )
})

test('what servers say cannot command a terminal', () => {
  const lines = shown([{ ...FINDING, what: 'evil \u001b[2J', masters: ['a'] }])
  expect(lines.join('')).not.toContain('\u001b')
})

describe('the verdict', () => {
  const verdict = (...severities: readonly Finding['severity'][]) =>
    shown(severities.map((severity) => ({ ...FINDING, severity }))).at(-1)

  test('counts what has to be mended, and tells apart what could not be seen', () => {
    expect(verdict()).toBe('✓ Nothing has to be mended.')
    expect(verdict('info')).toBe('✓ Nothing has to be mended (and 1 to know).')
    expect(verdict('danger', 'danger', 'unknown', 'warning', 'info')).toBe(
      '✗ Found 2 dangers, 1 thing that could not be looked at and 1 warning (and 1 to know).'
    )
  })

  test('is all that is said quietly, and not even that when all is well', () => {
    const quiet = { ...PLAIN, quiet: true }
    expect(shown([FINDING], quiet)).toEqual(['✗ Found 1 warning.'])
    expect(shown([{ ...FINDING, severity: 'info' }], quiet)).toEqual([])
  })
})

test('a stopped applier comes with its transaction, its rows and the way on', () => {
  const text = doctorLines(diagnosis([], [STOPPED]), PLAIN).join('\n')
  expect(text).toContain('Applier of b  stopped with 1062 before transaction 1-1-7 (binlog.000001:400) of a')
  expect(text).toContain('insert shop.orders  id 7')
  expect(text).toContain('all of its rows are the same on all masters already')
  expect(text).toContain('    START SLAVE SQL_THREAD;')
  const blocked = doctorLines(diagnosis([], [{ ...STOPPED, obstacle: 'it cannot be read' }]), PLAIN).join('\n')
  expect(blocked).toContain('! it cannot be read')
})

test('what became of a stopped applier is told, also when it was left', () => {
  const style = createStyle(false)
  const told = (about: object) =>
    unblockedLines(
      { plan: STOPPED, repair: null, steppedOver: true, reason: null, differing: [], ...about },
      ['a', 'b'],
      style,
      80
    )
  expect(told({})).toEqual(['✓ b: stepped over 1-1-7, and the applier runs'])
  expect(told({ steppedOver: false, reason: 'it was not confirmed' })).toEqual([
    '✗ b: left before 1-1-7',
    '  it was not confirmed'
  ])
  expect(told({ reason: 'the applier has stopped again' })[0]).toBe('✗ b: stepped over 1-1-7')
})
