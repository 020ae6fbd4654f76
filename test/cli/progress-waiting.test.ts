import { expect, test } from 'vitest'
import { createLog } from '../../src/cli/log.js'
import { ProgressBar } from '../../src/cli/progress-bar.js'
import { ProgressLines } from '../../src/cli/progress-lines.js'
import type { WaitReason } from '../../src/model/events.js'
import { createStyle } from '../../src/report/style.js'
import { FakeStream } from './fake-io.js'

const busy = (value: number): WaitReason => ({
  kind: 'Threads_running',
  master: 'a',
  text: `Threads_running is ${value} on a, more than 25`
})
const LAGS: WaitReason = { kind: 'lag', master: 'b', text: 'b lags 9 s behind a, more than 5 s' }

test('lines tell what is waited for and how long, and not at every turn of a server on the edge', () => {
  const stream = new FakeStream()
  const clock = { now: 0 }
  const lines = new ProgressLines(createLog('text', stream, {}), () => clock.now)
  lines.waiting([busy(31)])
  clock.now = 2_000
  lines.waiting([])
  clock.now = 2_500
  lines.waiting([busy(26)])
  lines.waiting([])
  lines.waiting([busy(26), LAGS])
  clock.now = 4_000
  lines.waiting([])
  expect(stream.text.split('\n')).toEqual([
    'mmaudit: waiting: Threads_running is 31 on a, more than 25',
    'mmaudit: going on after 2.0 s',
    'mmaudit: waiting: Threads_running is 26 on a, more than 25; b lags 9 s behind a, more than 5 s',
    'mmaudit: going on after 1.5 s',
    ''
  ])
})

test('the bar gives way to the reason, and the reason to the bar', () => {
  const stream = new FakeStream(true)
  const bar = new ProgressBar(stream, createStyle(false), () => 0)
  bar.waiting([LAGS])
  expect(stream.text).toBe(`\r\u001B[2Kwaiting: ${LAGS.text}`)
  bar.waiting([])
  expect(stream.text.endsWith('\r\u001B[2K')).toBe(true)
})
