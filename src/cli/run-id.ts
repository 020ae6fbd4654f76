import { randomBytes } from 'node:crypto'

/** Sorts by time, and tells runs of one second apart. */
export function newRunId(): string {
  return `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${randomBytes(2).toString('hex')}`
}
