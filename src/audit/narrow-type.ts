import type { Divergence } from '../model/divergence.js'
import type { SchemaDifference } from '../model/report.js'
import type { SqlValue } from '../model/value.js'

/** A value and the type that one master stores it in. */
interface Stored {
  readonly master: string
  readonly value: SqlValue
  readonly type: string
}

/**
 * Says, for the differing columns whose types differ too, when a value looks cut to the narrower type: a text or a string
 * of bytes that ends where its type does, a number that was rounded or stopped at a limit, a time without its fraction.
 */
export function narrowedColumns(
  columns: readonly string[],
  rows: Divergence['rows'],
  drift: readonly SchemaDifference[]
): readonly string[] {
  return columns.flatMap((name) => {
    const types = drift.find((each) => each.aspect === 'type' && each.name?.toLowerCase() === name.toLowerCase())
    if (types === undefined) return []
    const stored = Object.entries(rows).flatMap(([master, row]) =>
      row === null ? [] : [{ master, value: row[name] ?? null, type: types.masters[master] ?? '' }]
    )
    const cut = stored.find((each) => stored.some((other) => each.type !== other.type && isCut(each, other)))
    return cut === undefined ? [] : [`${name} looks cut to its narrower type on ${cut.master} (${cut.type})`]
  })
}

function isCut(cut: Stored, whole: Stored): boolean {
  const [short, long] = [lengthened(cut.value), lengthened(whole.value)]
  if (short === null || long === null || short.text === long.text) return false
  if (isNumber(short.text) && isNumber(long.text))
    return isRounded(cut, short.text, long.text) || isClipped(short.text, long.text)
  if (!long.text.startsWith(short.text)) return false
  return isTime(cut.type) ? fraction(cut.type) < fraction(whole.type) : short.length === declared(cut.type)
}

/** A value as text, and its length in what its type counts: characters or bytes. */
function lengthened(value: SqlValue): { readonly text: string; readonly length: number } | null {
  if (value === null) return null
  if (typeof value === 'string') return { text: value, length: [...value].length }
  return { text: value.hex, length: value.hex.length / 2 }
}

function declared(type: string): number {
  return Number(/\((\d+)/.exec(type)?.[1] ?? -1)
}

function isTime(type: string): boolean {
  return /^(date|time)/i.test(type)
}

function fraction(type: string): number {
  return /^date$/i.test(type) ? -1 : Math.max(0, declared(type))
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

function isRounded({ type }: Stored, value: string, whole: string): boolean {
  const scale = Number(/^decimal\(\d+,(\d+)\)/i.exec(type)?.[1] ?? 0)
  const digits = whole.replace(/0+$/, '').split('.')[1]?.length ?? 0
  return scale < digits && Math.abs(Number(value) - Number(whole)) < 1
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
