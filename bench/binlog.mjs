// `node bench/binlog.mjs [--megabytes 1000 --server mariadb]`: what looking for evidence costs when every event of a long
// binlog is about the table that differs, at an eighth of the length and at the whole: the time and the most memory of an
// audit with evidence beside one without, and beside a plain drain of the same binlog, which decodes nothing.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setUp } from '../bin/setup.mjs'

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '1000' }, server: { type: 'string', default: 'mariadb' } }
})
const ROWS = 20_000
const DIFFERING = 1_000
/** Both images of a row, with what stands around them. */
const BYTES_PER_UPDATE = 394
const PARTS = 8

setUp()
const { labDown, labUp } = await import('../dist/lab/index.js')
const { Master } = await import('../dist/masters/master.js')
const { binlogFiles, readEvents } = await import('../dist/masters/binlog/files.js')
const { Session } = await import('../dist/masters/session.js')
const dir = mkdtempSync(join(tmpdir(), 'mmaudit-bench-'))
try {
  const lab = await labUp({ dir, rows: 10, server: values.server, install: true, say: console.log })
  const [a, b] = lab.masters
  await onMaster(b, [a.vendor === 'mysql' ? 'STOP REPLICA' : 'STOP SLAVE'])
  for (const master of [a, b]) await onMaster(master, ['SET sql_log_bin = 0', ...tableStatements()])
  await onMaster(b, ['SET sql_log_bin = 0', `UPDATE bench.t SET n = n - (id <= ${DIFFERING})`])
  const rounds = Math.ceil((Number(values.megabytes) * 1e6) / (ROWS * BYTES_PER_UPDATE * PARTS))
  for (const parts of [1, PARTS - 1]) {
    await onMaster(a, Array(rounds * parts).fill('UPDATE bench.t SET n = n + 1'))
    await onMaster(b, ['SET sql_log_bin = 0', `UPDATE bench.t SET n = n + ${rounds * parts}`])
    await measure(a, b)
  }
} finally {
  await labDown({ dir }).catch((error) => console.error(String(error)))
  rmSync(dir, { recursive: true, force: true })
}

async function measure(a, b) {
  const drained = await drain(a)
  const without = await audit([a, b], 'off')
  const with_ = await audit([a, b], 'auto')
  const line = ({ seconds, cpu, peakMb }) =>
    `${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of processor time${peakMb === undefined ? '' : `, peak ${peakMb.toFixed(0)} MB`}`
  const reading = { seconds: with_.seconds - without.seconds, cpu: with_.cpu - without.cpu }
  const [megabytes, times] = [drained.bytes / 1e6, reading.seconds / drained.seconds]
  console.log(
    `\n${values.server}: ${megabytes.toFixed(0)} MB of binlog, ${drained.events} row events of the table, ${DIFFERING} rows differ\n` +
      `  plain drain       ${line(drained)}\n` +
      `  without evidence  ${line(without)}\n` +
      `  with evidence     ${line(with_)}\n` +
      `  reading binlogs   ${line(reading)}: ${times.toFixed(1)} times the drain; ` +
      `${(megabytes / reading.seconds).toFixed(0)} MB and ${Math.round(drained.events / reading.seconds)} row events in a second`
  )
}

/** Reads a whole binlog and looks at nothing in it. */
async function drain(server) {
  const master = await Master.connect(login(server), 2)
  const [file = ''] = await master.withSession(binlogFiles)
  const [started, before] = [performance.now(), process.cpuUsage()]
  let bytes = 0
  await readEvents(master, file, (_, start, end) => {
    bytes += end - start
    return true
  })
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1000
  const written = await master.withSession((session) => session.query('SELECT MAX(n) AS rounds FROM bench.t'))
  await master.close()
  return { bytes, events: Number(written[0].rounds) * ROWS, seconds, cpu: (user + system) / 1e6 }
}

function tableStatements() {
  const digits =
    '(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 '
  const ten = `${digits}UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)`
  const number = '1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d'
  return [
    'CREATE DATABASE bench',
    'CREATE TABLE bench.t (id INT PRIMARY KEY, n INT NOT NULL, at DATETIME(6) NOT NULL, price DECIMAL(12,2) NOT NULL, note VARCHAR(200) NOT NULL)',
    `INSERT INTO bench.t SELECT ${number}, 0, '2026-01-01 10:00:00.123456', 12.5 * (${number}), REPEAT('x', 170)
     FROM ${ten} a, ${ten} b, ${ten} c, ${ten} e, ${ten} f WHERE ${number} <= ${ROWS}`
  ]
}

function login({ host, port }) {
  const none = { sslCa: null, sslCert: null, sslKey: null, socketPath: null, password: null }
  return { name: 'bench', host, port, user: 'lab_admin', sslMode: 'DISABLED', ...none }
}

async function onMaster(master, statements) {
  const session = await Session.open(login(master))
  for (const statement of statements) await session.run(statement)
  await session.close()
}

function audit(masters, evidence) {
  const urls = masters.flatMap(({ name, host, port }) => [
    '--master',
    `${name}=mysql://mmaudit@${host}:${port}/?sslMode=DISABLED`
  ])
  const args = ['diff', 'bench.t', '--quiet', '--evidence', evidence, ...urls]
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(process.execPath, [join(root, 'bin', 'mmaudit.js'), ...args], {
      stdio: ['ignore', 'ignore', 'inherit']
    })
    let peakMb = 0
    let cpu = 0
    const watch = setInterval(() => {
      peakMb = peakMemoryMb(child.pid) ?? peakMb
      cpu = cpuSeconds(child.pid) ?? cpu
    }, 20)
    child.on('error', reject)
    child.on('close', () => {
      clearInterval(watch)
      resolve({ seconds: (performance.now() - started) / 1000, cpu, peakMb })
    })
  })
}

/** Of all threads, in user mode and in the kernel; the kernel counts hundredths of a second. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

function peakMemoryMb(pid) {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}
