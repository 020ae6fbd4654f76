import { setTimeout as sleep } from 'node:timers/promises'

/** The time by which waits are measured. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** @throws an `AbortError` when it was ended early. */
  sleep(milliseconds: number): Promise<void>
}

/** The time of this machine. @param signal ends sleeping early. */
export function systemClock(signal: AbortSignal | undefined): Clock {
  return {
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  }
}
