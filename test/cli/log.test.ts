import { expect, test } from 'vitest'
import { createLog, type LogFormat } from '../../src/cli/log.js'
import { MmauditError } from '../../src/model/errors.js'
import { FakeStream } from './fake-io.js'

function said(format: LogFormat, message: string, hint = message): string {
  const stream = new FakeStream()
  createLog(format, stream, { MMAUDIT_DEBUG: '1' }).failure(new MmauditError('usage', message, { hint }))
  return stream.text
}

test.each(['text', 'json'] as const)('masks the password of a URL in a message, a hint and a trace (%s)', (format) => {
  const text = said(format, 'no table a=mysql://me:p@ss "w/rd@h1, try it\nmysql://u:xyzzy@h2')
  expect(text).not.toMatch(/ss "w|ss \\"w|xyzzy/)
  expect(text).toContain('a=mysql://me:…@h1, try')
  if (format === 'json') expect(JSON.parse(text).message).toContain('mysql://u:…@h2')
})

test('leaves a URL without a password as it is', () => {
  expect(said('text', 'write it as a=mysql://user@host:3306')).toContain('a=mysql://user@host:3306')
})

test.each(['text', 'json'] as const)('lets no message command a terminal (%s)', (format) => {
  const hostile = 'x\u001B]0;owned\u0007\u009B31m\u202Edrow\u2066\u007F'
  const text = said(format, hostile)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/)
  if (format === 'json') expect(JSON.parse(text).message).toBe(hostile)
})
