/** Where the text of a report goes. */
export interface TextOutput {
  /** Takes text; resolves when more may come. */
  write(text: string): Promise<void>
  /** Takes UTF-8, of which a piece may end inside a character; resolves when more may come, and the bytes may be reused. */
  writeBytes(bytes: Uint8Array): Promise<void>
  /** Everything is written: make it last. */
  commit(): Promise<void>
  /** Leaves nothing behind where that can be had. Never rejects. */
  discard(): Promise<void>
}

/** Gathers small pieces, so that a million short lines are not a million writes. */
export class TextBuffer {
  readonly #flush: (text: string | Uint8Array) => Promise<void>
  #pieces: string[] = []
  #length = 0

  constructor(flush: (text: string | Uint8Array) => Promise<void>) {
    this.#flush = flush
  }

  async add(text: string): Promise<void> {
    this.#pieces.push(text)
    this.#length += text.length
    if (this.#length >= FLUSH_AT) await this.flush()
  }

  async addBytes(bytes: Uint8Array): Promise<void> {
    await this.flush()
    await this.#flush(bytes)
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return
    const text = this.#pieces.join('')
    this.#pieces = []
    this.#length = 0
    await this.#flush(text)
  }
}

/** One write of 64 Ki characters costs about as much as one of a hundred. */
const FLUSH_AT = 65_536
