import { describe, expect, test } from 'vitest'
import { stepStatement } from '../../src/sql/repair.js'
import { column, textColumn } from '../support/columns.js'
import { step, writable, writableTable } from '../support/writable.js'

const TABLE = writableTable([
  writable(column('id')),
  writable(textColumn('na`me')),
  writable(column('at', { dataType: 'timestamp', onUpdateNow: true })),
  writable(column('seen'), { compared: false })
])
const ANN = { id: '1', 'na`me': "'Ann'", at: "'2024-01-01 00:00:00'", seen: '1' }

describe('the statement of a step', () => {
  test('inserts all columns where no row has the key', () => {
    expect(stepStatement(step(TABLE, null, ANN))).toBe(
      'INSERT INTO `shop`.`items` (`id`, `na``me`, `at`, `seen`) ' +
        "SELECT 1, 'Ann', '2024-01-01 00:00:00', 1 FROM DUAL " +
        'WHERE NOT EXISTS (SELECT 1 FROM `shop`.`items` WHERE `id` = 1)'
    )
  })

  test('deletes the row as it was seen', () => {
    expect(stepStatement(step(TABLE, ANN, null))).toBe(
      "DELETE FROM `shop`.`items` WHERE `id` = 1 AND CAST(`na``me` AS BINARY) <=> 'Ann' AND `at` <=> '2024-01-01 00:00:00'"
    )
  })

  test('updates what differs, and keeps the time of the last update', () => {
    expect(stepStatement(step(TABLE, ANN, { ...ANN, 'na`me': 'NULL', seen: '2' }))).toBe(
      'UPDATE `shop`.`items` SET `na``me` = NULL, `at` = `at` ' +
        "WHERE `id` = 1 AND CAST(`na``me` AS BINARY) <=> 'Ann' AND `at` <=> '2024-01-01 00:00:00'"
    )
  })

  test('sets the time of the last update where it differs', () => {
    const later = { ...ANN, at: "'2024-01-02 00:00:00'" }
    expect(stepStatement(step(TABLE, ANN, later))).toContain("SET `at` = '2024-01-02 00:00:00' WHERE")
  })

  test('keeps the time of the last update where only this master has it', () => {
    const table = { ...TABLE, moving: ['up`dated'] }
    expect(stepStatement(step(table, ANN, { ...ANN, 'na`me': 'NULL' }))).toContain(
      'SET `na``me` = NULL, `at` = `at`, `up``dated` = `up``dated` WHERE'
    )
  })

  test('is of the step, not of the whole change', () => {
    const parked = step(TABLE, ANN, { ...ANN, id: '-1' })
    expect(stepStatement({ ...parked, change: { ...parked.change, after: null } })).toContain('SET `id` = -1, ')
  })

  test('refuses to do nothing', () => {
    expect(() => stepStatement(step(TABLE, null, null))).toThrow('from no row to no row')
    expect(() => stepStatement(step(TABLE, ANN, { ...ANN, seen: '2' }))).toThrow('changes nothing')
  })

  test('refuses a new row that is not whole', () => {
    expect(() => stepStatement(step(TABLE, null, { id: '1' }))).toThrow('lacks the column na`me')
  })
})
