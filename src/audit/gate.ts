/** What an audit waits at before it asks the servers for more. */
export interface Gate {
  /** Resolves when the servers may be asked. @throws MmauditError `interrupted` when the run has to end. */
  pass(): Promise<void>
}

/** Always open. */
export const OPEN: Gate = { pass: () => Promise.resolve() }
