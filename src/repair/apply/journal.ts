import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { takeLock } from '../../files/lock.js'
import { MmauditError, messageOf } from '../../model/errors.js'
import type { MasterInfo } from '../../model/master.js'
import type { ChangeOutcome } from '../../model/repair.js'
import type { ReservedId } from '../rekey/rekeying.js'
import {
  JOURNAL_VERSION,
  type JournalChange,
  type JournalContents,
  type JournalRecord,
  parseJournal
} from './journal-records.js'

/** Rows of the database stand in it. */
const OWNER_ONLY = 0o600

/** A change that is not in the journal yet. */
export type NewChange = Omit<JournalChange, 'change' | 'transaction'>

/** A row that was left as it is. */
export type LeftRow = Pick<JournalChange, 'master' | 'database' | 'table' | 'key'> & {
  readonly outcome: Exclude<ChangeOutcome, { status: 'applied' }>
}

/**
 * What was written on the masters, one JSON record a line. A transaction stands in the journal, flushed to the disk, before
 * it is committed: whatever happens, everything that was changed can be found and taken back.
 */
export class Journal {
  readonly path: string
  /** What earlier runs on this journal did. */
  readonly earlier: JournalContents
  readonly #file: FileHandle
  readonly #release: () => Promise<void>
  #lastTransaction: number
  #lastChange: number
  readonly #isNew: boolean
  #toldOfRows = false
  #broken: MmauditError | null = null

  private constructor(
    path: string,
    earlier: JournalContents,
    isNew: boolean,
    file: FileHandle,
    release: () => Promise<void>
  ) {
    this.path = path
    this.earlier = earlier
    this.#isNew = isNew
    this.#file = file
    this.#release = release
    this.#lastTransaction = earlier.lastTransaction
    this.#lastChange = earlier.lastChange
  }

  /**
   * Begins a journal, or goes on with the one that is there. Nobody else can write to it meanwhile.
   * @throws MmauditError `usage` when the file cannot be used, `incomplete` when another run holds it.
   */
  static async open(path: string, run: string, masters: readonly MasterInfo[]): Promise<Journal> {
    const release = await lockJournal(path)
    try {
      const file = await open(path, 'a+', OWNER_ONLY)
      const bytes = await readFile(path)
      const earlier = parseJournal(bytes.toString('utf8'))
      const journal = new Journal(path, earlier, bytes.length === 0, file, release)
      // What a run that was killed left unfinished at the end must not run into what is written now.
      const whole = bytes.lastIndexOf('\n') + 1
      if (whole < bytes.length) await file.truncate(whole)
      await journal.#append({
        journal: JOURNAL_VERSION,
        run,
        at: now(),
        masters: masters.map(({ name, host, port, serverId }) => ({ name, host, port, serverId }))
      })
      await syncFolder(path)
      return journal
    } catch (error) {
      await release()
      throw unusable(path, error)
    }
  }

  /** Writes the changes of a transaction down for good, and returns its number. Only then may it be committed. */
  async prepare(changes: readonly NewChange[]): Promise<number> {
    const transaction = ++this.#lastTransaction
    const records: JournalRecord[] = changes.map(
      ({ master, database, table, key, why, before, after, family, guards }) => ({
        change: ++this.#lastChange,
        transaction,
        master,
        database,
        table,
        key,
        why,
        before,
        after,
        ...(family === undefined ? {} : { family }),
        ...(guards === undefined ? {} : { guards: [...guards] })
      })
    )
    await this.#append(...records, { prepared: transaction, at: now() })
    await this.#file.datasync()
    return transaction
  }

  /** Writes ids down that were reserved, before they are used. */
  async reserved(ids: readonly ReservedId[]): Promise<void> {
    await this.#append(...ids.map(({ id, key, ...each }) => ({ reserved: id, ...each, key: [...key] })))
    await this.#file.datasync()
  }

  committed(transaction: number): Promise<void> {
    return this.#append({ committed: transaction, at: now() })
  }

  /** The transaction was rolled back, or the server has lost it. */
  abandoned(transaction: number): Promise<void> {
    return this.#append({ abandoned: transaction, at: now() })
  }

  left(rows: readonly LeftRow[]): Promise<void> {
    this.#toldOfRows ||= rows.length > 0
    return this.#append(
      ...rows.map(({ outcome, master, database, table, key }) => ({
        left: outcome.status,
        master,
        database,
        table,
        key,
        reason: outcome.reason
      }))
    )
  }

  /** A new journal in which nothing was written down is taken away again. */
  async close(): Promise<void> {
    await this.#file.close()
    if (this.#isNew && this.#lastTransaction === 0 && !this.#toldOfRows) await rm(this.path, { force: true })
    await this.#release()
  }

  async #append(...records: readonly JournalRecord[]): Promise<void> {
    if (records.length === 0) return
    if (this.#broken !== null) throw this.#broken
    try {
      await this.#file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    } catch (cause) {
      // Half a line may stand there now; whatever was written after it could not be read again.
      this.#broken = new MmauditError('incomplete', `the journal ${this.path}: ${messageOf(cause)}`, { cause })
      throw this.#broken
    }
  }
}

/** Makes sure that a journal can be written to, before anything else is done. @throws MmauditError as `Journal.open` does. */
export async function tryJournal(path: string): Promise<void> {
  const release = await lockJournal(path)
  try {
    const file = await open(path, 'a+', OWNER_ONLY)
    const text = await readFile(path, 'utf8').finally(() => file.close())
    parseJournal(text)
    if (text === '') await rm(path, { force: true })
  } catch (error) {
    throw unusable(path, error)
  } finally {
    await release()
  }
}

function lockJournal(path: string): Promise<() => Promise<void>> {
  return takeLock(`${path}.lock`, `the journal ${path}`, 'a repair').catch((error) =>
    Promise.reject(error instanceof MmauditError ? error : unusable(path, error))
  )
}

/** Reads a journal that is not to be written to. @throws MmauditError `usage` when it cannot be read. */
export async function readJournal(path: string): Promise<JournalContents> {
  try {
    return parseJournal(await readFile(path, 'utf8'))
  } catch (error) {
    throw unusable(path, error)
  }
}

function now(): string {
  return new Date().toISOString()
}

/** A new file is only sure to be found again once its folder is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

function unusable(path: string, cause: unknown): MmauditError {
  return new MmauditError('usage', `the journal ${path} cannot be used: ${messageOf(cause)}`, {
    hint: 'name a file that can be written to, or a journal of an earlier repair',
    cause
  })
}
