import type { Master } from '../masters/master.js'
import { rowByRow } from '../masters/row-framer.js'
import { MmauditError } from '../model/errors.js'
import { echoedIntegers } from '../sql/select-digest.js'
import { onEveryMaster } from './on-every-master.js'

/** One literal for each way in which values travel; what is not named here travels as one of these. */
const BATTERY = [
  "CAST('12.50' AS DECIMAL(10, 2))",
  "CAST('-0.000000000000000000000000000001' AS DECIMAL(65, 30))",
  'CAST(18446744073709551615 AS UNSIGNED)',
  'CAST(-9223372036854775808 AS SIGNED)',
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

/**
 * Runs literals of every kind through all masters and compares what arrives, before any table is. Servers that encode
 * equal values differently would make every row a difference; or worse, different ones equal.
 */
export async function selfCheck(masters: readonly Master[]): Promise<void> {
  const packets = await onEveryMaster(masters, 'checking how values arrive', async (master) => {
    const sql = `SELECT ${BATTERY.map((literal, at) => `${literal} AS c${at}`).join(', ')}`
    return master.withSession(async (session) => {
      const rows: string[] = []
      await session.stream(sql, () => rowByRow((buffer, start, end) => rows.push(buffer.toString('hex', start, end))))
      return rows.join()
    })
  })
  const other = packets.findIndex((packet) => packet !== packets[0])
  if (other === -1) return
  throw new MmauditError(
    'incomplete',
    `masters ${masters[0]?.name} and ${masters[other]?.name} send equal values as different bytes, so their rows cannot be compared`,
    { hint: 'please report this with both server versions; neither is known to do so' }
  )
}

/**
 * Has every master repeat the largest and the least whole number. One that took a bound of a range for another number would
 * add up other rows than were asked for, and so might all of them alike.
 */
export async function checkBoundValues(masters: readonly Master[]): Promise<void> {
  const { sql, parameters } = echoedIntegers
  const answers = await onEveryMaster(masters, 'checking how bounds arrive', (master) =>
    master.withSession((session) => session.value(sql, parameters))
  )
  const other = answers.findIndex((answer) => answer !== parameters.join(' '))
  if (other === -1) return
  throw new MmauditError(
    'incomplete',
    `master ${masters[other]?.name} takes bounds of ranges for other numbers (${answers[other]})`,
    { hint: 'audit with --checksum xxhash, and please report this with the server version' }
  )
}
