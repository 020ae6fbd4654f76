import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import type { Io, StandardStream } from '../../src/cli/io.js'

/** A standard stream that keeps what it is given. */
export class FakeStream extends Writable implements StandardStream {
  readonly isTTY: boolean
  readonly columns = 100
  text = ''

  constructor(isTTY = false) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk
    done()
  }
}

/** A process to run a command in, and to look at afterwards. */
export interface FakeIo extends Io {
  readonly stdout: FakeStream
  readonly stderr: FakeStream
  readonly signals: EventEmitter
  readonly exits: number[]
}

export function fakeIo(over: Partial<FakeIo> = {}): FakeIo {
  const exits: number[] = []
  return {
    stdin: Readable.from([]),
    stdout: new FakeStream(),
    stderr: new FakeStream(),
    env: {},
    cwd: '/nowhere',
    home: '/nowhere',
    signals: new EventEmitter(),
    exit: (code) => exits.push(code),
    exits,
    ...over
  }
}
