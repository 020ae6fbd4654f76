import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MmauditError, messageOf } from '../model/errors.js'
import { TextBuffer } from './text-output.js'

/** Large enough that reading back is a matter of the disk, small enough not to be noticed in memory. */
const READ_BYTES = 262_144

/**
 * Text put aside on disk until its place in the report has come. The file has no name once it is open, so it goes away
 * with the program however that ends.
 */
export class Spool {
  readonly #handle: FileHandle
  readonly #buffer: TextBuffer

  private constructor(handle: FileHandle) {
    this.#handle = handle
    this.#buffer = new TextBuffer((text) => append(handle, text))
  }

  /** @throws {MmauditError} `usage` when the folder cannot be written to. */
  static async create(folder: string): Promise<Spool> {
    const path = join(folder, `.mmaudit-spool-${randomUUID().slice(0, 8)}`)
    try {
      const handle = await open(path, 'wx+', 0o600)
      await rm(path)
      return new Spool(handle)
    } catch (cause) {
      throw new MmauditError('usage', `cannot write to the folder ${folder}: ${messageOf(cause)}`, { cause })
    }
  }

  /** @throws {MmauditError} `incomplete` when the disk is full. */
  async write(text: string): Promise<void> {
    await this.#buffer.add(text)
  }

  /** All of it, from the start, as UTF-8 in pieces that may end anywhere; each is only valid until the next is asked for. */
  async *read(): AsyncGenerator<Uint8Array, void> {
    await this.#buffer.flush()
    const bytes = Buffer.allocUnsafe(READ_BYTES)
    let position = 0
    for (;;) {
      const { bytesRead } = await this.#handle.read(bytes, 0, READ_BYTES, position)
      if (bytesRead === 0) break
      position += bytesRead
      yield bytes.subarray(0, bytesRead)
    }
  }

  /** Gives the space back. Never rejects. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => {})
  }
}

async function append(handle: FileHandle, text: string | Uint8Array): Promise<void> {
  try {
    await handle.appendFile(text)
  } catch (cause) {
    throw new MmauditError('incomplete', `cannot put divergences aside for the JSON report: ${messageOf(cause)}`, {
      hint: 'check the space on the disk of the report, and of the temporary folder when it goes to standard output',
      cause
    })
  }
}
