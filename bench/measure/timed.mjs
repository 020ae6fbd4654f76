import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { cpuSeconds, peakMegabytes } from './process-figures.mjs'

/** The kernel keeps the figures itself; looking often only makes sure that the last look comes just before the end. */
const LOOK_EVERY_MS = 10

/**
 * Runs a program to its end and measures it.
 *
 * @param command `{ program, args, statuses = [0], input, cwd, env }`: `statuses` are the exit statuses that are right,
 *   `input` a file for its standard input.
 * @param servers process ids of the servers that work for it.
 * @returns `{ seconds, clientCpu, serverCpu, peakMb, output }`: wall time, CPU seconds of the program and of all servers,
 *   its peak memory, and what it printed.
 * @throws when it ends otherwise, with what it said.
 */
export async function timed(command, servers = []) {
  const serversBefore = cpuOf(servers)
  const started = performance.now()
  const watched = await run(command)
  const seconds = (performance.now() - started) / 1000
  return { seconds, ...watched, serverCpu: cpuOf(servers) - serversBefore }
}

function run({ program, args, statuses = [0], input, cwd, env = {} }) {
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r')
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: [stdin, 'pipe', 'pipe'] })
    const output = gather(child.stdout)
    const said = gather(child.stderr)
    const figures = { clientCpu: 0, peakMb: 0 }
    const watch = setInterval(() => look(child.pid, figures), LOOK_EVERY_MS)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(watch)
      if (statuses.includes(code)) resolve({ ...figures, output: output() })
      else reject(new Error(`${program} ended with status ${code}: ${lastLines(said() || output())}`))
    })
  }).finally(() => {
    if (input !== undefined) closeSync(stdin)
  })
}

function look(pid, figures) {
  figures.clientCpu = cpuSeconds(pid) ?? figures.clientCpu
  figures.peakMb = peakMegabytes(pid) ?? figures.peakMb
}

/** What a program prints is kept as far as it may be wanted: its end. */
const KEPT_CHARACTERS = 20_000

function gather(stream) {
  let text = ''
  stream.setEncoding('utf8').on('data', (piece) => {
    text = (text + piece).slice(-KEPT_CHARACTERS)
  })
  return () => text
}

function lastLines(text) {
  return text.trim().split('\n').slice(-3).join(' | ').slice(0, 500)
}

function cpuOf(pids) {
  return pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0)
}
