import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePolicy } from '../../src/config/policy.js'
import type { Ruling } from '../../src/model/repair.js'
import type { RowValues } from '../../src/model/value.js'
import { column, textColumn } from '../support/columns.js'
import { divergence, rule, ruling } from './deciding.js'
import { type NaiveClass, type NaiveRow, type NaiveRows, naiveOutcome, type Outcome } from './naive-policies.js'

const COLUMNS = [
  column('id', { autoIncrement: true }),
  column('stock', { nullable: true }),
  textColumn('name', { nullable: true })
]

const row = (id: string): fc.Arbitrary<NaiveRow> =>
  fc.record({
    id: fc.constant(id),
    stock: fc.constantFrom('-2', '9', '10', null),
    name: fc.constantFrom('a', 'b', null)
  })

/** Rows of two to four masters that do not agree. */
const rows: fc.Arbitrary<NaiveRows> = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 2, max: 4 }))
  .chain(([id, masters]) =>
    fc.array(fc.option(row(String(id)), { freq: 3 }), { minLength: masters, maxLength: masters })
  )
  .filter((each) => new Set(each.map((one) => JSON.stringify(one))).size > 1)

const policies = (masters: number) => [
  ...['a', 'b', 'c', 'd'].slice(0, masters).map((name) => `prefer:${name}`),
  ...['newest', 'oldest', 'greatest', 'least'].flatMap((name) => [`${name}:stock`, `${name}:name`]),
  'union',
  'majority',
  'coalesce',
  'lane-owner'
]

function outcome({ wanted }: Ruling, byMaster: Readonly<Record<string, RowValues | null>>): Outcome | undefined {
  const at = (master: string) => byMaster[master] as unknown as NaiveRow
  switch (wanted.kind) {
    case 'manual':
    case 'rekeyed':
    case 'family':
      return 'manual'
    case 'absent':
      return null
    case 'version':
      return at(wanted.master)
    case 'merged': {
      const { id, stock, name } = wanted.from
      return { id: at(id ?? '').id, stock: at(stock ?? '').stock, name: at(name ?? '').name }
    }
  }
}

test('every policy does what its line in the table says', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), async (given, collides) => {
      const present = given.filter((each) => each !== null)
      const single = new Set(present.map((each) => JSON.stringify(each))).size === 1
      const cls: NaiveClass = single ? 'missing' : collides ? 'collision' : 'conflict'
      const byMaster = Object.fromEntries(given.map((each, at) => ['abcd'.charAt(at), each as RowValues | null]))
      const divergent = divergence(byMaster, { class: cls })
      for (const policy of policies(given.length)) {
        const parsed = parsePolicy(policy)
        if ('problem' in parsed) throw new Error(parsed.problem)
        const decided = await ruling([rule(parsed.value)], divergent, { columnsOf: () => COLUMNS })
        expect(outcome(decided, byMaster), `${policy} of ${cls}: ${decided.because}`).toEqual(
          naiveOutcome(policy, cls, given)
        )
        if (decided.wanted.kind === 'version') expect(decided.winner).toBe(decided.wanted.master)
      }
    })
  )
})

test('a version wins only under the name of a master that holds it', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      const byMaster = Object.fromEntries(given.map((each, at) => ['abcd'.charAt(at), each as RowValues | null]))
      for (const policy of policies(given.length)) {
        const parsed = parsePolicy(policy)
        if ('problem' in parsed) throw new Error(parsed.problem)
        const { wanted, winner } = await ruling([rule(parsed.value)], divergence(byMaster), {
          columnsOf: () => COLUMNS
        })
        if (wanted.kind === 'version') expect(byMaster[wanted.master]).not.toBeNull()
        if (wanted.kind === 'absent') expect(byMaster[winner ?? '']).toBeNull()
      }
    })
  )
})
