import { createInterface } from 'node:readline/promises'
import type { MasterConfig } from '../model/config.js'
import { groupBy } from '../model/group-by.js'
import type { PolicyChoice } from '../model/policy-choice.js'
import type { MasterScript, RowChange, Step } from '../model/repair.js'
import { tableName } from '../model/table.js'
import { verbOf } from '../repair/look/impact.js'
import type { RepairPlan } from '../repair/plan/plan.js'
import { counted, grouped } from '../report/numbers.js'
import { policyChoices } from '../report/policy-choices.js'
import { StreamOutput } from '../report/stream-output.js'
import { createStyle } from '../report/style.js'
import { listed, visible } from '../report/text.js'
import { type ScriptAbout, scriptLines } from '../sql/repair-script.js'
import { type Io, type StandardStream, widthOf } from './io.js'
import type { RepairWay } from './repair-flags.js'
import { writeScripts } from './sql-dir.js'
import { packageVersion } from './version.js'

/** What a repair shows and asks before it writes. */
export class RepairConsole {
  readonly #io: Io
  readonly #people: StandardStream
  readonly #way: RepairWay
  readonly #runId: string
  readonly #masters: readonly MasterConfig[]
  readonly #colour: boolean

  /** @param people where results for people go. */
  constructor(
    io: Io,
    people: StandardStream,
    colour: boolean,
    run: { readonly way: RepairWay; readonly runId: string; readonly masters: readonly MasterConfig[] }
  ) {
    this.#io = io
    this.#people = people
    this.#colour = colour
    this.#way = run.way
    this.#runId = run.runId
    this.#masters = run.masters
  }

  /** Shows a plan, or writes it as scripts, and asks whether to carry it out. */
  async confirm(plan: RepairPlan): Promise<boolean> {
    if (plan.stopped !== null) return false
    if (this.#way.sqlDir !== null) await this.#save(plan.scripts, this.#way.sqlDir)
    if (this.#way.dryRun) {
      for (const script of plan.scripts) await this.#print(this.#readable(scriptLines(script, this.#about(script))))
      return false
    }
    return plan.scripts.length === 0 || this.#way.yes || this.#ask(plan)
  }

  /** Shows what each policy would do. */
  async show(choices: readonly PolicyChoice[]): Promise<void> {
    const names = this.#masters.map((master) => master.name)
    await this.#print(policyChoices(choices, names, createStyle(this.#colour), widthOf(this.#people)))
  }

  async #save(scripts: readonly MasterScript[], folder: string): Promise<void> {
    const files = await writeScripts(scripts, folder, this.#io.cwd, (script) => this.#about(script))
    if (files.length > 0) await this.#print([`scripts written: ${listed(files)}`])
  }

  async #ask(plan: RepairPlan): Promise<boolean> {
    for (const warning of plan.warnings) this.#io.stderr.write(`mmaudit: warning: ${visible(warning)}\n`)
    const parts = plan.scripts.map(({ master, steps }) => `${counted(changesOf(steps).length, 'row')} on ${master}`)
    for (const { master, steps } of plan.scripts) {
      for (const line of workLines(changesOf(steps))) this.#io.stderr.write(`  ${master}: ${visible(line)}\n`)
    }
    this.#io.stderr.write('  (--dry-run shows every statement)\n')
    const lines = createInterface({ input: this.#io.stdin, output: this.#io.stderr })
    try {
      const answer = await lines.question(`Change ${listed(parts)}? [y/N] `)
      return /^\s*y(es)?\s*$/i.test(answer)
    } finally {
      lines.close()
    }
  }

  /** Names have to stand in SQL as they are. A file takes them so; a terminal would act on what some hold. */
  *#readable(lines: Iterable<string>): Iterable<string> {
    for (const line of lines) yield this.#people.isTTY === true ? visible(line) : line
  }

  #about({ master }: MasterScript): ScriptAbout {
    const config = this.#masters.find((each) => each.name === master)
    const server = config?.socketPath ?? `${config?.host}:${config?.port}`
    return { runId: this.#runId, tool: `mmaudit ${packageVersion()}`, server }
  }

  async #print(lines: Iterable<string>): Promise<void> {
    const output = new StreamOutput(this.#people, 'the terminal')
    for (const line of lines) await output.write(`${line}\n`)
    await output.write('\n')
    await output.commit()
  }
}

function changesOf(steps: readonly Step[]): readonly RowChange[] {
  return [...new Set(steps.map((step) => step.change))]
}

/** `retail_db.orders: 3 rows to insert, 1 to update`, a line for each table. */
function workLines(changes: readonly RowChange[]): readonly string[] {
  const tables = groupBy(changes, (change) => tableName(change.table.ref))
  return [...tables].map(([name, own]) => {
    const verbs = [...groupBy(own, verbOf)].map(([verb, of]) => `${grouped(of.length)} ${verb}`)
    return `${name}: ${verbs.join(', ')}`
  })
}
