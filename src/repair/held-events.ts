import type { AuditEvent } from '../model/events.js'

type Held = Extract<AuditEvent, { type: 'divergences' | 'table-finished' | 'repaired' }>

/** Keeps what an audit finds until it has ended. More divergent rows than may be changed are not kept, but passed on. */
export class HeldEvents {
  readonly #most: number
  #events: Held[] = []
  #wrong = 0
  #overflow: string | null = null

  constructor(most: number) {
    this.#most = most
  }

  /** Divergent rows so far. */
  get wrong(): number {
    return this.#wrong
  }

  /** Why nothing is kept any more; `null` while everything is. */
  get overflow(): string | null {
    return this.#overflow
  }

  /** What is kept. */
  get events(): readonly Held[] {
    return this.#events
  }

  /** Keeps an event, and returns those that are to be passed on. */
  take(event: Held): readonly AuditEvent[] {
    if (event.type === 'divergences') this.#wrong += event.found.length
    this.#events.push(event)
    if (this.#wrong > this.#most) this.#overflow = `there are more divergent rows than --max-rows ${this.#most}`
    if (this.#overflow === null) return []
    const reason = this.#overflow
    return this.rest().map((each) => refused(each, reason))
  }

  /** Gives back everything that is kept. */
  rest(): readonly Held[] {
    const events = this.#events
    this.#events = []
    return events
  }
}

function refused(event: Held, reason: string): AuditEvent {
  if (event.type !== 'divergences') return event
  const decision = { policy: 'manual', winner: null, action: 'none', status: 'refused', rule: null, reason } as const
  return { ...event, found: event.found.map((each) => ({ ...each, divergence: { ...each.divergence, decision } })) }
}
