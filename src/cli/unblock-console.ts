import { createInterface } from 'node:readline/promises'
import type { Unblocked } from '../doctor/unblock/unblock.js'
import type { StoppedTransaction } from '../model/doctor.js'
import { counted } from '../report/numbers.js'
import { stoppedSection } from '../report/stopped-section.js'
import { StreamOutput } from '../report/stream-output.js'
import { createStyle, type Style } from '../report/style.js'
import { unblockedLines } from '../report/unblocked-section.js'
import { type Io, type StandardStream, widthOf } from './io.js'

/** How a plan is shown and asked about. */
interface UnblockManner {
  readonly colour: boolean
  /** Go on without asking. */
  readonly yes: boolean
  /** All masters, by name. */
  readonly masters: readonly string[]
}

/** What `doctor --unblock` shows and asks before it does anything. */
export class UnblockConsole {
  readonly #io: Io
  readonly #people: StandardStream
  readonly #manner: UnblockManner
  readonly #style: Style

  /** @param people where results for people go. */
  constructor(io: Io, people: StandardStream, manner: UnblockManner) {
    this.#io = io
    this.#people = people
    this.#manner = manner
    this.#style = createStyle(manner.colour)
  }

  /** Shows the plan for a stopped applier, and asks whether to carry it out. */
  async confirm(plan: StoppedTransaction): Promise<boolean> {
    await this.#print(stoppedSection(plan, this.#manner.masters, this.#style, widthOf(this.#people)))
    return this.#manner.yes || this.#ask(plan)
  }

  /** Says what became of the stopped appliers. */
  async tell(done: readonly Unblocked[]): Promise<void> {
    const { masters } = this.#manner
    const lines = done.flatMap((each) => [...unblockedLines(each, masters, this.#style, widthOf(this.#people)), ''])
    await this.#print(lines.length === 0 ? ['No applier has stopped at a row.'] : lines.slice(0, -1))
  }

  async #ask({ divergences, master, gtid, position }: StoppedTransaction): Promise<boolean> {
    const lines = createInterface({ input: this.#io.stdin, output: this.#io.stderr })
    const repair = divergences.length === 0 ? 'Step' : `Repair ${counted(divergences.length, 'row')}, then step`
    try {
      const answer = await lines.question(`${repair} over ${gtid ?? position} on ${master}? [y/N] `)
      return /^\s*y(es)?\s*$/i.test(answer)
    } finally {
      lines.close()
    }
  }

  async #print(lines: readonly string[]): Promise<void> {
    const output = new StreamOutput(this.#people, 'the terminal')
    await output.write(`${lines.join('\n')}\n\n`)
    await output.commit()
  }
}
