import { createHash } from 'node:crypto'

/**
 * Signatures for MariaDB's `ed25519` accounts. The scheme is Ed25519 (RFC 8032), except that the secret is the password,
 * of any length, in place of a seed of 32 bytes: https://mariadb.com/kb/en/authentication-plugin-ed25519/. Node signs with
 * seeds only, and the driver brings no such plugin.
 *
 * A scalar is multiplied by the same number of steps whatever its bits, but numbers of this size do not take constant time.
 * One signature is made for each login.
 */

/** The field's prime, the order of the base point, and the curve's constant. */
const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const D = modulo(-121665n * power(121666n, P - 2n))

/** A point as X:Y:Z:T, with x = X/Z, y = Y/Z and xy = T/Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

const NEUTRAL: Point = [0n, 1n, 1n, 0n]
const BASE = basePoint()

/** Signs `message`; 64 bytes. */
export function signWithPassword(password: Buffer, message: Buffer): Buffer {
  const hash = sha512(password)
  const secret = clamp(hash.subarray(0, 32))
  const publicKey = encode(multiply(BASE, secret))
  const nonce = toNumber(sha512(hash.subarray(32), message)) % L
  const first = encode(multiply(BASE, nonce))
  const challenge = toNumber(sha512(first, publicKey, message)) % L
  return Buffer.concat([first, toBytes((nonce + challenge * secret) % L)])
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** RFC 8032, 5.1.5: the lowest three bits and the highest are cleared, the second highest is set. */
function clamp(bytes: Buffer): bigint {
  const low = toNumber(bytes) & (2n ** 254n - 8n)
  return low | (2n ** 254n)
}

/** Least significant byte first, as everywhere in this scheme. */
function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()
}

function modulo(number: bigint): bigint {
  const rest = number % P
  return rest < 0n ? rest + P : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = modulo(result * square)
    square = modulo(square * square)
  }
  return result
}

/** y is 4/5; x is the even root that the curve -x² + y² = 1 + dx²y² has for it (RFC 8032, 5.1). */
function basePoint(): Point {
  const y = modulo(4n * power(5n, P - 2n))
  const squared = modulo((y * y - 1n) * power(D * y * y + 1n, P - 2n))
  const candidate = power(squared, (P + 3n) / 8n)
  const root = modulo(candidate * candidate - squared) === 0n ? candidate : candidate * power(2n, (P - 1n) / 4n)
  const x = modulo(root)
  const even = (x & 1n) === 0n ? x : P - x
  return [even, y, 1n, modulo(even * y)]
}

/** RFC 8032, 5.1.4. Complete: it also doubles. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = modulo((y1 - x1) * (y2 - x2))
  const b = modulo((y1 + x1) * (y2 + x2))
  const c = modulo(2n * t1 * t2 * D)
  const d = modulo(2n * z1 * z2)
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return [modulo(e * f), modulo(g * h), modulo(f * g), modulo(e * h)]
}

/** Montgomery's ladder: an addition and a doubling for each of 256 bits. */
function multiply(point: Point, scalar: bigint): Point {
  let [low, high] = [NEUTRAL, point]
  for (let bit = 255n; bit >= 0n; bit--) {
    const sum = add(low, high)
    const isSet = ((scalar >> bit) & 1n) === 1n
    ;[low, high] = isSet ? [sum, add(high, high)] : [add(low, low), sum]
  }
  return low
}

function encode([x, y, z]: Point): Buffer {
  const inverse = power(z, P - 2n)
  const sign = modulo(x * inverse) & 1n
  return toBytes(modulo(y * inverse) | (sign << 255n))
}
