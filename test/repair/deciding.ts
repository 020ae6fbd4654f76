import type { Lane } from '../../src/audit/classify.js'
import type { Divergence } from '../../src/model/divergence.js'
import type { Policy, RepairRule, Ruling } from '../../src/model/repair.js'
import type { Column } from '../../src/model/table.js'
import type { RowValues } from '../../src/model/value.js'
import { Decider, type Deciding } from '../../src/repair/decide/decide.js'
import type { Judge } from '../../src/repair/decide/server-judge.js'
import { column, textColumn } from '../support/columns.js'

/** `shop.items` of the tests of this folder. */
export const ITEM_COLUMNS: readonly Column[] = [
  column('id', { autoIncrement: true }),
  column('stock', { nullable: true }),
  textColumn('name', { nullable: true }),
  column('updated_at', { dataType: 'datetime', nullable: true }),
  column('state', { dataType: 'enum', columnType: "enum('NEW','PAID')" })
]

export const ITEM: RowValues = { id: '7', stock: '1', name: 'pen', updated_at: '2026-01-01 10:00:00', state: 'NEW' }

/** A divergence of `shop.items`; `missing` where some master lacks the row and all others agree, else a conflict. */
export function divergence(rows: Divergence['rows'], other: Partial<Divergence> = {}): Divergence {
  const held = Object.values(rows).filter((row) => row !== null)
  const differing = Object.keys(held[0] ?? {}).filter((name) => new Set(held.map((row) => row[name])).size > 1)
  return {
    database: 'shop',
    table: 'items',
    key: { id: held[0]?.id ?? null },
    class: differing.length === 0 ? 'missing' : 'conflict',
    reason: '',
    columns: differing,
    rows,
    decision: null,
    evidence: null,
    ...other
  }
}

/** A lane for each of the masters a, b, c, …, as the lab sets them up. */
export function lanes(masters: number): readonly Lane[] {
  return Array.from({ length: masters }, (_, at) => ({
    master: 'abcdef'.charAt(at),
    increment: masters,
    offset: at + 1
  }))
}

/** Compares texts by character, and takes a condition for the name of a master that must have the row. */
export const plainJudge: Judge = {
  async compare(_, left, right) {
    const [first, second] = [JSON.stringify(left), JSON.stringify(right)]
    return first < second ? -1 : first > second ? 1 : 0
  },
  async holds({ condition, rows }) {
    return rows.map((versions) => versions[condition] != null)
  }
}

/** A rule for every row, but for what is said otherwise. */
export function rule(policy: Policy, other: Partial<RepairRule> = {}): RepairRule {
  return { name: 'rule 1', tables: null, classes: null, columns: null, when: null, policy, ...other }
}

/** What the rules make of a row. As many masters take part as the row has entries, unless `lanes` says otherwise. */
export async function ruling(
  rules: readonly RepairRule[],
  row: Divergence,
  other: Partial<Deciding> = {}
): Promise<Ruling> {
  const decider = new Decider({
    rules,
    overrideOf: () => null,
    lanes: lanes(Object.keys(row.rows).length),
    columnsOf: () => ITEM_COLUMNS,
    judge: plainJudge,
    clocks: async () => ({ skew: null, zones: null }),
    ...other
  })
  const [decided] = await decider.decide([row])
  if (decided === undefined) throw new Error('a row without a ruling')
  return decided
}
