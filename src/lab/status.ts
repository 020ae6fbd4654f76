import { resolve } from 'node:path'
import type { Session } from '../masters/session.js'
import { messageOf } from '../model/errors.js'
import type { Vendor } from '../model/master.js'
import { openSession } from './cluster.js'
import { type LabMaster, type LabState, readLab } from './lab-state.js'
import type { ApplierStatus } from './replication/dialect.js'
import { replicationOf } from './replication/of.js'
import { readTruth } from './truth.js'

/** How a lab is doing. */
export interface LabStatus {
  readonly dir: string
  readonly status: LabState['status']
  readonly linked: boolean
  readonly database: string
  /** Orders that it was seeded with. */
  readonly rows: number
  readonly masters: readonly MasterStatus[]
  /** Rows that were made to differ, by class. */
  readonly divergences: Readonly<Record<string, number>>
}

/** How one master is doing. */
export interface MasterStatus {
  readonly name: string
  readonly address: string
  readonly vendor: Vendor
  readonly pid: number | null
  /** `null` when it does not answer; `problem` then says why. */
  readonly answer: MasterAnswer | null
  readonly problem: string | null
}

/** What a master says of itself. */
export interface MasterAnswer {
  readonly serverVersion: string
  readonly serverId: number
  readonly lane: { readonly increment: number; readonly offset: number }
  /** GTIDs of everything committed. */
  readonly position: string
  /** Name of the master it receives from, and how that goes; `null` when it receives from nobody. */
  readonly replication: (ApplierStatus & { readonly sourceName: string }) | null
}

/** Asks every master of a lab how it is doing; those that do not answer are part of the answer. */
export async function labStatus(options: { readonly dir: string }): Promise<LabStatus> {
  const dir = resolve(options.dir)
  const lab = await readLab(dir)
  const { divergences } = await readTruth(dir)
  const counts = new Map<string, number>()
  for (const { class: name } of divergences) counts.set(name, (counts.get(name) ?? 0) + 1)
  return {
    dir,
    status: lab.status,
    linked: lab.linked,
    database: lab.database,
    rows: lab.rows,
    masters: await Promise.all(lab.masters.map((master) => statusOf(master, lab))),
    divergences: Object.fromEntries(counts)
  }
}

async function statusOf(master: LabMaster, lab: LabState): Promise<MasterStatus> {
  const { name, host, port, vendor, pid } = master
  const known = { name, address: `${host}:${port}`, vendor, pid }
  try {
    const session = await openSession(master)
    const answer = await ask(session, master, lab)
    await session.close()
    return { ...known, answer, problem: null }
  } catch (error) {
    return { ...known, answer: null, problem: messageOf(error) }
  }
}

async function ask(session: Session, master: LabMaster, lab: LabState): Promise<MasterAnswer> {
  const dialect = replicationOf(master.vendor)
  const [row] = await session.query(
    `SELECT VERSION() AS version, @@GLOBAL.server_id AS id, @@GLOBAL.auto_increment_increment AS increment_by,
     @@GLOBAL.auto_increment_offset AS offset_by`
  )
  const applier = await dialect.status(session)
  const source = lab.masters.find(({ host, port }) => `${host}:${port}` === applier?.source)
  return {
    serverVersion: row?.version ?? '',
    serverId: Number(row?.id),
    lane: { increment: Number(row?.increment_by), offset: Number(row?.offset_by) },
    position: await dialect.position(session),
    replication: applier === null ? null : { ...applier, sourceName: source?.name ?? applier.source }
  }
}
