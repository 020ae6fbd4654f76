// `node bench/profile.mjs`: where the time of an audit goes. Profiles one of a table of orders, and tells the shares of its
// phases. Arguments behind `--` go to `mmaudit diff`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setUp } from '../bin/setup.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '2000000' },
    server: { type: 'string', default: 'mariadb' },
    differ: { type: 'string', default: '0' },
    built: { type: 'boolean', default: false }
  }
})
const [rows, differ] = [Number(values.rows), Number(values.differ)]

if (!values.built) setUp()
const { withMasters } = await import('./data/masters.mjs')
const { createOrders } = await import('./data/orders.mjs')
const { plant } = await import('./data/divergence.mjs')
const { diff } = await import('./measure/commands.mjs')
const { phasesOf } = await import('./measure/cpu-profile.mjs')
const { timed } = await import('./measure/timed.mjs')

await withMasters(values.server, { install: true, say: console.error }, async (masters) => {
  await createOrders(masters, 'bench.orders', rows)
  if (differ > 0) await plant(masters, 'bench.orders', rows, differ)
  const audit = diff(masters, ['bench.orders'], { args: positionals, statuses: [0, 1] })
  // The first one brings the table into memory.
  await timed(audit, masters.pids)
  const folder = mkdtempSync(join(tmpdir(), 'mmaudit-profile-'))
  // Module by module, as it is compiled: in the one file of the command, nobody could tell them apart.
  const program = join(root, 'dist', 'cli', 'main.js')
  const node = ['--cpu-prof', '--cpu-prof-dir', folder]
  const profiled = { ...audit, program: process.execPath, args: [...node, program, ...audit.args] }
  const sample = await timed(profiled, masters.pids)
  const [file] = readdirSync(folder)
  tell(phasesOf(JSON.parse(readFileSync(join(folder, file), 'utf8'))), sample)
  rmSync(folder, { recursive: true, force: true })
})

function tell(phases, { seconds, clientCpu, serverCpu }) {
  console.log('| phase | seconds | share |\n|---|---|---|')
  for (const { phase, seconds: took, share } of phases) {
    console.log(`| ${phase} | ${took.toFixed(2)} | ${(share * 100).toFixed(1)} % |`)
  }
  const figures = { 'wall time': seconds, 'CPU of this process': clientCpu, 'CPU of both servers': serverCpu }
  const told = Object.entries(figures).map(([what, value]) => `${what} ${value.toFixed(2)} s`)
  console.log(`\n${rows.toLocaleString('en-US')} rows, ${differ} differ, ${values.server}: ${told.join(', ')}`)
}
