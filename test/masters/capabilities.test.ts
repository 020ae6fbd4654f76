import { describe, expect, test } from 'vitest'
import { capabilitiesOf } from '../../src/masters/capabilities.js'

describe('the vendor', () => {
  test.each([
    ['8.0.36', 'MySQL Community Server - GPL', 'mysql'],
    ['8.0.36-0ubuntu0.22.04.1', '(Ubuntu)', 'mysql'],
    ['9.7.4-2', 'Percona Server (GPL)', 'mysql'],
    ['10.11.19-MariaDB-0+deb12u1-log', 'Debian 12', 'mariadb'],
    ['11.8.2-MariaDB', 'mariadb.org binary distribution', 'mariadb'],
    ['5.5.5-10.6.18-MariaDB', '', 'mariadb'],
    ['10.6.18-log', 'MariaDB Server', 'mariadb']
  ])('of %s (%s) is %s', (version, comment, vendor) => {
    expect(capabilitiesOf(version, comment).vendor).toBe(vendor)
  })
})

describe('the statements', () => {
  test.each([
    ['5.7.44-log', 'SHOW SLAVE STATUS', 'SHOW MASTER STATUS'],
    ['8.0.21', 'SHOW SLAVE STATUS', 'SHOW MASTER STATUS'],
    ['8.0.22', 'SHOW REPLICA STATUS', 'SHOW MASTER STATUS'],
    ['8.0.36', 'SHOW REPLICA STATUS', 'SHOW MASTER STATUS'],
    ['8.3.0', 'SHOW REPLICA STATUS', 'SHOW MASTER STATUS'],
    ['8.4.0', 'SHOW REPLICA STATUS', 'SHOW BINARY LOG STATUS'],
    ['8.4.3', 'SHOW REPLICA STATUS', 'SHOW BINARY LOG STATUS'],
    ['9.7.4-2', 'SHOW REPLICA STATUS', 'SHOW BINARY LOG STATUS'],
    ['10.11.19-MariaDB-0+deb12u1-log', 'SHOW ALL SLAVES STATUS', 'SHOW MASTER STATUS'],
    ['11.8.2-MariaDB', 'SHOW ALL SLAVES STATUS', 'SHOW MASTER STATUS']
  ])('of %s', (version, showReplicas, showBinlogPosition) => {
    expect(capabilitiesOf(version, '')).toMatchObject({ showReplicas, showBinlogPosition })
  })

  test.each(['8.4.0', '8.4.3', '8.10.0', '9.0.1', '9.7.4-2', '10.0.0'])('of MySQL %s hold no old word', (version) => {
    // Privileges keep their names.
    const { privileges: _, ...words } = capabilitiesOf(version, 'MySQL Community Server')
    expect(JSON.stringify(words)).not.toMatch(/master|slave/i)
  })
})

test.each([
  ['5.7.44-log', 'transaction', []],
  ['8.0.36', 'transaction', ['information_schema_stats_expiry = 0']],
  ['9.7.4-2', 'transaction', ['information_schema_stats_expiry = 0']],
  ['10.11.19-MariaDB', 'tx', []],
  ['11.8.2-MariaDB', 'transaction', []]
])('sessions of %s read one moment, and sizes of now', (version, prefix, sizes) => {
  const readingSettings = [`${prefix}_isolation = 'REPEATABLE-READ'`, `${prefix}_read_only = 1`, ...sizes]
  expect(capabilitiesOf(version, '')).toMatchObject({ readingSettings })
})

describe('what an audit needs', () => {
  test('are privileges in the words of each vendor', () => {
    expect(capabilitiesOf('8.4.3', '').auditPrivileges).toEqual(['SELECT', 'REPLICATION CLIENT'])
    expect(capabilitiesOf('11.8.2-MariaDB', '').auditPrivileges).toEqual(['SELECT', 'BINLOG MONITOR', 'SLAVE MONITOR'])
  })

  test('is time for long statements, by the variable of each vendor', () => {
    expect(capabilitiesOf('8.0.36', '').noStatementTimeout).toBe('max_execution_time = 0')
    expect(capabilitiesOf('10.11.19-MariaDB', '').noStatementTimeout).toBe('max_statement_time = 0')
  })
})
