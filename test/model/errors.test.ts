import { expect, test } from 'vitest'
import { MmauditError, messageOf } from '../../src/model/errors.js'

test('an error tells what happened and what to do', () => {
  const error = new MmauditError('config', 'no master c', { hint: 'masters are a and b' })
  expect(error).toMatchObject({ code: 'config', message: 'no master c', hint: 'masters are a and b' })
})

test('an error keeps its cause, and has no hint unless given', () => {
  const cause = new Error('refused')
  const error = new MmauditError('incomplete', 'cannot connect', { cause })
  expect(error.cause).toBe(cause)
  expect(error.hint).toBeNull()
})

test('anything that was thrown has a message', () => {
  expect(messageOf(new Error('boom'))).toBe('boom')
  expect(messageOf('boom')).toBe('boom')
  expect(messageOf(undefined)).toBe('undefined')
})
