import { describe, expect, test } from 'vitest'
import { blocked, heldElsewhere, stopsTable } from '../../src/repair/apply/outcomes.js'

describe('what became of a change', () => {
  test('keeps those from being made that build on it, unless it was made or is yet to come', () => {
    const outcomes = new Map([
      [1, { status: 'applied' }],
      [2, { status: 'stale', reason: 'changed' }],
      [3, heldElsewhere('b')]
    ] as const)
    expect(blocked([], outcomes)).toBeNull()
    expect(blocked([1, 4], outcomes)).toBeNull()
    expect(blocked([1, 2], outcomes)).toMatchObject({ status: 'refused' })
    expect(blocked([3], outcomes)).toMatchObject({ status: 'refused' })
  })

  test('stops its table when it failed for more than the row', () => {
    expect(stopsTable(undefined)).toBeNull()
    expect(stopsTable({ status: 'applied' })).toBeNull()
    expect(stopsTable({ status: 'stale', reason: 'changed' })).toBeNull()
    expect(stopsTable({ status: 'refused', reason: 'a duplicate' })).toBeNull()
    expect(stopsTable(heldElsewhere('b'))).toBeNull()
    expect(stopsTable({ status: 'failed', reason: 'the disk is full' })).toBe('the disk is full')
  })
})
