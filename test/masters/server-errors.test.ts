import { describe, expect, test } from 'vitest'
import { GaveUp } from '../../src/masters/retry.js'
import {
  isAccessDenied,
  isConnectionLost,
  isMissingPrivilege,
  isPacketTooLarge,
  isPassing,
  isRowRefused,
  isTlsUnsupported,
  isTooManyConnections,
  isUnknownTable,
  isWrongStatement
} from '../../src/masters/server-errors.js'
import { MmauditError } from '../../src/model/errors.js'

/** An error as the driver throws it. */
function driverError(about: { readonly errno?: number; readonly code?: string; readonly fatal?: boolean }): Error {
  return Object.assign(new Error('said the driver'), about)
}

const PREDICATES = {
  isAccessDenied,
  isMissingPrivilege,
  isRowRefused,
  isUnknownTable,
  isConnectionLost,
  isTlsUnsupported
}

/** The names of the questions that are answered with yes. */
function meaningOf(error: unknown): readonly string[] {
  return Object.entries(PREDICATES).flatMap(([name, predicate]) => (predicate(error) ? [name] : []))
}

describe('a server error means', () => {
  test.each([
    ['a wrong password', { errno: 1045 }, 'isAccessDenied'],
    ['a database that the account may not use', { errno: 1044 }, 'isAccessDenied'],
    ['a missing table privilege', { errno: 1142 }, 'isMissingPrivilege'],
    ['a missing global privilege', { errno: 1227 }, 'isMissingPrivilege'],
    ['a value that is taken', { errno: 1062 }, 'isRowRefused'],
    ['a value that is too long', { errno: 1406 }, 'isRowRefused'],
    ['a trigger that refuses a row', { errno: 1644 }, 'isRowRefused'],
    ['a table that is gone', { errno: 1146 }, 'isUnknownTable'],
    ['a server that is shutting down', { errno: 1053 }, 'isConnectionLost'],
    ['a connection that was killed', { errno: 1927 }, 'isConnectionLost'],
    ['a refused connection', { code: 'ECONNREFUSED' }, 'isConnectionLost'],
    ['a connection that ended', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'isConnectionLost'],
    ['a server without TLS', { code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'isTlsUnsupported']
  ])('%s', (_, about, meaning) => {
    expect(meaningOf(driverError(about))).toEqual([meaning])
  })

  test.each([
    ['a syntax error', driverError({ errno: 1064, code: 'ER_PARSE_ERROR', fatal: false })],
    ['any other error', new Error('other')],
    ['what is no error', { errno: 1045 }],
    ['nothing', undefined]
  ])('none of these for %s', (_, error) => {
    expect(meaningOf(error)).toEqual([])
  })
})

describe('trouble that may pass', () => {
  const login = (cause: unknown) => new MmauditError('incomplete', 'cannot log in', { cause })

  test.each([
    ['a connection that ended', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }],
    ['a connection that was reset', { code: 'ECONNRESET' }],
    ['a server that is not up', { code: 'ECONNREFUSED' }],
    ['a socket that is not there', { code: 'ENOENT' }],
    ['a name that is not found at the moment', { code: 'EAI_AGAIN' }],
    ['a server that is shutting down', { errno: 1053 }],
    ['a killed statement', { errno: 1317 }],
    ['a killed connection', { errno: 1927 }],
    ['max_statement_time', { errno: 1969 }],
    ['max_execution_time', { errno: 3024 }],
    ['a lock that is held', { errno: 1205 }],
    ['a deadlock', { errno: 1213 }],
    ['a server that is full', { errno: 1040 }],
    ['an account that has too many connections', { errno: 1203 }]
  ])('%s', (_, about) => {
    const error = driverError(about)
    expect([isPassing(error), isPassing(login(error)), isPassing(new GaveUp('b', login(error), 3, 1))]).toEqual([
      true,
      true,
      true
    ])
  })

  test.each([
    ['a wrong password, though it ends the connection', { errno: 1045, fatal: true }],
    ['a missing privilege', { errno: 1142 }],
    ['a table that is gone', { errno: 1146 }],
    ['a column that is gone', { errno: 1054 }],
    ['a syntax error', { errno: 1064 }],
    ['a packet that is too large, though it ends the connection', { errno: 1153, fatal: true }],
    ['a server without TLS', { code: 'HANDSHAKE_NO_SSL_SUPPORT', fatal: true }]
  ])('not %s', (_, about) => {
    expect([isPassing(driverError(about)), isPassing(login(driverError(about)))]).toEqual([false, false])
  })

  test('what was tried in vain is still that trouble', () => {
    const gaveUp = (about: object) => new GaveUp('b', driverError(about), 8, 12_000)
    expect(isConnectionLost(gaveUp({ code: 'ECONNRESET' }))).toBe(true)
    expect(isTooManyConnections(gaveUp({ errno: 1040 }))).toBe(true)
    expect(isPacketTooLarge(driverError({ errno: 1153 }))).toBe(true)
  })
})

test.each([
  ['a syntax error', { errno: 1064, sqlState: '42000' }, true],
  ['an unknown column', { errno: 1054, sqlState: '42S22' }, true],
  ['a value that is no date', { errno: 1292, sqlState: '22007' }, true],
  ['a list where one value belongs', { errno: 1241, sqlState: '21000' }, true],
  ['an aggregate in a condition', { errno: 1111, sqlState: 'HY000' }, true],
  ['a missing privilege', { errno: 1142, sqlState: '42000' }, false],
  ['a killed statement', { errno: 1317, sqlState: '70100' }, false],
  ['a lost connection', { errno: 2013, code: 'PROTOCOL_CONNECTION_LOST' }, false],
  ['a full disk', { errno: 1021, sqlState: 'HY000' }, false]
])('whether a statement is wrong that fails by %s', (_, about, isWrong) => {
  expect(isWrongStatement(driverError(about))).toBe(isWrong)
})
