// proxy.mjs <round trip in ms> <megabits per second> <port>...: a slow link to each of these ports of this machine. Tells its
// parent the ports to connect to instead, and at its word the bytes that went through in both directions.
import { connect, createServer } from 'node:net'

const [roundTrip, megabits, ...targets] = process.argv.slice(2).map(Number)

const ONE_WAY_MS = roundTrip / 2
const BYTES_PER_MS = (megabits * 1e6) / 8 / 1000
/** What waits beyond this waits at the sender, as it would with a real link. */
const MOST_UNDER_WAY = 1024 * 1024

let bytes = 0

const servers = await Promise.all(targets.map(listen))
process.send({ ports: servers.map((server) => server.address().port) })
process.once('message', () => process.send({ bytes }))

/** All connections to one master share its link; each direction has one of its own. */
function listen(target) {
  const there = { freeAt: 0 }
  const back = { freeAt: 0 }
  const server = createServer({ noDelay: true }, (client) => {
    const master = connect({ port: target, host: '127.0.0.1', noDelay: true })
    carry(client, master, there)
    carry(master, client, back)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function carry(from, to, link) {
  const deliver = queue(link)
  let underWay = 0
  from.on('data', (piece) => {
    bytes += piece.length
    underWay += piece.length
    if (underWay > MOST_UNDER_WAY) from.pause()
    deliver(piece.length, () => {
      underWay -= piece.length
      from.resume()
      if (to.writable) to.write(piece)
    })
  })
  from.on('end', () => deliver(0, () => to.end()))
  from.on('error', () => to.destroy())
}

/** Lets things happen when they have passed the link, in the order in which they were sent; timers alone may overtake each other. */
function queue(link) {
  const waiting = []
  const next = () => {
    while (waiting.length > 0 && waiting[0].at <= performance.now()) waiting.shift().act()
    if (waiting.length > 0) setTimeout(next, waiting[0].at - performance.now())
  }
  return (size, act) => {
    link.freeAt = Math.max(link.freeAt, performance.now()) + size / BYTES_PER_MS
    waiting.push({ at: link.freeAt + ONE_WAY_MS, act })
    if (waiting.length === 1) next()
  }
}
