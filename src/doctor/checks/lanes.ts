import type { Finding } from '../../model/doctor.js'
import { type MasterFacts, takesWrites } from '../facts.js'
import { type Check, finding, listed, namesOf, pairs, valuesText } from '../finding.js'
import { setGlobal } from '../mends.js'
import { laneOf } from './lane.js'

const CAUSE = 'each master numbers new rows by itself, by auto_increment_increment and auto_increment_offset'
const COLLISIONS =
  'two masters give one id to two different rows: each keeps its own, and the applier of the other stops with 1062'

/** Whether the automatic ids of the masters stay out of each other's way. */
export const checkLanes: Check = (masters) => {
  if (masters.length < 2) return []
  return [...narrow(masters), ...unequal(masters), ...outOfRange(masters), ...shared(masters)]
}

/** Fewer lanes than masters. While only one of them takes writes, nothing collides until the next failover. */
function narrow(masters: readonly MasterFacts[]): readonly Finding[] {
  const bad = masters.filter((facts) => laneOf(facts).increment < masters.length)
  if (bad.length === 0) return []
  return [
    finding('lane-increment', severityOf(masters), bad, {
      what: `auto_increment_increment is ${valuesText(bad, (facts) => String(laneOf(facts).increment))}, and there are ${masters.length} masters`,
      cause: CAUSE,
      danger: COLLISIONS,
      mend: ownLanes(masters)
    })
  ]
}

function unequal(masters: readonly MasterFacts[]): readonly Finding[] {
  const increments = new Set(masters.map((facts) => laneOf(facts).increment))
  if (increments.size < 2) return []
  return [
    finding('lane-increment-differs', severityOf(masters), masters, {
      what: `auto_increment_increment is ${valuesText(masters, (facts) => String(laneOf(facts).increment))}`,
      cause: CAUSE,
      danger: `lanes of different width cross each other: ${COLLISIONS}`,
      mend: ownLanes(masters)
    })
  ]
}

/** A server takes no notice of an offset that is greater than its increment. */
function outOfRange(masters: readonly MasterFacts[]): readonly Finding[] {
  const bad = masters.filter((facts) => laneOf(facts).offset > laneOf(facts).increment)
  if (bad.length === 0) return []
  return [
    finding('lane-offset-range', severityOf(masters), bad, {
      what: bad
        .map(
          (facts) =>
            `${facts.info.name} has the offset ${laneOf(facts).offset} and the increment ${laneOf(facts).increment}`
        )
        .join(', '),
      cause: 'a server takes no notice of an auto_increment_offset that is greater than its auto_increment_increment',
      danger: COLLISIONS,
      mend: ownLanes(masters)
    })
  ]
}

/** Masters without any lane, or outside of theirs, are told of already. */
function shared(masters: readonly MasterFacts[]): readonly Finding[] {
  const inLane = masters.filter(
    (facts) => laneOf(facts).increment > 1 && laneOf(facts).offset <= laneOf(facts).increment
  )
  const clashing = pairs(inLane).filter(([left, right]) => laneOf(left).remainder === laneOf(right).remainder)
  const bad = inLane.filter((facts) => clashing.some((pair) => pair.includes(facts)))
  if (bad.length === 0) return []
  return [
    finding('lane-offset-equal', severityOf(masters), bad, {
      what: `${listed(namesOf(bad))} number in one lane: auto_increment_offset is ${valuesText(bad, (facts) => String(laneOf(facts).offset))}`,
      cause: CAUSE,
      danger: COLLISIONS,
      mend: ownLanes(masters)
    })
  ]
}

function severityOf(masters: readonly MasterFacts[]): 'danger' | 'warning' {
  return masters.filter(takesWrites).length > 1 ? 'danger' : 'warning'
}

/** A lane for each master: as many as there are, or as the widest has. */
function ownLanes(masters: readonly MasterFacts[]) {
  const width = Math.max(masters.length, ...masters.map((facts) => laneOf(facts).increment))
  return masters.flatMap((facts, at) => {
    const { increment, offset } = laneOf(facts)
    return [
      ...(increment === width ? [] : [setGlobal(facts, 'auto_increment_increment', String(width))]),
      ...(offset === at + 1 ? [] : [setGlobal(facts, 'auto_increment_offset', String(at + 1))])
    ]
  })
}
