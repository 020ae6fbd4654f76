import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Each case loads tables and runs the command; the number scales with `MMAUDIT_RUNS` all the same. */
const RUNS = Math.max(5, Number(process.env.MMAUDIT_RUNS ?? 100) / 10)

/** One value of a column as SQL text, and as the report prints it. */
interface Cell {
  readonly sql: string
  readonly shown: string | null | { readonly hex: string }
}

interface KeyKind {
  readonly ddl: string
  readonly columns: readonly string[]
  readonly key: fc.Arbitrary<readonly Cell[]>
}

const integer = (min: number, max: number) => fc.integer({ min, max }).map(plain)
const plain = (value: number | bigint): Cell => ({ sql: String(value), shown: String(value) })
const quoted = (value: string): Cell => ({
  sql: `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`,
  shown: value
})
const bytes = (value: Uint8Array): Cell => {
  const hex = Buffer.from(value).toString('hex')
  return { sql: `X'${hex}'`, shown: { hex } }
}
// Letters whose order differs between byte order and collation, and characters that need care in SQL; no two are one key.
const word = fc.string({
  unit: fc.constantFrom('a', 'b', 'Z', 'é', 'ß', "'", '\\', '%', '_', '1', '字'),
  minLength: 1,
  maxLength: 4
})

const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  integer: { ddl: 'k INT NOT NULL, PRIMARY KEY (k)', columns: ['k'], key: integer(-50, 50).map((cell) => [cell]) },
  'beyond a double': {
    ddl: 'k BIGINT UNSIGNED NOT NULL, PRIMARY KEY (k)',
    columns: ['k'],
    key: fc.bigInt(2n ** 64n - 40n, 2n ** 64n - 1n).map((value) => [plain(value)])
  },
  composite: {
    ddl: 'k INT NOT NULL, l SMALLINT NOT NULL, PRIMARY KEY (k, l)',
    columns: ['k', 'l'],
    key: fc.tuple(integer(0, 6), integer(-4, 4))
  },
  string: {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, PRIMARY KEY (k)',
    columns: ['k'],
    key: word.map((text) => [quoted(text)])
  },
  'collated string in a composite': {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL, l INT NOT NULL, PRIMARY KEY (l, k)',
    columns: ['k', 'l'],
    key: fc.tuple(
      word.map((text) => quoted(text.toLowerCase().replaceAll(/[éß]/g, 'e'))),
      integer(0, 3)
    )
  },
  binary: {
    ddl: 'k BINARY(2) NOT NULL, PRIMARY KEY (k)',
    columns: ['k'],
    key: fc.uint8Array({ minLength: 2, maxLength: 2 }).map((value) => [bytes(value.map((byte) => byte & 0x83))])
  }
}

const content = fc.record({
  n: fc.option(integer(-3, 3), { nil: { sql: 'NULL', shown: null } }),
  t: fc.option(fc.constantFrom('', 'x', 'x ', 'X').map(quoted), { nil: { sql: 'NULL', shown: null } })
})
type Content = { readonly n: Cell; readonly t: Cell }

/** What two masters hold: for each key the contents on each, `null` where the row is not there. */
type Rows = readonly { readonly key: readonly Cell[]; readonly on: readonly (Content | null)[] }[]

function rowsOf(kind: KeyKind): fc.Arbitrary<Rows> {
  const both = content.map((same) => [same, same])
  const differing = fc.tuple(fc.option(content), fc.option(content))
  return fc.uniqueArray(
    fc.record({ key: kind.key, on: fc.oneof({ weight: 4, arbitrary: both }, { weight: 1, arbitrary: differing }) }),
    { selector: ({ key }) => key.map((cell) => cell.sql).join('/'), maxLength: 60 }
  )
}

/** The naive full compare: every row of both masters, side by side. */
function expectedKeys(rows: Rows): readonly string[] {
  return rows
    .filter(({ on: [a, b] }) => JSON.stringify(a) !== JSON.stringify(b))
    .map(({ key }) => JSON.stringify(key.map((cell) => cell.shown)))
    .sort()
}

function load(kind: KeyKind, rows: Rows, master: number): readonly string[] {
  const values = rows.flatMap(({ key, on }) => {
    const held = on[master]
    return held == null ? [] : [`(${[...key, held.n, held.t].map((cell) => cell.sql).join(', ')})`]
  })
  return [
    "SET sql_mode = '', NAMES utf8mb4",
    'CREATE DATABASE IF NOT EXISTS oracle_db',
    'DROP TABLE IF EXISTS oracle_db.t',
    `CREATE TABLE oracle_db.t (${kind.ddl}, n INT, t VARCHAR(10) COLLATE utf8mb4_bin) DEFAULT CHARSET = utf8mb4`,
    ...(values.length === 0
      ? []
      : [`INSERT INTO oracle_db.t (${kind.columns.join(', ')}, n, t) VALUES ${values.join(', ')}`])
  ]
}

describe.each(inject('serverKinds'))('on %s', (server) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(server, { rows: 10 })
  })
  afterAll(() => lab?.down())

  it.each(Object.entries(KEY_KINDS))('agrees with a naive full compare: key %s', async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(rowsOf(kind), fc.integer({ min: 1, max: 20 }), async (rows, chunkRows) => {
        for (const [at, { name }] of lab.state.masters.entries()) await lab.runLocally(name, ...load(kind, rows, at))
        const { run, report } = await lab.diff(['oracle_db.t', '--chunk-rows', String(chunkRows), '--no-confirm'])
        const expected = expectedKeys(rows)
        const found = report.divergences.map(({ key }) => JSON.stringify(kind.columns.map((name) => key[name] ?? null)))
        expect([...found].sort()).toEqual(expected)
        expect(run.code).toBe(expected.length === 0 ? 0 : 1)
        for (const [at, { name }] of lab.state.masters.entries()) {
          expect(report.tables[0]?.rows[name]).toBe(rows.filter(({ on }) => on[at] != null).length)
        }
      }),
      { numRuns: RUNS }
    )
  })
})
