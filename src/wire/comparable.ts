import { createHash } from 'node:crypto'
import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { canonicalJson } from './json-value.js'

/** Longer values are only told apart, not kept: of one row there may be many former ones. */
const LONGEST = 4096

/**
 * A value in the form in which equal ones are equal, wherever they were read: JSON is printed and stored in more than one
 * way, and of what is longer than 4,096 characters this is `sha256:` and its digest.
 */
export function comparable({ dataType }: Column, value: SqlValue): SqlValue {
  const one = dataType === 'json' && typeof value === 'string' ? (canonicalJson(value) ?? value) : value
  if (one === null) return null
  const text = typeof one === 'string' ? one : one.hex
  return text.length > LONGEST ? `sha256:${createHash('sha256').update(text).digest('hex')}` : one
}
