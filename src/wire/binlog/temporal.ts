import { fractionBytes } from './cells.js'

/**
 * Times as row images have them, made into the bytes that the same value has in the binary protocol, so that both are
 * printed by one function. Source of the layouts: `sql-common/my_time.c` (`my_datetime_packed_to_binary` and its like).
 */

const MICROS = 2 ** 24

/** A DATE of three bytes. */
export function dateValue(cell: Buffer): Buffer {
  const packed = cell.readUIntLE(0, 3)
  return moment(packed >> 9, (packed >> 5) & 15, packed & 31, 0, 0).subarray(0, 4)
}

/** A DATETIME with a fraction of so many digits. */
export function datetimeValue(cell: Buffer, digits: number): Buffer {
  return packedMoment(cell.readUIntBE(0, 5) - 0x8000000000, microsAfter(cell, 5, digits))
}

/** A moment as JSON values hold it: seconds and microseconds in one integer. */
export function packedDatetime(packed: bigint): Buffer {
  return packedMoment(Number(packed >> 24n), Number(packed & 0xffffffn))
}

function packedMoment(packed: number, micros: number): Buffer {
  const days = Math.floor(packed / 2 ** 17)
  const months = days >> 5
  return moment(Math.floor(months / 13), months % 13, days & 31, packed % 2 ** 17, micros)
}

/** A TIMESTAMP with a fraction of so many digits, in UTC. Its zero is no moment of 1970. */
export function timestampValue(cell: Buffer, digits: number): Buffer {
  const seconds = cell.readUInt32BE(0)
  const micros = microsAfter(cell, 4, digits)
  if (seconds === 0 && micros === 0) return Buffer.alloc(0)
  const time = new Date(seconds * 1000)
  const ofDay = (time.getUTCHours() << 12) | (time.getUTCMinutes() << 6) | time.getUTCSeconds()
  return moment(time.getUTCFullYear(), time.getUTCMonth() + 1, time.getUTCDate(), ofDay, micros)
}

/** A TIME with a fraction of so many digits. */
export function timeValue(cell: Buffer, digits: number): Buffer {
  const bytes = fractionBytes(digits)
  // A negative time is negative as a whole, fraction included.
  const whole = cell.readUIntBE(0, 3 + bytes) - 0x800000 * 2 ** (8 * bytes)
  const size = Math.abs(whole)
  return duration(whole < 0, Math.floor(size / 2 ** (8 * bytes)), (size % 2 ** (8 * bytes)) * scaleOf(bytes))
}

/** A TIME as JSON values hold it. */
export function packedTime(packed: bigint): Buffer {
  const size = packed < 0n ? -packed : packed
  return duration(packed < 0n, Number(size / BigInt(MICROS)), Number(size % BigInt(MICROS)))
}

function moment(year: number, month: number, day: number, ofDay: number, micros: number): Buffer {
  const value = Buffer.alloc(11)
  value.writeUInt16LE(year, 0)
  value[2] = month
  value[3] = day
  value[4] = ofDay >> 12
  value[5] = (ofDay >> 6) & 63
  value[6] = ofDay & 63
  value.writeUInt32LE(micros, 7)
  return value
}

function duration(negative: boolean, packed: number, micros: number): Buffer {
  const value = Buffer.alloc(12)
  const hours = (packed >> 12) & 1023
  value[0] = negative ? 1 : 0
  value.writeUInt32LE(Math.floor(hours / 24), 1)
  value[5] = hours % 24
  value[6] = (packed >> 6) & 63
  value[7] = packed & 63
  value.writeUInt32LE(micros, 8)
  return value
}

function microsAfter(cell: Buffer, at: number, digits: number): number {
  const bytes = fractionBytes(digits)
  return bytes === 0 ? 0 : cell.readUIntBE(at, bytes) * scaleOf(bytes)
}

/** One byte counts hundredths of a second, two count ten-thousandths, three millionths. */
function scaleOf(bytes: number): number {
  return 10 ** (6 - 2 * bytes)
}
