import { closeAll, connectMasters } from '../audit/connect-masters.js'
import type { AuditConfig } from '../model/config.js'
import type { Costs, ServerCost } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import { messageOf } from '../model/errors.js'
import { type AuditEvent, rowsFoundIn } from '../model/events.js'
import { tableName } from '../model/table.js'
import { type Gathered, gatherEvidence } from './gather.js'
import { JudgedTables } from './judged-tables.js'

/** Ways to watch and to end it. */
export interface EvidenceHooks {
  readonly signal?: AbortSignal
  /** Called once with each thing that could not be looked at. */
  readonly onNote?: (note: string) => void
}

/** Rows whose past is looked for in one reading of the binlogs; as many are held back until then. */
const BATCH_ROWS = 10_000
/** Rows may be of megabytes: then fewer are held. */
const BATCH_CHARACTERS = 64_000_000

/**
 * Looks in the binlogs of all masters for what made the rows of an audit differ, and passes its events on with that.
 * Divergences and results are held back until the binlogs were read. Where the evidence is required, a table of which
 * something could not be looked at counts as failed; else that is told, and no more.
 */
export async function* withEvidence(
  source: AsyncIterable<AuditEvent>,
  config: AuditConfig,
  hooks: EvidenceHooks
): AsyncGenerator<AuditEvent, void> {
  const batches = new Batches(config, hooks)
  try {
    for await (const event of source) {
      switch (event.type) {
        case 'divergences':
        case 'table-finished':
          batches.hold(event)
          if (batches.isDue) yield* await batches.release()
          break
        case 'finished':
          yield* await batches.release()
          yield batches.finished(event)
          break
        case 'broken-off':
          yield* batches.asTheyAre()
          yield event
          break
        default:
          yield event
      }
    }
  } catch (error) {
    // What was found before is worth having, though nobody looked for what made it.
    yield* batches.asTheyAre()
    throw error
  }
}

type Held = Extract<AuditEvent, { type: 'divergences' | 'table-finished' }>
type Finished = Extract<AuditEvent, { type: 'finished' }>

/** Events that wait for the binlogs to be read. */
class Batches {
  readonly #config: AuditConfig
  readonly #hooks: EvidenceHooks
  readonly #tables: JudgedTables
  readonly #noted = new Set<string>()
  readonly #costs = new Map<string, ServerCost>()
  #held: Held[] = []
  #rows = 0
  #characters = 0

  constructor(config: AuditConfig, hooks: EvidenceHooks) {
    this.#config = config
    this.#hooks = hooks
    this.#tables = new JudgedTables(config.evidence === 'require')
  }

  /** Whether there is nothing to wait for, or no room to wait any longer. */
  get isDue(): boolean {
    return this.#rows === 0 || this.#rows >= BATCH_ROWS || this.#characters >= BATCH_CHARACTERS
  }

  hold(event: Held): void {
    this.#held.push(event)
    if (event.type !== 'divergences') return
    this.#rows += event.found.length
    for (const { divergence } of event.found) this.#characters += charactersIn(divergence)
  }

  /** What is held, without evidence. */
  asTheyAre(): readonly Held[] {
    const held = this.#held
    this.#held = []
    this.#rows = 0
    this.#characters = 0
    return held
  }

  /** What is held, with what the binlogs tell of it. */
  async release(): Promise<readonly AuditEvent[]> {
    const divergences = this.#held.flatMap((event) => rowsFoundIn(event).map(({ divergence }) => divergence))
    const gathered = divergences.length === 0 ? NOTHING : await this.#gather(divergences)
    for (const note of gathered.notes) this.#note(note)
    for (const [table, gaps] of gathered.gaps) {
      for (const gap of gaps) this.#tables.addGap(table, gap)
      for (const gap of gaps) this.#note(gap)
    }
    const conclusions = gathered.conclusions.values()
    return this.asTheyAre().map((event): AuditEvent => {
      if (event.type === 'table-finished') return { ...event, result: this.#tables.result(event.result) }
      const found = event.found.map((row) => {
        const { value: conclusion } = conclusions.next()
        return conclusion === undefined
          ? row
          : { ...row, divergence: this.#tables.divergence(row.divergence, conclusion) }
      })
      return { type: 'divergences', found }
    })
  }

  /** The end of the audit, with its counts and costs as they are now. */
  finished(event: Finished): AuditEvent {
    const summary = this.#tables.summary(event.summary)
    return { ...event, summary, ...(event.costs === undefined ? {} : { costs: this.#allCosts(event.costs) }) }
  }

  async #gather(divergences: readonly Divergence[]): Promise<Gathered> {
    try {
      return await this.#connected(divergences)
    } catch (error) {
      this.#hooks.signal?.throwIfAborted()
      return notGathered(divergences, `the binlogs could not be looked at: ${messageOf(error)}`)
    }
  }

  async #connected(divergences: readonly Divergence[]): Promise<Gathered> {
    const masters = await connectMasters(this.#config)
    const end = () => void closeAll(masters)
    this.#hooks.signal?.addEventListener('abort', end, { once: true })
    try {
      this.#hooks.signal?.throwIfAborted()
      return await gatherEvidence(masters, this.#config, divergences)
    } finally {
      this.#hooks.signal?.removeEventListener('abort', end)
      for (const { name, cost } of masters) this.#costs.set(name, sum(this.#costs.get(name), cost))
      await closeAll(masters)
    }
  }

  #note(text: string): void {
    if (this.#noted.has(text)) return
    this.#noted.add(text)
    this.#hooks.onNote?.(`evidence: ${text}`)
  }

  #allCosts(costs: Costs): Costs {
    const masters = Object.entries(costs.masters).map(([name, cost]) => [name, sum(this.#costs.get(name), cost)])
    return { ...costs, masters: Object.fromEntries(masters) }
  }
}

function charactersIn({ rows }: Divergence): number {
  const values = Object.values(rows).flatMap((row) => (row === null ? [] : Object.values(row)))
  return values.reduce((sum, value) => sum + (typeof value === 'string' ? value.length : (value?.hex.length ?? 0)), 0)
}

const NOTHING: Gathered = { conclusions: [], gaps: new Map(), notes: [] }

/** Nothing is known of these rows, and why. */
function notGathered(divergences: readonly Divergence[], why: string): Gathered {
  return {
    conclusions: divergences.map((divergence) => ({
      class: divergence.class,
      evidence: { verdict: 'unknown', because: why, events: [], base: null }
    })),
    gaps: new Map(divergences.map((divergence) => [tableName(divergence), [why]])),
    notes: []
  }
}

function sum(left: ServerCost | undefined, right: ServerCost): ServerCost {
  return {
    queries: (left?.queries ?? 0) + right.queries,
    rows: (left?.rows ?? 0) + right.rows,
    bytes: (left?.bytes ?? 0) + right.bytes
  }
}
