import { describe, expect, it, test } from 'vitest'
import { columnChanges, reasonBehind } from '../../src/audit/altered.js'
import type { TableContext } from '../../src/audit/context.js'
import { column, textColumn } from '../support/columns.js'

const BEFORE = [column('id', { autoIncrement: true }), textColumn('note', { columnType: 'varchar(20)' }), column('n')]

describe('columnChanges', () => {
  it('finds none in the same definition', () => {
    expect(columnChanges(BEFORE, structuredClone(BEFORE))).toEqual([])
  })

  test.each([
    [
      'another type',
      [BEFORE[0], { ...BEFORE[1], columnType: 'varchar(40)' }, BEFORE[2]],
      'varchar(20) then, varchar(40) now'
    ],
    ['a column more', [...BEFORE, column('extra')], 'column extra: absent then, int now'],
    ['a column less', BEFORE.slice(0, 2), 'column n: int then, absent now'],
    [
      'another collation',
      [BEFORE[0], { ...BEFORE[1], collation: 'utf8mb4_bin2' }, BEFORE[2]],
      'column note: defined otherwise'
    ],
    ['another order', [...BEFORE].reverse(), 'the columns in another order']
  ])('tells %s', (_, now, words) => {
    const changes = columnChanges(BEFORE, now as typeof BEFORE)
    expect(changes).toHaveLength(1)
    expect(changes[0]).toContain(words)
  })
})

test('no master is asked for its definition after trouble that may pass: it would answer nothing, or the same', async () => {
  const lost = Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' })
  const unreachable = { masters: [{ name: 'a', withSession: () => expect.unreachable() }] } as unknown as TableContext
  expect(await reasonBehind(lost, unreachable)).toBe(lost)
})
