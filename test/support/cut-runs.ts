import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { labDiverge } from '../../src/lab/index.js'
import { mmaudit, type Run } from './mmaudit.js'
import type { ReportFile } from './report-file.js'
import { startTestLab, type TestLab } from './test-lab.js'

/** Many chunks, so that there are many moments to be cut short at. */
export const SMALL_CHUNKS = ['--chunk-rows', '50']
/** Where these runs save their progress. */
export const RESUME = ['--resume', 'x.resume']

const ROWS = 2_000

type Send = (signal: NodeJS.Signals) => void

/** Audits of a lab that are cut short, each test in a folder of its own. */
export class CutRuns {
  readonly lab: TestLab
  /** What an audit in one piece reports; see {@link plain}. */
  readonly whole: unknown
  folder = ''

  private constructor(lab: TestLab, whole: unknown) {
    this.lab = lab
    this.whole = whole
  }

  /** Starts two masters that differ, in a table without a key too: that has no place to go on from. */
  static async start(kind: string): Promise<CutRuns> {
    const lab = await startTestLab(kind, { rows: ROWS })
    await labDiverge({ dir: lab.dir, count: 3 })
    for (const master of ['a', 'b']) {
      await lab.runLocally(
        master,
        'CREATE TABLE retail_db.log_lines (line VARCHAR(30))',
        `INSERT INTO retail_db.log_lines SELECT CONCAT('line ', order_id) FROM retail_db.orders WHERE order_id < 500`,
        `INSERT INTO retail_db.log_lines VALUES ('only on ${master}')`
      )
    }
    return new CutRuns(lab, plain((await lab.diff(SMALL_CHUNKS)).report))
  }

  async newFolder(): Promise<void> {
    this.folder = await mkdtemp(join(this.lab.dir, 'run-'))
  }

  /** Runs `mmaudit diff` in the folder of the test. @param kill is called once the run says something. */
  diff(args: readonly string[], kill?: (send: Send) => Promise<void>): Promise<Run> {
    let killing: Promise<void> | null = null
    return mmaudit(['diff', '--config', join(this.lab.dir, 'mmaudit.yaml'), '--json', 'report.json', ...args], {
      cwd: this.folder,
      onOutput: (_text, send) => {
        if (kill !== undefined) killing ??= kill(send)
      }
    }).finally(() => killing)
  }

  async report(): Promise<ReportFile> {
    return JSON.parse(await readFile(join(this.folder, 'report.json'), 'utf8')) as ReportFile
  }

  get checkpoint(): string {
    return join(this.folder, 'x.resume')
  }

  /** What the run under way has saved; empty before and after it. */
  saved(): Promise<string> {
    return readFile(this.checkpoint, 'utf8').catch(() => '')
  }

  begun(): Promise<void> {
    return this.#until((text) => text !== '')
  }

  oneTable(): Promise<void> {
    return this.#until((text) => text.includes('{"result"'))
  }

  async grown(by: number): Promise<void> {
    const before = (await this.saved()).length
    await this.#until((text) => text.length >= before + by || text === '')
  }

  /** Lets the run get somewhere: until what it saved is enough, or it ended. */
  async #until(isEnough: (text: string) => boolean): Promise<void> {
    for (let tries = 0; tries < 2_000 && !isEnough(await this.saved()); tries++) await sleep(4)
  }
}

/** A report without what differs from run to run. */
export function plain(report: ReportFile): unknown {
  const { startedAt: _started, finishedAt: _finished, costs: _costs, ...rest } = report
  return { ...rest, masters: report.masters.map(({ position: _, ...master }) => master) }
}

/** The names of what a folder holds. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).sort()
}
