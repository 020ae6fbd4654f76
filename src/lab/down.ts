import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { withLock } from '../files/lock.js'
import { lockFile, readLab, writeLab } from './lab-state.js'
import { emptyLab, stopServers } from './teardown.js'

/** Which lab to end, and how. */
export interface LabDownOptions {
  readonly dir: string
  /** Leave the data folders where they are. */
  readonly keep?: boolean
  readonly say?: (line: string) => void
}

/** What was ended. */
export interface LabDownResult {
  readonly stopped: number
  readonly removed: boolean
}

/** Stops the servers that the lab has started, and no others, and removes its folder. */
export async function labDown(options: LabDownOptions): Promise<LabDownResult> {
  const { keep = false, say = () => {} } = options
  const dir = resolve(options.dir)
  const lab = await readLab(dir)
  return withLock(lockFile(dir), 'this lab', 'ending the lab', async () => {
    const stopped = await stopServers(dir, lab)
    say(`stopped ${stopped} of ${lab.masters.length} servers`)
    if (keep) {
      const masters = lab.masters.map((master) => ({ ...master, pid: null }))
      await writeLab(dir, { ...lab, status: 'kept', masters })
      return { stopped, removed: false }
    }
    await emptyLab(dir, lab.masters)
    await rm(dir, { recursive: true, force: true })
    return { stopped, removed: true }
  })
}
