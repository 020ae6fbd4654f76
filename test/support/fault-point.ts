import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { vi } from 'vitest'
import type { RunOptions } from './mmaudit.js'

/** A point in a run of the command, and what happens there. */
export interface Fault {
  /**
   * A method of `Session` (`run`, `query`, `stream`) or of `Journal` (`open`, `prepare`, `committed`, `left`, `close`), the
   * flush of a file (`datasync`), or `append`: text is written to the journal, and only part of it arrives.
   */
  readonly call: string
  /** What the statement or the appended text looks like, as a regular expression. */
  readonly matching?: string
  /** Only on this master. */
  readonly master?: string
  /** Only once the rows are read again after everything was written. */
  readonly proving?: boolean
  /** `sent`: the call is under way, and its answer is not waited for. */
  readonly when: 'before' | 'sent' | 'after'
  /** The how-manieth such call, from 1. */
  readonly nth?: number
  /** How much of the text arrives, for `append`: half by default; `letter` is up to the middle of a character. */
  readonly part?: number | 'letter'
  /** `kill` (SIGKILL) by default. */
  readonly action?: 'kill' | 'SIGINT' | 'SIGTERM' | 'pause'
  /** For `pause`: `.reached` appears beside it then, and it goes on once there is `.go`. */
  readonly file?: string
}

const MODULE = new URL('./fault-point.mjs', import.meta.url).pathname
/** The command before its modules are put into few files: there, they can be got at. */
const PROGRAM = new URL('../../dist/cli/main.js', import.meta.url).pathname

/** What makes a run of the command meet the faults. */
export function withFault(...faults: readonly Fault[]): Required<Pick<RunOptions, 'env' | 'program'>> {
  return {
    env: { NODE_OPTIONS: `--import=${MODULE}`, MMAUDIT_TEST_FAULT: JSON.stringify(faults) },
    program: PROGRAM
  }
}

/** A run that waits at a point until it is let go. */
export class Pause {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  fault(point: Omit<Fault, 'action' | 'file'>): Fault {
    return { ...point, action: 'pause', file: this.#file }
  }

  async clear(): Promise<void> {
    for (const end of ['reached', 'go']) await rm(`${this.#file}.${end}`, { force: true })
  }

  async reached(): Promise<void> {
    await vi.waitUntil(() => existsSync(`${this.#file}.reached`), { timeout: 60_000, interval: 10 })
  }

  async letGo(): Promise<void> {
    await writeFile(`${this.#file}.go`, '')
  }
}
