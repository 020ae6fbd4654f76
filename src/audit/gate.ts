import type { Throttled } from '../model/costs.js'

/** What an audit waits at before it asks the servers for more. */
export interface Gate {
  /**
   * Before work is begun: resolves when the servers may be asked.
   * @throws MmauditError `interrupted` when the run has to end.
   */
  pass(): Promise<void>
  /** Before work that was begun goes on: waits like `pass`, but when the run time is over, what was begun may be finished. */
  ease(): Promise<void>
  /** How long was waited so far. */
  readonly throttled: Throttled
}

/** Always open. */
export const OPEN: Gate = {
  pass: () => Promise.resolve(),
  ease: () => Promise.resolve(),
  throttled: { seconds: 0, reasons: {} }
}
