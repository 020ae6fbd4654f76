import { spawn } from 'node:child_process'

/** What a run of the built command left behind. */
export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** The program, when it is not `bin/mmaudit.js`. */
  readonly program?: string
  /** Called with all that the command has written to standard error so far, and with a way to signal it. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

const COMMAND = new URL('../../bin/mmaudit.js', import.meta.url).pathname

/** Runs `bin/mmaudit.js` as a user would, without a terminal. */
export function mmaudit(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.program ?? COMMAND, ...args], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => out.push(data))
    child.stderr.on('data', (data: Buffer) => {
      err.push(data)
      options.onOutput?.(Buffer.concat(err).toString('utf8'), (signal) => child.kill(signal))
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const [stdout, stderr] = [out, err].map((parts) => Buffer.concat(parts).toString('utf8'))
      resolve({ code: code ?? (signal === null ? -1 : -2), stdout: stdout ?? '', stderr: stderr ?? '' })
    })
  })
}
