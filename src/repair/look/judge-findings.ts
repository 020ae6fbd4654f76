import type { RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import type { Finding } from './look-up.js'
import type { ChildrenQuestion, HolderQuestion, ParentQuestion, Question } from './questions.js'
import { rowName, shown, spreadRefusals } from './refusals.js'
import type { Transition } from './transitions.js'

/** A change that cannot be made, or those without which it cannot. */
type Verdict = { readonly refused: string } | { readonly requires: readonly Transition[] }

const FINE: Verdict = { requires: [] }

/**
 * Draws from what the lookups found which changes have to be refused, and which with them.
 * @param refusedBefore, and the returned: reasons by the place of a change.
 */
export function judge(
  changes: readonly RowChange[],
  questions: readonly Question[],
  findings: ReadonlyMap<number, Finding>,
  refusedBefore: ReadonlyMap<number, string> = new Map()
): Map<number, string> {
  const refused = new Map([...takenTwice(questions), ...refusedBefore])
  const requires = changes.map((): number[] => [])
  for (const [at, question] of questions.entries()) {
    const { place } = askedFor(question)
    const verdict = verdictOn(question, findings.get(at))
    if ('requires' in verdict) requires[place]?.push(...verdict.requires.map((each) => each.place))
    else if (!refused.has(place)) refused.set(place, verdict.refused)
  }
  spreadRefusals(changes, refused, requires)
  return refused
}

function askedFor(question: Question): Transition {
  switch (question.kind) {
    case 'holder':
      return question.taker
    case 'parent':
      return question.child
    case 'children':
      return question.parent
  }
}

function verdictOn(question: Question, finding: Finding | undefined): Verdict {
  switch (question.kind) {
    case 'holder':
      return onHolder(question, finding)
    case 'parent':
      return onParent(question, finding)
    case 'children':
      return onChildren(question, finding?.which ?? 0)
  }
}

/** Two rows of the plan that want one value: the first gets it. */
function takenTwice(questions: readonly Question[]): Map<number, string> {
  const refused = new Map<number, string>()
  const takers = new Map<string, RowChange>()
  for (const question of questions) {
    if (question.kind !== 'holder') continue
    const { change, place, to } = question.taker
    const value = JSON.stringify([tableName(change.table.ref), question.key.name, to?.exact])
    const first = takers.get(value)
    if (first === undefined) takers.set(value, change)
    else refused.set(place, `${rowName(first)} is to get the same value of the unique key ${valueText(question)}`)
  }
  return refused
}

function onHolder(question: HolderQuestion, finding: Finding | undefined): Verdict {
  if (finding === undefined) return FINE
  const holder = question.known[finding.which]
  if (holder !== undefined) return { requires: [holder] }
  // That a row is there already which is to be inserted, makes the change stale, which is for those to say who lock it.
  if (question.namesRow && question.taker.change.before === null) return FINE
  const { table } = question.taker.change
  return {
    refused: `another row, ${tableName(table.ref)} (${finding.rowText}), has that value of the unique key ${valueText(question)}`
  }
}

function onParent({ key, child, coming }: ParentQuestion, finding: Finding | undefined): Verdict {
  if (finding?.which === -1) return FINE
  const others = coming.filter(({ place }) => place !== child.place)
  if (others.length > 0) return { requires: others }
  // InnoDB lets an inserted row point to itself; MySQL does not let an updated one that changes both ends.
  if (coming.length > 0 && child.change.before === null) return FINE
  const target = `${tableName(key.parent)} (${pairs(key.parentColumns, child)})`
  return {
    refused:
      finding === undefined
        ? `the row it points to by the foreign key ${key.name}, ${target}, is not on this master`
        : `the row it points to by the foreign key ${key.name}, ${target}, is to be deleted or renumbered`
  }
}

function onChildren(question: ChildrenQuestion, count: number): Verdict {
  const { key, parent, leaving, perhaps } = question
  const isDelete = parent.change.after === null
  const rule = isDelete ? key.onDelete : key.onUpdate
  const left = count - leaving.length
  if (left > 0) return { refused: `${rowsPoint(left, key)}, ${consequence(rule, isDelete)}` }
  const own = leaving.some(({ place }) => place === parent.place)
  // Measured: a row that points to itself is in its own way, unless it is taken along with itself.
  if (own && !(isDelete && rule === 'CASCADE')) {
    return { refused: `it points to itself by the foreign key ${key.name}, which then forbids it` }
  }
  return { requires: [...leaving, ...perhaps].filter(({ place }) => place !== parent.place) }
}

function rowsPoint(count: number, { name, table }: ChildrenQuestion['key']): string {
  const rows = count === 1 ? '1 row' : `${count} rows`
  return `${rows} of ${tableName(table)} ${count === 1 ? 'points' : 'point'} to it by the foreign key ${name}`
}

function consequence(rule: ChildrenQuestion['key']['onDelete'], isDelete: boolean): string {
  const clause = isDelete ? 'ON DELETE' : 'ON UPDATE'
  switch (rule) {
    case 'CASCADE':
      return `and ${clause} CASCADE would ${isDelete ? 'delete' : 'change'} them along with it, unlogged and without being looked at`
    case 'SET NULL':
    case 'SET DEFAULT':
      return `and ${clause} ${rule} would change them along with it, unlogged and without being looked at`
    case 'RESTRICT':
    case 'NO ACTION':
      return `which the server forbids (${clause} ${rule})`
    default:
      return `and what the server would do with them it does not tell this account`
  }
}

function valueText({ key, taker }: HolderQuestion): string {
  return `${key.name} (${pairs(key.columns, taker)})`
}

function pairs(columns: readonly string[], { to }: Transition): string {
  return columns.map((name, at) => `${name} = ${shown(to?.literals[at] ?? 'NULL')}`).join(', ')
}
