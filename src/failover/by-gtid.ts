import { commonGtids, NO_GTIDS } from '../model/gtid-set.js'
import { sidesOf, whyVague } from './lacking.js'
import type { LackingFound, Search } from './lacking-found.js'
import { readLacking } from './read-lacking.js'
import { settle } from './settle.js'
import { stepOverStatements } from './step-over.js'
import { gtidsText } from './words.js'

/** Tells transactions apart by their GTIDs, once what is on its way has arrived. @throws MmauditError `incomplete`. */
export async function findByGtid(search: Search): Promise<LackingFound> {
  const { masters, subject, audit, viewOf, signal } = search
  const { states, lacks } = await settle(masters, search.states, subject, audit.confirmTimeout * 1000, signal)
  signal?.throwIfAborted()
  const sides = sidesOf(states, lacks, subject)
  const read = await readLacking({ masters, states, subject, lacks, sides, viewOf })
  const vendor = states[0]?.vendor ?? 'mysql'
  const which = [...lacks].map(([master, set]) => {
    return [master, { all: gtidsText(vendor, set), unsent: gtidsText(vendor, commonGtids(set, sides.unsent)) }] as const
  })
  const stepOver = states.flatMap((state) => {
    const lacking = commonGtids(lacks.get(state.master) ?? NO_GTIDS, sides.own)
    return lacking.size === 0 ? [] : stepOverStatements(state, lacking)
  })
  return {
    ...{ by: 'gtid', states, read, stepOver },
    which: new Map(which),
    gaps: states.flatMap((state) => whyVague(state, lacks) ?? [])
  }
}
