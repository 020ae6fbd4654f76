import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOrders } from '../data/orders.mjs'
import { diff } from '../measure/commands.mjs'
import { paired } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { forInformation } from '../output/figures.mjs'

const TABLE = 'bench.orders'

/** Line 13: how well the cost model tells beforehand what an audit takes. */
export const prediction = {
  lines: [13],
  everyServer: false,

  async measure(bench, masters) {
    await createOrders(masters, TABLE, bench.rows)
    const { samples } = await bench.rounds('prediction', [
      { name: 'audit', run: () => timed(diff(masters, [TABLE]), masters.pids) },
      { name: 'estimate', run: () => estimated(masters) }
    ])
    const ratios = paired(samples.estimate, samples.audit, (estimate, audit) => estimate.predicted / audit.seconds)
    return [forInformation(13, `${masters.kind}: predicted / actual seconds`, ratios, '×')]
  }
}

async function estimated(masters) {
  const json = join(masters.dir, 'estimate.json')
  const sample = await timed(diff(masters, [TABLE], { args: ['--estimate', '--json', json] }), masters.pids)
  return { ...sample, predicted: JSON.parse(readFileSync(json, 'utf8')).total.seconds }
}
