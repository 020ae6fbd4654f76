import { describe, expect, test } from 'vitest'
import { FOUND, insertedRow, leftRow, repair, result } from './samples.js'
import { show } from './show-terminal.js'

describe('a repair that did not come to its end', () => {
  const results = [result('orders', { ...FOUND, status: 'divergent' })]
  const stopped = 'b looks emptied: 0 rows, 5,000 on a'

  test('stopped: says why before all else', async () => {
    const repaired = repair({ stopped, refused: 2 })
    const divergences = [leftRow('refused', 1, stopped), leftRow('refused', 2, stopped)]
    const text = await show({ repaired, results, divergences })
    expect(text).toContain(`Repair  run 20260102T030405Z-7f3a\n  ! Stopped: ${stopped}\n  table `)
    expect(text.split(stopped)).toHaveLength(5)
    expect(text).not.toContain('refused: read')
    expect(text).toContain(`✗ Stopped: ${stopped}; 0 applied, 2 left (2 refused).\n`)
  })

  test('planned rows that were not written count as left', async () => {
    const repaired = repair({ stopped, planned: 2 })
    expect(await show({ repaired, results, options: { quiet: true } })).toBe(
      `✗ Stopped: ${stopped}; 0 applied, 2 left (2 not written).\n`
    )
  })

  test('incomplete: tells what was found and what became of it', async () => {
    const failed = result('sessions', { status: 'failed', reason: 'master b: SELECT denied' })
    const repaired = repair({ applied: 2, changes: { b: 2 }, journal: 'x' })
    const done = result('orders', FOUND)
    expect(
      await show({ repaired, results: [done, failed], summary: { consistent: true }, options: { quiet: true } })
    ).toBe('! Incomplete: of 2 tables, 1 failed; found so far: 1 missing, 1 conflict; 2 applied.\n')
    expect(await show({ repaired, results, summary: { complete: false }, options: { quiet: true } })).toBe(
      '! Incomplete: the repair was cut short; found so far: 1 missing, 1 conflict; 2 applied.\n'
    )
  })

  test('cut short: shows what is known of it', async () => {
    const text = await show({ results, divergences: [insertedRow], summary: { complete: false } })
    expect(text).toContain('Repair  cut short\n  table             applied\n  retail_db.orders        1\n')
  })
})
