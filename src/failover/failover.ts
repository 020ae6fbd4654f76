import { recheck } from '../audit/recheck.js'
import type { AuditHooks } from '../audit/run.js'
import { withEvidence } from '../evidence/with-evidence.js'
import type { AuditConfig } from '../model/config.js'
import type { Divergence } from '../model/divergence.js'
import { type AuditEvent, type Found, foundEvents } from '../model/events.js'
import { summarise } from '../model/summary.js'
import { reportOf } from '../repair/apply/verify.js'
import { askedOf } from './asked.js'
import { isTroubled } from './judge.js'
import { type FailoverLook, type FailoverRequest, lookAtFailover } from './look.js'
import type { ForeseenRow } from './prospects.js'
import { wholeTables } from './table-views.js'
import { counted } from './words.js'

/** Seconds by which clocks may be apart. */
const CLOCK_SLACK = 60

/** The configuration with which the rows of a failover are audited: those masters that were asked, and no conditions. */
export function failoverAudit({ kind, master, audit }: FailoverRequest, { since }: FailoverLook): AuditConfig {
  const asked = wholeTables(askedOf(kind, master, audit))
  const seconds = since === null ? asked.evidenceWindow : (Date.now() - Date.parse(since)) / 1000 + CLOCK_SLACK
  // What lies before the transactions has nothing to do with them.
  return {
    ...asked,
    evidenceWindow: Math.ceil(Math.min(asked.evidenceWindow, Math.max(seconds, CLOCK_SLACK))),
    maxDivergences: null
  }
}

/**
 * Audits the rows that others than the returned master, or that survivors, lack changes of, and all rows that will not come
 * right by themselves. The reason of each says what will become of it.
 */
export async function* auditFailover(
  look: FailoverLook,
  config: AuditConfig,
  hooks: AuditHooks
): AsyncGenerator<AuditEvent, void> {
  const rows = new Map(look.rows.filter((each) => isNamed(each)).map((each) => [nameOf(reported(each)), each]))
  const named = reportOf(
    aboutOf(look),
    [...rows.values()].map(reported),
    look.masters.map((info) => ({ info }))
  )
  if (look.masters.length < 2) {
    yield* alone(look)
    return
  }
  const found = recheck(config, named, hooks)
  for await (const event of config.evidence === 'off' ? found : withEvidence(found, config, hooks)) {
    if (event.type !== 'divergences') yield event
    else {
      const foreseen = event.found.map((each) => {
        const row = rows.get(nameOf(each.reported ?? each.divergence))
        return { ...each, divergence: withOutlook(each.divergence, row, look) }
      })
      yield { type: 'divergences', found: foreseen }
    }
  }
}

/** Parts the rows that will arrive by themselves from those that a repair has to do with. */
export async function* withoutArriving(
  source: AsyncIterable<AuditEvent>,
  look: FailoverLook,
  arriving: Divergence[]
): AsyncGenerator<AuditEvent, void> {
  const wanted = new Set(toReconcile(look).map((each) => nameOf(reported(each))))
  for await (const event of source) {
    if (event.type !== 'divergences') {
      yield event
      continue
    }
    const isWanted = ({ divergence, reported: before }: Found) => wanted.has(nameOf(before ?? divergence))
    arriving.push(...event.found.filter((each) => !isWanted(each)).map(({ divergence }) => divergence))
    // No report tells what the row was: it is repaired as it was just seen.
    yield* foundEvents(event.found.filter(isWanted).map(({ divergence }) => divergence))
  }
}

/** Tells of the failover at the end of what was found; after a repair as it is then. */
export async function* withVerdict(
  source: AsyncIterable<AuditEvent>,
  look: FailoverLook,
  request: FailoverRequest,
  arriving: readonly Divergence[],
  signal?: AbortSignal
): AsyncGenerator<AuditEvent, void> {
  let written = false
  for await (const event of source) {
    if (event.type === 'repaired') {
      written = event.repair.rows.applied > 0
      yield* foundEvents(arriving)
    }
    if (event.type === 'finished') {
      const { report } = written ? await lookAtFailover(request, signal) : look
      yield { type: 'failover', failover: report }
    }
    yield event
  }
}

/** Rows of transactions that have to be stepped over as a whole, because some of their rows will not come right. */
function toReconcile(look: FailoverLook): readonly ForeseenRow[] {
  const { rows } = look
  const steps = rows.some((each) => isTroubled(each.outlook) && each.row.sides.has('own'))
  return rows.filter((each) => isTroubled(each.outlook) || (steps && each.row.sides.has('own')))
}

function isNamed(row: ForeseenRow): boolean {
  return isTroubled(row.outlook) || row.row.sides.has('own')
}

function aboutOf({ report }: FailoverLook): string {
  const transactions = report.lacked.reduce((sum, { count }) => sum + count, 0)
  const what = report.kind === 'lost' ? 'written on' : 'to and from'
  return `the log of ${counted(transactions, 'transaction')} ${what} ${report.master}`
}

/** Of a row that is only looked for, nothing but its key is known. */
function reported({ row }: ForeseenRow): Divergence {
  const key = Object.fromEntries(row.table.keyColumns.map(({ name }, at) => [name, row.key[at] ?? null]))
  const unknown = { class: 'conflict', reason: '', columns: [], rows: {}, decision: null, evidence: null } as const
  return { database: row.table.ref.database, table: row.table.ref.table, key, ...unknown }
}

function nameOf({ database, table, key }: Divergence): string {
  return JSON.stringify([database, table, Object.values(key)])
}

/** Whether what a lost master wrote will ever arrive, nobody knows. */
function withOutlook(divergence: Divergence, row: ForeseenRow | undefined, { report }: FailoverLook): Divergence {
  if (row === undefined || row.because === '' || report.kind === 'lost') return divergence
  const reason = [divergence.reason, row.because].filter((part) => part !== '').join('; ')
  return { ...divergence, reason }
}

/** A single survivor has nobody to disagree with. */
async function* alone(look: FailoverLook): AsyncGenerator<AuditEvent, void> {
  const rechecked = { report: aboutOf(look), rows: 0 }
  const header = {
    startedAt: new Date(),
    checksum: 'xxhash',
    masters: look.masters,
    tables: 0,
    notes: [],
    rechecked
  } as const
  yield { type: 'started', header }
  yield { type: 'finished', finishedAt: new Date(), summary: summarise([]) }
}
