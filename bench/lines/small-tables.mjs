import { fillBlocks, OPTIONS } from '../data/orders.mjs'
import { benchProgram, diff } from '../measure/commands.mjs'
import { paired } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atMost, forInformation } from '../output/figures.mjs'

const TABLES = { quick: 20, real: 1000 }
const ROWS = 100

const COLUMNS =
  'id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(10,2) NOT NULL, changed DATETIME NOT NULL'

/** Line 9: many small tables, where what is done once for a table counts. */
export const smallTables = {
  lines: [9],
  everyServer: false,

  async measure(bench, masters) {
    const tables = bench.quick ? TABLES.quick : TABLES.real
    await createTables(masters, tables)
    const ours = diff(masters, ['bench.small_*'])
    const bare = benchProgram('small-selects.mjs', [tables, ...masters.ports])
    const { samples } = await bench.rounds('small tables', [
      { name: 'mmaudit', run: () => timed(ours, masters.pids) },
      { name: 'bare queries', run: () => timed(bare, masters.pids) }
    ])
    const over = paired(samples.mmaudit, samples['bare queries'], (our, their) => {
      return ((our.seconds - their.seconds) * 1000) / tables / masters.list.length
    })
    const seconds = samples.mmaudit.map((sample) => sample.seconds)
    return [
      atMost(9, 'over the bare queries, a table and master', over, 5, 'ms'),
      forInformation(9, `mmaudit, ${tables} tables`, seconds, 's')
    ]
  }
}

async function createTables(masters, count) {
  await masters.everywhere(`CREATE TABLE bench.model (${COLUMNS}) ${OPTIONS}`)
  await fillBlocks(masters, 'bench.model', ROWS, (id) =>
    [id, `CONCAT('article ', ${id})`, `${id} * 7919 % 10000 / 100`, `'2024-07-01' + INTERVAL ${id} HOUR`].join(', ')
  )
  for (let at = 1; at <= count; at++) {
    const table = `bench.small_${at}`
    await masters.everywhere(`CREATE TABLE ${table} LIKE bench.model`, `INSERT INTO ${table} SELECT * FROM bench.model`)
  }
}
