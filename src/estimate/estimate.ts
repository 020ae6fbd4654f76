import { inspect } from '../audit/inspect.js'
import { type AuditHooks, checkPlans, type Run, withMasters } from '../audit/run.js'
import type { AuditConfig } from '../model/config.js'
import type { Estimate, MasterLoad, TableEstimate } from '../model/estimate.js'
import { bottleneckOf, expect, paceOf, totalOf } from './model.js'
import { type Connection, probe } from './probe.js'
import { type Sampling, type Seen, sampleAll } from './sample-all.js'

/**
 * Says what an audit of the configured tables would take, from a sample of a few seconds. Nothing is compared, and nothing
 * is written.
 *
 * @throws MmauditError as `audit` does; a table that cannot be read is told in the estimate.
 */
export async function estimate(config: AuditConfig, hooks: AuditHooks = {}): Promise<Estimate> {
  for await (const event of withMasters(config, hooks, estimating)) {
    if (event.type === 'estimated') return event.estimate
  }
  throw new Error('the estimate ended without a result')
}

async function* estimating(
  run: Run
): AsyncGenerator<{ readonly type: 'estimated'; readonly estimate: Estimate }, void> {
  const { config, masters, startedAt } = run
  const plans = await inspect(masters, config)
  await checkPlans(run, plans)
  const before = (Date.now() - startedAt.getTime()) / 1000
  const connections = await probe(masters, config.concurrency)
  const tables = plans.flatMap((plan) => (plan.kind === 'compare' ? [plan.table] : []))
  const sampling = await sampleAll(run, tables)
  const loads = loadsOf(run, sampling, connections)
  const expected = expectAll(sampling.seen, connections)
  const estimate: Estimate = {
    startedAt,
    finishedAt: new Date(),
    checksum: config.checksum,
    concurrency: config.concurrency,
    masters: loads,
    bottleneck: bottleneckOf(sampling.clientBusy, loads),
    tables: expected,
    notComparable: plans.flatMap((plan) => (plan.kind === 'fail' ? [{ ref: plan.ref, reason: plan.reason }] : [])),
    failed: sampling.seen.flatMap(({ table, failure }) =>
      failure === null ? [] : [{ ref: table.ref, reason: failure }]
    ),
    total: totalOf(expected, before)
  }
  yield { type: 'estimated', estimate }
}

function loadsOf({ masters }: Run, { loads }: Sampling, connections: readonly Connection[]): readonly MasterLoad[] {
  return masters.flatMap(({ info }, at) => {
    const load = loads[at]
    const connection = connections[at]
    return load === undefined || connection === undefined ? [] : [{ info, perSecond: load, ...connection }]
  })
}

function expectAll(seen: readonly Seen[], connections: readonly Connection[]): readonly TableEstimate[] {
  const sampled = seen.flatMap(({ table, sample }) => (sample === null ? [] : [{ table, sample }]))
  const pace = paceOf(sampled, Math.max(...connections.map(({ roundTrip }) => roundTrip)))
  return seen
    .filter(({ failure }) => failure === null)
    .map(({ table, sample }) => expect(table, sample, pace))
    .sort((left, right) => right.bytes - left.bytes)
}
