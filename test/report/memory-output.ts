import type { TextOutput } from '../../src/report/text-output.js'

/** Keeps what is written, for a test to read. */
export class MemoryOutput implements TextOutput {
  text = ''
  state: 'open' | 'committed' | 'discarded' = 'open'

  async write(text: string): Promise<void> {
    this.text += text
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.text += Buffer.from(bytes).toString('utf8')
  }

  async commit(): Promise<void> {
    this.state = 'committed'
  }

  async discard(): Promise<void> {
    this.state = 'discarded'
  }
}
