import type { Readable, Writable } from 'node:stream'
import type { Environment } from '../config/settings.js'
import type { EndingSignal, ExitCode } from './exit-codes.js'

/** A standard stream: a terminal when `isTTY`. */
export interface StandardStream extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Where nobody says how wide it is, as in a log, this much is readable and still fits most screens. */
const DEFAULT_WIDTH = 100

/** The columns of a terminal; one that was never sized says 0. */
export function widthOf(stream: StandardStream): number {
  return stream.columns || DEFAULT_WIDTH
}

/** What a command may use of the process it runs in. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: StandardStream
  readonly stderr: StandardStream
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  readonly signals: SignalSource
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => void
}

/** Tells of signals; `process` is one. */
export interface SignalSource {
  on(signal: EndingSignal, listener: () => void): unknown
  off(signal: EndingSignal, listener: () => void): unknown
}
