import { setTimeout as sleep } from 'node:timers/promises'
import { adminOf, type LabMaster } from '../../src/lab/lab-state.js'
import { Random } from '../../src/lab/random.js'
import { isLockConflict } from '../../src/masters/server-errors.js'
import { Session } from '../../src/masters/session.js'
import {
  CAMPAIGN,
  type CampaignRow,
  type CampaignTable,
  insertRow,
  isAlike,
  ownUniq,
  rowCondition
} from './campaign-tables.js'

/** What the binlog says of an updated row: all of it, or only what changed. */
export type RowImageKind = 'FULL' | 'MINIMAL'

/** The last write to a row that was committed. */
export interface LastWrite {
  readonly master: string
  readonly row: CampaignRow
  /** `null` when it was deleted. */
  readonly version: number | null
  readonly committedAt: number
}

/** What a writer has seen. */
export interface WriterTally {
  commits: number
  /** Transactions undone by a deadlock or a lock that was not given up. */
  conflicts: number
  /** Rows found in another version than the writer, who alone writes them, had left them in. */
  readonly lost: string[]
}

/** Session settings of everything that writes to the tables of a campaign. */
export const CAMPAIGN_SESSION = ["SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', NAMES utf8mb4"]

const PAUSE_MS = 4
const LOCK_WAIT = 5

/**
 * An application on one master: through a session of its own, into the binlog. Each row has one writer, for two masters that
 * write the same row lose writes by themselves. What a writer may do to a row is what cannot stop an applier without any
 * repair:
 *
 * - rows that are on every master are updated. With full row images, the update takes the whole row along; so only where the
 *   unique value and the parent are the same everywhere, or the other master could find the value taken (1062) or the
 *   parent missing (1452). With minimal images it takes along what it sets, and any row that is on every master will do.
 * - a row that only its own master lacks is updated there: nothing is found and nothing logged until a repair has put it
 *   there, and then every master has it. Where the row is held, an update or a delete would stop the applier of the master
 *   that lacks it (1032); where it is not, an insert would stop those of the others (1062).
 * - rows of its own are inserted, updated and deleted; what they point to is on every master and stays there.
 */
export class CampaignWriter {
  readonly tally: WriterTally = { commits: 0, conflicts: 0, lost: [] }
  readonly last = new Map<CampaignRow, LastWrite>()
  readonly #session: Session
  readonly #master: LabMaster
  readonly #random: Random
  readonly #even: readonly CampaignRow[]
  readonly #differing: readonly CampaignRow[]
  readonly #own: readonly CampaignRow[]
  /** Set while a repair is between its plan and its locks: rows that differ, spared until then, are written now. */
  isRushing = false
  #version = 0

  private constructor(session: Session, master: LabMaster, random: Random, rows: OwnRows) {
    this.#session = session
    this.#master = master
    this.#random = random
    this.#even = rows.updatable.filter(isAlike)
    this.#differing = rows.updatable.filter((row) => !isAlike(row))
    this.#own = rows.own
  }

  static async open(
    master: LabMaster,
    at: { readonly index: number; readonly of: number },
    tables: readonly CampaignTable[],
    seed: number,
    image: RowImageKind
  ): Promise<CampaignWriter> {
    const session = await Session.open(adminOf(master), [
      ...CAMPAIGN_SESSION,
      `USE ${CAMPAIGN}`,
      `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT}`
    ])
    const rows = ownRows(tables, at, image)
    return new CampaignWriter(session, master, new Random(seed, `writer ${at.index}`), rows)
  }

