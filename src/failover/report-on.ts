import type {
  FailoverReason,
  FailoverReport,
  LackedTransactions,
  PendingTransactions,
  TroubledRow
} from '../model/failover.js'
import { answerOf, isTroubled } from './judge.js'
import type { Subject } from './lacking.js'
import type { LackingFound } from './lacking-found.js'
import type { ForeseenRow } from './prospects.js'
import { MOST_MISSED } from './written-rows.js'

/** Rows that a report names one by one; the divergences name all that differ. */
const MOST_NAMED = 100

/** Everything that was found. */
export interface Found {
  readonly subject: Subject
  readonly found: LackingFound
  readonly rows: readonly ForeseenRow[]
  readonly pending: readonly PendingTransactions[]
  readonly reasons: readonly FailoverReason[]
}

/** Puts together what a failover left behind. */
export function reportOn({ subject, found, rows, pending, reasons }: Found): FailoverReport {
  const { findings, unsent } = found.read
  const judged = findings.judged
  const gaps = [...found.gaps, ...judged.gaps]
  const unlooked = gaps.map((text): FailoverReason => ({ id: 'could-not-look', masters: [], text }))
  const all = [...reasons, ...unlooked]
  return {
    ...{ kind: subject.kind, master: subject.master, by: found.by, server: subject.source, unsent, pending, gaps },
    lacked: lackedIn(found),
    rows: countRows(rows),
    troubled: rows.flatMap((row) => troubledRow(row) ?? []).slice(0, MOST_NAMED),
    notes: [...judged.notes, ...(findings.rows.leftOut ? [notHeld(subject)] : [])],
    answer: answerOf(all),
    reasons: all,
    stepOver: hasToStepOver(subject, rows) ? found.stepOver : []
  }
}

function lackedIn({ which, read }: LackingFound): readonly LackedTransactions[] {
  return [...which].map(([master, { all, unsent }]) => ({
    master,
    readOn: [...(read.readOn.get(master) ?? [])],
    count: read.counts.get(master) ?? 0,
    which: all,
    unsent
  }))
}

function countRows(rows: readonly ForeseenRow[]): FailoverReport['rows'] {
  const count = (isWanted: (row: ForeseenRow) => boolean) => rows.filter(isWanted).length
  return {
    written: rows.length,
    bothSides: count(({ bothSides }) => bothSides),
    arriving: count(({ outlook }) => outlook === 'arrives'),
    troubled: count(({ outlook }) => isTroubled(outlook))
  }
}

function troubledRow({ row, outlook, because }: ForeseenRow): TroubledRow | null {
  if (!isTroubled(outlook)) return null
  const key = Object.fromEntries(row.table.keyColumns.map(({ name }, at) => [name, row.key[at] ?? null]))
  return { ...row.table.ref, key, outlook, because }
}

function notHeld({ master }: Subject): string {
  return (
    `what ${master} has missed changes more than ${MOST_MISSED} rows: of these, only the ones that its own unsent transactions ` +
    'change as well were all looked at'
  )
}

/** Only where rows have to be reconciled: everything else arrives by itself. */
function hasToStepOver({ kind }: Subject, rows: readonly ForeseenRow[]): boolean {
  return kind === 'returned' && rows.some(({ row, outlook }) => isTroubled(outlook) && row.sides.has('own'))
}
