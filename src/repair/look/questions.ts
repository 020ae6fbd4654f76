import type { ForeignKey, UniqueIndex } from '../../masters/table-facts.js'
import type { RowChange } from '../../model/repair.js'
import { Buckets } from '../order/buckets.js'
import { sameName, type Transition, type Transitions } from './transitions.js'

/** Which row has the value that `taker` takes: another row of this plan, of which `known` may free it, or a strange one. */
export interface HolderQuestion {
  readonly kind: 'holder'
  readonly key: UniqueIndex
  readonly taker: Transition
  /** Rows of the plan that may have the value and give it up. */
  readonly known: readonly Transition[]
  /** The key is the one that names rows: whether the row itself is there is not asked here. */
  readonly namesRow: boolean
}

/** Whether the row that `child` is to point to is there, and stays. */
export interface ParentQuestion {
  readonly kind: 'parent'
  readonly key: ForeignKey
  readonly child: Transition
  /** Rows of the plan that may be that row, and go. */
  readonly known: readonly Transition[]
  /** Rows of the plan that come to be that row. */
  readonly coming: readonly Transition[]
}

/** Whether rows point to a row that goes. */
export interface ChildrenQuestion {
  readonly kind: 'children'
  readonly key: ForeignKey
  readonly parent: Transition
  /** Rows of the plan that point there and will not any more. */
  readonly leaving: readonly Transition[]
  /** Rows of the plan of which the server has to say whether they point there; they will not any more. */
  readonly perhaps: readonly Transition[]
}

export type Question = HolderQuestion | ParentQuestion | ChildrenQuestion

/** What has to be looked up on a master before these changes are made there. */
export function questionsOf({ unique, relations }: Transitions): readonly Question[] {
  return [
    ...unique.flatMap(({ key, transitions }) => holderQuestions(key, transitions)),
    ...relations.flatMap(({ key, children, parents }) => [
      ...parentQuestions(key, children, parents),
      ...childrenQuestions(key, children, parents)
    ])
  ]
}

/** Updates that would change what rows are known by, where not all tables are seen that may know them. */
export function changesOfUnseen({ unique }: Transitions): readonly number[] {
  const blind = unique.filter((each) => !each.facts.childrenVisible).flatMap((each) => each.transitions)
  return blind.flatMap(({ change, place }) => (change.before !== null && change.after !== null ? place : []))
}

function holderQuestions(key: UniqueIndex, transitions: readonly Transition[]): readonly Question[] {
  const freeing = new Buckets(transitions, 'from')
  return transitions.flatMap((taker): readonly HolderQuestion[] => {
    if (taker.to === null) return []
    const known = freeing.likely(taker.to).filter(({ place }) => place !== taker.place)
    return [{ kind: 'holder', key, taker, known, namesRow: isOwnKey(key, taker.change) }]
  })
}

function parentQuestions(
  key: ForeignKey,
  children: readonly Transition[],
  parents: readonly Transition[]
): readonly Question[] {
  const [going, coming] = [new Buckets(parents, 'from'), new Buckets(parents, 'to')]
  return children.flatMap((child): readonly ParentQuestion[] =>
    child.to === null
      ? []
      : [{ kind: 'parent', key, child, known: going.likely(child.to), coming: coming.exact(child.to) }]
  )
}

function childrenQuestions(
  key: ForeignKey,
  children: readonly Transition[],
  parents: readonly Transition[]
): readonly Question[] {
  const leaving = new Buckets(children, 'from')
  return parents.flatMap((parent): readonly ChildrenQuestion[] => {
    if (parent.from === null) return []
    const sure = leaving.exact(parent.from)
    const perhaps = leaving.likely(parent.from).slice(sure.length)
    return [{ kind: 'children', key, parent, leaving: sure, perhaps }]
  })
}

function isOwnKey(key: UniqueIndex, { table }: RowChange): boolean {
  const own = table.columns.filter((column) => table.key.includes(column.form.name)).map((column) => column.name)
  return own.length === key.columns.length && own.every((name) => key.columns.some((each) => sameName(each, name)))
}
