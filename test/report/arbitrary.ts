import fc from 'fast-check'
import type { Decision, Divergence } from '../../src/model/divergence.js'
import type { RowValues, SqlValue } from '../../src/model/value.js'

/** Texts as tables hold them, with what trips writers up: quotes, breaks, formulas, JSON, escapes, other scripts. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\'"=+-@,;\t\r\n\\{}[]\u001b\u202e 0\uff1d') }),
  fc.constantFrom('', 'NULL', 'null', '(missing)', '{"hex":"00"}', '"quoted"', '-5', "'-5", '=1+1', "''=1+1")
)

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  text,
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => ({ hex: Buffer.from(bytes).toString('hex').toUpperCase() }))
)

/** Names of columns: anything but empty, and nothing that JavaScript treats as its own. */
const column = text.filter((name) => name !== '' && !(name in {}))

function rowOf(columns: readonly string[]): fc.Arbitrary<RowValues> {
  return fc.tuple(...columns.map(() => value)).map((values) => {
    return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]))
  })
}

/** Divergences of tables with any columns, on masters `a`, `b` and one that is named like a column of the CSV report. */
export const MASTERS = ['a', 'b', 'key'] as const

const decision: fc.Arbitrary<Decision> = fc.record({
  policy: text,
  winner: fc.option(fc.constantFrom(...MASTERS)),
  action: fc.constantFrom('insert', 'update', 'delete', 'rekey', 'none'),
  status: fc.constantFrom('planned', 'applied', 'stale', 'refused', 'failed', 'manual'),
  rule: fc.option(text),
  reason: text
})

export const arbitraryDivergence: fc.Arbitrary<Divergence> = fc
  .uniqueArray(column, { minLength: 1, maxLength: 5 })
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      keyed: fc.integer({ min: 1, max: Math.min(2, columns.length) }),
      database: column,
      table: column,
      class: fc.constantFrom('missing', 'conflict', 'collision'),
      reason: text,
      versions: fc.tuple(rowOf(columns), rowOf(columns)),
      decision: fc.option(decision),
      third: fc.constantFrom('absent', 'missing', 'first')
    })
  )
  .map(({ columns, keyed, versions: [first, second], third, ...rest }): Divergence => {
    const keyColumns = columns.slice(0, keyed)
    return {
      ...rest,
      key: Object.fromEntries(keyColumns.map((name) => [name, first[name] ?? null])),
      columns: rest.class === 'missing' ? [] : columns.slice(keyed),
      rows: {
        a: first,
        b: rest.class === 'missing' ? null : second,
        ...(third === 'absent' ? {} : { key: third === 'missing' ? null : first })
      },
      evidence: null
    }
  })
