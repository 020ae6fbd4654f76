import { replicationNotes } from '../masters/catch-up.js'
import type { AuditConfig } from '../model/config.js'
import type { AuditEvent } from '../model/events.js'
import { auditTable } from './audit-table.js'
import { inspect } from './inspect.js'
import { leftOutNotes } from './left-out.js'
import { type AuditHooks, checkPlans, keylessNotes, type Run, runTasks, withMasters } from './run.js'

/**
 * Compares the tables of all masters and yields what it finds, in order; the audit goes on only as its consumer does.
 * Nothing is written on any master.
 *
 * @throws MmauditError `incomplete` when a master cannot be reached or read at all, `usage` or `config` when the
 *   configuration names what is not there. Later failures belong to a table, and are its result.
 */
export function audit(config: AuditConfig, hooks: AuditHooks = {}): AsyncGenerator<AuditEvent, void> {
  return withMasters(config, hooks, auditAll)
}

async function* auditAll(run: Run): AsyncGenerator<AuditEvent, void> {
  const { startedAt, masters, config } = run
  const [plans, replication, leftOut] = await Promise.all([
    inspect(masters, config),
    replicationNotes(masters),
    leftOutNotes(masters, config)
  ])
  await checkPlans(run, plans)
  const notes = [...replication, ...run.gateNotes, ...leftOut, ...keylessNotes(plans)]
  const infos = masters.map((master) => master.info)
  const servers = Object.fromEntries(masters.map((master) => [master.info.name, master.identity]))
  const header = { startedAt, checksum: config.checksum, masters: infos, tables: plans.length, notes }
  yield { type: 'started', header: await run.checkpoint.begin(header, servers) }
  yield* runTasks(
    plans.map((plan) => ({ plan, troubles: [], compare: auditTable })),
    run
  )
}
