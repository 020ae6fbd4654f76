import { describe, expect, test } from 'vitest'
import { EXIT, exitCodeOfError, exitCodeOfSummary } from '../../src/cli/exit-codes.js'
import { wantsColour } from '../../src/cli/presentation.js'
import { MmauditError } from '../../src/model/errors.js'
import { summarise } from '../../src/model/summary.js'
import { FakeStream } from './fake-io.js'

describe('colours', () => {
  const terminal = new FakeStream(true)
  const pipe = new FakeStream(false)

  test.each([
    ['on a terminal', null, terminal, {}, true],
    ['not in a pipe', null, pipe, {}, false],
    ['not on a dumb terminal', null, terminal, { TERM: 'dumb' }, false],
    ['not with NO_COLOR', null, terminal, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR says nothing', null, terminal, { NO_COLOR: '' }, true],
    ['with FORCE_COLOR', null, pipe, { FORCE_COLOR: '1' }, true],
    ['not with FORCE_COLOR=0', null, terminal, { FORCE_COLOR: '0' }, false],
    ['NO_COLOR before FORCE_COLOR', null, pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['not with --no-color', false, terminal, { FORCE_COLOR: '1' }, false]
  ] as const)('%s', (_, flag, stream, env, expected) => {
    expect(wantsColour(flag, stream, env)).toBe(expected)
  })
})

describe('exit codes', () => {
  const summary = summarise([])

  test.each([
    [{}, EXIT.CONSISTENT],
    [{ consistent: false }, EXIT.DIVERGENT],
    [{ complete: false }, EXIT.INCOMPLETE],
    [{ consistent: false, complete: false }, EXIT.INCOMPLETE]
  ])('of a summary %j', (over, expected) => {
    expect(exitCodeOfSummary({ ...summary, ...over })).toBe(expected)
  })

  test.each([
    [new MmauditError('usage', ''), 64],
    [new MmauditError('config', ''), 78],
    [new MmauditError('incomplete', ''), 2],
    [new MmauditError('interrupted', ''), 130],
    [new TypeError('bug'), 2],
    ['thrown text', 2]
  ])('of %s', (error, expected) => {
    expect(exitCodeOfError(error)).toBe(expected)
  })
})
