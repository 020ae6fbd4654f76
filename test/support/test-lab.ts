import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LabMaster, type LabState, labDown, labUp } from '../../src/lab/index.js'
import { adminOf } from '../../src/lab/lab-state.js'
import { Session, type TextRow } from '../../src/masters/session.js'
import { adoptServers } from './adopted-lab.js'
import { startContainers } from './containers.js'
import { parseDsns } from './dsn.js'
import { mmauditInside } from './inside.js'
import { mmaudit, type Run, type RunOptions } from './mmaudit.js'
import { type Equip, startOwnServer } from './own-server.js'
import type { ReportFile } from './report-file.js'

/** A running lab of one kind of server, and ways to work on it. */
export interface TestLab {
  readonly dir: string
  readonly state: LabState
  /**
   * Runs `mmaudit diff` on the lab's masters and returns the run and the JSON report it wrote. In a process of its own only
   * where that is told of its output, or has an environment.
   */
  diff(args?: readonly string[], options?: RunOptions): Promise<{ readonly run: Run; readonly report: ReportFile }>
  /** Runs a statement on one master, without its binlog: the other masters never hear of it. */
  runLocally(master: string, ...statements: readonly string[]): Promise<void>
  /** Runs statements on one master as any client would. */
  run(master: string, ...statements: readonly string[]): Promise<void>
  query(master: string, sql: string): Promise<readonly TextRow[]>
  /** `a=mysql://…`, as `--master` takes it. */
  masterUrl(name: string): string
  down(): Promise<void>
}

export interface TestLabOptions {
  readonly masters?: number
  readonly rows?: number
  /** For two servers of a local kind: how they are started otherwise than those of a lab. */
  readonly own?: { readonly flags: readonly string[]; readonly equip?: Equip }
}

/** Small enough to be there in a moment, large enough for several chunks of the size the tests use. */
const ROWS = 1_000

/** Starts a lab in a folder of its own; memory is faster than any disk. */
export async function startTestLab(kind: string, options: TestLabOptions = {}): Promise<TestLab> {
  const { masters = 2, rows = ROWS } = options
  const dir = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-test-'))
  const started =
    options.own === undefined ? await start(kind, dir, masters, rows) : await startOwn(kind, dir, rows, options.own)
  return new StartedLab(dir, started.state, started.stop)
}

interface Started {
  readonly state: LabState
  readonly stop: () => Promise<void>
}

async function start(kind: string, dir: string, masters: number, rows: number): Promise<Started> {
  if (kind.startsWith('docker:')) {
    const containers = await startContainers(kind.slice('docker:'.length), masters)
    try {
      return { state: await adoptServers(dir, containers.servers, rows, true), stop: containers.stop }
    } catch (error) {
      await containers.stop()
      throw error
    }
  }
  if (kind.includes('://')) {
    const servers = parseDsns(kind).slice(0, masters)
    return { state: await adoptServers(dir, servers, rows, false), stop: async () => {} }
  }
  const state = await labUp({ dir, server: kind, masters, rows })
  return { state, stop: async () => void (await labDown({ dir })) }
}

async function startOwn(
  kind: string,
  dir: string,
  rows: number,
  { flags, equip }: NonNullable<TestLabOptions['own']>
): Promise<Started> {
  const servers = [await startOwnServer(kind, 1, flags, equip), await startOwnServer(kind, 2, flags, equip)]
  const stop = async () => {
    for (const server of servers) await server.stop()
  }
  const addresses = servers.map(({ port }) => ({ host: '127.0.0.1', port, user: 'root', password: null }))
  try {
    return { state: await adoptServers(dir, addresses, rows, true), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

class StartedLab implements TestLab {
  readonly dir: string
  readonly state: LabState
  readonly #stop: () => Promise<void>

  constructor(dir: string, state: LabState, stop: () => Promise<void>) {
    this.dir = dir
    this.state = state
    this.#stop = stop
  }

  async diff(args: readonly string[] = [], options: RunOptions = {}) {
    const file = join(this.dir, 'report.json')
    await rm(file, { force: true })
    const all = ['diff', '--config', join(this.dir, 'mmaudit.yaml'), '--json', file, ...args]
    const isOwnProcess = options.onOutput !== undefined || options.env !== undefined
    const run = await (isOwnProcess ? mmaudit : mmauditInside)(all, { cwd: this.dir, ...options })
    if (!existsSync(file)) throw new Error(`no report was written; exit status ${run.code}: ${run.stderr}`)
    return { run, report: JSON.parse(await readFile(file, 'utf8')) as ReportFile }
  }

  runLocally(master: string, ...statements: readonly string[]): Promise<void> {
    return this.#with(master, async (session) => {
      for (const statement of ['SET sql_log_bin = 0', ...statements]) await session.run(statement)
    })
  }

  run(master: string, ...statements: readonly string[]): Promise<void> {
    return this.#with(master, async (session) => {
      for (const statement of statements) await session.run(statement)
    })
  }

  query(master: string, sql: string): Promise<readonly TextRow[]> {
    return this.#with(master, (session) => session.query(sql))
  }

  masterUrl(name: string): string {
    const { host, port } = this.#master(name)
    return `${name}=mysql://mmaudit@${host}:${port}/?sslMode=DISABLED`
  }

  async down(): Promise<void> {
    await this.#stop()
    await rm(this.dir, { recursive: true, force: true })
  }

  async #with<Result>(name: string, use: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await Session.open(adminOf(this.#master(name)))
    try {
      return await use(session)
    } finally {
      await session.close()
    }
  }

  #master(name: string): LabMaster {
    const master = this.state.masters.find((each) => each.name === name)
    if (master === undefined) throw new Error(`the lab has no master ${name}`)
    return master
  }
}
