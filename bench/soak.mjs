// `npm run soak [-- --minutes 30 --server mariadb --rows 20000 --writes 50 --json soak.json]`: one audit after the other of a lab
// under traffic, in this process through the library and, each second one, by the command in a process of its own. Every
// minute it looks at what must not grow: memory, handles, open files, connections on the servers. In the end it tells by how
// much each of them grew, and the alarms and unsettled rows, of which there must be none.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setUp } from '../bin/setup.mjs'

if (globalThis.gc === undefined) {
  // Memory is only comparable after garbage has been collected.
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...process.argv.slice(1)], { stdio: 'inherit' })
  process.exit(status ?? 1)
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    server: { type: 'string', default: 'mariadb' },
    rows: { type: 'string', default: '20000' },
    writes: { type: 'string', default: '50' },
    json: { type: 'string' }
  }
})
const minutes = Number(values.minutes)
/** Samples of the first minutes are of a process that still loads and compiles its own code. */
const WARM_UP = 0.2
/** What a sample may grow by, from its first to its last reading, before it counts as growing. */
const ALLOWED = {
  rssMb: 40,
  heapMb: 5,
  handles: 2,
  files: 2,
  connections: 2
}

setUp()
const { labDown, labTraffic, labUp } = await import('../dist/lab/index.js')
const { adminOf } = await import('../dist/lab/lab-state.js')
const { Session } = await import('../dist/masters/session.js')
const { audit, resolveAuditConfig } = await import('../dist/index.js')

const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-soak-'))
const counts = { audits: 0, byCommand: 0, failed: 0, falseAlarms: 0, unsettled: 0, chunksInFlight: 0 }
const samples = []
const stopTraffic = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopTraffic.abort())

try {
  const lab = await labUp({ dir, rows: Number(values.rows), server: values.server, install: true, say: console.error })
  const watchers = await Promise.all(lab.masters.map((master) => Session.open(adminOf(master))))
  const traffic = labTraffic({
    dir,
    seconds: Math.ceil(minutes * 60) + 3600,
    writesPerSecond: Number(values.writes),
    signal: stopTraffic.signal
  })
  traffic.catch(() => stopTraffic.abort())
  await soak(watchers)
  stopTraffic.abort()
  await traffic
  await Promise.all(watchers.map((watcher) => watcher.close()))
} finally {
  await labDown({ dir }).catch((error) => console.error(String(error)))
  rmSync(dir, { recursive: true, force: true })
}
process.exitCode = report() ? 0 : 1

/** Audits until the time is over, and takes a sample every minute, between two audits. */
async function soak(watchers) {
  const began = Date.now()
  const end = began + minutes * 60_000
  let due = began
  while (Date.now() < end && !stopTraffic.signal.aborted) {
    await auditHere()
    await auditByCommand()
    if (Date.now() < due) continue
    due += 60_000
    samples.push(await sample(watchers, began))
    show(samples.at(-1))
  }
  samples.push(await sample(watchers, began))
}

async function auditHere() {
  const { config } = resolveAuditConfig({ flags: {}, env: {}, cwd: dir, home: homedir() })
  counts.audits++
  for await (const event of audit(config)) {
    if (event.type === 'divergence') alarm(event.divergence)
    if (event.type === 'table-finished') counts.chunksInFlight += event.result.chunks.mismatched
    if (event.type === 'finished') count(event.summary)
  }
}

async function auditByCommand() {
  const file = join(dir, 'report.json')
  rmSync(file, { force: true })
  counts.audits++
  counts.byCommand++
  const args = [join(root, 'bin', 'mmaudit.js'), 'diff', '--quiet', '--json', file]
  await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', reject)
    child.on('close', resolve)
  })
  const { divergences, summary } = JSON.parse(readFileSync(file, 'utf8'))
  for (const divergence of divergences) alarm(divergence)
  count(summary)
}

function alarm({ table, key, reason }) {
  counts.falseAlarms++
  console.error(`false alarm: ${table} ${JSON.stringify(key)}: ${reason}`)
}

function count({ failed, unsettled }) {
  counts.failed += failed
  counts.unsettled += unsettled
}

async function sample(watchers, began) {
  globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  const connected = await Promise.all(
    watchers.map((watcher) => watcher.query("SHOW GLOBAL STATUS LIKE 'Threads_connected'"))
  )
  return {
    minute: round((Date.now() - began) / 60_000),
    audits: counts.audits,
    rssMb: round(rss / 2 ** 20),
    heapMb: round(heapUsed / 2 ** 20),
    handles: process.getActiveResourcesInfo().length,
    files: existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0,
    connections: connected.reduce((sum, [row]) => sum + Number(row?.Value), 0),
    falseAlarms: counts.falseAlarms,
    unsettled: counts.unsettled
  }
}

function show(each) {
  console.log(
    Object.entries(each)
      .map(([name, value]) => `${name} ${value}`)
      .join('  ')
  )
}

/** Prints what was found. Returns whether all is well: nothing grew, no alarm, nothing left open. */
function report() {
  const settled = samples.filter(({ minute }) => minute >= minutes * WARM_UP)
  const series = settled.length >= 2 ? settled : samples
  const grown = Object.entries(ALLOWED).map(([name, allowed]) => trend(name, allowed, series))
  console.log(`\n${minutes} minutes, ${values.server}: ${JSON.stringify(counts)}\n`)
  for (const { name, first, last, perHour, growing } of grown) {
    const line = [
      name.padEnd(12),
      `first ${first}`.padEnd(14),
      `last ${last}`.padEnd(14),
      `${perHour} per hour`.padEnd(20)
    ]
    console.log(line.join('') + (growing ? 'growing' : 'flat'))
  }
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ minutes, server: values.server, counts, grown, samples }, null, 2)}\n`
    )
  }
  const { failed, falseAlarms, unsettled, audits } = counts
  return audits > 0 && failed + falseAlarms + unsettled === 0 && grown.every(({ growing }) => !growing)
}

/** How a figure went, by the straight line of least squares through its samples. */
function trend(name, allowed, series) {
  const points = series.map((each) => [each.minute, each[name]])
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const [x, y] = [mean(points.map(([minute]) => minute)), mean(points.map(([, value]) => value))]
  const spread = points.reduce((sum, [minute]) => sum + (minute - x) ** 2, 0)
  const slope = spread === 0 ? 0 : points.reduce((sum, [minute, value]) => sum + (minute - x) * (value - y), 0) / spread
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0)
  return {
    name,
    first: points[0]?.[1],
    last: points.at(-1)?.[1],
    perHour: round(slope * 60),
    growing: slope * span > allowed
  }
}

function round(number) {
  return Math.round(number * 10) / 10
}
