import { readEvents } from '../masters/binlog/files.js'
import type { Master } from '../masters/master.js'
import type { TransactionState } from '../masters/transaction-state.js'
import { BinlogDecoder, DEAF } from '../wire/binlog/decoder.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import type { LackingFound, Search } from './lacking-found.js'
import { tooMany } from './read-lacking.js'
import { explained, readFrom } from './read-share.js'
import { Tally } from './tally.js'

/** The transactions of the lost master in one survivor's binlog, in their order. */
interface Log {
  readonly master: Master
  /** The file from which on it was read. */
  readonly file: string
  readonly commits: readonly string[]
}

/**
 * Finds what survivors lack of a lost master's transactions that are not numbered. All of them keep the time of the first
 * commit, in microseconds: by that they are known again in the binlogs of others. The binlogs are read back, file by file, to
 * a transaction that all survivors have.
 */
export async function findLost(search: Search): Promise<LackingFound> {
  const { masters, states, subject } = search
  const serverId = Number(subject.source)
  if (states.length < 2 || sameEverywhere(states, serverId)) return nothing(states, [])
  const silent = states.find(({ logsApplied }) => !logsApplied)
  if (silent !== undefined) return nothing(states, [unlogged(silent.master, subject.master)])
  const logs = await readLogs(masters, states, serverId)
  const common = commonTo(logs)
  if (common === null && !logs.every(isWhole)) return nothing(states, [tooShort(subject.master)])
  const read = await readLacked(search, logs, lackedAfter(common, logs))
  const which = [...read.counts].map(
    ([name, count]) => [name, { all: `the last ${count} of them`, unsent: '' }] as const
  )
  return { ...nothing(states, []), read, which: new Map(which) }
}

function nothing(states: readonly TransactionState[], gaps: readonly string[]): LackingFound {
  return { by: 'position', states, read: new Tally(() => false), stepOver: [], which: new Map(), gaps }
}

function unlogged(survivor: string, lost: string): string {
  return `${survivor} does not log what it applies (log_replica_updates), so what it has of ${lost} cannot be told`
}

function tooShort(lost: string): string {
  return `the binlogs of the survivors do not reach back to a transaction of ${lost} that all of them have`
}

/** Reads each transaction on the first survivor that has it. @param lackedBy the survivors that lack it, by its commit. */
async function readLacked(
  { viewOf, subject }: Search,
  logs: readonly Log[],
  lackedBy: ReadonlyMap<string, readonly string[]>
): Promise<Tally> {
  const tally = new Tally(() => false)
  const done = new Set<string>()
  for (const { master, file, commits } of logs) {
    const isDue = ({ serverId, at }: Transaction) => String(serverId) === subject.source && !done.has(at)
    await readFrom(
      master,
      { file, offset: 0 },
      {
        ...{ holder: master.name, side: 'own', viewOf, findings: tally.findings },
        lackedBy: (transaction) => (isDue(transaction) ? (lackedBy.get(transaction.at) ?? []) : []),
        onTransaction: (transaction, by) => tally.add(master.name, transaction, by)
      }
    )
    for (const commit of commits) done.add(commit)
    if (tally.findings.rows.leftOut) throw tooMany(subject)
  }
  return tally
}

/** Whether all survivors read from the lost master directly, and are at one position of its binlog. */
function sameEverywhere(states: readonly TransactionState[], serverId: number): boolean {
  const positions = states.map(
    ({ channels }) => channels.find(({ sourceServerId }) => sourceServerId === serverId)?.applied
  )
  const [first] = positions
  return positions.every((each) => each !== undefined && each.file === first?.file && each.offset === first.offset)
}

/** Goes back as many files on each survivor until one transaction is in all. */
async function readLogs(
  masters: readonly Master[],
  states: readonly TransactionState[],
  serverId: number
): Promise<readonly Log[]> {
  const most = Math.max(...states.map(({ files }) => files.length))
  for (let back = 1; ; back++) {
    const logs = await Promise.all(
      states.map(async (state): Promise<Log> => {
        const master = masters.find(({ name }) => name === state.master)
        const file = state.files.at(-Math.min(back, state.files.length))
        if (master === undefined || file === undefined) throw new Error('a survivor that was not asked')
        return { master, file, commits: await commitsOf(master, file, serverId) }
      })
    )
    if (back >= most || commonTo(logs) !== null) return logs
  }
}

async function commitsOf(master: Master, file: string, serverId: number): Promise<readonly string[]> {
  const commits: string[] = []
  const begin = (transaction: Transaction) => {
    if (transaction.serverId === serverId) commits.push(transaction.at)
  }
  const decoder = new BinlogDecoder<never>({ ...DEAF, begin })
  const take = (buffer: Buffer, start: number, end: number) => {
    decoder.event(buffer, start, end)
    return true
  }
  await explained(master, () => readEvents(master, file, take))
  return commits
}

/** Whether a server's binlogs were read from the first one on that it ever wrote. */
function isWhole({ file }: Log): boolean {
  return /\.0*1$/.test(file)
}

/** The last transaction that all have; `null` when there is none. */
function commonTo(logs: readonly { readonly commits: readonly string[] }[]): string | null {
  const [first, ...others] = logs
  const sets = others.map(({ commits }) => new Set(commits))
  return first?.commits.findLast((commit) => sets.every((set) => set.has(commit))) ?? null
}

/** For each transaction behind the last that all have, or else for every one, the survivors that lack it. */
function lackedAfter(common: string | null, logs: readonly Log[]): ReadonlyMap<string, readonly string[]> {
  const has = logs.map(({ master, commits }) => ({ name: master.name, commits: new Set(commits) }))
  const later = logs.flatMap(({ commits }) => commits.slice(common === null ? 0 : commits.lastIndexOf(common) + 1))
  return new Map(
    [...new Set(later)].map((commit) => [
      commit,
      has.filter(({ commits }) => !commits.has(commit)).map(({ name }) => name)
    ])
  )
}
