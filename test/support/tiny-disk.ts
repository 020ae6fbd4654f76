import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Mounts a file system of its own below a folder, as `disk`; `null`, said loudly, where none can be mounted. */
export async function tinyDisk(folder: string, size: string): Promise<string | null> {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'mmaudit-test', disk], { encoding: 'utf8' })
  if (mounted.status === 0) return disk
  process.stderr.write(`\n*** LEFT OUT: nothing was tried on a full disk: ${mounted.stderr ?? mounted.error}\n\n`)
  return null
}

export function unmount(disk: string): void {
  spawnSync('umount', [disk])
}
