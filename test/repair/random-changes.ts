import fc from 'fast-check'
import type { ForeignKey, TableFacts } from '../../src/masters/table-facts.js'
import type { RowChange, RowImage } from '../../src/model/repair.js'
import { change, columnFacts, foreignKey, tableFacts, uniqueKey, writable } from './facts.js'
import { RowStore, type Rows } from './row-store.js'

/** Tables of people in teams, with unique values beside the key, and pointers from people to teams and to people. */

export const TO_BOSS = foreignKey('boss', 'people', ['boss'], 'people', ['id'])
export const TO_TEAM = foreignKey('team', 'people', ['team'], 'teams', ['id'])
export const TO_CODE = foreignKey('code', 'people', ['code'], 'teams', ['code'])

const NULLABLE = ['tag', 'team', 'boss', 'code']

/** Both tables, parents first, with these foreign keys. */
export function shopFacts(...keys: readonly ForeignKey[]): readonly [teams: TableFacts, people: TableFacts] {
  const pointingTo = (table: string) => keys.filter((key) => key.parent.table === table)
  const teams = tableFacts('teams', {
    columns: [columnFacts('id'), columnFacts('code'), columnFacts('tag', { nullable: true })],
    uniqueKeys: [uniqueKey('PRIMARY', 'id'), uniqueKey('code', 'code'), uniqueKey('tag', 'tag')],
    children: pointingTo('teams')
  })
  const people = tableFacts('people', {
    columns: ['id', 'badge', 'desk', 'team', 'boss', 'code'].map((name) =>
      columnFacts(name, { nullable: NULLABLE.includes(name) })
    ),
    uniqueKeys: [uniqueKey('PRIMARY', 'id'), uniqueKey('badge', 'badge'), uniqueKey('seat', 'desk', 'badge')],
    parents: keys,
    children: pointingTo('people')
  })
  return [teams, people]
}

/** All rows, by table. */
export type State = Readonly<Record<string, Rows>>

/** Two states of the tables, in which constraints may not hold yet, and ranks to shuffle and to choose changes by. */
export interface TwoStates {
  readonly from: State
  readonly to: State
  readonly ranks: readonly number[]
}

const IDS = ['1', '2', '3', '4', '5', '6']
const value = fc.constantFrom(...IDS)
const orNull = fc.oneof(value, fc.constant('NULL'))

const state = fc.record({
  teams: tableOf(fc.record({ code: value, tag: orNull })),
  people: tableOf(fc.record({ badge: value, desk: value, team: orNull, boss: orNull, code: orNull }))
})

export const twoStates: fc.Arbitrary<TwoStates> = fc.record({
  from: state,
  to: state,
  ranks: fc.array(fc.nat(), { minLength: 2 * IDS.length, maxLength: 2 * IDS.length })
})

function tableOf(row: fc.Arbitrary<RowImage>): fc.Arbitrary<Rows> {
  return fc
    .tuple(...IDS.map((id) => fc.option(row.map((rest) => ({ id, ...rest })))))
    .map((rows) => new Map(rows.flatMap((each) => (each === null ? [] : [[each.id, each] as const]))))
}

/** As many of these rows as there can be with all constraints held. */
export function mended(facts: readonly TableFacts[], wanted: State): State {
  const kept: Record<string, Map<string, RowImage>> = { teams: new Map(), people: new Map() }
  // A row that points to one of its own table may find it there only the next time.
  for (const table of ['teams', 'people', 'people', 'people']) {
    for (const [id, row] of wanted[table] ?? []) {
      if (kept[table]?.has(id)) continue
      kept[table]?.set(id, row)
      if (new RowStore(facts, kept).violation() !== null) kept[table]?.delete(id)
    }
  }
  return kept
}

/** The changes that lead from one state to the other, shuffled. */
export function changesBetween(facts: readonly TableFacts[], { from, to, ranks }: TwoStates): readonly RowChange[] {
  const changes = facts.flatMap((table) =>
    IDS.flatMap((id) => {
      const [before = null, after = null] = [from, to].map((rows) => rows[table.ref.table]?.get(id))
      const same = JSON.stringify(before) === JSON.stringify(after)
      return same ? [] : [{ table: writable(table), before, after }]
    })
  )
  return changes
    .map((each, at) => ({ ...each, rank: ranks[at] ?? 0 }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ table, before, after }, at) => change(at + 1, table, before, after))
}
