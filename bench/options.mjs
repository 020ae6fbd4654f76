import { parseArgs } from 'node:util'

export const HELP = `npm run bench -- [options]

  --lines 1,2,12       only these lines of the table (default: all of 1 to 13)
  --server mariadb     mariadb, mysql, or both with a comma between (default: mariadb,mysql); lines 1 to 5 are measured on
                       each, the others on the first
  --rows 2000000       rows of the large table (default: 2000000); other tables are in proportion
  --runs 5             rounds that count (default: 5)
  --quick              small tables and one round: whether it works, not how fast
  --full               also 10,000,000 rows
  --json <file>        all figures
  --markdown           the table for docs/explanation/performance.md
  --built              dist is built already
  --help`

const LINES = Array.from({ length: 13 }, (_, at) => at + 1)

const LARGE = { rows: 2_000_000, runs: 5 }
const SMALL = { rows: 8_000, runs: 1 }

/** Reads the command line; see {@link HELP}. */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      lines: { type: 'string' },
      server: { type: 'string', default: 'mariadb,mysql' },
      rows: { type: 'string' },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      built: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  const { quick, full, markdown, built, help, json = null } = values
  const defaults = quick ? SMALL : LARGE
  const rows = count('rows', values.rows, defaults.rows)
  const runs = count('runs', values.runs, defaults.runs)
  const lines = values.lines === undefined ? LINES : values.lines.split(',').map((line) => count('lines', line, null))
  const servers = values.server.split(',')
  const settings = { rows, runs, servers, quick, full }
  return { ...settings, settings, lines, json, markdown, built, help, install: !quick }
}

function count(name, text, otherwise) {
  if (text === undefined) return otherwise
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`--${name} takes whole numbers from 1, not '${text}'`)
}
