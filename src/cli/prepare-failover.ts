import { auditFailover, failoverAudit, withoutArriving, withVerdict } from '../failover/failover.js'
import { type FailoverRequest, lookAtFailover } from '../failover/look.js'
import type { Divergence } from '../model/divergence.js'
import { MmauditError } from '../model/errors.js'
import type { FailoverKind } from '../model/failover.js'
import type { FailoverOptions } from './failover.js'
import { repairWay } from './repair-flags.js'
import { withRepair } from './repair-source.js'
import type { Audit, Prepared, Setting } from './run-audit.js'

/** Looks at the transactions first, so that what stands in the way is told before a report is opened. */
export async function prepareFailover(
  subject: { readonly kind: FailoverKind; readonly master: string },
  options: FailoverOptions,
  setting: Setting
): Promise<Prepared> {
  const request: FailoverRequest = { ...subject, lost: namedServer(options), audit: setting.config }
  const way = options.repair === true ? repairWay(options, setting.io) : null
  const look = await lookAtFailover(request)
  const audited: Audit = (_config, hooks) => auditFailover(look, failoverAudit(request, look), hooks)
  if (way === null)
    return { audit: (config, hooks) => withVerdict(audited(config, hooks), look, request, [], hooks.signal) }
  const arriving: Divergence[] = []
  const source: Audit = (config, hooks) => withoutArriving(audited(config, hooks), look, arriving)
  const { standstill } = look
  const repaired = await withRepair({ source, counted: [], standstill }, way, setting)
  return {
    audit: (_config, hooks) =>
      withVerdict(repaired(failoverAudit(request, look), hooks), look, request, arriving, hooks.signal)
  }
}

function namedServer({ lostServerId, lostUuid }: FailoverOptions): FailoverRequest['lost'] {
  if (lostServerId !== undefined && !/^\d{1,10}$/.test(lostServerId)) {
    throw new MmauditError('usage', `--lost-server-id ${lostServerId}: must be a whole number`)
  }
  if (lostUuid !== undefined && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(lostUuid)) {
    throw new MmauditError('usage', `--lost-uuid ${lostUuid}: must be a server_uuid`)
  }
  return { serverId: lostServerId === undefined ? null : Number(lostServerId), uuid: lostUuid ?? null }
}
