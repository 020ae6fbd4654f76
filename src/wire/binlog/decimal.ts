/** Digits that four bytes hold, and bytes that fewer digits take; see `decimal2bin` in `strings/decimal.c`. */
const DIGITS = 9
const BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const

/** Bytes of a DECIMAL with so many digits in all, `scale` of them after the point. */
export function decimalBytes(precision: number, scale: number): number {
  return partBytes(precision - scale) + partBytes(scale)
}

function partBytes(digits: number): number {
  return Math.floor(digits / DIGITS) * 4 + (BYTES[digits % DIGITS] ?? 0)
}

/** The DECIMAL as the server prints it, with all the digits after its point. */
export function decimalText(bytes: Buffer, precision: number, scale: number): string {
  const plain = Buffer.from(bytes)
  const negative = ((plain[0] ?? 0) & 0x80) === 0
  plain[0] = (plain[0] ?? 0) ^ 0x80
  if (negative) for (let at = 0; at < plain.length; at++) plain[at] = (plain[at] ?? 0) ^ 0xff
  const integral = precision - scale
  const head = integral % DIGITS
  const split = partBytes(integral)
  const whole = groups(plain.subarray(0, split), [head, ...full(integral)]).replace(/^0+(?=\d)/, '') || '0'
  const fraction = groups(plain.subarray(split), [...full(scale), scale % DIGITS])
  const digits = fraction === '' ? whole : `${whole}.${fraction}`
  return negative ? `-${digits}` : digits
}

function full(digits: number): readonly number[] {
  return Array.from({ length: Math.floor(digits / DIGITS) }, () => DIGITS)
}

function groups(bytes: Buffer, sizes: readonly number[]): string {
  let at = 0
  let digits = ''
  for (const size of sizes) {
    const length = BYTES[size] ?? 0
    if (length === 0) continue
    digits += String(bytes.readUIntBE(at, length)).padStart(size, '0')
    at += length
  }
  return digits
}
