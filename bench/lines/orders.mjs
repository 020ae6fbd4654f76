import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { plant } from '../data/divergence.mjs'
import { createOrders } from '../data/orders.mjs'
import { benchProgram, diff, drain, ROWS_ONLY, tableSync } from '../measure/commands.mjs'
import { timeRatios } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atMost, forInformation, notComparable } from '../output/figures.mjs'
import { PEAK_MB } from './limits.mjs'

const EQUAL = 'bench.orders'
const FEW = 'bench.orders_few'
const MANY = 'bench.orders_many'

const FEW_DIFFER = 100
/** Where many rows differ, it is one of so many. */
const MANY_OF = 10

/** Ours beside theirs, by the names of the candidates below, and the most times as long that ours may take. */
const COMPARISONS = [
  { line: 1, ours: 'mmaudit', theirs: 'pt-table-sync', limit: 0.28 },
  { line: 1, ours: 'mmaudit', theirs: 'checksum query, twice', limit: 0.55 },
  { line: 2, ours: 'mmaudit', theirs: 'drain', limit: 1.15 },
  { line: 3, ours: 'mmaudit, few differ', theirs: 'mmaudit', limit: 1.15 },
  { line: 4, ours: 'mmaudit, many differ', theirs: 'mmaudit', limit: 3 }
]

/** Lines 1 to 5: one large table, equal on both masters, with a few rows that differ, and with many. */
export const orders = {
  lines: [1, 2, 3, 4, 5],
  everyServer: true,

  async measure(bench, masters) {
    const needed = neededBy(bench)
    await createTables(masters, bench.rows, needed)
    const candidates = candidatesOn(bench, masters).filter(({ name }) => needed.has(name))
    const { samples, failures } = await bench.rounds(`orders, ${masters.kind}`, candidates)
    const figures = COMPARISONS.filter(({ line }) => bench.wants(line)).map(({ line, ours, theirs, limit }) => {
      const what = `${masters.kind}: ${ours} / ${theirs}`
      if (failures[theirs] !== undefined) return notComparable(line, what, failures[theirs])
      return atMost(line, what, timeRatios(samples[ours], samples[theirs]), limit)
    })
    const peaks = candidates
      .filter(({ peer }) => !peer)
      .map(({ name }) => atMost(5, `${masters.kind}: ${name}`, peaksOf(samples[name]), PEAK_MB, 'MB'))
    return [...figures, ...peaks, ...(bench.wants(4) ? await withEvidence(masters, bench.rows, samples) : [])]
  }
}

/** What reading the binlogs adds, which hold nothing of these rows: once, for it is no part of the line. */
async function withEvidence(masters, rows, samples) {
  const sample = await reported(masters, MANY, manyOf(rows), [])
  const audit = samples['mmaudit, many differ'].map(({ seconds }) => sample.seconds / seconds)
  return [
    forInformation(4, `${masters.kind}: with evidence / without`, audit, '×'),
    forInformation(4, `${masters.kind}: with evidence, peak`, [sample.peakMb], 'MB')
  ]
}

/** The names of the candidates that the wanted lines need. Line 5 is about the memory of all that is ours. */
function neededBy(bench) {
  const names = COMPARISONS.flatMap(({ line, ours, theirs }) => {
    if (bench.wants(line)) return [ours, theirs]
    return bench.wants(5) ? [ours] : []
  })
  return new Set(names)
}

async function createTables(masters, rows, needed) {
  await createOrders(masters, EQUAL, rows)
  const divergent = [
    { name: 'mmaudit, few differ', table: FEW, count: FEW_DIFFER },
    { name: 'mmaudit, many differ', table: MANY, count: manyOf(rows) }
  ]
  for (const { name, table, count } of divergent) {
    if (!needed.has(name)) continue
    await createOrders(masters, table, rows)
    await plant(masters, table, rows, count)
  }
}

function candidatesOn(bench, masters) {
  const peer = (name, command) => ({ name, peer: true, run: () => timed(command, masters.pids) })
  return [
    { name: 'mmaudit', peer: false, run: () => timed(diff(masters, [EQUAL]), masters.pids) },
    peer('drain', drain(masters, EQUAL, 'order_id', Math.ceil(bench.rows / 2))),
    peer('checksum query, twice', checksumPasses(masters)),
    peer('pt-table-sync', tableSync(masters, EQUAL)),
    { name: 'mmaudit, few differ', peer: false, run: () => reported(masters, FEW, FEW_DIFFER) },
    { name: 'mmaudit, many differ', peer: false, run: () => reported(masters, MANY, manyOf(bench.rows)) }
  ]
}

/** An audit that reports `differing` rows. One that reported others would not be worth measuring. */
async function reported(masters, table, differing, how = ROWS_ONLY) {
  const csv = join(masters.dir, 'rows.csv')
  const args = [...how, '--json', join(masters.dir, 'report.json'), '--csv', csv]
  const sample = await timed(diff(masters, [table], { args, statuses: [1] }), masters.pids)
  const found = (await countLines(csv)) - 1
  if (found !== differing) throw new Error(`${differing} rows differ, and ${found} were reported`)
  return sample
}

async function countLines(file) {
  let lines = 0
  for await (const line of createInterface({ input: createReadStream(file) })) if (line !== '') lines++
  return lines
}

function manyOf(rows) {
  return Math.ceil(rows / MANY_OF)
}

function checksumPasses(masters) {
  return benchProgram('checksum.mjs', ['one-by-one', 'chunks', EQUAL, ...masters.ports])
}

function peaksOf(samples) {
  return samples.map((sample) => sample.peakMb)
}
