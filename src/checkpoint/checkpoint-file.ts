import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint, EarlierTable, TallySnapshot } from '../model/checkpoint.js'
import type { AuditConfig } from '../model/config.js'
import type { Divergence } from '../model/divergence.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { Key } from '../model/range.js'
import type { AuditHeader, TableResult } from '../model/report.js'
import type { TableRef } from '../model/table.js'
import { AppendLog } from './append-log.js'
import { type LogContents, readLog } from './read-log.js'
import { CHECKPOINT_VERSION, type HeadRecord } from './records.js'
import { type Settings, settingDifferences, settingsOf } from './settings.js'

/** Told once, when progress cannot be saved any more; the audit goes on without. */
export type OnTrouble = (error: unknown) => void

/** A checkpoint in a file, one JSON record a line; see docs/reference/checkpoint.md. */
export class CheckpointFile implements Checkpoint {
  readonly #settings: Settings
  readonly #folders: readonly string[]
  readonly #name: string
  readonly #onTrouble: OnTrouble
  #log: AppendLog | null = null
  #contents: LogContents | null = null
  /** The first line is there, so that there is something to go on with. */
  #begun = false
  #inTrouble = false

  private constructor(config: AuditConfig, folders: readonly string[], name: string, onTrouble: OnTrouble) {
    this.#settings = settingsOf(config)
    this.#folders = folders
    this.#name = name
    this.#onTrouble = onTrouble
  }

  /**
   * Goes on with a file, or begins it when it is not there or empty. Nobody else can use it meanwhile.
   * @param named how the user wrote the path, for errors.
   * @throws MmauditError `usage` when it cannot be used or belongs to another audit, `incomplete` when another run has it.
   */
  static async resume(path: string, named: string, config: AuditConfig, onTrouble: OnTrouble): Promise<CheckpointFile> {
    const checkpoint = new CheckpointFile(config, [], named, onTrouble)
    try {
      await checkpoint.#open(path)
      return checkpoint
    } catch (error) {
      throw error instanceof MmauditError ? error : unusable(named, messageOf(error), error)
    }
  }

  /** A new file with this name in the first of the folders that can be written to, once there is something to save. */
  static unnamed(folders: readonly string[], name: string, config: AuditConfig, onTrouble: OnTrouble): CheckpointFile {
    return new CheckpointFile(config, folders, name, onTrouble)
  }

  async begin(header: AuditHeader, servers: Readonly<Record<string, string>>): Promise<AuditHeader> {
    const head = this.#contents?.head ?? null
    if (head !== null) {
      this.#begun = true
      refuseOtherServers(this.#name, head.servers, servers)
      return resumedHeader(head.header, header)
    }
    await this.#create()
    const saved = { ...header, startedAt: header.startedAt.toISOString() }
    await this.#log?.append({ checkpoint: CHECKPOINT_VERSION, settings: this.#settings, servers, header: saved })
    this.#begun = (await this.#log?.save()) ?? false
    return header
  }

  earlier(ref: TableRef, shape: string): EarlierTable | null {
    return this.#contents?.earlier(ref, shape) ?? null
  }

  async table(ref: TableRef, shape: string, goesOn: boolean): Promise<void> {
    await this.#log?.append({ table: { database: ref.database, table: ref.table }, shape, goesOn })
  }

  async divergences(divergences: readonly Divergence[]): Promise<void> {
    await this.#log?.append(...divergences.map((divergence) => ({ divergence })))
  }

  async reached(upTo: Key, tally: TallySnapshot): Promise<void> {
    await this.#log?.append({ reached: upTo, tally })
  }

  async finished(result: TableResult): Promise<void> {
    await this.#log?.append({ result })
  }

  /** Where an earlier run began, in UTC and ISO 8601; `null` when this one is the first. */
  get startedAt(): string | null {
    return this.#contents?.head?.header.startedAt ?? null
  }

  /** The file to go on with, should the run be cut short now; `null` when nothing was saved. */
  get resumable(): string | null {
    const isOfUse = this.#begun || this.#contents?.head != null
    return this.#log !== null && isOfUse ? this.#shownPath(this.#log) : null
  }

  /** The run came to its end: there is nothing to go on with. */
  async done(): Promise<void> {
    await this.#log?.close(false)
  }

  /** The run was cut short. Returns the file to go on with; `null` when nothing was saved. */
  async keep(): Promise<string | null> {
    const log = this.#log
    if (log === null) return null
    await log.save()
    const path = this.resumable
    await log.close(path !== null)
    return path
  }

  /** {@link keep} for a process that ends at once: all but what was found in the last moments is there. */
  keepNow(): string | null {
    this.#log?.releaseNow()
    return this.#log !== null && this.#begun ? this.#shownPath(this.#log) : null
  }

  /** In the working directory the name is enough. */
  #shownPath(log: AppendLog): string {
    const [here] = this.#folders
    return here === undefined || log.path === join(here, this.#name) ? this.#name : log.path
  }

  async #create(): Promise<void> {
    let trouble: unknown = null
    for (const folder of this.#log === null ? this.#folders : []) {
      try {
        await this.#open(join(folder, this.#name))
        return
      } catch (error) {
        trouble = error
      }
    }
    if (trouble !== null) this.#fail(trouble)
  }

