import type { Divergence } from '../model/divergence.js'
import type { SchemaDifference } from '../model/report.js'
import type { SqlValue } from '../model/value.js'

/**
 * Says, for the differing columns whose types differ too, when a value looks cut to the narrower type: a text that ends
 * early, a number that was rounded or stopped at a limit, a time without its fraction. Empty when nothing does.
 */
export function narrowedColumns(
  columns: readonly string[],
  rows: Divergence['rows'],
  drift: readonly SchemaDifference[]
): readonly string[] {
  return columns.flatMap((name) => {
    const types = drift.find((each) => each.aspect === 'type' && each.name?.toLowerCase() === name.toLowerCase())
    const cut = types === undefined ? null : cutOn(name, rows)
    return cut === null ? [] : [`${name} looks cut to its narrower type on ${cut} (${types?.masters[cut]})`]
  })
}

/** The master whose value of a column is a cut form of another one's. */
function cutOn(name: string, rows: Divergence['rows']): string | null {
  const values = Object.entries(rows).flatMap(([master, row]) =>
    row === null ? [] : [{ master, value: row[name] ?? null }]
  )
  return values.find(({ value }) => values.some((other) => isCut(value, other.value)))?.master ?? null
}

function isCut(value: SqlValue, whole: SqlValue): boolean {
  if (value === null || whole === null) return false
  if (typeof value !== 'string' || typeof whole !== 'string') {
    return (
      typeof value !== 'string' &&
      typeof whole !== 'string' &&
      value.hex !== whole.hex &&
      whole.hex.startsWith(value.hex)
    )
  }
  if (isNumber(value) && isNumber(whole)) return isRounded(value, whole) || isClipped(value, whole)
  return value !== whole && whole.startsWith(value)
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

function isRounded(value: string, whole: string): boolean {
  const digits = (text: string) => text.replace(/0+$/, '').split('.')[1]?.length ?? 0
  return digits(value) < digits(whole) && Math.abs(Number(value) - Number(whole)) < 1
}

const LIMITS = [7, 8, 15, 16, 23, 24, 31, 32, 63, 64].flatMap((bits) => [
  2n ** BigInt(bits) - 1n,
  -(2n ** BigInt(bits))
])

/** Servers that are not strict store the nearest value that fits. */
function isClipped(value: string, whole: string): boolean {
  if (value.includes('.') || whole.includes('.')) return false
  const [stored, meant] = [BigInt(value), BigInt(whole)]
  return LIMITS.includes(stored) && (stored > 0n ? meant > stored : meant < stored)
}
