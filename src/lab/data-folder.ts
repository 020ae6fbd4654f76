import { constants, existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { waitForLock } from '../files/lock.js'
import { Session } from '../masters/session.js'
import { accountStatements } from './accounts.js'
import { runProgram } from './children.js'
import { cacheFolder } from './environment.js'
import { isRoot, stopServersOn } from './processes.js'
import type { ServerBinary } from './server-binary.js'
import { baseFlags, tmpdirFlag } from './server-flags.js'
import { localRoot, startServer } from './server-process.js'

/** Counted up when what a prepared data folder holds changes, so that old ones are not used. */
const FORMAT = 3

/** Files that belong to one server and must not be copied: its identity, and what it leaves behind. */
const NOT_COPIED = /^(auto\.cnf|ib_buffer_pool|ibtmp1|ddl_recovery.*|.*\.pid|.*\.log)$/

/** Smallest that lets a server start. */
const BUFFER_POOL = 32

/** The initialised and otherwise empty data folder of this server, with the accounts of a lab. Made once, then kept. */
export async function preparedData(binary: ServerBinary, say: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), 'data', `${binary.name}-${FORMAT}`)
  if (existsSync(folder)) return folder
  await mkdir(join(folder, '..'), { recursive: true })
  await waitForLock(`${folder}.lock`, 'preparing a data folder', async () => {
    if (existsSync(folder)) return
    say(`preparing an empty data folder for ${binary.vendor} ${binary.version}`)
    await prepare(binary, folder)
  })
  return folder
}

/** Copies the data folder of a server that does not run. */
export async function copyData(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => !NOT_COPIED.test(basename(source))
  })
}

async function prepare(binary: ServerBinary, folder: string): Promise<void> {
  const draft = await mkdtemp(`${folder}.tmp-`)
  // A socket's path may have 107 bytes; a cache folder can be deeper than that.
  const run = await mkdtemp(join(tmpdir(), 'mmaudit-'))
  const place = { dataDir: join(draft, 'data'), socket: join(run, 's'), logFile: join(run, 'log') }
  try {
    await initialise(binary, place.dataDir)
    await startServer(binary, place, { port: null, lane: null, bufferPool: BUFFER_POOL })
    await createAccounts(binary, place.socket)
    await stopServersOn(place.dataDir)
    await rename(place.dataDir, folder)
  } finally {
    await stopServersOn(place.dataDir)
    for (const left of [draft, run]) await rm(left, { recursive: true, force: true })
  }
}

async function initialise(binary: ServerBinary, dataDir: string): Promise<void> {
  if (binary.installer === null) {
    const [program = '', ...args] = binary.command
    await runProgram(program, [...args, ...baseFlags(binary, dataDir), '--initialize-insecure'])
    return
  }
  const { program, args, env } = binary.installer
  const user = isRoot() ? ['--user=root'] : []
  const how = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']
  await runProgram(program, ['--no-defaults', ...args, ...how, ...user, `--datadir=${dataDir}`, tmpdirFlag(dataDir)], {
    env
  })
}

async function createAccounts(binary: ServerBinary, socket: string): Promise<void> {
  const session = await Session.open(localRoot(socket))
  for (const statement of accountStatements(binary.vendor)) await session.run(statement)
  await session.close()
}
