import type { ComparedValue } from '../look/compared-value.js'
import type { Transition } from '../look/transitions.js'

/**
 * More values than this that only fold alike are not one value in the eyes of a collation: then those count that are alike
 * in every byte. It also bounds what one value can be compared with.
 */
const MOST_FOLDED = 8

const NONE: readonly Transition[] = []

type Groups = ReadonlyMap<string, readonly Transition[]>

/** Transitions by the value that they leave, or by the one that they take. */
export class Buckets {
  readonly #exact: Groups
  /** The same map where no value has another form to be folded to. */
  readonly #folded: Groups

  constructor(transitions: readonly Transition[], side: 'from' | 'to') {
    const isFolded = transitions.some((each) => each[side]?.folded !== each[side]?.exact)
    this.#exact = groupsOf(transitions, side, 'exact')
    this.#folded = isFolded ? groupsOf(transitions, side, 'folded') : this.#exact
  }

  /** Those with this very value. */
  exact(value: ComparedValue): readonly Transition[] {
    return this.#exact.get(value.exact) ?? NONE
  }

  /** Those whose value a server may well take for this one: the exact ones first, the others while they are few. */
  likely(value: ComparedValue): readonly Transition[] {
    const exact = this.exact(value)
    const folded = this.#folded.get(value.folded) ?? NONE
    if (folded.length === exact.length || folded.length - exact.length > MOST_FOLDED) return exact
    return [...new Set([...exact, ...folded])]
  }

  /** All by their value, those that may be one value together. */
  groups(): Groups {
    return this.#folded
  }
}

function groupsOf(transitions: readonly Transition[], side: 'from' | 'to', form: 'exact' | 'folded'): Groups {
  const groups = new Map<string, Transition[]>()
  for (const transition of transitions) {
    const value = transition[side]
    if (value === null) continue
    const group = groups.get(value[form])
    if (group === undefined) groups.set(value[form], [transition])
    else group.push(transition)
  }
  return groups
}
