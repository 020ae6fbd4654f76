const THOUSAND = 1000
const MINUTE = 60
const HOUR = 3600

/** Half a minute is told with tenths; beyond that they are noise. */
const TENTHS_BELOW = 30

/** `1,234,567` */
export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 table`, `1,234 tables` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`
}

/** A rate in few digits: `834`, `83.4 k`, `1.2 M` */
export function compact(value: number): string {
  if (value < THOUSAND) return String(Math.round(value))
  if (value < THOUSAND * THOUSAND) return `${(value / THOUSAND).toFixed(1)} k`
  return `${(value / THOUSAND / THOUSAND).toFixed(1)} M`
}

/** `834 B`, `83.4 kB`, `5.2 MB`, `1.2 GB` */
export function byteCount(value: number): string {
  if (value < THOUSAND) return `${value} B`
  if (value < THOUSAND ** 2) return `${(value / THOUSAND).toFixed(1)} kB`
  if (value < THOUSAND ** 3) return `${(value / THOUSAND ** 2).toFixed(1)} MB`
  return `${grouped(Number((value / THOUSAND ** 3).toFixed(1)))} GB`
}

/** Decimal text with its thousands apart: `-1234.50` becomes `-1,234.50`. */
export function groupedDecimal(text: string): string {
  const [whole = '', fraction] = text.split('.')
  const apart = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return fraction === undefined ? apart : `${apart}.${fraction}`
}

/** `left - right` of two decimal texts, exactly. */
export function subtractDecimals(left: string, right: string): string {
  const scale = Math.max(scaleOf(left), scaleOf(right))
  return decimalText(scaled(left, scale) - scaled(right, scale), scale)
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`. */
export function compareDecimals(left: string, right: string): number {
  const scale = Math.max(scaleOf(left), scaleOf(right))
  return Number(scaled(left, scale) > scaled(right, scale)) - Number(scaled(left, scale) < scaled(right, scale))
}

/** `0.8 s`, `42 s`, `2 min 5 s`, `1 h 2 min` */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < TENTHS_BELOW) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < MINUTE) return `${whole} s`
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`
  return `${grouped(Math.floor(whole / HOUR))} h ${Math.floor((whole % HOUR) / MINUTE)} min`
}

function scaleOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

function scaled(text: string, scale: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(scale - scaleOf(text)))
}

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
