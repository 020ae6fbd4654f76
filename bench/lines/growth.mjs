import { createOrders } from '../data/orders.mjs'
import { diff } from '../measure/commands.mjs'
import { paired, timeRatios } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atMost } from '../output/figures.mjs'
import { PEAK_MB } from './limits.mjs'

const TIMES = 8

/** Lines 6 and 5: how time and memory grow with the rows. */
export const growth = {
  lines: [5, 6],
  everyServer: false,

  async measure(bench, masters) {
    const base = Math.ceil(bench.rows / 2)
    const small = await audited(masters, 'bench.orders_1', base)
    const large = await audited(masters, 'bench.orders_8', base * TIMES)
    const { samples } = await bench.rounds('growth', bench.wants(6) ? [small, large] : [large])
    const grown = bench.wants(6) ? growthFigures(samples[small.name], samples[large.name]) : []
    return [...grown, peak(large, samples[large.name]), ...(bench.full ? [await ofTenMillion(bench, masters)] : [])]
  }
}

async function audited(masters, table, rows) {
  await createOrders(masters, table, rows)
  const name = `mmaudit, ${rows.toLocaleString('en-US')} rows`
  return { name, run: () => timed(diff(masters, [table]), masters.pids) }
}

function growthFigures(small, large) {
  const memory = paired(large, small, (more, less) => more.peakMb / less.peakMb)
  const what = (of) => `${of} of ${TIMES} times the rows`
  return [atMost(6, what('time'), timeRatios(large, small), 8.4), atMost(6, what('memory'), memory, 1.1)]
}

async function ofTenMillion(bench, masters) {
  const candidate = await audited(masters, 'bench.orders_full', 10_000_000)
  const { samples } = await bench.rounds('ten million rows', [candidate], { runs: 1 })
  return peak(candidate, samples[candidate.name])
}

function peak({ name }, samples) {
  return atMost(
    5,
    name,
    samples.map((sample) => sample.peakMb),
    PEAK_MB,
    'MB'
  )
}
