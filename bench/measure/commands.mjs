import { join } from 'node:path'
import { root } from '../../bin/setup.mjs'

const COMMAND = join(root, 'bin', 'mmaudit.js')

/** The rows alone. With evidence the binlogs are read as well, which is another work. */
export const ROWS_ONLY = ['--evidence', 'off']

/** `mmaudit` with these arguments, as a user runs it. @param statuses the exit statuses that are right. */
export function mmaudit(args, { statuses = [0], cwd } = {}) {
  return { program: COMMAND, args, statuses, cwd }
}

/** `mmaudit diff` of some tables. @param ports where the masters are; by default at their own ports. */
export function diff(masters, tables, { args = [], statuses = [0], ports = masters.ports } = {}) {
  return mmaudit(['diff', '--quiet', ...masterFlags(masters, ports), ...args, ...tables], {
    statuses,
    cwd: masters.dir
  })
}

/** `--master` for each master. @param user the account; by default the one that may only read. */
export function masterFlags(masters, ports = masters.ports, user = 'mmaudit') {
  return masters.list.flatMap(({ name }, at) => [
    '--master',
    `${name}=mysql://${user}@127.0.0.1:${ports[at]}/?sslMode=DISABLED`
  ])
}

/** A program of the bench itself. */
export function benchProgram(name, args) {
  return { program: process.execPath, args: [join(root, 'bench', 'programs', name), ...args.map(String)] }
}

/** Reading a table without doing anything with it. @param split an SQL literal near the middle of the first key column. */
export function drain(masters, table, key, split) {
  return benchProgram('drain.mjs', [table, key, split, ...masters.ports])
}

/** What people use today to find the rows that differ. */
export function tableSync(masters, table) {
  const [database, name] = table.split('.')
  const [from, to] = masters.ports.map((port) => `h=127.0.0.1,P=${port},u=lab_admin`)
  const args = ['--print', '--no-check-slave', '--charset=utf8', `${from},D=${database},t=${name}`, to]
  return { program: 'pt-table-sync', args }
}
