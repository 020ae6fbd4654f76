import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'

const MASTER = z.object({
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  /** Unix socket, `null` for a server that is only reached over the network. */
  socket: z.string().nullable(),
  vendor: z.enum(['mysql', 'mariadb']),
  serverVersion: z.string(),
  serverId: z.number().int(),
  /** `null` for a server that the lab did not start. */
  dataDir: z.string().nullable(),
  pid: z.number().int().nullable(),
  /** The account that the lab itself works as. */
  user: z.string(),
  password: z.string().nullable()
})

const STATE = z.object({
  version: z.literal(1),
  /** `starting` until everything is ready; `kept` after `down --keep`. */
  status: z.enum(['starting', 'running', 'kept']),
  masters: z.array(MASTER),
  /** True when the masters replicate to each other, each from the one before it and the first from the last. */
  linked: z.boolean(),
  database: z.string(),
  /** Seeded orders; the other tables are in proportion. */
  rows: z.number().int(),
  seed: z.number().int()
})

/** One master of a lab, as `lab.json` holds it. */
export type LabMaster = Readonly<z.infer<typeof MASTER>>

/** A lab, as `lab.json` holds it. */
export type LabState = Readonly<Omit<z.infer<typeof STATE>, 'masters'>> & { readonly masters: readonly LabMaster[] }

/** The database of every lab. */
export const DATABASE = 'retail_db'

/** The files of a lab folder. */
export const LAB_FILES = {
  state: 'lab.json',
  lock: 'lab.lock',
  config: 'mmaudit.yaml',
  repairConfig: 'repair.yaml',
  adminConfig: 'admin.yaml',
  truth: 'truth.json',
  failover: 'failover-truth.json'
} as const

/** Where the lock of a lab lies; only one command works on a lab at a time. */
export function lockFile(dir: string): string {
  return join(dir, LAB_FILES.lock)
}

/** Reads `lab.json`. @throws MmauditError `usage` when there is no lab, `config` when the file is not one of ours. */
export async function readLab(dir: string): Promise<LabState> {
  const file = join(dir, LAB_FILES.state)
  if (!existsSync(file)) {
    throw new MmauditError('usage', `there is no lab in ${dir}`, {
      hint: 'start one with `mmaudit lab up`, or name its folder with --dir'
    })
  }
  const parsed = STATE.safeParse(parseJson(await readFile(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new MmauditError('config', `${file} is not the state of a lab`, { cause: parsed.error })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Writes `lab.json`; a reader never sees half of it. */
export async function writeLab(dir: string, state: LabState): Promise<void> {
  await writeJson(join(dir, LAB_FILES.state), state)
}

/** Writes a value as JSON, complete or not at all. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`)
  await rename(draft, file)
}

/** How the lab itself logs in to one of its masters: through the socket where there is one. */
export function adminOf(master: LabMaster): MasterConfig {
  return {
    name: master.name,
    host: master.host,
    port: master.port,
    socketPath: master.socket,
    user: master.user,
    password: master.password,
    sslMode: 'DISABLED',
    sslCa: null,
    sslCert: null,
    sslKey: null
  }
}
