import { closeAll, connectMasters } from '../audit/connect-masters.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'

/** Connects to all masters for the length of `work`. */
export async function withMasters<Result>(
  audit: AuditConfig,
  signal: AbortSignal | undefined,
  work: (masters: readonly Master[]) => Promise<Result>
): Promise<Result> {
  const masters = await connectMasters(audit)
  try {
    signal?.throwIfAborted()
    return await work(masters)
  } finally {
    await closeAll(masters)
  }
}