  /** Writes until told to stop. */
  async work(stop: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        await this.#transaction()
        await sleep(this.#random.below(2 * PAUSE_MS))
      }
    } finally {
      await this.#session.close()
    }
  }

  async #transaction(): Promise<void> {
    const done = new Map<CampaignRow, number | null>()
    await this.#session.run('BEGIN')
    try {
      for (let writes = this.#random.between(1, 3); writes > 0; writes--) await this.#write(done)
      await this.#session.run('COMMIT')
    } catch (error) {
      await this.#session.run('ROLLBACK')
      if (!isLockConflict(error)) throw error
      this.tally.conflicts++
      return
    }
    this.tally.commits++
    const committedAt = Date.now()
    for (const [row, version] of done) this.last.set(row, { master: this.#master.name, row, version, committedAt })
  }

  async #write(done: Map<CampaignRow, number | null>): Promise<void> {
    const dice = this.#random.below(100)
    const [often, seldom] = this.isRushing ? [this.#differing, this.#even] : [this.#even, this.#differing]
    const rows = dice < 65 ? often : dice < 68 ? seldom : this.#own
    if (rows.length === 0) return
    const row = this.#random.pick(rows)
    const held = await this.#held(row, done)
    if (rows !== this.#own) {
      if (held !== null) await this.#update(row, done)
    } else if (held === null) await this.#insert(row, done)
    else if (this.#random.below(2) === 0) await this.#update(row, done)
    else {
      await this.#session.run(`DELETE FROM ${row.table.name} WHERE ${rowCondition(row)}`)
      done.set(row, null)
    }
  }

  /** The version that the row is in, which must be the one that it was left in. */
  async #held(row: CampaignRow, done: ReadonlyMap<CampaignRow, number | null>): Promise<string | null> {
    const sql = `SELECT version FROM ${row.table.name} WHERE ${rowCondition(row)} FOR UPDATE`
    const [found] = await this.#session.query(sql)
    const now = found?.version ?? null
    const left = done.has(row) ? done.get(row) : this.last.get(row)?.version
    if (left !== undefined && now !== (left === null ? null : String(left))) {
      this.tally.lost.push(`${row.table.name} ${row.no} on ${this.#master.name}: left in ${left}, found in ${now}`)
    }
    return now
  }

  async #update(row: CampaignRow, done: Map<CampaignRow, number | null>): Promise<void> {
    const version = ++this.#version
    const columns = row.table.generated.columns.length
    const column = this.#random.below(2 * columns)
    const other = this.#random.pick(row.table.rows).values[column]
    const set = other === undefined ? '' : `, c${column} = ${other}`
    await this.#session.run(`UPDATE ${row.table.name} SET version = ${version}${set} WHERE ${rowCondition(row)}`)
    done.set(row, version)
  }

  async #insert(row: CampaignRow, done: Map<CampaignRow, number | null>): Promise<void> {
    const version = ++this.#version
    const parents = row.table.parent?.rows.filter(isEverywhere) ?? []
    const parentNo = parents.length === 0 ? null : this.#random.pick(parents).no
    const content = { values: row.values, uniq: ownUniq(row.no), parentNo, movedAt: 'NULL' }
    await this.#session.run(insertRow(row, content, version))
    done.set(row, version)
  }
}

interface OwnRows {
  readonly updatable: readonly CampaignRow[]
  readonly own: readonly CampaignRow[]
}

/** The rows of one writer, and what it may do to them. */
function ownRows(
  tables: readonly CampaignTable[],
  { index, of }: { readonly index: number; readonly of: number },
  image: RowImageKind
): OwnRows {
  const rows = tables.flatMap((table) => table.rows)
  const inLane = ({ no }: CampaignRow) => no % of === index
  return {
    own: rows.filter((row) => row.on.every((version) => version === null) && inLane(row)),
    updatable: rows.filter((row) => {
      if (isEverywhere(row)) return inLane(row) && (image === 'MINIMAL' || pointsAlike(row))
      return isMissingOnlyOn(row, index) && (image === 'MINIMAL' || pointsAlike(row))
    })
  }
}

function isEverywhere({ on }: CampaignRow): boolean {
  return on.every((version) => version !== null)
}

function isMissingOnlyOn({ on }: CampaignRow, index: number): boolean {
  return on.every((version, at) => (version === null) === (at === index))
}

/** Whether all who have the row have the same unique value and the same parent in it. */
function pointsAlike({ on }: CampaignRow): boolean {
  const [first, ...others] = on.filter((version) => version !== null)
  return others.every((other) => other.uniq === first?.uniq && other.parentNo === first?.parentNo)
}
