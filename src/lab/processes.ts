import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that has not ended by then hangs; what it holds is thrown away anyway. */
const STOP_TIMEOUT_MS = 10_000
const POLL_MS = 20

/** True when this process may do everything; a server then wants to be told so. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The servers that run on this data folder. Nothing else is ever ours to stop. */
export function serversOn(dataDir: string): readonly number[] {
  return processIds().filter((pid) => runsOn(pid, dataDir))
}

/** True when the process is a server on this data folder, and not one that got its id later. */
function runsOn(pid: number, dataDir: string): boolean {
  return (readProc(pid, 'cmdline') ?? '').split('\0').includes(`--datadir=${dataDir}`)
}

/** Ends every server on this data folder: asks first, kills what has not ended after ten seconds. */
export async function stopServersOn(dataDir: string): Promise<number> {
  const pids = serversOn(dataDir)
  for (const pid of pids) signal(pid, 'SIGTERM')
  const deadline = Date.now() + STOP_TIMEOUT_MS
  while (serversOn(dataDir).length > 0 && Date.now() < deadline) await sleep(POLL_MS)
  for (const pid of serversOn(dataDir)) signal(pid, 'SIGKILL')
  while (serversOn(dataDir).length > 0) await sleep(POLL_MS)
  return pids.length
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It ended by itself in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function processIds(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return null
  }
}
