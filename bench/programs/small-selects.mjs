// small-selects.mjs <tables> <port>...: reads each small table whole, one after the other, on all masters at once, with one
// plain connection to each: what it takes at least to see all rows.
import { Session } from '../../dist/masters/session.js'
import { account } from './account.mjs'

const [tables, ...ports] = process.argv.slice(2)

await Promise.all(ports.map(readAll))

async function readAll(port) {
  const session = await Session.open(account(port))
  for (let at = 1; at <= Number(tables); at++) await session.query(`SELECT * FROM bench.small_${at}`)
  await session.close()
}
