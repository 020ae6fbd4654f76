import { describe, expect, test } from 'vitest'
import { obstacleTo } from '../../src/audit/pushdown-plan.js'
import type { Column } from '../../src/model/table.js'
import { auditTable, column } from '../support/columns.js'

function obstacle(other: Partial<Column>, isMixed = false): string | null {
  return obstacleTo(auditTable([column('id'), column('v', other)]), isMixed)
}

describe('rows are read here', () => {
  test('where no key names them', () => {
    expect(obstacleTo(auditTable([column('v')], { keyColumns: [] }), false)).toBe('it has no key')
  })

  test.each(['type', 'charset'] as const)('where a column has another %s on some master', (aspect) => {
    const drift = [{ aspect, name: 'v', masters: { a: 'x', b: 'y' } }]
    const found = obstacleTo(auditTable([column('id'), column('v')], { drift }), false)
    expect(found).toBe(`the ${aspect} of column v is not the same on all masters`)
  })

  test('where a sum may have too many digits', () => {
    expect(obstacle({ dataType: 'decimal', precision: 44 })).toBe('the sum of column v may not fit')
    expect(obstacle({ dataType: 'decimal', precision: 43 })).toBeNull()
  })

  test.each(['float', 'double', 'json', 'longtext'])('where vendors write %s each in its way', (dataType) => {
    expect(obstacle({ dataType }, true)).toContain('column v')
    expect(obstacle({ dataType })).toBeNull()
  })
})

test('rows are added up by the servers in any other case', () => {
  expect(obstacle({ dataType: 'varchar' }, true)).toBeNull()
  const drift = [{ aspect: 'nullability', name: 'v', masters: { a: 'NULL', b: 'NOT NULL' } }] as const
  expect(obstacleTo(auditTable([column('id'), column('v')], { drift }), true)).toBeNull()
})
