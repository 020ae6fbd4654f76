import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeOrders, scattered } from '../data/divergence.mjs'
import { createOrders } from '../data/orders.mjs'
import { diff, masterFlags, mmaudit, ROWS_ONLY } from '../measure/commands.mjs'
import { timed } from '../measure/timed.mjs'
import { atLeast, forInformation, notComparable } from '../output/figures.mjs'

const TABLE = 'bench.orders'
/** The second master lacks one row of so many. */
const LACKING_OF = 4

/** Line 11: rows that one master lacks are written there, by us and by the mysql client. */
export const repairs = {
  lines: [11],
  everyServer: false,

  async measure(bench, masters) {
    const rows = Math.ceil(bench.rows / 10)
    const task = { masters, lacking: scattered(Math.ceil(rows / LACKING_OF), rows), dir: masters.dir }
    await createOrders(masters, TABLE, rows)
    await removeOrders(masters, 1, TABLE, task.lacking)
    await timed(diff(masters, [TABLE], { args: [...ROWS_ONLY, '--json', report(task)], statuses: [1] }))
    await timed(repair(task, ['--dry-run', '--sql-dir', join(task.dir, 'scripts')], [0, 1]))
    await strip(join(task.dir, 'scripts', `${masters.list[1].name}.sql`), script(task))
    const { samples, failures } = await bench.rounds('repairs', [
      { name: 'repair', run: () => written(task, () => repair(task, ['--yes', '--journal', journal(task)])) },
      { name: 'dry run', run: () => timed(repair(task, ['--dry-run'], [0, 1]), masters.pids) },
      { name: 'client', peer: true, run: () => written(task, () => client(task)) }
    ])
    return figures(task.lacking.length, samples, failures)
  }
}

function figures(count, samples, failures) {
  // What is done before anything is written is no part of writing: a dry run does all of that, and prints the statements.
  const writing = samples.repair.map((sample, round) => sample.seconds - samples['dry run'][round].seconds)
  const rate = forInformation(
    11,
    `mmaudit, ${count.toLocaleString('en-US')} rows`,
    writing.map((seconds) => count / seconds),
    'rows/s'
  )
  const what = 'rate / that of the mysql client'
  if (failures.client !== undefined) return [rate, notComparable(11, what, failures.client)]
  const ratios = writing.map((seconds, round) => samples.client[round].seconds / seconds)
  return [atLeast(11, what, ratios, 0.5), rate]
}

function repair(task, args, statuses = [0]) {
  const masters = masterFlags(task.masters, task.masters.ports, 'mmaudit_repair')
  const how = ['--quiet', '--policy', 'union', '--max-percent', '100', ...ROWS_ONLY]
  return mmaudit(['repair', report(task), ...masters, ...how, ...args], { statuses, cwd: task.dir })
}

function client({ masters, dir }) {
  const { port } = masters.list[1]
  const args = ['--no-defaults', '-h127.0.0.1', `-P${port}`, '-ulab_admin', '--default-character-set=utf8mb4']
  return { program: 'mysql', args, input: script({ dir }) }
}

/** Measures a way of writing, makes sure that it wrote all rows, and takes them away again. */
async function written(task, command) {
  const { masters, lacking } = task
  const sample = await timed(command(), masters.pids)
  const [{ rows }] = await masters.query(1, `SELECT COUNT(*) AS \`rows\` FROM ${TABLE}`)
  const [{ rows: whole }] = await masters.query(0, `SELECT COUNT(*) AS \`rows\` FROM ${TABLE}`)
  if (rows !== whole) throw new Error(`${rows} of ${whole} rows are there after ${lacking.length} were to be written`)
  await removeOrders(masters, 1, TABLE, lacking)
  await rm(journal(task), { force: true })
  return sample
}

/** Leaves the statements that write, and their transactions; what tells a person of stale rows is taken out. */
async function strip(from, to) {
  const lines = (await readFile(from, 'utf8')).split('\n')
  const isOurs = (line) => line.startsWith('--') || line.startsWith('SET @mmaudit_') || line.startsWith('SELECT ')
  await writeFile(to, lines.filter((line) => !isOurs(line)).join('\n'))
}

function report({ dir }) {
  return join(dir, 'lacking.json')
}

function journal({ dir }) {
  return join(dir, 'bench.journal')
}

function script({ dir }) {
  return join(dir, 'bare.sql')
}
