import type { FailoverReport } from '../model/failover.js'

/** What a failover left behind, as reports have it, in the order of its fields; see docs/reference/failover.schema.json. */
export function failoverFields(report: FailoverReport) {
  const { kind, master, by, server, unsent, gaps, notes, answer } = report
  const { written, bothSides, arriving, troubled } = report.rows
  return {
    ...{ kind, master, by, server, answer },
    reasons: report.reasons.map(({ id, masters, text }) => ({ id, masters, text })),
    lacked: report.lacked.map((each) => {
      return { master: each.master, count: each.count, which: each.which, unsent: each.unsent, readOn: each.readOn }
    }),
    unsent,
    pending: report.pending.map(({ master: name, which, stopped }) => ({ master: name, which, stopped })),
    rows: { written, bothSides, arriving, troubled },
    troubled: report.troubled.map(({ database, table, key, outlook, because }) => {
      return { database, table, key, outlook, because }
    }),
    ...{ gaps, notes },
    stepOver: report.stepOver.map(({ master: name, statement }) => ({ master: name, statement }))
  }
}
