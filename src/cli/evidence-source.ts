import { gatherEvidence } from '../evidence/gather.js'
import { withEvidence } from '../evidence/with-evidence.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { Divergence } from '../model/divergence.js'
import type { Evidence } from '../model/evidence.js'
import type { Audit } from './run-audit.js'

/** Lets what finds divergences also look in the binlogs for what made them, unless that was turned off. */
export function evidenceOf(source: Audit): Audit {
  return (config, hooks) =>
    config.evidence === 'off' ? source(config, hooks) : withEvidence(source(config, hooks), config, hooks)
}

/** What the binlogs tell of rows beside those of an audit. */
export async function evidenceFor(
  masters: readonly Master[],
  config: AuditConfig,
  rows: readonly Divergence[]
): Promise<readonly Evidence[]> {
  const { conclusions } = await gatherEvidence(masters, config, rows)
  return conclusions.map(({ evidence }) => evidence)
}
