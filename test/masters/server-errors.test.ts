import { describe, expect, test } from 'vitest'
import {
  isAccessDenied,
  isConnectionLost,
  isMissingPrivilege,
  isRowRefused,
  isTlsUnsupported,
  isUnknownTable
} from '../../src/masters/server-errors.js'

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
