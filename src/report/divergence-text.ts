import type { Decision, Divergence } from '../model/divergence.js'
import type { Evidence } from '../model/evidence.js'
import { jsonText } from './json-text.js'

const texts = new WeakMap<Divergence, string>()

/** A divergence as the JSON report has it, on one line. It is made once, for whoever writes it down. */
export function divergenceText(divergence: Divergence): string {
  const known = texts.get(divergence)
  if (known !== undefined) return known
  const text = jsonText(divergenceFields(divergence))
  texts.set(divergence, text)
  return text
}

// Field by field, so that the order is the documented one and nothing that a type gains later slips out unseen.

/** A divergence as reports have it, in the order of its fields. */
export function divergenceFields(divergence: Divergence) {
  const { database, table, key, class: kind, reason, columns, rows, evidence } = divergence
  const decision = decisionFields(divergence.decision)
  return { database, table, key, class: kind, reason, columns, rows, decision, evidence: evidenceFields(evidence) }
}

function evidenceFields(evidence: Evidence | null) {
  if (evidence === null) return null
  const { verdict, because, base } = evidence
  const events = evidence.events.map(({ master, gtid, serverId, at, kind, local, last, heldBy }) => {
    return { master, gtid, serverId, at, kind, local, last, heldBy }
  })
  return { verdict, because, events, base }
}

function decisionFields(decision: Decision | null) {
  if (decision === null) return null
  const { policy, winner, action, status, rule, reason } = decision
  return { policy, winner, action, status, rule, reason }
}
