import type { Session } from '../../masters/session.js'
import type { FactsOf } from '../../masters/table-facts.js'
import type { RowChange } from '../../model/repair.js'
import { keyOf } from '../../sql/guard.js'
import { countRows, type ShownColumn, selectOneRow } from '../../sql/lookups.js'
import { judge } from './judge-findings.js'
import { lookUp } from './look-up.js'
import { changesOfUnseen, type Question, questionsOf } from './questions.js'
import { type Transition, transitionsOf } from './transitions.js'

const UNSEEN =
  'it changes a key by which other tables may point to the row, and the account may not see all of them; ' +
  'grant it SELECT on *.* to have them looked at'

/**
 * Looks at the rows of a master that changes would run into: rows that have a unique value which is to be taken, parents
 * that are pointed to, children that point to what goes. A row of the plan that gets out of the way in time is no obstacle;
 * one that is refused itself is.
 *
 * @param changes of the master of the session, all of them.
 * @returns why a change must not be made, by its id.
 */
export async function rowObstacles(
  session: Session,
  changes: readonly RowChange[],
  facts: FactsOf
): Promise<ReadonlyMap<number, string>> {
  const transitions = transitionsOf(changes, facts)
  const questions = questionsOf(transitions)
  const unseen = changesOfUnseen(transitions).map((place) => [place, UNSEEN] as const)
  const findings = await lookUp(session, questions.length, (at) => selectFor(at, questions))
  const refused = judge(changes, questions, findings, new Map(unseen))
  return new Map([...refused].map(([place, reason]) => [changes[place]?.id ?? -1, reason]))
}

function selectFor(at: number, questions: readonly Question[]): string {
  const question = questions[at]
  switch (question?.kind) {
    case 'holder': {
      const { key, taker, known } = question
      const { table, before, after } = taker.change
      const own = before ?? after
      const wanted = { ref: table.ref, columns: key.columns, literals: taker.to?.literals ?? [] }
      const except = own === null || (before === null && question.namesRow) ? null : keyOf(table, own)
      return selectOneRow(at, wanted, rowsOf(known), except, shownKey(taker))
    }
    case 'parent': {
      const { key, child, known } = question
      const wanted = { ref: key.parent, columns: key.parentColumns, literals: child.to?.literals ?? [] }
      return selectOneRow(at, wanted, rowsOf(known), null, [])
    }
    case 'children': {
      const { key, parent, perhaps } = question
      const wanted = { ref: key.table, columns: key.columns, literals: parent.from?.literals ?? [] }
      return countRows(at, wanted, rowsOf(perhaps))
    }
    default:
      throw new Error(`there is no question ${at}`)
  }
}

/** The rows that transitions start from, as conditions. */
function rowsOf(transitions: readonly Transition[]): readonly string[] {
  return transitions.flatMap(({ change }) => (change.before === null ? [] : keyOf(change.table, change.before)))
}

function shownKey({ change: { table } }: Transition): readonly ShownColumn[] {
  return table.columns
    .filter((column) => table.key.includes(column.form.name))
    .map(({ name, form }) => ({ name, isBinary: form.charset === null && /binary|blob|bit/.test(form.dataType) }))
}
