import type { Clock } from '../../src/masters/clock.js'

/** Time that passes only while somebody sleeps, or says so. */
export class FakeClock implements Clock {
  /** How long was slept each time, in milliseconds. */
  readonly waits: number[] = []
  #now = 0

  now(): number {
    return this.#now
  }

  async sleep(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds)
    this.#now += milliseconds
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }
}
