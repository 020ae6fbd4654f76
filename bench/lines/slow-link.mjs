import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOrders } from '../data/orders.mjs'
import { diff } from '../measure/commands.mjs'
import { timeRatios } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { withProxy } from '../measure/with-proxy.mjs'
import { atMost, forInformation } from '../output/figures.mjs'

const WHOLE = 'bench.orders'
const HALF = 'bench.orders_half'

const SLOW = { roundTripMs: 50, megabitsPerSecond: 20 }
const UNHINDERED = { roundTripMs: 0, megabitsPerSecond: Number.POSITIVE_INFINITY }

/** Chunks of the whole table where their bytes are counted. */
const CHUNKS = 50

const PUSHDOWN = ['--checksum', 'pushdown']

/** Line 8: masters at the other end of a slow link, each with a link of its own. */
export const slowLink = {
  lines: [8],
  everyServer: false,

  async measure(bench, masters) {
    const rows = Math.ceil(bench.rows / 4)
    await createOrders(masters, WHOLE, rows)
    await createOrders(masters, HALF, Math.ceil(rows / 2))
    const { samples } = await bench.rounds('slow link', [
      { name: 'slow', run: () => through(masters, SLOW, WHOLE, PUSHDOWN).then(({ sample }) => sample) },
      { name: 'direct', run: () => timed(diff(masters, [WHOLE], { args: PUSHDOWN }), masters.pids) }
    ])
    const ratios = timeRatios(samples.slow, samples.direct)
    const seconds = samples.slow.map((sample) => sample.seconds)
    return [
      atMost(8, `${rows.toLocaleString('en-US')} rows over the slow link / without it`, ratios, 2),
      forInformation(8, 'over the slow link', seconds, 's'),
      atMost(8, 'both directions, a chunk and master', [await bytesPerChunk(masters, rows)], 300, 'bytes')
    ]
  }
}

/** What more chunks cost on the wire. Logging in and reading definitions cost the same for any number of them. */
async function bytesPerChunk(masters, rows) {
  const args = [
    ...PUSHDOWN,
    '--chunk-rows',
    String(Math.ceil(rows / CHUNKS)),
    '--json',
    join(masters.dir, 'report.json')
  ]
  const [whole, half] = [await counted(masters, WHOLE, args), await counted(masters, HALF, args)]
  return (whole.bytes - half.bytes) / (whole.chunks - half.chunks) / masters.list.length
}

async function counted(masters, table, args) {
  const { bytes } = await through(masters, UNHINDERED, table, args)
  const report = JSON.parse(readFileSync(join(masters.dir, 'report.json'), 'utf8'))
  return { bytes, chunks: report.tables[0].chunks.total }
}

function through(masters, link, table, args) {
  return withProxy(masters.ports, link, (ports) => timed(diff(masters, [table], { args, ports }), masters.pids))
}
