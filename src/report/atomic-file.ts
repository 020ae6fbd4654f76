import { randomUUID } from 'node:crypto'
import { rmSync, type Stats } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MmauditError, messageOf } from '../model/errors.js'
import { TextBuffer, type TextOutput } from './text-output.js'

/** Reports hold rows of the audited tables: nobody else's business until the owner says so. */
const OWNER_ONLY = 0o600
const PERMISSIONS = 0o777

/**
 * A file that appears under its name only when it is whole. Until then the text goes to a temporary file in the same
 * folder, so that the final rename never crosses devices. An existing file keeps its permissions; a new one is readable
 * by its owner only. A pipe or a device (`/dev/null`, a shell's `>(…)`) is written to as it is.
 */
export class AtomicFile implements TextOutput {
  readonly #named: string
  readonly #target: string
  /** `null` for a pipe or a device. */
  readonly #temporary: string | null
  readonly #handle: FileHandle
  readonly #buffer: TextBuffer
  #isOpen = true

  private constructor(named: string, target: string, temporary: string | null, handle: FileHandle) {
    this.#named = named
    this.#target = target
    this.#temporary = temporary
    this.#handle = handle
    this.#buffer = new TextBuffer((text) => handle.appendFile(text))
  }

  /**
   * Opens the temporary file, which finds an unwritable path before anything else is done. `named` is how the user wrote
   * the path, for errors.
   * @throws {MmauditError} `usage` when the path cannot be written to.
   */
  static async create(path: string, named = path): Promise<AtomicFile> {
    try {
      return await AtomicFile.#begin(path, named)
    } catch (error) {
      throw unwritable(named, error)
    }
  }

  static async #begin(path: string, named: string): Promise<AtomicFile> {
    const target = await realpath(path).catch(() => path)
    const found = await stat(target).catch(() => null)
    if (found !== null && !found.isFile()) return AtomicFile.#beginInPlace(named, target, found)
    // A file that may not be written to is not to be replaced either, although its folder would allow it.
    if (found !== null) await (await open(target, 'r+')).close()
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.tmp`)
    const handle = await open(temporary, 'wx', OWNER_ONLY)
    if (found !== null) await handle.chmod(found.mode & PERMISSIONS)
    return new AtomicFile(named, target, temporary, handle)
  }

  static async #beginInPlace(named: string, target: string, found: Stats): Promise<AtomicFile> {
    if (found.isDirectory()) throw new Error('it is a directory')
    return new AtomicFile(named, target, null, await open(target, 'a'))
  }

  /** The folder that the report ends up in, where there should be room for it; `null` for a pipe or a device. */
  get folder(): string | null {
    return this.#temporary === null ? null : dirname(this.#target)
  }

  async write(text: string): Promise<void> {
    await this.#whole(() => this.#buffer.add(text))
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.#whole(() => this.#buffer.addBytes(bytes))
  }

  async commit(): Promise<void> {
    await this.#whole(async () => {
      await this.#buffer.flush()
      if (this.#temporary !== null) await this.#handle.sync()
      await this.#close()
      if (this.#temporary !== null) await rename(this.#temporary, this.#target)
    })
  }

  async discard(): Promise<void> {
    await this.#close().catch(() => {})
    if (this.#temporary !== null) await rm(this.#temporary, { force: true }).catch(() => {})
  }

  /** `discard` for a program that ends at once. */
  discardNow(): void {
    if (this.#temporary !== null && this.#isOpen) rmSync(this.#temporary, { force: true })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#handle.close()
  }

  async #whole(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      await this.discard()
      throw new MmauditError('incomplete', `cannot write the report ${this.#named}: ${messageOf(error)}`, {
        hint: 'check the space on that disk; no partial report was left',
        cause: error
      })
    }
  }
}

function unwritable(path: string, error: unknown): MmauditError {
  return new MmauditError('usage', `cannot write a report to ${path}: ${reasonOf(error)}`, {
    hint: 'name a file in a folder that exists and that you may write to, or - for standard output',
    cause: error
  })
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'its folder does not exist'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EROFS':
      return 'the file system is read-only'
    default:
      return messageOf(error)
  }
}
