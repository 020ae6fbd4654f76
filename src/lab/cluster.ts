import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../masters/session.js'
import { MmauditError } from '../model/errors.js'
import { adminOf, type LabMaster, type LabState } from './lab-state.js'
import type { ApplierStatus, ReplicationDialect } from './replication/dialect.js'
import { replicationOf } from './replication/of.js'

/** Loopback replication takes milliseconds; a minute means that it stands still. */
const CATCH_UP_TIMEOUT_MS = 60_000
const POLL_MS = 20

const SESSION = ["SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"]

/** One master of a running lab, with a connection to it. */
export interface Member {
  readonly master: LabMaster
  readonly session: Session
  readonly replication: ReplicationDialect
}

/** Replication that has stopped at something it cannot apply. */
export class ApplierStopped extends MmauditError {
  readonly member: Member
  readonly status: ApplierStatus

  constructor(member: Member, status: ApplierStatus) {
    super('incomplete', `replication on ${member.master.name} has stopped: ${status.errno} ${status.error}`)
    this.member = member
    this.status = status
  }
}

/** The masters of a running lab, in ring order: each receives from the one before it, the first from the last. */
export class Cluster {
  readonly members: readonly Member[]
  readonly linked: boolean

  private constructor(members: readonly Member[], linked: boolean) {
    this.members = members
    this.linked = linked
  }

  /** Connects to every master of a lab, in its database if `database` is named. */
  static async open(lab: LabState, database?: string): Promise<Cluster> {
    const settings = database === undefined ? [] : [`USE ${database}`]
    const opened = await Promise.allSettled(lab.masters.map((master) => openMember(master, settings)))
    const members = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const failed = opened.find((each) => each.status === 'rejected')
    if (failed === undefined) return new Cluster(members, lab.linked)
    for (const member of members) member.session.destroy()
    throw failed.reason
  }

  /** The member that `index` leads to, counted around the ring. */
  at(index: number): Member {
    const member = this.members.at(index % this.members.length)
    if (member === undefined) throw new RangeError('a lab without masters')
    return member
  }

  /** The members from `first` up to and without `end`, which is another one, around the ring. */
  span(first: number, end: number): readonly Member[] {
    const size = this.members.length
    return Array.from({ length: (end - first + size) % size }, (_, i) => this.at(first + i))
  }

  /** Stops replication everywhere. */
  async stopAppliers(): Promise<void> {
    if (!this.linked) return
    await Promise.all(this.members.map(({ session, replication }) => session.run(replication.stop)))
  }

  /** Starts replication wherever it does not run. */
  async startAppliers(): Promise<void> {
    if (this.linked) await Promise.all(this.members.map(startApplier))
  }

  /**
   * Waits until every master has what every other one has committed by now.
   * @throws ApplierStopped when replication stops on one of them.
   */
  async catchUp(): Promise<void> {
    if (!this.linked) return
    // Writes travel from hop to hop: once around brings the first master's everywhere, twice brings everyone's.
    for (let hop = 0; hop < 2 * this.members.length; hop++) {
      await followUp(this.at(hop), this.at(hop + 1))
    }
  }

  /** Waits until every master has a connection to the one before it. */
  async connected(): Promise<void> {
    if (!this.linked) return
    const deadline = Date.now() + CATCH_UP_TIMEOUT_MS
    for (const member of this.members) {
      for (;;) {
        const status = await member.replication.status(member.session)
        if (status?.connected) break
        if (status !== null && hasStopped(status)) throw new ApplierStopped(member, status)
        if (Date.now() > deadline) throw lagging(member.master, status)
        await sleep(POLL_MS)
      }
    }
  }

  /** Says goodbye to every master. */
  async close(): Promise<void> {
    await Promise.all(this.members.map(({ session }) => session.close()))
  }
}

/** Connects to a master the way everything in a lab works: times in UTC, strict, quotes doubled. */
export function openSession(master: LabMaster, settings: readonly string[] = []): Promise<Session> {
  return Session.open(adminOf(master), [...SESSION, ...settings])
}

async function openMember(master: LabMaster, settings: readonly string[]): Promise<Member> {
  const session = await openSession(master, settings)
  return { master, session, replication: replicationOf(master.vendor) }
}

/** Starts replication on one master, if it does not run. */
export async function startApplier({ session, replication }: Member): Promise<void> {
  const status = await replication.status(session)
  if (status !== null && !(status.receiving && status.applying)) await session.run(replication.start)
}

/** Waits until a master has applied everything that the master before it has committed by now. */
export async function followUp(source: Member, { master, session, replication }: Member): Promise<void> {
  const position = await source.replication.position(source.session)
  const deadline = Date.now() + CATCH_UP_TIMEOUT_MS
  while (!(await replication.reached(session, position, master))) {
    const status = await replication.status(session)
    if (status !== null && hasStopped(status)) throw new ApplierStopped({ master, session, replication }, status)
    if (Date.now() > deadline) throw lagging(master, status)
  }
}

function hasStopped(status: ApplierStatus): boolean {
  return status.errno !== 0 && !(status.receiving && status.applying)
}

function lagging(master: LabMaster, status: ApplierStatus | null): MmauditError {
  const why = status === null || status.error === '' ? '' : `: ${status.error}`
  const seconds = CATCH_UP_TIMEOUT_MS / 1000
  return new MmauditError('incomplete', `${master.name} has not caught up within ${seconds} seconds${why}`, {
    hint: 'look at `mmaudit lab status`'
  })
}

/** Runs statements as one transaction. */
export async function transaction(session: Session, statements: readonly string[]): Promise<void> {
  await session.run('BEGIN')
  try {
    for (const statement of statements) await session.run(statement)
    await session.run('COMMIT')
  } catch (error) {
    await session.run('ROLLBACK')
    throw error
  }
}
