import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { accountStatements } from '../../src/lab/accounts.js'
import { auditConfig } from '../../src/lab/audit-config.js'
import { lastWords } from '../../src/lab/children.js'
import type { LabState } from '../../src/lab/lab-state.js'
import { foldersOutside, placeOf } from '../../src/lab/layout.js'
import { installedBy } from '../../src/lab/private-apt.js'
import { versionIn } from '../../src/lab/server-binary.js'
import { serverCommand } from '../../src/lab/server-flags.js'

const MASTER = {
  name: 'a',
  host: '127.0.0.1',
  port: 3307,
  socket: null,
  vendor: 'mariadb',
  serverVersion: '10.11.19-MariaDB',
  serverId: 1,
  dataDir: null,
  pid: null,
  user: 'lab_admin',
  password: null
} as const

const LAB: LabState = {
  version: 1,
  status: 'running',
  masters: [MASTER, { ...MASTER, name: 'b', port: 3308, serverId: 2 }],
  linked: true,
  database: 'retail_db',
  rows: 10,
  seed: 1
}

describe('the version of a server', () => {
  it.each([
    [
      'mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)',
      '10.11.19-MariaDB-0+deb12u1'
    ],
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4-2'],
    ['bash, version 5.2', null]
  ])('is read from %s', (said, version) => {
    expect(versionIn(said)).toBe(version)
  })
})

it('unpacks what a simulated installation would install, without perl', () => {
  const plan =
    'Reading…\nInst libc6 (2.42 sid [amd64])\nInst perl-base (5)\nInst libperl5.42 (5)\nInst mysql-server-core (9)\nConf libc6'
  expect(installedBy(plan)).toEqual(['libc6', 'mysql-server-core'])
})

it('keeps the last words of a program', () => {
  expect(lastWords('one\ntwo\nthree\n', 2)).toBe(':\n  two\n  three')
  expect(lastWords(' \n')).toBe('')
})

describe('a place of a server', () => {
  it('has its socket in the lab, or elsewhere when the path would be too long', () => {
    expect(placeOf('/lab', 'a').socket).toBe('/lab/a.sock')
    const deep = `/${'deep/'.repeat(30)}lab`
    const { socket } = placeOf(deep, 'a')
    expect(socket.startsWith(tmpdir())).toBe(true)
    expect(foldersOutside(deep, [{ ...MASTER, socket }])).toEqual([socket.replace('/a.sock', '')])
    expect(foldersOutside('/lab', [{ ...MASTER, socket: '/lab/a.sock' }])).toEqual([])
  })
})

describe('a server', () => {
  const binary = { name: 'x', version: '1', command: ['loader', 'server'], flags: ['--basedir=/b'], installer: null }
  const place = { dataDir: '/lab/a/data', socket: '/lab/a.sock', logFile: '/lab/a/server.log' }

  it.each(['mysql', 'mariadb'] as const)(
    'of %s reads no option file, listens on loopback and keeps to its lane',
    (vendor) => {
      const role = { port: 3307, lane: { number: 2, offset: 2, increment: 3 }, bufferPool: 32 }
      const command = serverCommand({ ...binary, vendor }, place, role)
      expect(command.slice(0, 4)).toEqual(['loader', 'server', '--no-defaults', '--basedir=/b'])
      for (const flag of ['--bind-address=127.0.0.1', '--auto-increment-increment=3', '--auto-increment-offset=2']) {
        expect(command).toContain(flag)
      }
    }
  )

  it('that only fills its data folder writes no binlog and listens to nobody', () => {
    const command = serverCommand({ ...binary, vendor: 'mysql' }, place, { port: null, lane: null, bufferPool: 32 })
    expect(command).toContain('--skip-log-bin')
    expect(command).toContain('--skip-networking')
  })
})

it('lets the audit read and nothing else', () => {
  for (const vendor of ['mysql', 'mariadb'] as const) {
    const grants = accountStatements(vendor).filter((statement) => /^GRANT .*'mmaudit'/.test(statement))
    expect(grants.length).toBeGreaterThan(0)
    for (const grant of grants) expect(grant).not.toMatch(/INSERT|UPDATE|DELETE|ALL|SUPER/)
  }
})

it('writes a configuration for the audit', () => {
  expect(parse(auditConfig(LAB))).toEqual({
    masters: {
      a: { host: '127.0.0.1', port: 3307, user: 'mmaudit', sslMode: 'DISABLED' },
      b: { host: '127.0.0.1', port: 3308, user: 'mmaudit', sslMode: 'DISABLED' }
    },
    include: ['retail_db.*']
  })
})
