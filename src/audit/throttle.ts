import { setTimeout as sleep } from 'node:timers/promises'
import type { Throttled } from '../model/costs.js'
import { runTimeOver } from '../model/errors.js'
import type { WaitReason } from '../model/events.js'
import type { Gate } from './gate.js'

/** Servers are looked at no more often, whatever the number of lanes: soon enough for load, too seldom to add to it. */
const LOOK_MS = 500
/** What was begun when the run time was over may take so long to be finished. */
const GRACE_MS = 30_000

/** What a throttle goes by. */
export interface ThrottleOptions {
  /** What stands in the way now; `null` when nothing ever does. */
  readonly look: (() => Promise<readonly WaitReason[]>) | null
  /** Seconds from now on; `null` for no end. */
  readonly runTime: number | null
  /** Called when what is waited for changes; with nothing when the audit goes on. */
  readonly onWaiting: (reasons: readonly WaitReason[]) => void
  readonly signal: AbortSignal | undefined
  readonly now?: () => number
  readonly sleep?: (milliseconds: number) => Promise<void>
}

/** Closed while anything is over its limit, for all lanes alike, and for good when the run time is over. */
export class Throttle implements Gate {
  readonly #options: ThrottleOptions
  readonly #now: () => number
  readonly #sleep: (milliseconds: number) => Promise<void>
  readonly #deadline: number
  readonly #waited = new Map<string, number>()
  #waitedInAll = 0
  #calmUntil = Number.NEGATIVE_INFINITY
  /** The look, or the wait, that all lanes share. */
  #shared: Promise<void> | null = null
  #told = ''

  constructor(options: ThrottleOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    const { signal } = options
    this.#sleep = options.sleep ?? ((milliseconds) => sleep(milliseconds, undefined, signal ? { signal } : {}))
    this.#deadline = options.runTime === null ? Number.POSITIVE_INFINITY : this.#now() + options.runTime * 1000
  }

  get throttled(): Throttled {
    const reasons = [...this.#waited].map(([kind, milliseconds]) => [kind, seconds(milliseconds)] as const)
    return { seconds: seconds(this.#waitedInAll), reasons: Object.fromEntries(reasons) }
  }

  async pass(): Promise<void> {
    this.#endAfter(this.#deadline)
    await this.#calm()
    this.#endAfter(this.#deadline)
  }

  async ease(): Promise<void> {
    this.#endAfter(this.#deadline + GRACE_MS)
    await this.#calm()
  }

  /** What was seen before says nothing any more. */
  forget(): void {
    this.#calmUntil = Number.NEGATIVE_INFINITY
  }

  #endAfter(deadline: number): void {
    if (this.#now() >= deadline) throw runTimeOver()
  }

  async #calm(): Promise<void> {
    const { look } = this.#options
    if (look === null || this.#now() < this.#calmUntil) return
    this.#shared ??= this.#untilCalm(look).finally(() => {
      this.#shared = null
    })
    await this.#shared
  }

  async #untilCalm(look: () => Promise<readonly WaitReason[]>): Promise<void> {
    try {
      let reasons = await look()
      while (reasons.length > 0) {
        this.#tell(reasons)
        reasons = await this.#wait(reasons, look)
      }
      this.#calmUntil = this.#now() + LOOK_MS
    } finally {
      this.#tell([])
    }
  }

  /** Waits a little and looks again; the time is put down to the reasons that held before. */
  async #wait(
    reasons: readonly WaitReason[],
    look: () => Promise<readonly WaitReason[]>
  ): Promise<readonly WaitReason[]> {
    const begun = this.#now()
    try {
      // Who waits when the run time is over has nothing left to wait for.
      this.#endAfter(this.#deadline)
      await this.#sleep(Math.min(LOOK_MS, this.#deadline - begun))
      this.#endAfter(this.#deadline)
      return await look()
    } finally {
      this.#charge(reasons, this.#now() - begun)
    }
  }

  #charge(reasons: readonly WaitReason[], milliseconds: number): void {
    this.#waitedInAll += milliseconds
    for (const kind of new Set(reasons.map((reason) => reason.kind))) {
      this.#waited.set(kind, (this.#waited.get(kind) ?? 0) + milliseconds)
    }
  }

  #tell(reasons: readonly WaitReason[]): void {
    const telling = JSON.stringify(reasons.map(({ kind, master }) => [kind, master]))
    if (telling === (this.#told || '[]')) return
    this.#told = telling
    this.#options.onWaiting(reasons)
  }
}

/** To the millisecond. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000
}
