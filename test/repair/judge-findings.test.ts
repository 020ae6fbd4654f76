import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FactsOf, ForeignKey } from '../../src/masters/table-facts.js'
import type { RowChange } from '../../src/model/repair.js'
import { judge } from '../../src/repair/look/judge-findings.js'
import type { Finding } from '../../src/repair/look/look-up.js'
import { type Question, questionsOf } from '../../src/repair/look/questions.js'
import { type Transition, transitionsOf } from '../../src/repair/look/transitions.js'
import { type Move, orderChanges, stepsOf } from '../../src/repair/order/order.js'
import { factsOf } from './facts.js'
import { changesBetween, mended, shopFacts, TO_BOSS, TO_CODE, TO_TEAM, twoStates } from './random-changes.js'
import { RowStore } from './row-store.js'

/** Answers a question from the rows themselves, as the lookups do on a server. */
function answer(question: Question, store: RowStore): Finding | undefined {
  const rowsWith = (table: string, columns: readonly string[], literals: readonly string[] = []) =>
    [...store.rows(table).values()].filter((row) => columns.every((name, at) => row[name] === literals[at]))
  const which = (ids: readonly (string | undefined)[], known: readonly Transition[]): Finding | undefined => {
    const found = ids.map((id) => known.findIndex(({ change }) => change.before?.id === id)).sort((a, b) => a - b)
    return found[0] === undefined ? undefined : { which: found[0], rowText: '' }
  }
  switch (question.kind) {
    case 'holder': {
      const { key, taker, known, namesRow } = question
      const { before, after, table } = taker.change
      const own = before === null && namesRow ? undefined : (before ?? after)?.id
      const rows = rowsWith(table.ref.table, key.columns, taker.to?.literals).filter((row) => row.id !== own)
      return which(
        rows.map((row) => row.id),
        known
      )
    }
    case 'parent': {
      const { key, child, known } = question
      return which(
        rowsWith(key.parent.table, key.parentColumns, child.to?.literals).map((row) => row.id),
        known
      )
    }
    case 'children': {
      const { key, parent } = question
      return { which: rowsWith(key.table.table, key.columns, parent.from?.literals).length, rowText: '' }
    }
  }
}

/** What is possible, in order: judging and ordering by turns, until neither refuses anything more. */
function settle(
  changes: readonly RowChange[],
  facts: FactsOf,
  store: RowStore
): { readonly moves: readonly Move[]; readonly possible: readonly RowChange[] } {
  const questions = questionsOf(transitionsOf(changes, facts))
  const answers = questions.map((question) => answer(question, store))
  const found = new Map(answers.flatMap((finding, at) => (finding === undefined ? [] : [[at, finding] as const])))
  const refused = judge(changes, questions, found)
  const { moves, refused: unordered } = orderChanges(
    changes.filter((_, place) => !refused.has(place)),
    facts
  )
  const possible = changes.filter((each, place) => !refused.has(place) && !unordered.has(each.id))
  return unordered.size === 0 ? { moves, possible } : settle(possible, facts, store)
}

/** Plans that leave out some of the rows, which then stand in the way of others. */
function check(keys: readonly ForeignKey[]): void {
  const facts = shopFacts(...keys)
  fc.assert(
    fc.property(twoStates, fc.nat(), (given, chosen) => {
      const states = { ...given, from: mended(facts, given.from), to: mended(facts, given.to) }
      const changes = changesBetween(facts, states).filter((_, at) => ((chosen >> at) & 3) !== 0)
      const store = new RowStore(facts, states.from)
      const { moves, possible } = settle(changes, factsOf(...facts), store)
      for (const step of stepsOf(moves, (each, column) => `-${each.id}${column.length}`, factsOf(...facts)))
        store.run(step)
      const rowOf = ({ table, before, after }: RowChange) =>
        store.rows(table.ref.table).get((before ?? after)?.id ?? '') ?? null
      expect(changes.map(rowOf)).toEqual(changes.map((each) => (possible.includes(each) ? each.after : each.before)))
    }),
    { numRuns: 5 * Number(process.env.MMAUDIT_RUNS ?? 100) }
  )
}

describe('changes that are found possible', () => {
  test.each([
    ['with pointers between tables', [TO_TEAM]],
    ['with pointers to unique values that move', [TO_TEAM, TO_CODE]],
    ['with pointers within a table', [TO_TEAM, TO_BOSS]],
    ['with all of these', [TO_TEAM, TO_CODE, TO_BOSS]]
  ])(
    'can be made, %s',
    (_, keys) => {
      check(keys)
    },
    120_000
  )
})
