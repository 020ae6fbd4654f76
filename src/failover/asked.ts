import { closeAll, connectMasters } from '../audit/connect-masters.js'
import { Master } from '../masters/master.js'
import type { AuditConfig, MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { FailoverKind } from '../model/failover.js'

/** Enough to read binlogs while rows are read. */
const SESSIONS = 3

/** The configuration of those masters that are asked: a lost one is not. @throws MmauditError `usage` for an unknown name. */
export function askedOf(kind: FailoverKind, master: string, audit: AuditConfig): AuditConfig {
  const names = audit.masters.map(({ name }) => name)
  if (!names.includes(master)) {
    throw new MmauditError('usage', `no master is configured as ${master}`, { hint: `configured: ${names.join(', ')}` })
  }
  if (kind === 'returned') return audit
  return { ...audit, masters: audit.masters.filter(({ name }) => name !== master) }
}

/** Connects to the masters that are asked for the length of `work`. A lost master may have left a single survivor. */
export async function withAsked<Result>(
  request: { readonly kind: FailoverKind; readonly master: string; readonly audit: AuditConfig },
  signal: AbortSignal | undefined,
  work: (masters: readonly Master[]) => Promise<Result>
): Promise<Result> {
  const asked = askedOf(request.kind, request.master, request.audit)
  const [only, ...others] = asked.masters
  if (only === undefined) throw new MmauditError('usage', `${request.master} is the only master: nobody is left to ask`)
  const masters = others.length === 0 ? [await alone(only, asked)] : await connectMasters(asked)
  const abort = () => void closeAll(masters)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    return await work(masters)
  } catch (error) {
    if (signal?.aborted)
      throw new MmauditError('interrupted', 'the failover was not looked at to its end', { cause: error })
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    await closeAll(masters)
  }
}

function alone(master: MasterConfig, { silenceTimeout }: AuditConfig): Promise<Master> {
  return Master.connect(master, SESSIONS, silenceTimeout)
}
