import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Column } from '../../src/model/table.js'
import type { SqlValue } from '../../src/model/value.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

// No value is known that its literal does not name. If there were one, it would be passed over on all masters alike.
vi.mock('../../dist/sql/literal.js', async (original) => {
  const real = await original<typeof import('../../src/sql/literal.js')>()
  const literal = (column: Column, value: SqlValue) =>
    column.dataType === 'int' ? String(Number(value) + 1) : real.literal(column, value)
  return { ...real, literal }
})

const ROWS = 90

describe.each(representativeKinds().filter((kind) => !kind.includes('://')))('on %s', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
  })
  afterAll(() => lab?.down())

  it('every row is read once, although the literals of keys name the rows behind them', async () => {
    const rows = Array.from({ length: ROWS }, (_, row) => `('day ${Math.floor(row / 7)}', ${row})`)
    for (const { name } of lab.state.masters) {
      await lab.runLocally(
        name,
        'CREATE DATABASE wrong',
        'CREATE TABLE wrong.t (day VARCHAR(20), place INT, PRIMARY KEY (day, place))',
        `INSERT INTO wrong.t VALUES ${rows.join(', ')}`
      )
    }
    const { run, report } = await lab.diff(['wrong.t', '--chunk-rows', '10'])
    expect(run.code, run.stderr).toBe(0)
    expect(report.tables[0]?.chunks.total).toBeGreaterThan(5)
    expect(report.tables[0]?.rows).toEqual({ a: ROWS, b: ROWS })
  })
})
