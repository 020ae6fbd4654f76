// `npm run bench [-- --rows 2000000 --runs 5 --server mariadb]`: our audit beside a plain drain of the same tables and beside
// pt-table-sync, in turn on the same two masters, so that a change in the machine's speed meets all of them alike.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setUp } from '../bin/setup.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    runs: { type: 'string', default: '5' },
    server: { type: 'string', default: 'mariadb' },
    json: { type: 'string' }
  }
})
const [rows, runs] = [Number(values.rows), Number(values.runs)]

setUp()
const { labDown, labUp } = await import('../dist/lab/index.js')
const dir = mkdtempSync(join(tmpdir(), 'mmaudit-bench-'))
try {
  console.log(`loading ${rows} orders on two masters (${values.server})`)
  const lab = await labUp({ dir, rows, server: values.server, install: true, say: console.log })
  const candidates = candidatesOf(lab)
  const measured = candidates.map(({ name }) => ({ name, seconds: [], peakMb: [] }))
  // One round that does not count brings the tables into memory.
  for (let round = -1; round < runs; round++) {
    for (const [at, candidate] of candidates.entries()) {
      const { seconds, peakMb } = await measure(candidate)
      if (round < 0) continue
      measured[at].seconds.push(seconds)
      measured[at].peakMb.push(peakMb)
    }
  }
  report(measured)
} finally {
  await labDown({ dir }).catch((error) => console.error(String(error)))
  rmSync(dir, { recursive: true, force: true })
}

function candidatesOf(lab) {
  const [a, b] = lab.masters
  const url = ({ name, port }) => `${name}=mysql://mmaudit@127.0.0.1:${port}/?sslMode=DISABLED`
  const dsn = ({ port }) => `h=127.0.0.1,P=${port},u=lab_admin`
  return [
    {
      name: 'mmaudit diff',
      program: process.execPath,
      args: [
        join(root, 'bin', 'mmaudit.js'),
        'diff',
        '--quiet',
        '--master',
        url(a),
        '--master',
        url(b),
        'retail_db.orders'
      ]
    },
    {
      name: 'drain of both, nothing computed',
      program: process.execPath,
      args: [join(root, 'bench', 'drain.mjs'), String(a.port), String(b.port)]
    },
    ...(peerIsThere()
      ? [
          {
            name: 'pt-table-sync --print',
            program: 'pt-table-sync',
            args: ['--print', '--no-check-slave', '--charset=utf8', `${dsn(a)},D=retail_db,t=orders`, dsn(b)]
          }
        ]
      : [])
  ]
}

function peerIsThere() {
  if (spawnSync('pt-table-sync', ['--version']).status === 0) return true
  if (spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', 'percona-toolkit']).status === 0) return true
  console.error('pt-table-sync is left out: install the package percona-toolkit to compare with it')
  return false
}

function measure({ name, program, args }) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let peakMb = 0
    let said = ''
    child.stderr.on('data', (data) => {
      said += data
    })
    // The kernel keeps the peak itself; looking often only makes sure that the last look comes before the end.
    const watch = setInterval(() => {
      peakMb = peakMemoryMb(child.pid) ?? peakMb
    }, 20)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(watch)
      if (code === 0) resolve({ seconds: (performance.now() - started) / 1000, peakMb })
      else reject(new Error(`${name} ended with ${code}: ${said}`))
    })
  })
}

function peakMemoryMb(pid) {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}

function report(measured) {
  const [ours] = measured
  console.log(`\n${rows} rows, ${runs} runs each in turn; seconds as minimum / median / maximum\n`)
  const lines = measured.map(({ name, seconds, peakMb }) => {
    const ratios = ours.seconds.map((value, at) => value / seconds[at])
    return { name, seconds: spread(seconds), peakMb: Math.max(...peakMb), oursToThis: spread(ratios) }
  })
  for (const { name, seconds, peakMb, oursToThis } of lines) {
    console.log(
      `${name.padEnd(34)}${show(seconds).padEnd(22)}peak ${peakMb.toFixed(0).padStart(4)} MB   ` +
        `mmaudit takes ${oursToThis.median.toFixed(2)} x (${oursToThis.minimum.toFixed(2)} - ${oursToThis.maximum.toFixed(2)})`
    )
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ rows, runs, server: values.server, lines }, null, 2)}\n`)
}

function spread(numbers) {
  const sorted = [...numbers].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { minimum: sorted[0], median, maximum: sorted.at(-1) }
}

function show({ minimum, median, maximum }) {
  return [minimum, median, maximum].map((value) => value.toFixed(2)).join(' / ')
}
