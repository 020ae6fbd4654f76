import { spawn, spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import type { LabMaster } from '../../src/lab/lab-state.js'
import type { Run } from './mmaudit.js'

/** The first command line client that is installed; `null` when there is none. */
export function findSqlClient(): string | null {
  return ['mariadb', 'mysql'].find((name) => spawnSync(name, ['--version']).status === 0) ?? null
}

/** Runs a file of statements as `mysql < file` does. */
export function runSqlFile(
  client: string,
  master: LabMaster,
  file: string,
  flags: readonly string[] = []
): Promise<Run> {
  const where =
    master.socket === null ? [`--host=${master.host}`, `--port=${master.port}`] : [`--socket=${master.socket}`]
  const args = [
    '--no-defaults',
    `--protocol=${master.socket === null ? 'TCP' : 'SOCKET'}`,
    ...where,
    `--user=${master.user}`
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(client, [...args, ...flags], {
      env: { PATH: process.env.PATH, ...(master.password === null ? {} : { MYSQL_PWD: master.password }) }
    })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (data: Buffer) => out.push(data))
    child.stderr.on('data', (data: Buffer) => err.push(data))
    // The client may end before it has read everything.
    child.stdin.on('error', () => {})
    createReadStream(file).pipe(child.stdin)
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8')
      })
    })
  })
}
