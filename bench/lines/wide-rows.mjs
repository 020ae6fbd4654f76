import { fillBlocks, OPTIONS } from '../data/orders.mjs'
import { diff, drain } from '../measure/commands.mjs'
import { paired } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atLeast, forInformation } from '../output/figures.mjs'

/** Rows of 2 KiB to 1 MiB, each size as often as the others: 205 kB on average. */
const WIDE = {
  name: 'rows of 2 KB to 1 MB',
  table: 'bench.wide',
  columns: 'id INT NOT NULL PRIMARY KEY, body MEDIUMBLOB NOT NULL',
  rowOf: (id) => `${id}, REPEAT(SHA2(${id}, 512), 16 * POW(2, ${id} % 10))`,
  rows: (rows) => Math.max(20, Math.ceil(rows / 400)),
  key: 'id',
  split: (rows) => Math.ceil(rows / 2)
}

const STRING_KEYS = {
  name: 'string keys',
  table: 'bench.string_keys',
  columns:
    'token VARCHAR(40) NOT NULL PRIMARY KEY, account INT NOT NULL, credit DECIMAL(12,2) NULL, note VARCHAR(60) NOT NULL',
  rowOf: (id) =>
    `CONCAT('user-', LEFT(SHA2(${id}, 224), 28)), ${id} * 7919 % 100000, IF(${id} % 9 = 0, NULL, ${id} % 10000 / 7), ` +
    `CONCAT('account of user number ', ${id})`,
  rows: (rows) => rows,
  key: 'token',
  // Half of the tokens, which begin with a hexadecimal digit, are below it.
  split: () => "'user-8'"
}

const TENANTS = 50
const COMPOSITE_KEYS = {
  name: 'composite keys',
  table: 'bench.composite_keys',
  columns: `tenant INT NOT NULL, day DATE NOT NULL, place INT NOT NULL, amount DECIMAL(10,2) NOT NULL, note VARCHAR(60) NOT NULL,
    PRIMARY KEY (tenant, day, place)`,
  rowOf: (id, rows) =>
    `${id} * ${TENANTS} DIV ${rows + 1}, '2024-07-01' + INTERVAL (${id} DIV 50 % 500) DAY, ${id}, ${id} * 48271 % 99500 / 100, ` +
    `CONCAT('entry number ', ${id})`,
  rows: (rows) => rows,
  key: 'tenant',
  split: () => TENANTS / 2
}

/** Line 10: other rows and keys than those of orders, by the megabytes that pass in a second. */
export const wideRows = {
  lines: [10],
  everyServer: false,

  async measure(bench, masters) {
    const figures = []
    for (const kind of [WIDE, STRING_KEYS, COMPOSITE_KEYS]) figures.push(...(await measureKind(kind, bench, masters)))
    return figures
  }
}

async function measureKind(kind, bench, masters) {
  const rows = kind.rows(bench.rows)
  await masters.everywhere(`CREATE TABLE ${kind.table} (${kind.columns}) ${OPTIONS}`)
  await fillBlocks(masters, kind.table, rows, (id) => kind.rowOf(id, rows))
  const reading = drain(masters, kind.table, kind.key, kind.split(rows))
  const { samples } = await bench.rounds(kind.name, [
    { name: 'mmaudit', run: () => timed(diff(masters, [kind.table]), masters.pids) },
    { name: 'drain', run: () => timed(reading, masters.pids) }
  ])
  const ofDrain = paired(samples.mmaudit, samples.drain, (our, their) => their.seconds / our.seconds)
  // The drain says how many bytes there are, and both read the same ones.
  const rates = paired(samples.mmaudit, samples.drain, (our, their) => Number(their.output) / 1e6 / our.seconds)
  return [
    atLeast(10, `${kind.name}: rate / that of the drain`, ofDrain, 0.85),
    forInformation(10, kind.name, rates, 'MB/s')
  ]
}
