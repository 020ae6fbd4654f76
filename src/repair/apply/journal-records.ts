import { z } from 'zod'
import type { RowImage } from '../../model/repair.js'
import type { RowValues } from '../../model/value.js'
import type { ReservedId } from '../rekey/rekeying.js'

/** Raised when an older mmaudit would misread the journal. */
export const JOURNAL_VERSION = 1

const image = z.record(z.string(), z.string()).nullable()
const key = z.record(z.string(), z.union([z.string(), z.null(), z.object({ hex: z.string() })]))

const begun = z.object({
  journal: z.literal(JOURNAL_VERSION),
  run: z.string(),
  at: z.string(),
  masters: z.array(z.object({ name: z.string(), host: z.string(), port: z.number(), serverId: z.number() }))
})

const change = z.object({
  change: z.number(),
  transaction: z.number(),
  master: z.string(),
  database: z.string(),
  table: z.string(),
  key,
  why: z.string(),
  before: image,
  after: image,
  family: z.string().optional(),
  guards: z.array(z.string()).optional()
})

const reserved = z.object({
  reserved: z.string(),
  master: z.string(),
  keeper: z.string(),
  database: z.string(),
  table: z.string(),
  column: z.string(),
  from: z.string(),
  key: z.array(z.union([z.string(), z.null(), z.object({ hex: z.string() })]))
})

const prepared = z.object({ prepared: z.number(), at: z.string() })
const committed = z.object({ committed: z.number(), at: z.string() })
const abandoned = z.object({ abandoned: z.number(), at: z.string() })
const left = z.object({
  left: z.enum(['stale', 'refused', 'failed']),
  master: z.string(),
  database: z.string(),
  table: z.string(),
  key,
  reason: z.string()
})

const record = z.union([begun, change, reserved, prepared, committed, abandoned, left])

/**
 * One line of a journal:
 * `journal`: a run begins; `change`: one row on one master, before and after, as SQL literals by column; `prepared`: all
 * changes of a transaction stand in the journal, its COMMIT may follow; `committed` or `abandoned`: how it ended;
 * `left`: a row that was not changed, and why; `reserved`: an id for a row that is to get a new key.
 */
export type JournalRecord = z.infer<typeof record>

/** A row that was changed on a master, or was about to be. */
export interface JournalChange {
  readonly change: number
  readonly transaction: number
  readonly master: string
  readonly database: string
  readonly table: string
  readonly key: RowValues
  readonly why: string
  readonly before: RowImage | null
  readonly after: RowImage | null
  /** As in `RowChange`. */
  readonly family?: string | undefined
  readonly guards?: readonly string[] | undefined
}

/** What a journal says, brought together. */
export interface JournalContents {
  readonly masters: readonly { readonly name: string; readonly serverId: number }[]
  /** Changes that stand on their masters, in the order in which they were made. */
  readonly committed: readonly JournalChange[]
  /** Transactions of which the journal does not know whether they were committed: the run was killed there. */
  readonly unresolved: ReadonlyMap<number, readonly JournalChange[]>
  /** Ids that were reserved for rows, whatever became of them. */
  readonly reserved: readonly ReservedId[]
  readonly lastTransaction: number
  readonly lastChange: number
}

/** How every journal begins. */
const BEGINNING = `{"journal":${JOURNAL_VERSION},"run":"`

/** @throws Error for what is no journal; a last line without its end was never finished, and is left out. */
export function parseJournal(text: string): JournalContents {
  if (!text.startsWith(BEGINNING) && !BEGINNING.startsWith(text)) throw new Error('it does not begin as a journal does')
  const lines = text.split('\n')
  lines.pop()
  return gather(lines.map(parseLine))
}

function parseLine(line: string, index: number): JournalRecord {
  try {
    return record.parse(JSON.parse(line))
  } catch (cause) {
    throw new Error(`line ${index + 1} is no journal record`, { cause })
  }
}

function gather(records: readonly JournalRecord[]): JournalContents {
  const masters = records.flatMap((each) => ('journal' in each ? each.masters : []))
  const changes = records.filter((each) => 'change' in each)
  const numbers = (field: 'prepared' | 'committed' | 'abandoned') =>
    new Set(records.flatMap((each) => (field in each ? [(each as Record<string, unknown>)[field] as number] : [])))
  const [prepared, committed, abandoned] = [numbers('prepared'), numbers('committed'), numbers('abandoned')]
  const open = [...prepared].filter((number) => !committed.has(number) && !abandoned.has(number))
  return {
    masters: [...new Map(masters.map((master) => [master.name, master])).values()],
    committed: changes.filter((each) => committed.has(each.transaction)),
    unresolved: new Map(open.map((number) => [number, changes.filter((each) => each.transaction === number)] as const)),
    reserved: records.flatMap((each) => ('reserved' in each ? reservedId(each) : [])),
    lastTransaction: changes.reduce((last, each) => Math.max(last, each.transaction), 0),
    lastChange: changes.reduce((last, each) => Math.max(last, each.change), 0)
  }
}

function reservedId({ reserved: id, ...each }: z.infer<typeof reserved>): ReservedId {
  return { id, ...each }
}
