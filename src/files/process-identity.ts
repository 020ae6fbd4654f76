import { readFileSync } from 'node:fs'

/** This process in a form that no later process can be taken for: its id and the tick it was started at. */
export function ownIdentity(): string {
  return identityOf(process.pid) ?? `${process.pid} -`
}

/** The identity of a running process, `null` when there is none with this id. */
export function identityOf(pid: number): string | null {
  const stat = readStat(pid)
  if (stat === null) return isAlive(pid) ? `${pid} -` : null
  // The name, in parentheses, may hold anything; the fields after it are plain. The start time is the twentieth of those.
  return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

/** `null` for no such process, and on systems that do not tell of processes in files. */
function readStat(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
