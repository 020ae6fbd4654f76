import type { CatchUp } from '../masters/catch-up.js'
import type { Clock } from '../masters/clock.js'
import { allSame, type Digest } from '../model/chunk.js'
import { MmauditError } from '../model/errors.js'
import type { Key } from '../model/range.js'
import type { Compared } from './compared.js'
import { asSuspect, type Confirmation, type Confirmed, type ConfirmedRow, confirm, readOnce } from './confirm.js'
import type { TableContext } from './context.js'
import { digestAll } from './digest.js'
import { fetchRows } from './fetch.js'
import { onEveryMaster } from './on-every-master.js'
import { differences, type Suspect, scanRange } from './scan.js'
import type { Part } from './sections.js'

/** Rows read again by key in one statement: short enough for any `max_allowed_packet` with wide keys. */
export const BATCH_ROWS = 250
/** Readings of a part that was in flight, to find it equal once so that its counts are told alike. */
const RECOUNTS = 3

/** Rows that seem to differ: found by reading a range, and read again by their keys. */
export class Suspects {
  readonly #context: TableContext
  readonly #clock: Clock
  readonly #catchUp: CatchUp

  constructor(context: TableContext, clock: Clock, catchUp: CatchUp) {
    this.#context = context
    this.#clock = clock
    this.#catchUp = catchUp
  }

  /** Reads suspects again by their keys until they agree or stand still. */
  async follow(part: Part, suspects: readonly Suspect[]): Promise<Compared> {
    const batches: Confirmed[] = []
    for (let at = 0; at < suspects.length; at += BATCH_ROWS) {
      batches.push(await this.#settle(suspects.slice(at, at + BATCH_ROWS)))
    }
    await this.#proveGone(part, suspects, batches)
    const differing = withoutRepeats(batches.flatMap((batch) => batch.differing))
    const unsettled = batches.reduce((sum, batch) => sum + batch.unsettled.length, 0)
    return {
      differing,
      unsettled,
      obstacles: batches.flatMap((batch) => batch.obstacles),
      digests: await this.#digests(part, batches, differing.length + unsettled === 0)
    }
  }

  /** Reads the rows of one batch of keys, and names those that differ for good. Nothing is known of them before. */
  async compare(keys: readonly Key[]): Promise<Confirmed> {
    await this.#context.gate.pass()
    const first = await readOnce(
      keys.map((key) => ({ key, seen: [] })),
      this.#confirmation()
    )
    if (!this.#context.config.confirm || first.differing.length === 0) return first
    const settled = await this.#settle(first.differing.map(asSuspect))
    return {
      ...settled,
      converged: first.converged + settled.converged,
      gone: [...first.gone, ...settled.gone]
    }
  }

  /** The rows of a part that differ between single readings of it. */
  async find(part: Part): Promise<readonly Suspect[]> {
    await this.#context.gate.ease()
    const { masters, table, hashing } = this.#context
    const scans = await onEveryMaster(masters, 'reading rows', (master) =>
      master.withSession((session) => scanRange(session, table, part.range, hashing))
    )
    return differences(scans)
  }

  /**
   * A suspect that no master has any more was deleted meanwhile, or belongs to another spelling of its key. If a row is
   * still read by range but not by its key, key and literal do not fit together, and nothing said of it would be true.
   */
  async #proveGone(part: Part, suspects: readonly Suspect[], batches: readonly Confirmed[]): Promise<void> {
    const spellings = new Set(
      batches.flatMap(({ differing }) =>
        differing.flatMap(({ versions }) => versions.map((version) => keyText(version?.key)))
      )
    )
    const gone = batches.flatMap((batch) => batch.gone.map(keyText)).filter((key) => !spellings.has(key))
    if (gone.length === 0) return
    const before = new Map(suspects.map((suspect) => [keyText(suspect.key), suspect.seen.join()]))
    const still = (await this.find(part)).find(({ key, seen }) => {
      const name = keyText(key)
      return gone.includes(name) && before.get(name) === seen.join()
    })
    if (still === undefined) return
    throw new MmauditError(
      'incomplete',
      `the row with key ${keyText(still.key)} is there when its range is read, but not when it is looked for by its key`
    )
  }

  async #settle(suspects: readonly Suspect[]): Promise<Confirmed> {
    await this.#context.gate.ease()
    const settle = this.#context.config.confirm ? confirm : readOnce
    return settle(suspects, this.#confirmation())
  }

  #confirmation(): Confirmation {
    const { masters, table, hashing, config } = this.#context
    return {
      ...this.#clock,
      masters: masters.map((master) => master.name),
      patience: config.confirmTimeout * 1000,
      catchUp: (deadline) => this.#catchUp.upTo(deadline),
      stoodStill: (marks) => this.#catchUp.stoodStill(marks),
      fetch: (keys) =>
        onEveryMaster(masters, 'reading differing rows again', (master) =>
          master.withSession((session) => fetchRows(session, table, keys, hashing))
        )
    }
  }

  /**
   * Counts and sums of the part. Where rows were on their way when it was first read, the masters were not seen at the same
   * point, so it is read again; if it agrees but is too busy to be seen so, what the first master holds stands for all.
   */
  async #digests(part: Part, batches: readonly Confirmed[], agrees: boolean): Promise<readonly Digest[]> {
    const inFlight = batches.length === 0 || batches.some((batch) => batch.converged + batch.unsettled.length > 0)
    if (!inFlight) return part.digests
    let digests = part.digests
    for (let attempt = 0; attempt < RECOUNTS; attempt++) {
      await this.#context.gate.ease()
      digests = await digestAll(this.#context, part.range)
      if (allSame(digests) || !agrees) return digests
    }
    const [first] = digests
    return first === undefined ? digests : digests.map(() => first)
  }
}

function keyText(key: Key | undefined): string {
  return JSON.stringify(key)
}

/** Two spellings of one key ('a' and 'A') were two suspects, and each finds the same rows. */
function withoutRepeats(rows: readonly ConfirmedRow[]): readonly ConfirmedRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const identity = row.versions.map((version) => version?.hash ?? '').join('/') + JSON.stringify(firstKey(row))
    if (seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}

function firstKey(row: ConfirmedRow): unknown {
  return row.versions.find((version) => version !== null)?.values
}
