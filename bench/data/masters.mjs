import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labDown, labUp } from '../../dist/lab/index.js'
import { adminOf } from '../../dist/lab/lab-state.js'
import { Session } from '../../dist/masters/session.js'

/** Where all tables of the bench are. */
const DATABASE = 'bench'

/** Tables are read from memory; it is only taken as far as they fill it. */
const BUFFER_POOL_BYTES = 4 * 1024 ** 3

const SIGNALS = ['SIGINT', 'SIGTERM']
/** The exit status after them. */
const INTERRUPTED = 130

/** What the tables are filled with must neither travel to the other master nor depend on a clock's zone. */
const SETTINGS = ['SET sql_log_bin = 0', "SET time_zone = '+00:00'", "SET sql_mode = 'STRICT_ALL_TABLES'"]

/**
 * Starts two masters of a kind that replicate to each other, hands them to `use`, and ends them however that ends, also by
 * a signal.
 */
export async function withMasters(kind, { install, say }, use) {
  const dir = await mkdtemp(join(tmpdir(), 'mmaudit-bench-'))
  let ended = null
  const end = () => {
    ended ??= endLab(dir, say)
    return ended
  }
  // A lab can only be ended when it has been started.
  let starting = null
  const endAtOnce = () =>
    void Promise.allSettled([starting])
      .then(end)
      .finally(() => process.exit(INTERRUPTED))
  for (const signal of SIGNALS) process.once(signal, endAtOnce)
  try {
    starting = labUp({ dir, server: kind, rows: 1, install, say })
    const lab = await starting
    const masters = await Masters.open(kind, dir, lab.masters)
    try {
      return await use(masters)
    } finally {
      await masters.close()
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, endAtOnce)
    await end()
  }
}

async function endLab(dir, say) {
  await labDown({ dir }).catch((error) => say(String(error)))
  await rm(dir, { recursive: true, force: true })
}

/** Two masters, and a session on each that writes past the binlog. */
class Masters {
  #sessions

  constructor(kind, dir, list, sessions) {
    this.kind = kind
    /** A folder to run programs in; removed with the masters. */
    this.dir = dir
    this.list = list
    this.ports = list.map((master) => master.port)
    this.pids = list.map((master) => master.pid)
    this.version = list[0].serverVersion
    this.#sessions = sessions
  }

  static async open(kind, dir, list) {
    const sessions = await Promise.all(list.map((master) => Session.open(adminOf(master), SETTINGS)))
    const masters = new Masters(kind, dir, list, sessions)
    await masters.everywhere(`SET GLOBAL innodb_buffer_pool_size = ${BUFFER_POOL_BYTES}`, `CREATE DATABASE ${DATABASE}`)
    return masters
  }

  /** Begins anew, with no table. */
  clear() {
    return this.everywhere(`DROP DATABASE ${DATABASE}`, `CREATE DATABASE ${DATABASE}`)
  }

  /** Runs the same statements on all masters at once. */
  async everywhere(...statements) {
    await Promise.all(this.list.map((_, at) => this.on(at, ...statements)))
  }

  /** Runs statements on one master, by its number from 0. */
  async on(at, ...statements) {
    for (const statement of statements) await this.#sessions[at].run(statement)
  }

  /** Rows of text from one master. */
  query(at, sql) {
    return this.#sessions[at].query(sql)
  }

  close() {
    return Promise.all(this.#sessions.map((session) => session.close()))
  }
}
