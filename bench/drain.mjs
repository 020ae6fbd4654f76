// Reads every row of retail_db.orders from two masters at once, through the connections that an audit uses and over as many
// of them, and does nothing with the rows: the least time in which any client of ours could look at them.
import { Session } from '../dist/masters/session.js'

const LANES = 2
const ports = process.argv.slice(2).map(Number)

await Promise.all(ports.map(drain))

async function drain(port) {
  const sessions = await Promise.all(Array.from({ length: LANES }, () => Session.open(master(port))))
  const [{ least, most }] = await sessions[0].query(
    'SELECT MIN(order_id) AS least, MAX(order_id) AS most FROM retail_db.orders'
  )
  const step = Math.ceil((Number(most) - Number(least) + 1) / LANES)
  await Promise.all(
    sessions.map(async (session, lane) => {
      const from = Number(least) + lane * step
      const sql = `SELECT * FROM retail_db.orders WHERE order_id >= ${from} AND order_id < ${from + step} ORDER BY order_id`
      await session.stream(
        sql,
        () => {},
        () => {}
      )
      await session.close()
    })
  )
}

function master(port) {
  return {
    name: String(port),
    host: '127.0.0.1',
    port,
    socketPath: null,
    user: 'mmaudit',
    password: null,
    sslMode: 'DISABLED',
    sslCa: null,
    sslCert: null,
    sslKey: null
  }
}
