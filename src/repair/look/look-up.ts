import type { Session } from '../../masters/session.js'

/** What a lookup found. */
export interface Finding {
  readonly which: number
  readonly rowText: string
}

/** Lookups in one statement: few enough for every parser, many enough that the way to the server does not count. */
const MOST_LOOKUPS = 100
/** Characters of one statement, far below the smallest packet that servers take by default. */
const MOST_CHARACTERS = 500_000

/**
 * Runs lookups, each a SELECT in parentheses that gives at most one row with its own number as `lookup`.
 * @param selectOf makes the text of one; `count` of them are made, by number.
 */
export async function lookUp(
  session: Session,
  count: number,
  selectOf: (lookup: number) => string
): Promise<ReadonlyMap<number, Finding>> {
  const found = new Map<number, Finding>()
  for (const batch of batches(count, selectOf)) {
    for (const row of await session.query(batch.join(' UNION ALL '))) {
      found.set(Number(row.lookup), { which: Number(row.which), rowText: row.row_text ?? '' })
    }
  }
  return found
}

function* batches(count: number, selectOf: (lookup: number) => string): Generator<readonly string[]> {
  let batch: string[] = []
  let size = 0
  for (let lookup = 0; lookup < count; lookup++) {
    const select = selectOf(lookup)
    if (batch.length > 0 && (batch.length >= MOST_LOOKUPS || size + select.length > MOST_CHARACTERS)) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(select)
    size += select.length
  }
  if (batch.length > 0) yield batch
}
