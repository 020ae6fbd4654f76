import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  createTable,
  keyOfReport,
  type RandomTable,
  randomTable,
  readWhole,
  sameText
} from '../support/random-table.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Tables audited by one run of the command. */
const TABLES = 10
const RUNS = Math.max(2, Math.ceil(Number(process.env.MMAUDIT_RUNS ?? 100) / 20))
const SETTINGS = ["SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', NAMES utf8mb4"]

const kinds = inject('serverKinds')
const local = kinds.filter((kind) => !kind.includes(':'))
const mixed = local.flatMap((kind, at) => local.slice(at + 1).map((other) => `${kind},${other}`))

describe.each([...kinds, ...mixed])('on %s', (kind) => {
  let lab: TestLab
  const tried = { tables: 0, rows: 0, differing: 0 }
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
  })
  afterAll(async () => {
    process.stderr.write(`random tables on ${kind}: ${JSON.stringify(tried)}\n`)
    await lab?.down()
  })

  it('finds exactly what a full compare by other means finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomTable, { minLength: TABLES, maxLength: TABLES }),
        fc.integer({ min: 1, max: 50 }),
        async (tables, chunkRows) => {
          await load(tables)
          const { run, report } = await lab.diff(['random_db.*', '--no-confirm', '--chunk-rows', String(chunkRows)])
          let differing = 0
          for (const [at, table] of tables.entries()) {
            const expected = await differingKeys(`random_db.t${at}`, table)
            const found = report.divergences.filter((each) => each.table === `t${at}`)
            expect(found.map(({ key }) => keyOfReport(table, key)).sort(), createTable('t', table, 0)[0]).toEqual(
              expected
            )
            expect(report.tables.find((each) => each.table === `t${at}`)?.reason).toBeNull()
            differing += expected.length
            tried.rows += table.rows.length
          }
          expect(run.code).toBe(differing === 0 ? 0 : 1)
          tried.tables += tables.length
          tried.differing += differing
        }
      ),
      { numRuns: RUNS, endOnFailure: true }
    )
  }, 3_600_000)

  async function load(tables: readonly RandomTable[]): Promise<void> {
    for (const [at, { name }] of lab.state.masters.entries()) {
      const database = ['DROP DATABASE IF EXISTS random_db', 'CREATE DATABASE random_db', 'USE random_db']
      await lab.runLocally(
        name,
        ...SETTINGS,
        ...database,
        ...tables.flatMap((table, n) => createTable(`t${n}`, table, at))
      )
    }
  }

  /** Reads both tables whole and compares them value by value. */
  async function differingKeys(name: string, table: RandomTable): Promise<readonly string[]> {
    const [a, b] = await Promise.all(
      ['a', 'b'].map(async (master) => {
        const rows = await lab.query(master, readWhole(name, table))
        return new Map(rows.map(({ k, v }) => [k ?? '', sameText(v ?? '')]))
      })
    )
    const keys = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])
    return [...keys].filter((key) => a?.get(key) !== b?.get(key)).sort()
  }
})
