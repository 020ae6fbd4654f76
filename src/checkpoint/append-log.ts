import { rmSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { takeLock } from '../files/lock.js'
import { type CheckpointRecord, lineOf } from './records.js'

/** Rows of the database stand in it. */
const OWNER_ONLY = 0o600
/** Text that is held back at most, in characters. */
const HELD = 65_536
/** A process that is killed loses what was found in this time at most. */
const WRITE_EVERY_MS = 250
/** And a machine that loses its power this much; often enough, and not felt on a slow disk. */
const SYNC_EVERY_MS = 1_000

/** A log that only ever grows at its end, by one process at a time. Once it cannot be written to, it stays as it is. */
export class AppendLog {
  readonly path: string
  readonly #file: FileHandle
  readonly #release: () => Promise<void>
  readonly #onTrouble: (error: unknown) => void
  #lines: string[] = []
  #held = 0
  /** The last of the lines says nothing once a newer one of its kind comes right behind it. */
  #replaceable = false
  #written = performance.now()
  #synced = performance.now()
  #broken = false
  #isOpen = true

  private constructor(
    path: string,
    file: FileHandle,
    release: () => Promise<void>,
    onTrouble: (error: unknown) => void
  ) {
    this.path = path
    this.#file = file
    this.#release = release
    this.#onTrouble = onTrouble
  }

  /**
   * Opens a log, which is made when it is not there. `prepare` looks at the file while nobody else may write to it, and
   * says from which byte on it is to be written to.
   * @param onTrouble told once when it cannot be written to any more.
   * @throws MmauditError `incomplete` when another process has it; other errors when the file cannot be used.
   */
  static async open(
    path: string,
    named: string,
    prepare: () => Promise<number>,
    onTrouble: (error: unknown) => void
  ): Promise<AppendLog> {
    const release = await takeLock(`${path}.lock`, `the checkpoint ${named}`, 'an audit')
    try {
      const file = await open(path, 'a+', OWNER_ONLY)
      try {
        await file.truncate(await prepare())
        await syncFolder(path)
        return new AppendLog(path, file, release, onTrouble)
      } catch (error) {
        await file.close()
        throw error
      }
    } catch (error) {
      await release()
      throw error
    }
  }

  /** Never rejects. */
  async append(...records: readonly CheckpointRecord[]): Promise<void> {
    if (this.#broken) return
    try {
      for (const record of records) this.#hold(lineOf(record), 'reached' in record)
      const now = performance.now()
      if (this.#held >= HELD || now - this.#written >= WRITE_EVERY_MS) await this.#write()
      if (now - this.#synced >= SYNC_EVERY_MS) await this.#sync()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Writes all of it, for good. Never rejects; returns whether everything is there. */
  async save(): Promise<boolean> {
    try {
      if (!this.#broken) await this.#write()
      if (!this.#broken) await this.#sync()
    } catch (error) {
      this.#fail(error)
    }
    return !this.#broken
  }

  /** Lets others have the log, or takes it away. Never rejects. */
  async close(keep: boolean): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#broken = true
    await this.#file.close().catch(() => {})
    if (!keep) await rm(this.path, { force: true }).catch(() => {})
    await this.#release().catch(() => {})
  }

  /** For a process that ends at once. */
  releaseNow(): void {
    if (this.#isOpen) rmSync(`${this.path}.lock`, { force: true })
  }

  #hold(line: string, replaceable: boolean): void {
    if (replaceable && this.#replaceable) this.#held -= this.#lines.pop()?.length ?? 0
    this.#replaceable = replaceable
    this.#lines.push(line)
    this.#held += line.length
  }

  async #write(): Promise<void> {
    const text = this.#lines.join('')
    this.#lines = []
    this.#held = 0
    this.#replaceable = false
    if (text !== '') await this.#file.appendFile(text)
    this.#written = performance.now()
  }

  async #sync(): Promise<void> {
    await this.#file.datasync()
    this.#synced = performance.now()
  }

  /** Half a line may stand there now; whatever was written after it could not be read again. */
  #fail(error: unknown): void {
    this.#broken = true
    this.#lines = []
    this.#onTrouble(error)
  }
}

/** A new file is only sure to be found again once its folder is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}
