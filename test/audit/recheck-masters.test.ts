import { expect, test } from 'vitest'
import { identityNotes, reportedMasters } from '../../src/audit/recheck-masters.js'
import type { MasterConfig } from '../../src/model/config.js'
import type { SavedReport } from '../../src/model/saved-report.js'
import { summarise } from '../../src/model/summary.js'
import { master } from '../report/samples.js'

function configured(name: string): MasterConfig {
  const tls = { sslMode: 'DISABLED', sslCa: null, sslCert: null, sslKey: null } as const
  return { name, host: 'h', port: 3306, socketPath: null, user: 'u', password: null, ...tls }
}

function reportOf(...names: string[]): SavedReport {
  return {
    name: 'report.json',
    startedAt: '2026-01-02T03:04:05.000Z',
    masters: names.map((name) => master(name)),
    tables: [],
    summary: summarise([]),
    named: [],
    async *divergences() {}
  }
}

const CONFIGURED = ['c', 'b', 'a'].map(configured)

test('the masters of the report are compared, in the order of the configuration', () => {
  const { masters, notes } = reportedMasters(CONFIGURED, reportOf('a', 'b', 'c'))
  expect(masters.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  expect(notes).toEqual([])
})

test('masters that the report does not know are left alone, and named', () => {
  const { masters, notes } = reportedMasters(CONFIGURED, reportOf('a', 'b'))
  expect(masters.map(({ name }) => name)).toEqual(['b', 'a'])
  expect(notes).toEqual(['not read, because report.json does not compare it: c'])
})

test('masters of the report that are not configured are told by name', () => {
  expect(() => reportedMasters(CONFIGURED, reportOf('a', 'x', 'y'))).toThrow(
    expect.objectContaining({
      code: 'config',
      message: 'report.json compares a, x, y, and no master is configured as x or y',
      hint: 'name the same masters as the audit did; configured: c, b, a'
    })
  )
})

test('another vendor or server id is another server; another host, version or position is not', () => {
  const now = [
    master('a', { host: 'elsewhere', port: 1, serverVersion: '9', position: '' }),
    master('b', { vendor: 'mariadb' }),
    master('c', { serverId: 9 })
  ]
  expect(
    identityNotes(
      now,
      ['c', 'b', 'a'].map((name) => master(name))
    )
  ).toEqual([
    'b may be another server than in the report: MySQL with server id 2 then, MariaDB with server id 2 now',
    'c may be another server than in the report: MySQL with server id 3 then, MySQL with server id 9 now'
  ])
})
