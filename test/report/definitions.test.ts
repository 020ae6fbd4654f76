import { describe, expect, test } from 'vitest'
import type { SchemaDifference } from '../../src/model/report.js'
import { differingDefinitions } from '../../src/report/definitions.js'
import { createStyle } from '../../src/report/style.js'
import { result } from './samples.js'

const PLAIN = createStyle(false)
const ENGINE: SchemaDifference = { aspect: 'engine', name: null, masters: { a: 'InnoDB', b: 'Aria' } }

function shown(...drift: readonly SchemaDifference[]): string {
  return differingDefinitions([result('orders', { drift })], ['a', 'b'], PLAIN, 100).join('\n')
}

describe('definitions that differ', () => {
  test('are listed by table, master beside master', () => {
    const results = [
      result('customers'),
      result('orders', {
        drift: [
          { aspect: 'column', name: 'note', masters: { a: 'text', b: null } },
          { aspect: 'type', name: 'amount', masters: { a: 'decimal(10,2)', b: 'decimal(12,2)' } },
          { aspect: 'order', name: null, masters: { a: 'id, amount', b: 'amount, id' } },
          { aspect: 'index', name: 'by_day', masters: { a: null, b: '(day)' } }
        ]
      }),
      result('sessions', { drift: [ENGINE] })
    ]
    expect(differingDefinitions(results, ['a', 'b'], PLAIN, 100).join('\n')).toBe(
      `Definitions that differ
  table               what              a              b
  retail_db.orders    note              text           (absent)
  retail_db.orders    amount: type      decimal(10,2)  decimal(12,2)
  retail_db.orders    order of columns  id, amount     amount, id
  retail_db.orders    index by_day      (absent)       (day)
  retail_db.sessions  engine            InnoDB         Aria`
    )
  })

  test('are no section when there are none', () => {
    expect(differingDefinitions([result('orders'), result('customers')], ['a', 'b'], PLAIN, 100)).toEqual([])
  })

  test('are told of masters that were not read, too', () => {
    expect(shown({ ...ENGINE, masters: { a: 'InnoDB' } })).toContain('InnoDB  (absent)')
  })

  test('are cut where they are long', () => {
    const long = { ...ENGINE, masters: { a: 'x'.repeat(100), b: 'y' } }
    expect(shown(long)).toMatch(/ {2}x{12,39}… {2}y/)
  })

  test('cannot command a terminal', () => {
    const masters = { a: 'enum(\u001b[31m)', b: null }
    expect(shown({ aspect: 'type', name: 'na\nme', masters })).toContain('na␊me: type  enum(␛[31m)  (absent)')
  })
})
