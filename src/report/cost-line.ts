import type { Costs } from '../model/costs.js'
import { byteCount, counted, duration } from './numbers.js'
import { visible } from './text.js'

/** What a run asked of the masters, and how long it waited for them, in one line. */
export function costLine({ masters, throttled }: Costs): string {
  const asked = Object.entries(masters).map(
    ([name, { queries, rows, bytes }]) =>
      `${visible(name)}: ${counted(queries, 'query', 'queries')}, ${counted(rows, 'row')}, ${byteCount(bytes)}`
  )
  const reasons = Object.entries(throttled.reasons).map(([kind, seconds]) => `${kind} ${duration(seconds * 1000)}`)
  const waited = throttled.seconds === 0 ? [] : [`waited ${duration(throttled.seconds * 1000)} (${reasons.join(', ')})`]
  return `  read from ${[...asked, ...waited].join('; ')}`
}
