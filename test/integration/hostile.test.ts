// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells would fill it in
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shellWord } from '../../src/report/text.js'
import { identifier, tableIdentifier } from '../../src/sql/identifier.js'
import { text } from '../../src/sql/literal.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { RepairLab } from '../support/repair-lab.js'
import { representativeKinds } from '../support/representative.js'
import { findSqlClient, runSqlFile } from '../support/sql-client.js'
import { startTestLab } from '../support/test-lab.js'

/** Each ends what a careless statement would put it into, goes on as SQL, and commands the terminal that shows it. */
const DATABASE = 'shop`; DROP DATABASE canary; #\'"\n\u001B]0;owned\u0007'
const TABLE = 't`; DROP TABLE canary.t; -- \'"/*\n\u009B31m\u202E'
const COLUMN = 'c`=1; DROP TABLE canary.t; -- \'"\\\n\u001B[2J'
const INDEX = 'i`(x); DROP TABLE canary.t; -- \'"\u2066'
const KEY = 'id`) OR 1=1; -- \u001B[1A'

const SQL = "'; DROP TABLE canary.t; -- "
const VALUES = [
  SQL,
  `\\${SQL}`,
  `\\\\${SQL}`,
  '"); DROP TABLE canary.t; #',
  '`; DROP TABLE canary.t; /*',
  '*/ DROP TABLE canary.t; /*!50000',
  '\ndelimiter x\nDROP TABLE canary.t x\n\\! touch owned\n',
  '\u001B]0;owned\u0007\u001B[2J\u001B[31m',
  '\u009B31m\u009D0;owned\u009C\u0090',
  'abc\u202Edcba\u2066\u200B\u2028',
  '\u0000\u0008\r\n\u001A\u007F',
  "=cmd|' /C calc'!A1",
  '@SUM(1+1)*cmd',
  '<script>alert(1)</script>&amp;<img src=x onerror=alert(1)>',
  '${HOME} $(touch owned) `touch owned` %s %n \\0'
]

/** What the command shows on a terminal; \r\n ends its lines. */
function onTerminal(args: readonly string[]): string {
  const command = new URL('../../bin/mmaudit.js', import.meta.url).pathname
  const line = [process.execPath, command, ...args].map(shellWord).join(' ')
  const { stdout, error } = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8', input: '' })
  if (error !== undefined) throw new Error(`the program script lends a terminal: ${error.message}`)
  return stdout
}

