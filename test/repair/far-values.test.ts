import { describe, expect, test } from 'vitest'
import { farValue } from '../../src/repair/order/far-values.js'
import { columnFacts } from './facts.js'

const of = (columnType: string, length: number | null = null) =>
  columnFacts('u', { dataType: /^\w+/.exec(columnType)?.[0] ?? '', columnType, length })

describe('the values that no row is likely to have', () => {
  test.each([
    [of('tinyint(4)'), ['127', '126']],
    [of('mediumint unsigned'), ['16777215', '16777214']],
    [of('bigint'), ['9223372036854775807', '9223372036854775806']],
    [of('decimal(4,2)'), ['99.99', '99.98']],
    [of('decimal(2,2)'), ['0.99', '0.98']],
    [of('decimal(5,0)'), ['99999', '99998']],
    [of('date'), ['9999-12-31', '9999-12-30']],
    [of('datetime'), ['9999-12-31 23:59:59', '9999-12-31 23:59:58']],
    [of('time'), ['838:59:59', '838:59:58']],
    [of('varchar(40)', 40), ['mmaudit-parked-0', 'mmaudit-parked-1']],
    [of('char(2)', 2), ['zz', 'zy']],
    [of('binary(2)', 2), [{ hex: 'ffff' }, { hex: 'fffe' }]],
    [of('varbinary(20)', 20), [{ hex: Buffer.from('mmaudit-parked-0').toString('hex') }, expect.anything()]]
  ])('of %o', (column, values) => {
    expect([farValue(column, 0), farValue(column, 1)]).toEqual(values)
  })

  test.each([
    [of('tinyint unsigned'), 256],
    [of('tinyint'), 256],
    [of('decimal(2,1)'), 100],
    [of('year'), 255],
    [of('char(1)', 1), 36],
    [of('binary(1)', 1), 256]
  ])('of %o are all different, and come to an end', (column, count) => {
    const values = Array.from({ length: count }, (_, n) => JSON.stringify(farValue(column, n)))
    expect(new Set(values).size).toBe(count)
    expect(values).not.toContain('null')
    expect(farValue(column, count)).toBeNull()
  })
})
