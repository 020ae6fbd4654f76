/** What an audit asked of one master. */
export interface ServerCost {
  /** Statements, each counted once. */
  readonly queries: number
  /** Rows of tables that the server sent, and the few that tell of bounds. */
  readonly rows: number
  /** Bytes of answers that the server sent. */
  readonly bytes: number
}

/** How long an audit held back because a server was busy, a master lagged, or the user asked for it. */
export interface Throttled {
  readonly seconds: number
  /** Seconds by reason: the name of a status variable, `lag` or `pause-file`. Where several held at once, each has the time. */
  readonly reasons: Readonly<Record<string, number>>
}

/** What a run cost. */
export interface Costs {
  /** By master, in the order they were named. */
  readonly masters: Readonly<Record<string, ServerCost>>
  readonly throttled: Throttled
}
