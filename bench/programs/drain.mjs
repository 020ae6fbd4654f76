// drain.mjs <table> <key column> <split> <port>...: reads every row of a table from all masters at once, through the
// connections that an audit uses and over as many of them, and does nothing with the rows: the least time in which any
// client of ours could look at them. One lane reads the keys below the split, the other one the rest. Prints the bytes of rows.
import { Session } from '../../dist/masters/session.js'
import { account } from './account.mjs'

let bytes = 0

/** Takes rows, and drops them. */
const COUNTED = {
  block(_, start, end) {
    bytes += end - start
  },
  large(row) {
    bytes += row.length
  }
}

const [table, key, split, ...ports] = process.argv.slice(2)

await Promise.all(ports.map((port) => Promise.all(['<', '>='].map((side) => drain(port, side)))))
console.log(bytes)

async function drain(port, side) {
  const session = await Session.open(account(port))
  await session.stream(`SELECT * FROM ${table} WHERE ${key} ${side} ${split} ORDER BY ${key}`, () => COUNTED)
  await session.close()
}
