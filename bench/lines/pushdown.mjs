import { createOrders } from '../data/orders.mjs'
import { benchProgram, diff } from '../measure/commands.mjs'
import { timeRatios } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atMost, notComparable } from '../output/figures.mjs'

const TABLE = 'bench.orders'

/** Line 7: the servers compute the checksums, both at once. */
export const pushdown = {
  lines: [7],
  everyServer: false,

  async measure(bench, masters) {
    await createOrders(masters, TABLE, bench.rows)
    const ours = diff(masters, [TABLE], { args: ['--checksum', 'pushdown'] })
    const bare = benchProgram('checksum.mjs', ['at-once', 'whole', TABLE, ...masters.ports])
    const { samples, failures } = await bench.rounds('pushdown', [
      { name: 'ours', run: () => timed(ours, masters.pids) },
      { name: 'bare', peer: true, run: () => timed(bare, masters.pids) }
    ])
    const what = `${masters.kind}: mmaudit / bare CRC query of the whole table on both at once`
    if (failures.bare !== undefined) return [notComparable(7, what, failures.bare)]
    return [atMost(7, what, timeRatios(samples.ours, samples.bare), 1.2)]
  }
}
