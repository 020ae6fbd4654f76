import type { AuditConfig } from '../model/config.js'
import type { AuditEvent } from '../model/events.js'
import { auditTable } from './audit-table.js'
import { masterNotes } from './connect-masters.js'
import type { TableContext } from './context.js'
import { inspect } from './inspect.js'
import { leftOutNotes } from './left-out.js'
import { type AuditHooks, checkPlans, type Found, keylessNotes, type Run, runTasks, withMasters } from './run.js'
import type { TableTally } from './table-tally.js'

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
  const plans = await inspect(masters, config)
  await checkPlans(run, plans)
  const notes = [...(await masterNotes(masters)), ...(await leftOutNotes(masters, config)), ...keylessNotes(plans)]
  const infos = masters.map((master) => master.info)
  yield {
    type: 'started',
    header: { startedAt, checksum: config.checksum, masters: infos, tables: plans.length, notes }
  }
  yield* runTasks(
    plans.map((plan) => ({ plan, troubles: [], compare: wholeTable })),
    run
  )
}

/** Compares all rows of a table. */
export async function* wholeTable(
  context: TableContext,
  tally: TableTally,
  onProgress: () => void
): AsyncGenerator<Found, void> {
  for await (const divergence of auditTable(context, tally, onProgress)) yield { divergence }
}
