import { groupBy } from '../../model/group-by.js'
import { type MasterFacts, seen } from '../facts.js'
import { type Check, finding, listed, namesOf } from '../finding.js'
import { setGlobal } from '../mends.js'

/** Whether every server can be told from every other. */
export const checkIdentity: Check = (masters) => [...sameId(masters), ...sameIdBelow(masters), ...sameUuid(masters)]

const LOST =
  'a server takes what comes with its own server_id for its own writes come round, and drops it without a word'

function sameId(masters: readonly MasterFacts[]) {
  const taken = new Set(masters.map(({ info }) => info.serverId))
  return [...groupBy(masters, ({ info }) => info.serverId)].flatMap(([id, own]) => {
    if (own.length < 2) return []
    const free = unusedIds(taken, own.length - 1)
    return finding('server-id-clash', 'danger', own, {
      what: `${listed(namesOf(own))} have the server_id ${id}`,
      cause: 'one server was set up as a copy of another, or the option was left at its default',
      danger: LOST,
      advice: 'stop replication on that server before, start it after',
      mend: own.slice(1).map((facts, at) => setGlobal(facts, 'server_id', String(free[at])))
    })
  })
}

function unusedIds(taken: ReadonlySet<number>, count: number): readonly number[] {
  const free: number[] = []
  for (let id = 1; free.length < count; id++) if (!taken.has(id)) free.push(id)
  return free
}

/** Two servers below one master with one id: whichever connects throws the other out. */
function sameIdBelow(masters: readonly MasterFacts[]) {
  return masters.flatMap((facts) => {
    const followers = seen(facts.parts.followers) ?? []
    const twice = [...groupBy(followers, ({ serverId }) => serverId)].filter(([, own]) => own.length > 1)
    const itself = followers.filter(({ serverId }) => serverId === facts.info.serverId)
    const ids = [...twice.map(([id]) => id), ...itself.map(({ serverId }) => serverId)]
    return [...new Set(ids)].map((id) =>
      finding('follower-id-clash', 'danger', [facts], {
        what: `of the servers that replicate from ${facts.info.name}, several have the server_id ${id}, or its own`,
        cause: 'one server was set up as a copy of another, or the option was left at its default',
        danger: `${LOST}; and of two with one id, each that connects ends the connection of the other`,
        advice: 'give each of them a server_id of its own: SET GLOBAL server_id = …, and in its option file'
      })
    )
  })
}

function sameUuid(masters: readonly MasterFacts[]) {
  return [...groupBy(masters, ({ identity }) => identity)].flatMap(([identity, own]) => {
    if (own.length < 2) return []
    return finding('uuid-clash', 'danger', own, {
      what: `${listed(namesOf(own))} are one server, or have one uuid (${identity})`,
      cause: 'two names lead to one server; or a data folder was copied with its auto.cnf',
      danger: 'GTIDs of both begin alike, so each takes the writes of the other for its own; an audit compares nothing',
      advice: 'check hosts and ports; if they are two servers: stop one, remove auto.cnf from its data folder, start it'
    })
  })
}
