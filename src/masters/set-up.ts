import { MmauditError } from '../model/errors.js'
import type { Capabilities } from './capabilities.js'
import { rowByRow } from './row-framer.js'
import { DRIVER_VERSION } from './row-stream.js'
import type { Session } from './session.js'

/** Who alters a table waits for readers, and whoever comes later waits for both: an audit stands in that queue only so long. */
const LOCK_WAIT_SECONDS = 5

/**
 * Makes sessions of all masters alike, whatever their globals say: stored bytes arrive unconverted, times in UTC, rows of
 * one statement from one snapshot, and nothing can be written.
 */
export async function setUp(session: Session, capabilities: Capabilities): Promise<void> {
  // In one statement: over a slow link, each costs more than all the rest of a login.
  const settings = [
    'character_set_results = NULL',
    "time_zone = '+00:00'",
    "sql_mode = 'NO_BACKSLASH_ESCAPES'",
    // Without it, a session would hold the snapshot of its first reading for ever.
    'autocommit = 1',
    capabilities.noStatementTimeout,
    `lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    ...capabilities.readingSettings
  ]
  await session.run(`SET NAMES utf8mb4, ${settings.map((setting) => `SESSION ${setting}`).join(', ')}`)
}

/** See `row-stream.ts`: without this, a driver that changed inside could show every table as empty, and so as equal. */
export async function proveRowPackets(session: Session): Promise<void> {
  const packets: string[] = []
  await session.stream("SELECT 'x' AS a, NULL AS b, CAST(258.5 AS DECIMAL(10, 2)) AS c", () =>
    rowByRow((buffer, start, end) => packets.push(buffer.toString('hex', start, end)))
  )
  // 00, NULL bitmap with the second of three columns set, a string of length one, `258.50` with its length.
  if (packets.length === 1 && packets[0] === `0008017806${Buffer.from('258.50').toString('hex')}`) return
  throw new MmauditError(
    'incomplete',
    `master ${session.master}: the MySQL driver (mysql2 ${DRIVER_VERSION}) does not deliver row packets`,
    { hint: 'install mmaudit with the exact mysql2 version that its package.json names' }
  )
}
