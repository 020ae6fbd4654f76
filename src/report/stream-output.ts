import type { Writable } from 'node:stream'
import { MmauditError, messageOf } from '../model/errors.js'
import { TextBuffer, type TextOutput } from './text-output.js'

/**
 * Writes to an open stream, such as standard output. A reader that goes away (`mmaudit … | head`) is no error: the rest
 * is dropped, and the audit still ends with the exit status it earned.
 */
export class StreamOutput implements TextOutput {
  readonly #stream: Writable
  readonly #name: string
  readonly #buffer = new TextBuffer((text) => this.#send(text))
  #readerGone = false

  /** `name` is for errors. The stream needs an `error` listener of its own; errors are also told to each write. */
  constructor(stream: Writable, name: string) {
    this.#stream = stream
    this.#name = name
  }

  write(text: string): Promise<void> {
    return this.#buffer.add(text)
  }

  writeBytes(bytes: Uint8Array): Promise<void> {
    return this.#buffer.addBytes(bytes)
  }

  commit(): Promise<void> {
    return this.#buffer.flush()
  }

  async discard(): Promise<void> {}

  #send(text: string | Uint8Array): Promise<void> {
    if (this.#readerGone) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => {
        if (!error) return resolve()
        this.#readerGone = (error as NodeJS.ErrnoException).code === 'EPIPE'
        if (this.#readerGone) return resolve()
        reject(
          new MmauditError('incomplete', `cannot write to ${this.#name}: ${messageOf(error)}`, {
            hint: 'check the space on the disk it leads to',
            cause: error
          })
        )
      })
    })
  }
}
