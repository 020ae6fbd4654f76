import { type Obstacle, stoppedDirections } from '../masters/catch-up.js'
import type { Master } from '../masters/master.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { FailoverKind, FailoverReport } from '../model/failover.js'
import type { GtidSet } from '../model/gtid-set.js'
import type { MasterInfo } from '../model/master.js'
import { withAsked } from './asked.js'
import { findByGtid } from './by-gtid.js'
import { findByPosition } from './by-position.js'
import { brokenConnections, type Connection, connectionsOf, outOfOrder } from './connections.js'
import { lackedBySurvivors, notApplied, rowReasons, stoppedAppliers } from './judge.js'
import type { Subject } from './lacking.js'
import type { LackingFound, Search } from './lacking-found.js'
import { sharedLanes } from './lanes.js'
import { lostServer, type NamedServer } from './lost-server.js'
import { pendingOf } from './pending.js'
import { type ForeseenRow, foreseeRows } from './prospects.js'
import { readEarlier } from './read-share.js'
import { reportOn } from './report-on.js'
import { readStates } from './settle.js'
import { tableViews } from './table-views.js'

/** What is asked. */
export interface FailoverRequest {
  readonly kind: FailoverKind
  /** The master that was lost, or is back, by its name in the configuration. */
  readonly master: string
  readonly lost: NamedServer
  readonly audit: AuditConfig
}

/** What was found of the transactions, before the rows are audited. */
export interface FailoverLook {
  readonly report: FailoverReport
  readonly rows: readonly ForeseenRow[]
  /** The masters that were asked. */
  readonly masters: readonly MasterInfo[]
  /** Where replication stands still; a repair goes on nevertheless, for what is to come is known. */
  readonly standstill: readonly Obstacle[]
  /** When the earliest of the transactions was committed: UTC, ISO 8601; `null` when there are none. */
  readonly since: string | null
}

/**
 * Finds the transactions that some masters have and others lack, reads from the binlogs which rows they change, and says what
 * will become of those rows. Nothing is changed on any master.
 *
 * @throws MmauditError `usage` or `config` for a master that is not configured or cannot be told, `incomplete` when one cannot
 *   be reached, there is no way to tell transactions apart, or they change too many rows.
 */
export function lookAtFailover(request: FailoverRequest, signal?: AbortSignal): Promise<FailoverLook> {
  return withAsked(request, signal, async (masters) => {
    const states = await readStates(masters, request.master)
    refuseUnfit(states)
    const by = states.every(({ numbered }) => numbered) ? 'gtid' : 'position'
    const subject = subjectOf(request, states, by)
    const viewOf = await tableViews(masters, request.audit)
    const search = { masters, states, subject, viewOf, audit: request.audit, signal }
    const found = await (by === 'gtid' ? findByGtid(search) : findByPosition(search))
    signal?.throwIfAborted()
    return examine(search, found)
  })
}

function subjectOf(
  { kind, master, lost, audit }: FailoverRequest,
  states: readonly TransactionState[],
  by: FailoverReport['by']
): Subject {
  const config = audit.masters.find(({ name }) => name === master)
  const own = states.find((state) => state.master === master)
  if (config === undefined) throw new MmauditError('usage', `no master is configured as ${master}`)
  if (own === undefined) return { kind, master, source: lostServer(states, config, lost, by) }
  return { kind, master, source: by === 'gtid' ? own.source : String(own.serverId) }
}

/**
 * Vendors number transactions each in their way, and servers drop the numbers of the other. A cluster numbers those of all its
 * members as its own, and takes a member back by its own rules.
 */
function refuseUnfit(states: readonly TransactionState[]): void {
  const member = states.find(({ cluster }) => cluster !== null)
  if (member !== undefined) {
    const problem = `${member.master} is a member of ${member.cluster}: its transactions are the cluster's, and do not tell who wrote them`
    throw new MmauditError('incomplete', problem, { hint: 'run mmaudit diff: it compares the rows themselves' })
  }
  if (new Set(states.map(({ vendor }) => vendor)).size < 2) return
  const problem = 'MySQL and MariaDB number transactions each in their way: which of them both have cannot be told'
  throw new MmauditError('incomplete', problem, { hint: 'run mmaudit diff: it compares the rows themselves' })
}

async function examine({ masters, subject, audit }: Search, found: LackingFound): Promise<FailoverLook> {
  const { states, read } = found
  const rows = await foreseeRows(masters, read.findings.rows.all, audit.concurrency)
  const pending = pendingOf(states, subject)
  const reasons =
    subject.kind === 'lost'
      ? [...notApplied(pending), ...lackedBySurvivors(found, subject)]
      : [...rowReasons(rows), ...(await wayReasons(masters, subject, found))]
  return {
    ...{ report: reportOn({ subject, found, rows, pending, reasons }), rows, since: read.since },
    masters: masters.map(({ info }) => info),
    standstill: masters.length < 2 ? [] : await stoppedDirections(masters)
  }
}

/** What keeps replication from going on, whatever the rows are. */
async function wayReasons(masters: readonly Master[], subject: Subject, found: LackingFound) {
  const { states, read, which } = found
  const connections = connectionsOf(states, [...which.keys()], subject)
  const numberings = masters.map(({ name, lane }) => {
    return { master: name, ...lane, readOnly: states.find(({ master }) => master === name)?.readOnly ?? false }
  })
  return [
    ...stoppedAppliers(states),
    ...brokenConnections(connections, await earliestOf(masters, connections)),
    ...outOfOrder(states, read.firsts),
    ...sharedLanes(numberings, subject.master)
  ]
}

/** What the masters cannot send any more. MariaDB tells it only at the beginning of its oldest binlog. */
async function earliestOf(
  masters: readonly Master[],
  connections: readonly Connection[]
): Promise<ReadonlyMap<string, GtidSet>> {
  const found = new Map<string, GtidSet>()
  for (const { master, vendor, purged, files } of new Set(connections.map(({ source }) => source))) {
    const [oldest] = files
    const server = masters.find(({ name }) => name === master)
    if (vendor === 'mysql') found.set(master, purged)
    else if (oldest !== undefined && server !== undefined) {
      const { set } = await readEarlier(server, oldest)
      if (set !== null) found.set(master, set)
    }
  }
  return found
}
