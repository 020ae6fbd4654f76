import type { RowValues } from '../../model/value.js'
import { type Member, placeId } from './family.js'
import type { Located } from './located.js'
import type { Relative } from './relatives.js'

/**
 * Rows that are missing on some master and hold the same as one that is to move, but for their keys: as a run leaves them
 * that was cut short, when it is not gone on with by its journal. Moving the row once more would double it.
 */
export class Twins {
  readonly #missing = new Map<string, Located>()

  constructor(located: Iterable<Located>) {
    for (const each of located) {
      const { divergence } = each.ruled
      const row = Object.values(divergence.rows).find((values) => values !== null)
      if (divergence.class !== 'missing' || row == null) continue
      const content = contentOf(each.seed.table, row, Object.keys(divergence.key))
      if (content !== null) this.#missing.set(content, each)
    }
  }

  /** The place of the row that holds the same; `null` when there is none. */
  of(mover: Member, { held }: Relative, key: readonly string[]): Located['seed'] | null {
    const [master = ''] = mover.rows.keys()
    const values = held.get(master)?.values
    const content = values === undefined ? null : contentOf(mover.table, values, key)
    const twin = content === null ? undefined : this.#missing.get(content)
    return twin === undefined || placeId(twin.seed) === placeId(mover) ? null : twin.seed
  }
}

/** `null` for rows that are nothing but their key. */
function contentOf(table: string, row: RowValues, key: readonly string[]): string | null {
  const content = Object.entries(row).filter(([name]) => !key.includes(name))
  return content.length === 0 ? null : JSON.stringify([table, content])
}
