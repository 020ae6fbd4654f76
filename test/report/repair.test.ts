import { describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/model/divergence.js'
import type { RepairSummary } from '../../src/model/repair.js'
import { decision, divergence, FOUND, insertedRow, leftRow, repair, result } from './samples.js'
import { show } from './show-terminal.js'

/** The lines between two texts, the first one included. */
function between(text: string, from: string, to: string): string {
  expect(text).toContain(from)
  expect(text).toContain(to)
  return text.slice(text.indexOf(from), text.indexOf(to))
}

describe('a repair that was applied', () => {
  const applied = {
    repaired: repair({ applied: 2, changes: { a: 1, b: 3 }, journal: 'mmaudit-7f3a.journal' }),
    results: [result('customers'), result('orders', { ...FOUND, sums: { amount: { a: '2.00', b: '1.00' } } })],
    divergences: [insertedRow, divergence({ decision: decision() })],
    summary: { consistent: true }
  }

  test('tells what was written and how to take it back, and that all agree', async () => {
    expect(await show(applied)).toBe(
      `Masters
  a  10.0.0.1:3306  MySQL 8.4.3              server 1  3e11fa47-71ca-11e1-9e33-c80aa9429562:1-…
  b  10.0.0.2:3306  MariaDB 10.11.6-MariaDB  server 2  0-2-1881

retail_db
  table        state     rows on a  rows on b  chunks  missing  conflict  collision
  customers  ✓ equal        50,000     50,000       8        ·         ·          ·
  orders     ✓ repaired      5,000    ≠ 4,999       8        1         1          ·
  rows, chunks and classes are as they were found, before the repair

Repair  run 20260102T030405Z-7f3a
  table             applied
  retail_db.orders        2
  changed 3 rows on b and 1 on a
  journal: mmaudit-7f3a.journal
  take it back: mmaudit undo mmaudit-7f3a.journal

Sums that differed before the repair
  table             column     a     b  b − a
  retail_db.orders  amount  2.00  1.00  -1.00

missing  1 row: some masters have the row, others do not

  retail_db.orders  order_id 40011
  present on a; not on b
  → a wins: insert, applied (rule 1: only a has the row)
            a     b
    amount  1.00  (missing)

conflict  1 row: the same row, with different contents

  retail_db.orders  order_id 40009
  created_at is the same
  → a wins: update, applied (rule 2: updated_at is latest on a)
             a       b
     region  north   north
  ≠  amount  402.79  403.79

✓ Repaired: 3 rows on b and 1 on a; all masters agree now.
  109,999 rows compared in 12.3 s (8,943 rows/s), checksum xxhash
`
    )
  })

  test('quiet: is told all the same, for rows were written', async () => {
    expect(await show({ ...applied, options: { quiet: true } })).toBe(
      '✓ Repaired: 3 rows on b and 1 on a; all masters agree now.\n'
    )
  })

  test('a journal is named so that it can be copied into a shell', async () => {
    const repaired = { ...applied.repaired, journal: "night's run.journal" }
    expect(await show({ ...applied, repaired })).toContain("mmaudit undo 'night'\\''s run.journal'\n")
  })
})

describe('a repair that left rows', () => {
  const results = [result('orders', { ...FOUND, status: 'divergent', conflict: 10 })]
  const refused = [1, 2, 3, 4, 5, 6, 7].map((id) => leftRow('refused', id, `email x${id} is taken on b`))
  const shown = {
    repaired: repair({
      applied: 1,
      manual: 1,
      stale: 1,
      refused: 7,
      failed: 1,
      changes: { b: 1 },
      journal: 'mmaudit-7f3a.journal',
      warnings: ['b has a replica 10.0.0.9:3306 (server id 9) that will not see these writes']
    }),
    results,
    divergences: [
      insertedRow,
      ...refused,
      leftRow('manual', 8, 'no rule matched'),
      leftRow('stale', 9, 'amount changed on b to \u001b[31m5'),
      leftRow('failed', 10, 'lock wait timeout on a')
    ]
  }

  test('shows by status the first rows with their reasons', async () => {
    expect(between(await show(shown), 'Repair', 'missing  1 row')).toBe(
      `Repair  run 20260102T030405Z-7f3a
  table             applied  manual  stale  refused  failed
  retail_db.orders        1       1      1        7       1
  changed 1 row on b
  journal: mmaudit-7f3a.journal
  take it back: mmaudit undo mmaudit-7f3a.journal
  ! b has a replica 10.0.0.9:3306 (server id 9) that will not see these writes

  manual  1 row
    retail_db.orders  order_id 8
      no rule matched

  stale  1 row
    retail_db.orders  order_id 9
      amount changed on b to ␛[31m5

  refused  7 rows
    retail_db.orders  order_id 1
      email x1 is taken on b
    retail_db.orders  order_id 2
      email x2 is taken on b
    retail_db.orders  order_id 3
      email x3 is taken on b
    retail_db.orders  order_id 4
      email x4 is taken on b
    retail_db.orders  order_id 5
      email x5 is taken on b
    … 2 more

  failed  1 row
    retail_db.orders  order_id 10
      lock wait timeout on a

`
    )
  })

  test('says in the verdict what is left, and after it what to do', async () => {
    const text = await show({ ...shown, options: { savedTo: ['out/report.json', 'out/rows.csv'], width: 1000 } })
    expect(text).toContain('✗ Partly repaired: 1 applied, 10 left (1 manual, 1 stale, 7 refused, 1 failed).\n')
    expect(text.slice(text.indexOf('Next'))).toBe(
      `Next
  • failed: mend what the reasons name, then run the same command with --journal mmaudit-7f3a.journal; what was applied is not repeated
  • refused: read the reasons, mend what they name, then run the same command again
  • stale: these rows changed after they were read; audit them again, and repair what still differs
  • manual: let a rule decide, with --policy or repair.rules in mmaudit.yaml
  • manual, by hand: write a master's name, delete or skip in the winner column of out/rows.csv, save it as edited.csv and hand it back: mmaudit repair out/report.json --decisions edited.csv
  • every divergent row is in out/report.json and out/rows.csv
  • check that replication runs: SHOW REPLICA STATUS on a; SHOW ALL SLAVES STATUS on b
`
    )
  })

  test('names the files to ask for when there are none', async () => {
    const text = await show({ ...shown, options: { width: 1000 } })
    expect(text).toContain('manual, by hand: add --json report.json --csv rows.csv; write a master')
    expect(text).toContain('mmaudit repair report.json --decisions edited.csv\n')
  })

  test('fits a narrow terminal', async () => {
    const text = await show({ ...shown, options: { width: 60 } })
    const block = between(text, 'Repair', '✗ Partly')
    for (const line of block.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  test.each<[string, RepairSummary]>([
    ['Not repaired: 0 applied, 3 left (3 manual)', repair({ manual: 3 })],
    ['Partly repaired: 12 applied; 1 of 1 table still differs', repair({ applied: 12, changes: { b: 12 } })]
  ])('%s', async (text, repaired) => {
    expect(await show({ repaired, results, options: { quiet: true } })).toBe(`✗ ${text}.\n`)
  })
})

describe('a dry run', () => {
  const planned = (each: Divergence) => ({ ...each, decision: decision({ status: 'planned' }) })
  const shown = {
    repaired: repair({ dryRun: true, planned: 1, manual: 1, changes: { b: 1, a: 0 } }),
    results: [result('orders', { ...FOUND, status: 'divergent' })],
    divergences: [planned(insertedRow), leftRow('manual', 8, 'no rule matched')]
  }

  test('says that nothing was written, what would be, and how', async () => {
    const text = await show(shown)
    expect(between(text, 'Repair', 'missing  1 row')).toBe(
      `Repair  dry run: nothing was written
  table             planned  manual
  retail_db.orders        1       1
  would change 1 row on b

  manual  1 row
    retail_db.orders  order_id 8
      no rule matched

`
    )
    expect(text).toContain(
      '✗ Divergent: 1 of 1 table differs: 1 missing, 1 conflict; a repair would change 1 row on b, and leave 1 (1 manual).\n'
    )
    expect(text).toContain('  • write it: the same command without --dry-run\n')
    expect(text).toContain('  → manual (no rule matched)\n')
    expect(text).not.toContain('before the repair')
    expect(text).not.toContain('mmaudit undo')
  })

  test('of a plan that would be stopped does not say to write it', async () => {
    const stopped = 'it would delete 40 rows; --max-deletes allows 0'
    const text = await show({ ...shown, repaired: { ...shown.repaired, stopped } })
    expect(text).toContain(`  ! Would be stopped: ${stopped}\n`)
    expect(text).toContain(`1 conflict; a repair would be stopped: ${stopped}.\n`)
    expect(text).toContain('  • mend what stopped the repair, or raise the limit it names')
    expect(text).not.toContain('without --dry-run')
  })
})

test('where nothing differs, a repair has nothing to say', async () => {
  const text = await show({ repaired: repair(), results: [result('orders')] })
  expect(text).not.toContain('epair')
  expect(text).toContain('✓ Consistent')
  expect(await show({ repaired: repair(), results: [result('orders')], options: { quiet: true } })).toBe('')
})
