import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from '../../src/lab/cluster.js'
import { LAB_FILES } from '../../src/lab/lab-state.js'
import { Random } from '../../src/lab/random.js'
import type { Divergence } from '../../src/model/divergence.js'
import type { RepairSummary } from '../../src/model/repair.js'
import {
  CAMPAIGN,
  type CampaignRow,
  type CampaignTable,
  campaignTables,
  createCampaignTable
} from './campaign-tables.js'
import { CAMPAIGN_SESSION, CampaignWriter, type LastWrite, type RowImageKind } from './campaign-writer.js'
import { Pause, withFault } from './fault-point.js'
import { mmaudit, type Run } from './mmaudit.js'
import { readWhole } from './random-table.js'
import type { ReportFile } from './report-file.js'
import type { TestLab } from './test-lab.js'

/** What a repair reports, as a script outside the project reads it. */
export interface RepairRun {
  readonly run: Run
  readonly policies: readonly string[]
  readonly report: ReportFile & { readonly repair: RepairSummary | null }
}

/** A row as masters hold it: its content by name of the row, and its version number. */
export type Contents = ReadonlyMap<string, { readonly text: string; readonly version: string }>

const WRITE_BEFORE_MS = 150
const MOST_HELD_UP_MS = 200
const POLL_MS = 5
/** Room for everything: what the limits stop is not what is tried here. */
const LIMITS = ['--max-deletes', '100000', '--max-percent', '100', '--allow-emptied']

/** One round: tables that differ, writers on every master, and repairs. */
export class CampaignRound {
  readonly tables: readonly CampaignTable[]
  readonly image: RowImageKind
  readonly #lab: TestLab
  readonly #seed: number
  readonly #random: Random
  #writers: readonly CampaignWriter[] = []

  constructor(lab: TestLab, seed: number) {
    this.#lab = lab
    this.#seed = seed
    this.#random = new Random(seed, 'round')
    this.image = this.#random.pick(['FULL', 'MINIMAL'])
    this.tables = campaignTables(seed, lab.state.masters.length)
  }

  /** What was seen by all writers. */
  get writers(): readonly CampaignWriter[] {
    return this.#writers
  }

  /** Puts the tables on every master as it shall have them. */
  async load(): Promise<void> {
    await this.settle()
    await this.#chooseRowImage()
    for (const [at, { name }] of this.#lab.state.masters.entries()) {
      const database = [`DROP DATABASE IF EXISTS ${CAMPAIGN}`, `CREATE DATABASE ${CAMPAIGN}`, `USE ${CAMPAIGN}`]
      const tables = this.tables.flatMap((table) => createCampaignTable(table, at))
      await this.#lab.runLocally(name, ...CAMPAIGN_SESSION, ...database, ...tables)
    }
  }

  /** Of the appliers as well: they log what they relay as they were told when they started. */
  async #chooseRowImage(): Promise<void> {
    const cluster = await Cluster.open(this.#lab.state)
    try {
      await cluster.stopAppliers()
      for (const { session } of cluster.members) await session.run(`SET GLOBAL binlog_row_image = '${this.image}'`)
      await cluster.startAppliers()
      await cluster.connected()
    } finally {
      await cluster.close()
    }
  }

