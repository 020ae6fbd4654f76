import { expect, test } from 'vitest'
import { costLine } from '../../src/report/cost-line.js'

const masters = {
  a: { queries: 1, rows: 2_000_196, bytes: 96_104_882 },
  b: { queries: 409, rows: 1, bytes: 834 }
}

test('one line for all masters, and for the time waited where there was any', () => {
  const asked = '  read from a: 1 query, 2,000,196 rows, 96.1 MB; b: 409 queries, 1 row, 834 B'
  expect(costLine({ masters, throttled: { seconds: 0, reasons: {} } })).toBe(asked)
  expect(costLine({ masters, throttled: { seconds: 14, reasons: { lag: 3.5, 'pause-file': 12 } } })).toBe(
    `${asked}; waited 14.0 s (lag 3.5 s, pause-file 12.0 s)`
  )
})
