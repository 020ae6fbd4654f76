import { access } from 'node:fs/promises'
import type { Master } from '../masters/master.js'
import { type Channel, readChannels } from '../masters/replication.js'
import { readStatus } from '../masters/status.js'
import type { AuditConfig, LoadLimit } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { WaitReason } from '../model/events.js'

type Limits = Pick<AuditConfig, 'maxLoad' | 'maxLag' | 'pauseFile'>

/** What stands in the way of asking the servers for more. */
export class Pressure {
  readonly #limits: Limits
  readonly #onNote: (note: string) => void
  readonly #notes = new Map<string, string>()
  #masters: readonly Master[] = []
  #begun = false

  /** @param onNote is told what could no longer be watched after the beginning. */
  constructor(limits: Limits, onNote: (note: string) => void) {
    this.#limits = limits
    this.#onNote = onNote
  }

  /** Whether there is anything to look at. */
  get isLimited(): boolean {
    const { maxLoad, maxLag, pauseFile } = this.#limits
    return maxLoad.length > 0 || maxLag !== null || pauseFile !== null
  }

  /** What cannot be watched. */
  get notes(): readonly string[] {
    return [...this.#notes.values()]
  }

  /** Looks at these masters from now on. @throws MmauditError `usage` for a variable that tells no load. */
  async watch(masters: readonly Master[]): Promise<void> {
    this.#masters = masters
    const { maxLoad } = this.#limits
    if (maxLoad.length > 0) {
      const statuses = await Promise.all(masters.map((master) => statusOf(master, maxLoad)))
      for (const { variable } of maxLoad) refuseUseless(variable, statuses)
    }
    await this.look()
    this.#begun = true
  }

  /** What is over its limit now. While the pause file exists, the servers are not even asked for that. */
  async look(): Promise<readonly WaitReason[]> {
    const { pauseFile } = this.#limits
    if (pauseFile !== null && (await exists(pauseFile))) {
      return [{ kind: 'pause-file', master: null, text: `${pauseFile} exists` }]
    }
    // A master that cannot be asked is no reason to wait: the next reading tells what is wrong with it.
    const found = await Promise.all(this.#masters.map((master) => this.#lookAt(master).catch(() => [])))
    return found.flat()
  }

  async #lookAt(master: Master): Promise<readonly WaitReason[]> {
    const { maxLoad, maxLag } = this.#limits
    const load = maxLoad.length === 0 ? [] : overLoaded(master.name, maxLoad, await statusOf(master, maxLoad))
    return maxLag === null ? load : [...load, ...(await this.#lagging(master, maxLag))]
  }

  async #lagging(master: Master, most: number): Promise<readonly WaitReason[]> {
    const channels = await master.once((session) => readChannels(session, master.capabilities))
    return channels.flatMap((channel): WaitReason[] => {
      const source = this.#masters.find(({ info }) => info.serverId === channel.sourceServerId)
      if (source === undefined || source === master) return []
      const lag = lagOf(channel)
      if (lag === null) this.#note(master.name, source.name)
      if (lag === null || lag <= most) return []
      const text = `${master.name} lags ${lag} s behind ${source.name}, more than ${most} s`
      return [{ kind: 'lag', master: master.name, text }]
    })
  }

  #note(follower: string, source: string): void {
    const direction = `${follower} ${source}`
    if (this.#notes.has(direction)) return
    const note = `${follower} does not know how far it lags behind ${source}, because replication does not run there: --max-lag does not wait for it`
    this.#notes.set(direction, note)
    if (this.#begun) this.#onNote(note)
  }
}

/** Seconds beyond those by which it is held back on purpose; `null` when the server does not know. */
export function lagOf({ secondsBehind, delay }: Pick<Channel, 'secondsBehind' | 'delay'>): number | null {
  return secondsBehind === null ? null : Math.max(0, secondsBehind - delay)
}

type Status = ReadonlyMap<string, string>

/** Asked once: a master that cannot be asked is no reason to wait. */
function statusOf(master: Master, limits: readonly LoadLimit[]): Promise<Status> {
  return master.once((session) =>
    readStatus(
      session,
      limits.map(({ variable }) => variable)
    )
  )
}

/** A variable that some masters do not know, as between vendors, is watched on the others. */
export function overLoaded(master: string, limits: readonly LoadLimit[], status: Status): readonly WaitReason[] {
  return limits.flatMap(({ variable, most }): WaitReason[] => {
    const value = Number(status.get(variable.toLowerCase()) ?? 0)
    if (!(value > most)) return []
    return [{ kind: variable, master, text: `${variable} is ${value} on ${master}, more than ${most}` }]
  })
}

function refuseUseless(variable: string, statuses: readonly Status[]): void {
  const values = statuses.flatMap((status) => status.get(variable.toLowerCase()) ?? [])
  if (values.length === 0) {
    throw new MmauditError('usage', `--max-load: no master knows a status variable ${variable}`, {
      hint: 'SHOW GLOBAL STATUS lists them; Threads_running is the usual choice'
    })
  }
  const wordy = values.find((value) => value.trim() === '' || Number.isNaN(Number(value)))
  if (wordy === undefined) return
  throw new MmauditError('usage', `--max-load: the status variable ${variable} is no number (${JSON.stringify(wordy)})`)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
