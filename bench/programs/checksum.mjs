// checksum.mjs one-by-one|at-once chunks|whole <table> <port>...: the checksum query of pt-table-checksum 3.2 over a table of
// orders, with its default function, on one master after the other or on all at once. In chunks of half a second with its
// rule for their size, as that tool does it, or in one statement. Its EXPLAINs, its table of results and its waiting for
// replicas are left out, so it is faster than the tool.
import { Session } from '../../dist/masters/session.js'
import { account } from './account.mjs'

const TARGET_SECONDS = 0.5
const FIRST_ROWS = 1000
/** How much of the earlier chunks' weight is left at each further one. */
const WEIGHT = 0.75

const CHECKSUM =
  "COUNT(*) AS cnt, COALESCE(LOWER(CONV(BIT_XOR(CAST(CRC32(CONCAT_WS('#', `order_id`, `customer_id`, `order_date`, " +
  '`amount`, convert(`region` using utf8mb4), convert(`order_no` using utf8mb4), convert(`status` using utf8mb4), ' +
  '`created_at`, UNIX_TIMESTAMP(`updated_at`))) AS UNSIGNED)), 10, 16)), 0) AS crc'

const [order, extent, table, ...ports] = process.argv.slice(2)
const pass = extent === 'whole' ? wholePass : chunkedPass

if (order === 'at-once') {
  await Promise.all(ports.map(onMaster))
} else {
  for (const port of ports) await onMaster(port)
}

async function onMaster(port) {
  const session = await Session.open(account(port))
  await pass(session)
  await session.close()
}

async function wholePass(session) {
  await session.query(`SELECT ${CHECKSUM} FROM ${table}`)
}

async function chunkedPass(session) {
  const size = chunkSize()
  let [{ least: lower }] = await session.query(`SELECT MIN(order_id) AS least FROM ${table}`)
  while (lower !== null) {
    const { upper, next } = await bounds(session, lower, size.rows)
    const started = performance.now()
    const [{ cnt }] = await session.query(
      `SELECT ${CHECKSUM} FROM ${table} FORCE INDEX(\`PRIMARY\`) ` +
        `WHERE ((\`order_id\` >= '${lower}'))${upper === null ? '' : ` AND ((\`order_id\` <= '${upper}'))`} /*checksum chunk*/`
    )
    size.record(Number(cnt), (performance.now() - started) / 1000)
    lower = next
  }
}

/** The last key of the chunk that begins with `lower`, and the first one of the next. */
async function bounds(session, lower, rows) {
  const [last, beyond] = await session.query(
    `SELECT /*!40001 SQL_NO_CACHE */ \`order_id\` FROM ${table} FORCE INDEX(\`PRIMARY\`) ` +
      `WHERE ((\`order_id\` >= '${lower}')) ORDER BY \`order_id\` LIMIT ${rows - 1}, 2 /*next chunk boundary*/`
  )
  return beyond === undefined ? { upper: null, next: null } : { upper: last.order_id, next: beyond.order_id }
}

/** The tool's weighted average rate. */
function chunkSize() {
  let [rows, seconds] = [0, 0]
  return {
    rows: FIRST_ROWS,
    record(read, took) {
      rows = rows * WEIGHT + read
      seconds = seconds * WEIGHT + took
      this.rows = Math.max(1, Math.floor((rows / seconds) * TARGET_SECONDS))
    }
  }
}
