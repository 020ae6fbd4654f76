import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Each case loads tables and runs the command. */
const RUNS = Math.max(10, Number(process.env.MMAUDIT_RUNS ?? 100) / 4)
const MASTERS = ['a', 'b', 'c'] as const
const TABLE = 'led.t'

/** The rows of each master: their numbers, from which the key is made, and a content. */
type Held = readonly ReadonlyMap<number, number>[]

/** Two of them have one day, and three one place: a chunk may end anywhere in either. */
const keyOf = (row: number): readonly [string, string] => [`day ${Math.floor(row / 7)}`, String(row)]

/** Mostly alike, with rows that some masters lack, and others that stand at the end of one of them only. */
const heldRows: fc.Arbitrary<Held> = fc
  .record({
    rows: fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }),
    lacking: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 2 })), { maxLength: 12 }),
    changed: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 2 })), { maxLength: 4 }),
    ends: fc.tuple(...MASTERS.map(() => fc.constantFrom(0, 30, 100, 100, 100)))
  })
  .map(({ rows, lacking, changed, ends }) =>
    MASTERS.map((_, master) => {
      const isOf = (pairs: readonly (readonly [number, number])[], row: number) =>
        pairs.some(([of, on]) => of === row && on === master)
      const kept = rows.filter((row) => row < (ends[master] ?? 0) && !isOf(lacking, row))
      return new Map(kept.map((row) => [row, isOf(changed, row) ? 1 : 0]))
    })
  )

/** The keys of rows that are not the same on all masters, by looking at each. */
function differing(held: Held): readonly string[] {
  const all = new Set(held.flatMap((rows) => [...rows.keys()]))
  return [...all]
    .filter((row) => new Set(held.map((rows) => rows.get(row))).size > 1)
    .map((row) => JSON.stringify(keyOf(row)))
    .sort()
}

function load(rows: ReadonlyMap<number, number>): readonly string[] {
  const values = [...rows].map(([row, content]) => {
    const [day, place] = keyOf(row)
    return `('${day}', ${place}, ${content})`
  })
  return [
    'CREATE DATABASE IF NOT EXISTS led',
    `DROP TABLE IF EXISTS ${TABLE}`,
    `CREATE TABLE ${TABLE} (day VARCHAR(20) COLLATE utf8mb4_unicode_ci, place INT, v INT, PRIMARY KEY (day, place)) DEFAULT CHARSET = utf8mb4`,
    ...(values.length === 0 ? [] : [`INSERT INTO ${TABLE} VALUES ${values.join(', ')}`])
  ]
}

describe.each(inject('serverKinds').filter((kind) => !kind.includes('://')))('three masters on %s', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3, rows: 10 })
  })
  afterAll(() => lab?.down())

  async function expectFound(held: Held, ...args: readonly string[]) {
    for (const [at, name] of MASTERS.entries()) await lab.runLocally(name, ...load(held[at] ?? new Map()))
    const { run, report } = await lab.diff([TABLE, '--no-confirm', ...args])
    const found = report.divergences.map(({ key }) => JSON.stringify([key.day, key.place])).sort()
    const expected = differing(held)
    expect(found).toEqual(expected)
    expect(report.tables[0]?.rows).toEqual(Object.fromEntries(MASTERS.map((name, at) => [name, held[at]?.size])))
    expect(run.code).toBe(expected.length === 0 ? 0 : 1)
  }

  it('all that differs is found, and every row is read once, whoever lacks what', () =>
    fc.assert(
      fc.asyncProperty(heldRows, fc.integer({ min: 1, max: 12 }), (held, chunkRows) =>
        expectFound(held, '--chunk-rows', String(chunkRows))
      ),
      { numRuns: RUNS }
    ))

  const numbers = (from: number, to: number) =>
    new Map(Array.from({ length: to - from }, (_, at): [number, number] => [from + at, 0]))

  it.each<[string, Held]>([
    ['the first master has no rows', [numbers(0, 0), numbers(0, 40), numbers(0, 40)]],
    ['the first master ends first', [numbers(0, 20), numbers(0, 40), numbers(0, 90)]],
    ['the others end first', [numbers(0, 90), numbers(0, 20), numbers(0, 0)]],
    ['the others begin later', [numbers(0, 90), numbers(30, 90), numbers(31, 90)]],
    ['nobody has rows', [numbers(0, 0), numbers(0, 0), numbers(0, 0)]]
  ])('%s', (_, held) => expectFound(held, '--chunk-rows', '10'))

  it('the year 0 is no other year', async () => {
    const numbers = Array.from({ length: 60 }, (_, at) => at)
    const values = [0, 1999, 2000, 2001].flatMap((year) => numbers.map((place) => `(${year}, ${place}, 0)`))
    for (const name of MASTERS) {
      await lab.runLocally(
        name,
        "SET sql_mode = ''",
        'CREATE DATABASE IF NOT EXISTS led',
        'DROP TABLE IF EXISTS led.years',
        'CREATE TABLE led.years (y YEAR, place INT, v INT, PRIMARY KEY (y, place))',
        `INSERT INTO led.years VALUES ${values.join(', ').replaceAll('(0,', "('0000',")}`
      )
    }
    await lab.runLocally('b', "SET sql_mode = ''", 'UPDATE led.years SET v = 1 WHERE place IN (17, 23)')
    const { run, report } = await lab.diff(['led.years', '--chunk-rows', '10'])
    expect(run.code, run.stderr).toBe(1)
    expect(report.divergences.map(({ key }) => [Number(key.y), Number(key.place)])).toEqual(
      [0, 1999, 2000, 2001].flatMap((year) => [17, 23].map((place) => [year, place]))
    )
    expect(report.tables[0]?.rows).toEqual(Object.fromEntries(MASTERS.map((name) => [name, values.length])))
  })

  it('no bound is looked for while the masters hold the same', async () => {
    await lab.run('b', "SET GLOBAL log_output = 'TABLE'", 'SET GLOBAL general_log = 1', 'TRUNCATE mysql.general_log')
    await expectFound([numbers(0, 90), numbers(0, 90), numbers(0, 90)], '--chunk-rows', '10')
    const statements = await lab.query(
      'b',
      "SELECT CONVERT(argument USING utf8mb4) AS s FROM mysql.general_log WHERE command_type = 'Execute'"
    )
    await lab.run('b', 'SET GLOBAL general_log = 0')
    const read = statements.flatMap(({ s }) => (s?.includes('`led`') ? [s] : []))
    expect(read.filter((statement) => statement.includes('LIMIT')).length).toBeGreaterThan(8)
    expect(read.filter((statement) => !statement.includes('LIMIT'))).toEqual([])
    // One that finds that there are no rows beyond those of the first master.
    expect(read.filter((statement) => statement.includes('OFFSET'))).toHaveLength(1)
  })
})
