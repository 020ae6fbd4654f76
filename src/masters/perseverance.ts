import { MmauditError } from '../model/errors.js'
import type { Clock } from './clock.js'
import { GaveUp, PATIENCE_MS, retrying } from './retry.js'
import { isPassing } from './server-errors.js'

/** What made further attempts seem vain, and until when there is none at all. */
interface Weariness {
  readonly cause: unknown
  /** As of the clock. */
  readonly until: number
}

/**
 * Tries things on one server again as long as it is worth it. Once trouble did not pass, one attempt at a time has to do, until
 * one succeeds: an audit has many tables, and a server that is gone must not cost the whole patience in each.
 */
export class Perseverance {
  readonly #who: string
  readonly #clock: Clock
  #weariness: Weariness | null = null

  /** @param who it is, for errors: `master b`. */
  constructor(who: string, clock: Clock) {
    this.#who = who
    this.#clock = clock
  }

  /**
   * @param attempt begins from nothing each time; see `retrying`.
   * @throws GaveUp for trouble that might have passed; anything else as it is.
   */
  async trying<Result>(attempt: () => Promise<Result>): Promise<Result> {
    this.#refuseVain()
    let began = 0
    const timed = () => {
      began = this.#clock.now()
      return attempt()
    }
    try {
      const result = await retrying(timed, { ...this.#patience(), mayPass: isPassing })
      this.#weariness = null
      return result
    } catch (error) {
      if (error instanceof GaveUp) this.#weariness = wearinessOf(error, began, this.#clock.now())
      throw error
    }
  }

  #refuseVain(): void {
    if (this.#weariness === null || this.#clock.now() >= this.#weariness.until) return
    throw new GaveUp(this.#who, this.#weariness.cause, 1, 0)
  }

  #patience() {
    return { who: this.#who, clock: this.#clock, milliseconds: this.#weariness === null ? PATIENCE_MS : 0 }
  }
}

/**
 * A server that nobody can log in to is left alone for as long as it took to find that out: a dead host takes the whole time
 * that a login may take.
 */
function wearinessOf({ cause }: GaveUp, began: number, now: number): Weariness {
  const isLogin = cause instanceof MmauditError
  return { cause, until: isLogin ? now + (now - began) : now }
}
