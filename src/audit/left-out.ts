import type { Master } from '../masters/master.js'
import { readOtherObjects } from '../masters/schema.js'
import type { AuditConfig } from '../model/config.js'
import { globMatches } from './select-tables.js'

/** Says what was asked for, by name or glob, and is no table: it holds no rows of its own and stays out. */
export async function leftOutNotes(masters: readonly Master[], config: AuditConfig): Promise<readonly string[]> {
  const [first] = masters
  if (first === undefined) return []
  const objects = await first.withSession(readOtherObjects)
  const asked = objects.filter(
    ({ name }) =>
      (config.include.length === 0 || config.include.some((pattern) => globMatches(pattern, name))) &&
      !config.exclude.some((pattern) => globMatches(pattern, name))
  )
  return [...new Set(asked.map(({ kind }) => kind))].sort().map((kind) => {
    const names = asked.filter((object) => object.kind === kind).map(({ name }) => name)
    const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? `, … (${names.length} in all)` : '')
    return `left out, because it is no table: ${kind} ${shown}`
  })
}

/** Enough to recognise them by. */
const SHOWN = 5
