import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { MmauditError } from '../model/errors.js'
import { identityOf, ownIdentity } from './process-identity.js'

const POLL_MS = 100

/** Who holds a lock: the process, and what it is doing, in words. */
interface Holder {
  readonly identity: string
  readonly activity: string
}

/** Runs `work` while holding the lock file; waits for another process that holds it. */
export async function waitForLock<T>(file: string, activity: string, work: () => Promise<T>): Promise<T> {
  while ((await acquire(file, activity)) !== null) await sleep(POLL_MS)
  return work().finally(() => rm(file, { force: true }))
}

/** Runs `work` while holding the lock file of `what`; refuses when another process (or this one) holds it. */
export async function withLock<T>(file: string, what: string, activity: string, work: () => Promise<T>): Promise<T> {
  const release = await takeLock(file, what, activity)
  return work().finally(release)
}

/** Takes the lock file of `what` and returns how to give it back; refuses when another process (or this one) holds it. */
export async function takeLock(file: string, what: string, activity: string): Promise<() => Promise<void>> {
  const holder = await acquire(file, activity)
  if (holder !== null) {
    throw new MmauditError('incomplete', `${what} is busy: ${holder.activity} (process ${pidOf(holder)})`, {
      hint: 'wait until it has ended, or end it'
    })
  }
  return () => rm(file, { force: true })
}

/** Takes the lock, also from a process that died with it. Returns who holds it when that is somebody alive. */
async function acquire(file: string, activity: string): Promise<Holder | null> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${ownIdentity()}\n${activity}\n`)
  try {
    for (;;) {
      // A hard link appears with its whole content, or fails because the lock is taken.
      if (await linked(draft, file)) return null
      const holder = await readHolder(file)
      if (holder === null) continue
      if (identityOf(pidOf(holder)) === holder.identity) return holder
      await rm(file, { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(file: string): Promise<Holder | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const [identity = '', activity = ''] = text.split('\n')
  return { identity, activity }
}

function pidOf(holder: Holder): number {
  return Number(holder.identity.split(' ')[0])
}
