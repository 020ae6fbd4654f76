/** What a run asked of one master. */
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

/** What two parts of a run cost together. The masters keep the order of `left`. */
export function addCosts(left: Costs, right: Costs): Costs {
  return {
    masters: joined(left.masters, right.masters, (one, other) => ({
      queries: one.queries + other.queries,
      rows: one.rows + other.rows,
      bytes: one.bytes + other.bytes
    })),
    throttled: {
      seconds: left.throttled.seconds + right.throttled.seconds,
      reasons: joined(left.throttled.reasons, right.throttled.reasons, (one, other) => one + other)
    }
  }
}

function joined<Value>(
  left: Readonly<Record<string, Value>>,
  right: Readonly<Record<string, Value>>,
  add: (one: Value, other: Value) => Value
): Readonly<Record<string, Value>> {
  const all = new Map(Object.entries(left))
  for (const [name, value] of Object.entries(right)) {
    const before = all.get(name)
    all.set(name, before === undefined ? value : add(before, value))
  }
  return Object.fromEntries(all)
}
