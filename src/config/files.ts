import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'

/** How configuration reads the disk; tests put their own in its place. */
export interface Files {
  /** The text of a file, or `null` when there is none. Throws when it is there and cannot be read. */
  read(path: string): string | null
  /** True when users other than the owner and the group may read the file. */
  readableByOthers(path: string): boolean
}

const READ_BY_OTHERS = 0o004

/** The real disk. */
export const disk: Files = {
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  },
  readableByOthers(path) {
    return (statSync(path).mode & READ_BY_OTHERS) !== 0
  }
}

/** An absolute path: `~` is the home folder, anything else relative to `base`. */
export function expandPath(path: string, base: string, home: string): string {
  if (path === '~') return home
  if (path.startsWith('~/')) return join(home, path.slice(2))
  return isAbsolute(path) ? path : resolve(base, path)
}
