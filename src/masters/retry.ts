import { MmauditError, messageOf } from '../model/errors.js'
import type { Clock } from './clock.js'

/** The first wait is short, for a lock or a killed statement is over at once; the longest still notices soon that a server is back. */
const FIRST_DELAY_MS = 200
const LONGEST_DELAY_MS = 3_000

/** Covers the restart of a server in good health; one that takes longer had better be audited another time. */
export const PATIENCE_MS = 12_000

/** Trouble that did not pass, though it was tried again. `cause` is the last error. */
export class GaveUp extends MmauditError {
  readonly #who: string
  readonly #effort: string

  /** @param who had the trouble: `master b`. An error for people says so itself. */
  constructor(who: string, cause: unknown, attempts: number, milliseconds: number) {
    const effort = attempts === 1 ? '' : `tried ${attempts} times in ${Math.ceil(milliseconds / 1000)} s`
    const hint = cause instanceof MmauditError ? cause.hint : null
    super('incomplete', told(who, null, cause, effort), { ...(hint === null ? {} : { hint }), cause })
    this.#who = who
    this.#effort = effort
  }

  /** The message, and what was being done. */
  during(doing: string): string {
    return told(this.#who, doing, this.cause, this.#effort)
  }
}

function told(who: string, doing: string | null, cause: unknown, effort: string): string {
  if (cause instanceof MmauditError) {
    return effort === '' ? cause.message : `${cause.message} (${doing === null ? '' : `${doing}, `}${effort})`
  }
  return `${who}: ${doing === null ? '' : `${doing}: `}${messageOf(cause)}${effort === '' ? '' : ` (${effort})`}`
}

/** How trouble is met. */
export interface Patience {
  /** Whose trouble it is, for the error. */
  readonly who: string
  readonly mayPass: (error: unknown) => boolean
  /** Milliseconds after the first failure within which another attempt may begin; with 0 there is only one. */
  readonly milliseconds: number
  readonly clock: Clock
  /** A number from 0 to 1, another one each time. */
  readonly chance?: () => number
}

/**
 * Does something until it succeeds, or fails in a way that will not pass, or until patience is over. An attempt that is
 * under way then is awaited.
 *
 * @param attempt begins from nothing each time: nothing of an attempt that failed may be left over.
 * @throws GaveUp for trouble that might have passed; anything else as it is.
 */
export async function retrying<Result>(
  attempt: () => Promise<Result>,
  { who, mayPass, milliseconds, clock, chance = Math.random }: Patience
): Promise<Result> {
  const began = clock.now()
  let end = Number.POSITIVE_INFINITY
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (!mayPass(error)) throw error
      const now = clock.now()
      end = Math.min(end, now + milliseconds)
      const delay = backOff(failures, chance())
      if (now + delay > end) throw new GaveUp(who, error, failures, now - began)
      await clock.sleep(delay)
    }
  }
}

/**
 * Milliseconds to wait after so many failures in a row: doubled each time. A part is left to chance, so that the lanes of an
 * audit do not all come back at the same moment.
 */
export function backOff(failures: number, chance: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
  return full * (0.75 + chance / 4)
}
