import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Column } from '../../src/model/table.js'
import { compareValues } from '../../src/repair/decide/order-values.js'
import type { Judge } from '../../src/repair/decide/server-judge.js'
import { column, textColumn } from '../support/columns.js'

const NOBODY: Judge = {
  compare: () => Promise.reject(new Error('nobody was to be asked')),
  holds: () => Promise.reject(new Error('nobody was to be asked'))
}
const SOMEBODY: Judge = { ...NOBODY, compare: async () => 1 }

const of = (dataType: string) => column('v', { dataType })

describe('values in their order', () => {
  test.each<[Column, readonly string[]]>([
    [
      of('bigint'),
      ['-9223372036854775808', '-1', '0', '00007', '10', '9007199254740992', '9007199254740993', '18446744073709551615']
    ],
    [
      of('decimal'),
      [
        '-10.50',
        '-9',
        '-0.000000000000000000000000000001',
        '0.0',
        '0.1',
        '0.11',
        '9.99',
        '10',
        '12345678901234567890.01',
        '12345678901234567890.02'
      ]
    ],
    [of('year'), ['0000', '1999', '2026']],
    [of('double'), ['-1e300', '-2', '-1e-300', '0', '1e-7', '0.5', '9', '10', '1e21']],
    [of('float'), ['-16777218', '1.1', '16777216', '16777218']],
    [of('date'), ['0000-00-00', '1969-12-31', '2026-01-02', '2026-01-10']],
    [
      of('datetime'),
      [
        '0000-00-00 00:00:00',
        '2026-01-02',
        '2026-01-02 09:59:59',
        '2026-01-02 09:59:59.1',
        '2026-01-02 09:59:59.12',
        '2026-01-02 10:00:00'
      ]
    ],
    [of('timestamp'), ['2026-01-02 10:00:00.000', '2026-01-02 10:00:00.001']],
    [
      of('time'),
      [
        '-838:59:59',
        '-100:00:00',
        '-23:00:00',
        '-00:00:01.5',
        '-00:00:01',
        '00:00:00',
        '00:00:00.000001',
        '23:59:59',
        '100:00:00',
        '838:59:59'
      ]
    ]
  ])('$dataType', async (type, values) => {
    for (const [at, left] of values.entries()) {
      for (const [other, right] of values.entries()) {
        expect(await compareValues(type, left, right, NOBODY), `${left} and ${right}`).toBe(Math.sign(at - other))
      }
    }
  })

  test.each([
    [of('decimal'), '1.50', '1.5'],
    [of('int'), '007', '7'],
    [of('double'), '-0', '0'],
    [of('datetime'), '2026-01-02 10:00:00', '2026-01-02 10:00:00.000000'],
    [of('time'), '-00:00:00', '00:00:00']
  ])('%# of one value in two spellings', async (type, left, right) => {
    expect(await compareValues(type, left, right, NOBODY)).toBe(0)
  })

  test('whole numbers of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt(), fc.bigInt(), async (left, right) => {
        const expected = left < right ? -1 : left > right ? 1 : 0
        expect(await compareValues(of('decimal'), String(left), String(right), NOBODY)).toBe(expected)
      })
    )
  })

  test.each([
    [textColumn('v'), 'a', 'b'],
    [textColumn('v', { charset: 'utf8mb3', collation: 'utf8_general_ci' }), 'a', 'b'],
    [of('varbinary'), { hex: '00' }, { hex: 'ff' }]
  ])('%# of text and bytes are those of a server', async (type, left, right) => {
    expect(await compareValues(type, left, right, SOMEBODY)).toBe(1)
  })

  test.each([
    [of('enum'), 'a', 'b'],
    [of('set'), 'a', 'b'],
    [of('json'), '1', '2'],
    [of('bit'), { hex: '00' }, { hex: '01' }],
    [of('point'), { hex: '00' }, { hex: '01' }],
    [of('uuid'), 'a', 'b'],
    [textColumn('v', { charset: 'utf8mb4', collation: 'latin1_swedish_ci' }), 'a', 'b']
  ])('%# of no order that all servers share', async (type, left, right) => {
    expect(await compareValues(type, left, right, SOMEBODY)).toBeNull()
  })
})
