import { kindOf } from './history.js'
import type { Write } from './writes.js'

const DONE = { insert: 'inserted', update: 'updated', delete: 'deleted' } as const

/** `inserted on a at 2026-08-05 12:00:01 (0-1-42)`. */
export function told({ entry, origin }: Write): string {
  const where = origin === null ? `server ${entry.serverId}` : origin.master
  const name = entry.gtid === null ? '' : ` (${entry.gtid})`
  return `${DONE[kindOf(entry)]} on ${where} at ${entry.at.replace('T', ' ').replace('Z', '')}${name}`
}

/** `b`, or `b, c`. */
export function named(masters: readonly { readonly master: string }[]): string {
  return masters.map(({ master }) => master).join(', ')
}

/** `x and y`, or `x, y and z`. */
export function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