  async #open(path: string): Promise<void> {
    const prepare = async () => {
      const contents = await readLog(path)
      if (contents.head === null) await refuseOtherFiles(path, this.#name)
      else refuseOtherAudits(contents.head, this.#settings, this.#name)
      this.#contents = contents
      return contents.end
    }
    this.#log = await AppendLog.open(path, this.#name, prepare, (error) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (!this.#inTrouble) this.#onTrouble(error)
    this.#inTrouble = true
  }
}

/** Nothing that somebody may need is overwritten. A first line that was cut off is nothing. */
async function refuseOtherFiles(path: string, named: string): Promise<void> {
  const file = await open(path, 'r')
  const { buffer, bytesRead } = await file
    .read(Buffer.alloc(MOST_HEAD_BYTES), 0, MOST_HEAD_BYTES, 0)
    .finally(() => file.close())
  const text = buffer.toString('utf8', 0, bytesRead)
  const isCutOff = bytesRead < MOST_HEAD_BYTES && !text.includes('\n')
  if (!isCutOff || !(text.startsWith(BEGINNING) || BEGINNING.startsWith(text))) {
    throw unusable(named, 'it is another kind of file')
  }
}

const BEGINNING = '{"checkpoint":'
/** No first line is as long as this. */
const MOST_HEAD_BYTES = 1_048_576

function refuseOtherAudits(head: HeadRecord, settings: Settings, named: string): void {
  if (head.checkpoint !== CHECKPOINT_VERSION) {
    throw unusable(named, `it was written by another version of mmaudit (format ${head.checkpoint})`)
  }
  const differences = settingDifferences(head.settings, settings)
  if (differences.length > 0) throw otherAudit(named, differences)
}

function refuseOtherServers(named: string, before: HeadRecord['servers'], now: HeadRecord['servers']): void {
  const others = Object.entries(now).filter(([master, identity]) => before[master] !== identity)
  if (others.length === 0) return
  throw otherAudit(
    named,
    others.map(([master, identity]) => `master ${master} was ${before[master] ?? 'not there'} and is ${identity}`)
  )
}

function otherAudit(named: string, differences: readonly string[]): MmauditError {
  return new MmauditError('usage', `the checkpoint ${named} belongs to another audit: ${differences.join('; ')}`, {
    hint: 'go on with what was compared then, or delete the file to begin anew, or name another file'
  })
}

function unusable(named: string, reason: string, cause?: unknown): MmauditError {
  return new MmauditError('usage', `the checkpoint ${named} cannot be used: ${reason}`, {
    hint: 'name a file that can be written to; one that is not there is begun',
    cause
  })
}

/** Two runs are one audit: it began when the first did, with the masters as they were then. */
function resumedHeader(saved: HeadRecord['header'], now: AuditHeader): AuditHeader {
  const { startedAt, masters, notes } = saved
  const since = `what was compared before is told as it was then: the audit began ${startedAt}, was cut short, and went on ${now.startedAt.toISOString()}`
  const others = now.notes.filter((note) => !notes.includes(note))
  return { ...now, startedAt: new Date(startedAt), masters, notes: [...notes, ...others, since] }
}