  /** Runs `work` while every master is written to. */
  async underWriters(work: () => Promise<void>): Promise<void> {
    const { masters } = this.#lab.state
    this.#writers = await Promise.all(
      masters.map((master, index) =>
        CampaignWriter.open(master, { index, of: masters.length }, this.tables, this.#seed, this.image)
      )
    )
    const stop = new AbortController()
    const writing = Promise.all(this.#writers.map((writer) => writer.work(stop.signal)))
    // A writer that fails is told of at the end.
    writing.catch(() => {})
    try {
      await sleep(WRITE_BEFORE_MS)
      await work()
    } finally {
      stop.abort()
      await writing
    }
  }

  /** One repair by policies drawn at random, which is held up between its plan and its locks: so that rows move meanwhile. */
  repairAtRandom(): Promise<RepairRun> {
    const masters = this.#lab.state.masters.map(({ name }) => name)
    return this.repair(randomPolicies(this.#random, masters), this.#random.between(20, MOST_HELD_UP_MS))
  }

  async repair(policies: readonly string[], heldUp = 0): Promise<RepairRun> {
    const [file, journal, pausing] = ['json', 'journal', 'pause'].map((end) =>
      join(this.#lab.dir, `campaign.${end}`)
    ) as [string, string, string]
    const pause = new Pause(pausing)
    await Promise.all([rm(file, { force: true }), rm(journal, { force: true }), pause.clear()])
    const fault = pause.fault({ call: 'run', matching: '^START TRANSACTION', when: 'before' })
    const running = mmaudit(
      [
        ...['diff', `${CAMPAIGN}.*`, '--config', join(this.#lab.dir, LAB_FILES.repairConfig), '--json', file],
        ...['--repair', '--yes', '--journal', journal, '--progress', 'never', ...LIMITS],
        ...policies.flatMap((policy) => ['--policy', policy])
      ],
      heldUp === 0 ? {} : withFault(fault)
    )
    if (heldUp > 0) await this.#holdUp(running, pausing, pause, heldUp)
    const run = await running
    if (!existsSync(file)) throw new Error(`no report was written; exit status ${run.code}: ${run.stderr}`)
    return { run, policies, report: JSON.parse(await readFile(file, 'utf8')) }
  }

  /** Lets writers write what is about to be repaired. A run that has nothing to write does not come to the point. */
  async #holdUp(running: Promise<Run>, file: string, pause: Pause, milliseconds: number): Promise<void> {
    let ended = false
    const end = () => {
      ended = true
    }
    running.then(end, end)
    while (!ended && !existsSync(`${file}.reached`)) await sleep(POLL_MS)
    for (const writer of this.#writers) writer.isRushing = true
    await sleep(milliseconds)
    await pause.letGo()
    await running
    for (const writer of this.#writers) writer.isRushing = false
  }

  /**
   * Waits until every master has everything.
   * @throws ApplierStopped when one of them has stopped.
   */
  async settle(): Promise<void> {
    const cluster = await Cluster.open(this.#lab.state)
    try {
      await cluster.catchUp()
      await cluster.connected()
    } finally {
      await cluster.close()
    }
  }

  /** Everything that each master holds. */
  contents(): Promise<readonly Contents[]> {
    return Promise.all(this.#lab.state.masters.map(({ name }) => this.#contentsOf(name)))
  }

  async #contentsOf(master: string): Promise<Contents> {
    const all = new Map<string, { text: string; version: string }>()
    for (const { name, generated } of this.tables) {
      const more = ['row_no', 'uniq', 'version', 'parent_no', 'moved_at']
      for (const row of await this.#lab.query(master, readWhole(`${CAMPAIGN}.${name}`, generated, more))) {
        all.set(`${name} ${row.row_no}`, { text: JSON.stringify(row), version: row.version ?? '' })
      }
    }
    return all
  }

  /** What does not stand on every master as its writer left it. */
  lostWrites(contents: readonly Contents[]): readonly string[] {
    return [
      ...this.#writers.flatMap((writer) => writer.tally.lost),
      ...this.#writes().flatMap((write) => contents.flatMap((held, at) => lostOn(write, held, at)))
    ]
  }

  /** The rows that were written by anybody but a repair. */
  written(): ReadonlySet<string> {
    return new Set(this.#writes().map(({ row }) => nameOf(row)))
  }

  /** How the report calls a row, by the number that tells it apart. */
  nameOfReported({ table, rows }: Divergence): string {
    const values = Object.values(rows).find((each) => each !== null)
    return `${table} ${values?.row_no}`
  }

  #writes(): readonly LastWrite[] {
    return this.#writers.flatMap((writer) => [...writer.last.values()])
  }
}

function lostOn({ row, version, master, committedAt }: LastWrite, held: Contents, at: number): readonly string[] {
  const now = held.get(nameOf(row))?.version ?? null
  if (now === (version === null ? null : String(version))) return []
  const when = new Date(committedAt).toISOString()
  return [`${nameOf(row)}: ${master} left it in ${version} at ${when}, master ${at} has it in ${now}`]
}

function nameOf({ table, no }: CampaignRow): string {
  return `${table.name} ${no}`
}

function randomPolicies(random: Random, masters: readonly string[]): readonly string[] {
  const prefer = () => `prefer:${random.pick(masters)}`
  const between = () =>
    random.pick([
      'newest:moved_at',
      'oldest:moved_at',
      'greatest:version',
      'least:uniq',
      'majority',
      prefer(),
      prefer()
    ])
  return [
    `missing=${random.pick(['union', 'union', 'majority', 'manual', prefer(), prefer()])}`,
    `conflict=${random.pick([between(), between(), 'coalesce', 'manual'])}`,
    `collision=${random.pick([between(), between(), 'manual'])}`
  ]
}
