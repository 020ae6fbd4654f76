import { readFileSync } from 'node:fs'

/** The kernel tells CPU time in ticks; Linux has had 100 of them in a second on every machine for programs to see. */
const TICKS_PER_SECOND = 100

/** CPU seconds that a process has used, its own and the kernel's for it; `null` once it is gone. */
export function cpuSeconds(pid) {
  const stat = read(pid, 'stat')
  if (stat === null) return null
  // The name, in parentheses, may hold anything; user and system time are the 12th and 13th words behind it.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(words[11]) + Number(words[12])) / TICKS_PER_SECOND
}

/** The most memory that a process has held at once, in MB of a million bytes; `null` once it is gone. */
export function peakMegabytes(pid) {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(read(pid, 'status') ?? '')?.[1]
  return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return null
  }
}
