import { CatchUp, type CaughtUp, isPending } from '../masters/catch-up.js'
import { type Clock, systemClock } from '../masters/clock.js'
import { allSame, type Digest, sameRows } from '../model/chunk.js'
import type { Key } from '../model/range.js'
import { refuseAltered } from './altered.js'
import { agreed, type Compared, joined } from './compared.js'
import { asSuspect, type Confirmed, type ConfirmedRow } from './confirm.js'
import type { TableContext } from './context.js'
import { gatedClock } from './gated-clock.js'
import { keepRows, takeDiffering } from './kept-rows.js'
import { onEveryMaster } from './on-every-master.js'
import { giveBack, type RowStore } from './row-store.js'
import type { Part } from './sections.js'
import { Suspects } from './suspects.js'

/** Rows of a part that are kept while it is compared, of each master: some MB for all lanes together. */
const KEPT_BYTES = 4 * 1024 * 1024
/** Ranges in one statement: a server tries them one after the other for each row. */
const MOST_TOGETHER = 32

/** What one reading of a part found on all masters. */
type Read = Pick<Compared, 'differing' | 'digests'>

/** Compares parts of one table row by row. */
export class RowComparer {
  readonly #context: TableContext
  readonly #clock: Clock
  readonly #catchUp: CatchUp
  readonly #suspects: Suspects
  /** The latest wait that left nothing on its way, as long as nothing was written since it began. */
  #lastWait: CaughtUp | null = null
  /** Whether nothing had been written on any master when that was last looked at. */
  #standStill = true

  constructor(context: TableContext) {
    this.#context = context
    this.#clock = gatedClock(context.gate, systemClock(context.signal))
    this.#catchUp = new CatchUp(context.masters, this.#clock)
    this.#suspects = new Suspects(context, this.#clock, this.#catchUp)
  }

