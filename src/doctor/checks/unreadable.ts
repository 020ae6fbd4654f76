import type { Finding } from '../../model/doctor.js'
import { type MasterFacts, type MasterParts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'

/** What each part is called, and what account of these privileges is needed to see it. */
const PARTS: Readonly<Record<keyof MasterParts, { readonly what: string; readonly danger: string }>> = {
  channels: { what: 'its replication channels', danger: 'appliers may have stopped' },
  followers: {
    what: 'which servers replicate from it',
    danger: 'replicas that no audit and no repair reaches may hang on it'
  },
  binlog: { what: 'what it leaves out of its binlog', danger: 'writes may be lost to all others' },
  gtids: { what: 'which transactions it has', danger: 'there may be transactions that can never arrive elsewhere' },
  clock: { what: 'its clock', danger: 'its times may not compare with those of the others' },
  grants: { what: 'what its account may do', danger: 'an audit or a repair may fail half way' },
  cluster: { what: 'whether it belongs to a cluster', danger: 'local writes may break it' },
  tables: { what: 'its tables', danger: 'tables may have no key, or counters stand behind their ids' }
}

/** What could not be looked at. That is never taken for "nothing is wrong". */
export const checkUnreadable: Check = (masters) =>
  masters.flatMap((facts) => [...parts(facts), ...hiddenTriggers(facts)])

function parts(facts: MasterFacts): readonly Finding[] {
  return Object.entries(PARTS).flatMap(([part, { what, danger }]) => {
    const reading = facts.parts[part as keyof MasterParts]
    if ('value' in reading) return []
    const grant = part === 'followers' ? [facts.capabilities.privileges.seeFollowers.name] : []
    return finding('unreadable', 'unknown', [facts], {
      what: `could not see ${what}: ${reading.problem}`,
      cause: `the account ${facts.user} lacks a privilege, or the server does not answer as expected`,
      danger,
      mend: grant.map((name) => run(facts, `GRANT ${name} ON *.* TO '${facts.user}'@'<host>'`))
    })
  })
}

/** None listed means nothing where the account may not see them. */
function hiddenTriggers(facts: MasterFacts): readonly Finding[] {
  const hidden = (seen(facts.parts.tables) ?? []).filter((table) => !table.facts.triggersVisible)
  if (hidden.length === 0) return []
  const databases = [...new Set(hidden.map(({ schema }) => schema.ref.database))]
  return [
    finding('unreadable', 'unknown', [facts], {
      what: `could not see whether ${hidden.length === 1 ? '1 table' : `${hidden.length} tables`} have triggers`,
      cause: `the account ${facts.user} lacks TRIGGER on ${databases.join(', ')}`,
      danger: 'a repair of such a table is refused',
      mend: databases.map((database) =>
        run(facts, `GRANT TRIGGER ON \`${database.replaceAll('`', '``')}\`.* TO '${facts.user}'@'<host>'`)
      )
    })
  ]
}