/** What a terminal would obey. A line feed is the only control character of a report. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const COMMANDS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069]/

describe.each(representativeKinds())('on %s', (kind) => {
  let on: RepairLab
  let config: readonly string[]
  const table = tableIdentifier({ database: DATABASE, table: TABLE })

  beforeAll(async () => {
    on = new RepairLab(await startTestLab(kind, { rows: 10 }))
    const rows = VALUES.map((value, at) => `(${at + 1}, ${text(value)}, ${text(`k${at}${value}`)})`)
    await on.everywhere(
      "SET sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
      'CREATE DATABASE canary',
      'CREATE TABLE canary.t (id INT PRIMARY KEY)',
      'INSERT INTO canary.t VALUES (1)',
      `CREATE DATABASE ${identifier(DATABASE)} CHARACTER SET utf8mb4`,
      `CREATE TABLE ${table} (${identifier(KEY)} INT, ${identifier(COLUMN)} VARCHAR(200), k VARCHAR(200),
         PRIMARY KEY (k), UNIQUE KEY ${identifier(INDEX)} (${identifier(KEY)})) COMMENT ${text(SQL)}`,
      `INSERT INTO ${table} (${identifier(KEY)}, ${identifier(COLUMN)}, k) VALUES ${rows.join(', ')}`
    )
    config = ['--config', await on.configure('hostile.yaml', ['shop*.*'], {}), '--progress', 'never']
  })
  afterAll(() => on?.lab.down())

  /** Makes every row of master b differ, or be missing there. */
  async function spoil(): Promise<void> {
    await on.lab.runLocally(
      'b',
      `UPDATE ${table} SET ${identifier(COLUMN)} = CONCAT('other', ${identifier(COLUMN)}) WHERE ${identifier(KEY)} > 3`,
      `DELETE FROM ${table} WHERE ${identifier(KEY)} <= 3`
    )
  }

  /** The rows of both masters in one form. */
  const rows = () => on.ask(`SELECT k, HEX(${identifier(COLUMN)}) AS v FROM ${table} ORDER BY k`)

  function expectHarmless({ stdout, stderr }: Run): void {
    expect(stdout).not.toMatch(COMMANDS)
    expect(stderr).not.toMatch(COMMANDS)
  }

  it('is agreed upon while it is the same', async () => {
    const { run } = await on.command(['diff', ...config])
    expect(run).toMatchObject({ code: 0 })
    expectHarmless(run)
  })

  it('is found, shown and reported as it is', async () => {
    await spoil()
    const csv = on.path('hostile.csv')
    const { run, report } = await on.command(['diff', ...config, '--csv', csv])
    expect(run).toMatchObject({ code: 1 })
    expectHarmless(run)
    expect(report?.tables).toMatchObject([
      { database: DATABASE, table: TABLE, missing: 3, conflict: VALUES.length - 3 }
    ])
    for (const divergence of report?.divergences ?? []) {
      const value = VALUES.find((_, at) => divergence.key.k === `k${at}${VALUES[at]}`)
      expect(divergence.rows.a).toMatchObject({ [COLUMN]: value })
    }
    const lines: Record<string, string>[] = parse(await readFile(csv, 'utf8'), { columns: true })
    expect(lines).toHaveLength(VALUES.length)
    for (const line of lines) for (const cell of Object.values(line)) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/)
  })

  it('is shown harmlessly where everything is said, and as JSON', async () => {
    for (const format of ['text', 'json']) {
      const args = [
        'diff',
        ...config,
        '--json',
        '-',
        '--log-format',
        format,
        '--where',
        '1 = (SELECT no FROM canary.t)'
      ]
      expectHarmless(await mmaudit(args, { env: { MMAUDIT_DEBUG: '1' } }))
    }
    const run = await mmaudit(['diff', ...config, '--json', '-'])
    expectHarmless(run)
    expect(JSON.parse(run.stdout).tables).toMatchObject([{ database: DATABASE, table: TABLE }])
  })

  it('is shown harmlessly on a terminal, with progress', () => {
    const shown = onTerminal(['diff', '--config', on.path('hostile.yaml'), '--progress', 'always', '--no-color'])
    expect(shown).toContain('owned')
    // Ours: the line of progress is erased and drawn again.
    expect(shown.replaceAll('\r\u001B[2K', '').replaceAll('\r\n', '\n')).not.toMatch(COMMANDS)
  })

  it('is rechecked', async () => {
    await mmaudit(['diff', ...config, '--json', on.path('found.json')])
    const again = await on.command(['recheck', on.path('found.json'), ...config])
    expect(again.run).toMatchObject({ code: 1 })
    expectHarmless(again.run)
    expect(again.report?.divergences).toHaveLength(VALUES.length)
  })

  it('is repaired by statements that do nothing else, and the repair is taken back', async () => {
    const before = await rows()
    const policy = ['--policy', 'prefer:a', '--max-percent', '100']
    const dry = ['diff', ...config, '--repair', ...policy, '--dry-run']
    // Into a file or a pipe the statements go as they have to be; a terminal is shown what it cannot obey.
    await on.command([...dry, '--sql-dir', on.path('sql')])
    const shown = onTerminal([...dry, '--no-color'])
    expect(shown).toContain('START TRANSACTION')
    expect(shown).toContain('owned')
    expect(shown.replaceAll('\r\n', '\n')).not.toMatch(COMMANDS)
    expect(await rows()).toEqual(before)
    const ran = await on.command(['diff', ...config, '--repair', ...policy, '--yes', '--journal', on.path('j')])
    expect({ code: ran.run.code, stderr: ran.run.stderr }).toEqual({ code: 0, stderr: expect.any(String) })
    expectHarmless(ran.run)
    const repaired = await rows()
    expect(repaired.b).toEqual(repaired.a)
    expect(repaired.a).toEqual(before.a)
    const undone = await on.undo('j')
    expect(undone).toMatchObject({ code: 0 })
    expectHarmless(undone)
    expect(await rows()).toEqual(before)
  })

  it('is repaired by a script that does nothing else', async () => {
    const client = findSqlClient()
    const master = on.lab.state.masters.find(({ name }) => name === 'b')
    if (client === null || master === undefined) throw new Error('there is no mysql client')
    const ran = await runSqlFile(client, master, join(on.path('sql'), 'b.sql'))
    expect(ran).toMatchObject({ code: 0 })
    const repaired = await rows()
    expect(repaired.b).toEqual(repaired.a)
  })

  it('has run no statement of its own', async () => {
    expect(await on.ask('SELECT COUNT(*) AS n FROM canary.t')).toEqual({ a: [{ n: '1' }], b: [{ n: '1' }] })
  })
})
