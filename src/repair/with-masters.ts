import { closeAll, connectMasters } from '../audit/connect-masters.js'
import { OPEN } from '../audit/gate.js'
import { costsOf } from '../audit/run.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { RepairHooks } from './repair.js'

/** Connects to all masters for the length of `work`, and tells what it cost them, however it ended. */
export async function withMasters<Result>(
  audit: AuditConfig,
  { signal, onCosts }: Pick<RepairHooks, 'signal' | 'onCosts'>,
  work: (masters: readonly Master[]) => Promise<Result>
): Promise<Result> {
  const masters = await connectMasters(audit)
  try {
    signal?.throwIfAborted()
    return await work(masters)
  } finally {
    onCosts?.(costsOf(masters, OPEN))
    await closeAll(masters)
  }
}
