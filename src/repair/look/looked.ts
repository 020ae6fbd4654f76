import { onEveryMaster } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import { type FactsOf, readTableFacts } from '../../masters/table-facts.js'
import { readWriteAccess, type WriteAccess } from '../../masters/write-access.js'
import type { RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'

/** What was read of the masters that may be written to. */
export interface Looked {
  readonly access: (master: string) => WriteAccess
  readonly facts: (master: string) => FactsOf
}

/** Reads what has to be known of the masters that `changes` write to, and of the tables there. */
export async function readLooked(masters: readonly Master[], changes: readonly RowChange[]): Promise<Looked> {
  const targets = masters.filter((master) => changes.some((change) => change.master === master.name))
  const read = await onEveryMaster(targets, 'looking at what a repair would touch', (master) =>
    master.withSession(async (session) => {
      const own = changes.filter((change) => change.master === master.name)
      const refs = [...new Map(own.map(({ table }) => [tableName(table.ref), table.ref])).values()]
      const access = await readWriteAccess(session, master.capabilities)
      return { access, facts: await readTableFacts(session, master.capabilities, refs) }
    })
  )
  const of = (master: string) => {
    const found = read[targets.findIndex((target) => target.name === master)]
    if (found === undefined) throw new Error(`nothing is to be written on ${master}`)
    return found
  }
  return { access: (master) => of(master).access, facts: (master) => of(master).facts }
}
