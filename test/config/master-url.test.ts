import { describe, expect, test } from 'vitest'
import { parseMaster } from '../../src/config/master-url.js'
import { MmauditError } from '../../src/model/errors.js'

function draft(text: string) {
  const argument = parseMaster(text, '--master', 'usage', '/srv/audit')
  if (argument.kind !== 'url') throw new Error('expected a URL')
  const { error, folder, ...values } = argument.draft
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function problem(text: string): [string, string | null] {
  try {
    parseMaster(text, '--master', 'usage', '/srv/audit')
  } catch (error) {
    if (error instanceof MmauditError) return [error.message, error.hint]
    throw error
  }
  throw new Error('expected an error')
}

describe('the URL of a master', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a=mysql://root@db1', { name: 'a', host: 'db1', user: 'root' }],
    ['a=mariadb://root@db1:3307/', { name: 'a', host: 'db1', port: 3307, user: 'root' }],
    ['x.y-1=mysql://o%40x:p%3A%2F@h', { name: 'x.y-1', host: 'h', user: 'o@x', urlPassword: 'p:/' }],
    ['a=mysql://u:p=q@h', { name: 'a', host: 'h', user: 'u', urlPassword: 'p=q' }],
    ['a=mysql://u@[2001:db8::1]:3306', { name: 'a', host: '2001:db8::1', port: 3306, user: 'u' }],
    ['a=mysql://u@/?socket=/run/my.sock', { name: 'a', host: 'localhost', user: 'u', socket: '/run/my.sock' }],
    [
      'a=mysql://u@h?sslMode=verify_ca&sslCa=ca.pem',
      { name: 'a', host: 'h', user: 'u', sslMode: 'VERIFY_CA', sslCa: 'ca.pem' }
    ]
  ])('%s', (text, expected) => {
    expect(draft(text)).toEqual(expected)
  })

  test('a bare name stands for a master of the file', () => {
    expect(parseMaster('north', '--master', 'usage', '/')).toEqual({ kind: 'name', name: 'north' })
  })

  const form = 'write it as a=mysql://user@host:3306'
  test.each<[string, string, unknown]>([
    ['mysql://u@h', '--master: a master has a name before its URL', form],
    ['mysql://u@h/?a=b', '--master: a master has a name before its URL', form],
    ['skip=mysql://u@h', '--master: skip is a reserved word; give this master another name', form],
    ['a b=mysql://u@h', '--master: the name of a master is made of letters, digits, _ . and -', form],
    ['constructor=mysql://u@h', '--master: constructor is a reserved word; give this master another name', form],
    ['a=u@h', '--master a: the URL of a master begins with mysql://', form],
    ['a=mysql://u@h:99999', '--master a: not a valid URL', expect.stringContaining('percent-encode')],
    ['a=mysql://u@h/?ssl-mode=x', '--master a: unknown parameter ssl-mode in the URL; did you mean sslMode?', null],
    ['a=mysql://u@h/retail_db', '--master a: the URL of a master names no database', expect.any(String)]
  ])('%s is refused', (text, message, hint) => {
    expect(problem(text)).toEqual([message, hint])
  })
})
