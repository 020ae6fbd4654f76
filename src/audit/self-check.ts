import type { Master } from '../masters/master.js'
import { rowByRow } from '../masters/row-framer.js'
import { MmauditError } from '../model/errors.js'
import { boundInteger } from '../sql/bound.js'
import { onEveryMaster } from './on-every-master.js'

/** One literal for each way in which values travel; what is not named here travels as one of these. */
const BATTERY = [
  "CAST('12.50' AS DECIMAL(10, 2))",
  "CAST('-0.000000000000000000000000000001' AS DECIMAL(65, 30))",
  "CAST('1.5e-300' AS DOUBLE)",
  "CAST('2024-02-29' AS DATE)",
  "CAST('2024-02-29 23:59:59.123456' AS DATETIME(6))",
  "CAST('2024-02-29 00:00:00' AS DATETIME(6))",
  "CAST('-838:59:59' AS TIME)",
  "CAST('00:00:00.000001' AS TIME(6))",
  "''",
  "'a '",
  'NULL',
  "CONVERT(_latin1 X'80E9' USING utf8mb4)",
  "CONVERT(_utf8mb4 X'F09D849E' USING utf8mb4)",
  "X'00FF'"
]

/** The largest and the least whole number, as literals and as bound values. */
const BOUND = [
  { literal: 'CAST(18446744073709551615 AS UNSIGNED)', value: '18446744073709551615', unsigned: true },
  { literal: 'CAST(-9223372036854775808 AS SIGNED)', value: '-9223372036854775808', unsigned: false }
]

/**
 * Runs literals of every kind through all masters and compares what arrives, before any table is. Servers that encode
 * equal values differently would make every row a difference; or worse, different ones equal. One that took a bound of a
 * range for another number would show other rows than were asked for, and so might all of them alike.
 */
export async function selfCheck(masters: readonly Master[]): Promise<void> {
  const literals = [...BATTERY, ...BOUND.map(({ literal }) => literal)]
  const columns = [...literals, ...BOUND.map(({ unsigned }) => boundInteger(unsigned))]
  const sql = `SELECT ${columns.map((column, at) => `${column} AS c${at}`).join(', ')}`
  const parameters = BOUND.map(({ value }) => value)
  const packets = await onEveryMaster(masters, 'checking how values arrive', (master) =>
    master.withSession(async (session) => {
      const rows: string[] = []
      await session.stream({ sql, parameters, repeats: false }, () =>
        rowByRow((buffer, start, end) => rows.push(buffer.toString('hex', start, end)))
      )
      return rows.join()
    })
  )
  refuseOtherBounds(masters, packets)
  const other = packets.findIndex((packet) => packet !== packets[0])
  if (other === -1) return
  throw new MmauditError(
    'incomplete',
    `masters ${masters[0]?.name} and ${masters[other]?.name} send equal values as different bytes, so their rows cannot be compared`,
    { hint: 'please report this with both server versions; neither is known to do so' }
  )
}

function refuseOtherBounds(masters: readonly Master[], packets: readonly string[]): void {
  const other = packets.findIndex((packet) => !hasBoundAsLiterals(packet))
  if (other === -1) return
  throw new MmauditError('incomplete', `master ${masters[other]?.name} takes bounds of ranges for other numbers`, {
    hint: 'please report this with the server version; none is known to do so'
  })
}

/**
 * Whether the bound numbers at the end of a row packet are those that stand before them as literals, of eight bytes each.
 * @param packet in hexadecimal digits.
 */
export function hasBoundAsLiterals(packet: string): boolean {
  const digits = BOUND.length * 16
  return packet.length > 2 * digits && packet.slice(-digits) === packet.slice(-2 * digits, -digits)
}