  /** Names the rows that differ for good in parts that lie behind each other. Those that agree are passed on as they are. */
  async compare(parts: readonly Part[]): Promise<Compared> {
    if (parts.every((part) => allSame(part.digests))) return joined(parts.map(agreed), parts)
    const wait = this.#context.config.confirm ? await this.#caughtUp() : null
    const compared = (await this.#proveTogether(parts, wait)) ?? (await this.#compareEach(parts, wait))
    if (compared.differing.length > 0) await refuseAltered(this.#context)
    return compared
  }

  /**
   * Reads several parts by one statement on each master, which is a round trip instead of one for each; `null` where that does not
   * prove at once what differs.
   */
  async #proveTogether(parts: readonly Part[], wait: CaughtUp | null): Promise<Compared | null> {
    const differing = parts.filter(({ digests }) => !allSame(digests))
    const isHopeless = !this.#standStill || wait?.obstacles.some(isPending)
    if (isHopeless || !this.#canBeReadTogether(differing)) return null
    const { digests, rows } = await this.#keep(differing)
    const asBefore = differing.every((part, at) =>
      part.digests.every((before, master) => isSame(digests[master]?.[at], before))
    )
    if (!asBefore || !(await this.#isSettled(wait))) {
      giveBack(rows)
      return null
    }
    const found = takeDiffering(rows, this.#context.hashing)
    return { ...joined(parts.map(agreed), parts), ...proved(found, wait) }
  }

  async #compareEach(parts: readonly Part[], wait: CaughtUp | null): Promise<Compared> {
    const read: (Read | null)[] = []
    for (const part of parts) read.push(this.#canBeKept(part) ? await this.#readOnceMore(part) : null)
    const isSettled = await this.#isSettled(wait)
    const results: Compared[] = []
    for (const [at, part] of parts.entries())
      results.push(await this.#conclude(part, read[at] ?? null, wait, isSettled))
    return joined(results, parts)
  }

  /** Whether nothing was on its way when a wait ended, and nothing was written since it began. */
  async #isSettled(wait: CaughtUp | null): Promise<boolean> {
    if (wait === null) return true
    this.#standStill = await this.#catchUp.stoodStill(wait.marks)
    if (!this.#standStill) this.#lastWait = null
    return this.#standStill && !wait.obstacles.some(isPending)
  }

  /**
   * Waits until every master has applied what the others have; or takes it that an earlier wait still holds, which is known
   * once the rows are read.
   */
  async #caughtUp(): Promise<CaughtUp> {
    const last = this.#lastWait
    if (last !== null) return last
    const wait = await this.#catchUp.upTo(this.#clock.now() + this.#context.config.confirmTimeout * 1000)
    this.#lastWait = wait.obstacles.some(isPending) ? null : wait
    return wait
  }

  /**
   * One more reading of a part is enough where nothing was on its way after the masters caught up, nothing was written on
   * any of them since that wait began, and each holds what it held before: see `verdict.ts`.
   *
   * @param wait what waiting for the masters came to, before that reading; `null` where nothing is confirmed.
   */
  async #conclude(part: Part, read: Read | null, wait: CaughtUp | null, isSettled: boolean): Promise<Compared> {
    if (allSame(part.digests)) return agreed(part)
    if (read === null) return this.#suspects.follow(part, await this.#suspects.find(part))
    const { differing, digests } = read
    const asBefore = digests.every((digest, at) => isSame(digest, part.digests[at]))
    // Suspects and counts are of one reading.
    if (wait !== null && !(isSettled && asBefore))
      return this.#suspects.follow({ ...part, digests }, differing.map(asSuspect))
    return { ...proved(differing, wait), digests }
  }

  /** Keys of several columns and members of an ENUM make conditions that a server may not look up in an index. */
  #canBeReadTogether(parts: readonly Part[]): boolean {
    const { keyColumns } = this.#context.table
    const isSimple = keyColumns.length === 1 && keyColumns.every(({ dataType }) => dataType !== 'enum')
    const bytes = this.#context.masters.map((_, at) =>
      parts.reduce((sum, part) => sum + (part.digests[at]?.bytes ?? 0), 0)
    )
    return (
      isSimple &&
      parts.length > 1 &&
      parts.length <= MOST_TOGETHER &&
      parts.every((part) => this.#canBeKept(part)) &&
      bytes.every((sum) => sum <= KEPT_BYTES)
    )
  }

  #canBeKept({ digests }: Part): boolean {
    // Keys of different bytes may be one key: only the server can tell which rows belong together.
    return !this.#context.table.looseKey && !allSame(digests) && digests.every(({ bytes }) => bytes <= KEPT_BYTES)
  }

  async #readOnceMore(part: Part): Promise<Read> {
    const { digests, rows } = await this.#keep([part])
    return { differing: takeDiffering(rows, this.#context.hashing), digests: digests.flat() }
  }

  /** The rows of parts on each master, and their digests: by master, then in the order of the parts. */
  async #keep(parts: readonly Part[]): Promise<{ digests: readonly (readonly Digest[])[]; rows: readonly RowStore[] }> {
    const { masters, table, gate } = this.#context
    await gate.ease()
    const seenBy = new Map(
      masters.map((master, at) => [
        master,
        parts.map(({ range, digests }) => ({ range, rows: digests[at]?.rows ?? 0 }))
      ])
    )
    const kept = await onEveryMaster(masters, 'reading differing rows', (master) =>
      master.withSession((session) => keepRows(session, table, seenBy.get(master) ?? []))
    )
    return { digests: kept.map(({ digests }) => digests), rows: kept.map(({ rows }) => rows) }
  }

  /** Reads the rows of one batch of keys, and names those that differ for good. Nothing is known of them before. */
  async compareKeys(keys: readonly Key[]): Promise<Confirmed> {
    const compared = await this.#suspects.compare(keys)
    if (compared.differing.length > 0) await refuseAltered(this.#context)
    return compared
  }
}

function proved(differing: readonly ConfirmedRow[], wait: CaughtUp | null): Omit<Compared, 'digests'> {
  return { differing, unsettled: 0, obstacles: differing.length > 0 ? (wait?.obstacles ?? []) : [] }
}

function isSame(digest: Digest | undefined, before: Digest | undefined): boolean {
  return digest !== undefined && before !== undefined && sameRows(digest, before)
}
