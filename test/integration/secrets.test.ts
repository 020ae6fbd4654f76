import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Nothing else that a run says or writes holds this. */
const SECRET = 'xyzzy-4711-plugh'
/** The same, so spelled that a URL has to escape it and a message would show it in another form. */
const SPECIAL = 'xyzzy@4711/plugh'

/** Any spelling of any of them. */
const ANY_SECRET = /xyzzy|plugh/i

describe.each(representativeKinds())('on %s', (kind) => {
  let lab: TestLab
  let folder: string

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 50 })
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-secrets-'))
    const mysql = lab.state.masters[0]?.vendor === 'mysql'
    const audit = mysql
      ? 'REPLICATION CLIENT, REPLICATION SLAVE'
      : 'BINLOG MONITOR, SLAVE MONITOR, REPLICATION MASTER ADMIN'
    const write = mysql ? 'SESSION_VARIABLES_ADMIN' : 'BINLOG ADMIN'
    for (const { name } of lab.state.masters) {
      await lab.runLocally(
        name,
        `CREATE USER 'keeper'@'%' IDENTIFIED BY '${SECRET}'`,
        `GRANT ${audit}, ${write}, SELECT, INSERT, UPDATE, DELETE, TRIGGER ON *.* TO 'keeper'@'%'`,
        `CREATE USER 'special'@'%' IDENTIFIED BY '${SPECIAL}'`,
        `GRANT ${audit}, SELECT ON *.* TO 'special'@'%'`,
        `CREATE USER 'poor'@'%' IDENTIFIED BY '${SECRET}'`,
        "GRANT SELECT ON *.* TO 'poor'@'%'"
      )
    }
    await lab.runLocally('b', 'DELETE FROM retail_db.order_items LIMIT 3')
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  const at = (name: string) => {
    const { host, port } = lab.state.masters.find((master) => master.name === name) ?? { host: '', port: 0 }
    return { host, port }
  }
  const url = (name: string, login: string, query = '') => {
    const { host, port } = at(name)
    return `${name}=mysql://${login}@${host}:${port}/${query}`
  }
  const both = (login: string, query = '') => ['--master', url('a', login, query), '--master', url('b', login, query)]
  const inUrl = (query = '') => both(`keeper:${SECRET}`, query)

  async function yaml(name: string, master: string): Promise<readonly string[]> {
    const [a, b] = ['a', 'b'].map((each) => `{ host: ${at(each).host}, port: ${at(each).port}, ${master} }`)
    const file = join(folder, name)
    await writeFile(file, `masters:\n  a: ${a}\n  b: ${b}\n`, { mode: 0o600 })
    return ['--config', file]
  }

  /** Runs the command with everything said that can be said, in a folder of its own. */
  async function loud(name: string, format: string, args: readonly string[], env: Record<string, string> = {}) {
    const cwd = join(folder, `${name}-${format}`)
    await mkdir(cwd, { recursive: true })
    const say = ['--log-format', format, '--progress', 'always']
    const run = await mmaudit([...args, ...say], { cwd, env: { ...env, MMAUDIT_DEBUG: '1' } })
    return { run, cwd }
  }

  /** Nothing that was said and no file that was left holds a password; whoever reads along learns nothing. */
  async function expectNoSecret(run: Run, cwd: string): Promise<void> {
    expect(run.stdout).not.toMatch(ANY_SECRET)
    expect(run.stderr).not.toMatch(ANY_SECRET)
    for (const entry of await readdir(cwd, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      expect({ path, text: await readFile(path, 'latin1') }).toEqual({
        path,
        text: expect.not.stringMatching(ANY_SECRET)
      })
      expect({ path, mode: (await stat(path)).mode & 0o777 }).toEqual({ path, mode: 0o600 })
    }
  }

  const wrong = { MMAUDIT_PASSWORD: `${SECRET}-wrong` }
  const right = { MMAUDIT_PASSWORD: SECRET }

  type Arguments = Promise<readonly string[]> | readonly string[]
  type Failure = readonly [what: string, code: number, args: () => Arguments, env: Readonly<Record<string, string>>]

  /** What goes wrong, the exit status, the arguments, the environment. */
  const failures: readonly Failure[] = [
    ['a wrong password', 2, () => both('keeper'), wrong],
    ['a wrong password in a URL', 2, () => both(`keeper:${SECRET}-wrong`), {}],
    ['a special password that is wrong', 2, () => both(`keeper:${encodeURIComponent(SPECIAL)}`), {}],
    ['an unknown user', 2, () => both(`nobody:${SECRET}`), {}],
    ['a password in a file that is wrong', 2, () => yaml('wrong.yaml', `user: keeper, password: ${SECRET}-wrong`), {}],
    [
      'an unknown host',
      2,
      () => ['--master', `a=mysql://keeper:${SECRET}@no.such.host.invalid`, ...inUrl().slice(2)],
      {}
    ],
    ['a closed port', 2, () => ['--master', `a=mysql://keeper:${SECRET}@127.0.0.1:1`, ...inUrl().slice(2)], {}],
    ['a socket that is not there', 2, () => inUrl('?socket=/nowhere.sock'), {}],
    ['a server that cannot be trusted', 2, () => inUrl('?sslMode=VERIFY_IDENTITY'), {}],
    ['a TLS file that is not there', 78, () => inUrl('?sslMode=REQUIRED&sslCa=/nowhere.pem'), {}],
    ['a missing privilege', 2, () => [...both(`poor:${SECRET}`), 'retail_db.orders'], {}],
    ['a condition that is no SQL', 64, () => [...inUrl(), 'retail_db.orders', '--where', 'order_id = ('], {}],
    ['a condition that fails', 2, () => [...inUrl(), 'retail_db.orders', '--where', 'EXP(order_id + 9999) > 1'], {}],
    ['a table that is not there', 64, () => [...inUrl(), 'retail_db.nothing'], {}],
    ['one master', 64, () => inUrl().slice(0, 2), {}],
    [
      'one server twice',
      78,
      () => ['--master', url('a', `keeper:${SECRET}`), '--master', url('a', `keeper:${SECRET}`).replace('a=', 'b=')],
      {}
    ],
    ['two masters of a name', 64, () => [...inUrl(), ...inUrl()], {}],
    ['a URL without a name', 64, () => ['--master', `mysql://keeper:${SECRET}@h1`], {}],
    ['a URL of another kind', 64, () => ['--master', `a=postgres://keeper:${SECRET}@h1`], {}],
    ['a URL with a bad port', 64, () => ['--master', `a=mysql://keeper:${SECRET}@h1:port`], {}],
    ['a URL with a bad escape', 64, () => ['--master', `a=mysql://keeper:${SECRET}%@h1`], {}],
    ['a URL with a special password as it is', 64, () => ['--master', `a=mysql://keeper:${SPECIAL}@h1`], {}],
    ['a URL with a database', 64, () => ['--master', `a=mysql://keeper:${SECRET}@h1/shop`], {}],
    ['a URL with an unknown parameter', 64, () => inUrl('?ssl=yes'), {}],
    ['a URL for a table', 64, () => [url('a', `keeper:${SECRET}`)], {}],
    ['a URL for a file', 78, () => ['--config', url('a', `keeper:${SECRET}`)], {}],
    ['a URL for a report', 64, () => [...inUrl(), '--json', url('a', `keeper:${SECRET}`)], {}],
    ['a URL for a number', 64, () => [...inUrl(), '--chunk-rows', url('a', `keeper:${SECRET}`)], {}],
    ['a URL after a misspelt option', 64, () => [`--mastr=${url('a', `keeper:${SECRET}`)}`], {}],
    ['a file that is no YAML', 78, () => yaml('broken.yaml', `user: keeper, password: ${SECRET}: [`), {}],
    ['a file with an alias for a password', 78, () => yaml('alias.yaml', `user: keeper, password: *${SECRET}`), {}],
    ['a file with a tag for a password', 78, () => yaml('tag.yaml', `user: keeper, password: !${SECRET} 1`), {}],
    ['a file with a list for a password', 78, () => yaml('list.yaml', `user: keeper, password: [${SECRET}]`), {}],
    ['a file with a key twice', 78, () => yaml('twice.yaml', `password: ${SECRET}, password: ${SECRET}`), {}],
    [
      'a file with an unknown key',
      78,
      () => yaml('key.yaml', `user: keeper, password: ${SECRET}, pasword: ${SECRET}`),
      {}
    ],
    ['a variable that is not set', 78, () => yaml('unset.yaml', `user: keeper, password: "${SECRET}\${NOT_SET}"`), {}],
    ['an option file that is not there', 64, () => inUrl('?defaultsFile=/nowhere.cnf'), {}]
  ]

  // Each form of messages on one vendor: what they hold back does not depend on the server.
  describe.each([kind === representativeKinds()[0] ? 'text' : 'json'])('with messages as %s', (format) => {
    it.each(failures)('%s betrays no password', async (name, code, args, env) => {
      const say = ['diff', '--json', 'report.json', '--csv', 'report.csv', ...(await args())]
      const { run, cwd } = await loud(name.replaceAll(/\W/g, '-'), format, say, env)
      await expectNoSecret(run, cwd)
      expect({ code: run.code, stderr: run.stderr }).toEqual({
        code,
        stderr: expect.not.stringMatching(/internal error/)
      })
    })

    it('an option file that is misread betrays no password', async () => {
      const options = join(folder, 'broken.cnf')
      await writeFile(options, `[client]\nuser=keeper\npassword="${SECRET}\nport=${SECRET}\n!include ${'x'}\n`, {
        mode: 0o644
      })
      const config = await yaml('options.yaml', `defaultsFile: ${options}`)
      const { run, cwd } = await loud('option-file', format, ['diff', ...config])
      await expectNoSecret(run, cwd)
    })

    it('a connection that is killed betrays no password', async () => {
      const cwd = join(folder, `killed-${format}`)
      await mkdir(cwd, { recursive: true })
      const args = [
        'diff',
        ...both('keeper'),
        '--json',
        'report.json',
        '--log-format',
        format,
        '--where',
        'SLEEP(0.05) = 0'
      ]
      const running = mmaudit(args, { cwd, env: { ...right, MMAUDIT_DEBUG: '1' } })
      let hasEnded = false
      const run = running.finally(() => {
        hasEnded = true
      })
      await killSessions('a', () => hasEnded)
      expect((await run).code).toBe(2)
      await expectNoSecret(await run, cwd)
    })

    it('an audit, a recheck, a repair and its undoing betray no password, and write files for their owner only', async () => {
      const files = ['--json', 'report.json', '--csv', 'report.csv']
      const run = (name: string, args: readonly string[]) => loud('round', format, [name, ...args], right)
      const login = both('keeper')
      const repair = ['repair', ['report.json', ...login, '--policy', 'prefer:a', '--json', 'repaired.json']] as const
      const steps = [
        ['diff', [...login, 'retail_db.order_items', ...files], 1],
        ['recheck', ['report.json', ...login, '--json', 'left.json'], 1],
        ['repair', [...repair[1], '--dry-run', '--sql-dir', 'sql'], 1],
        ['repair', [...repair[1], '--yes', '--journal', 'the.journal'], 0],
        ['undo', ['the.journal', ...login, '--yes'], 0]
      ] as const
      for (const [command, args, code] of steps) {
        const { run: ran, cwd } = await run(command, args)
        await expectNoSecret(ran, cwd)
        expect([command, ran.code, ran.stderr]).toEqual([command, code, expect.any(String)])
      }
    })
  })

  async function killSessions(master: string, hasEnded: () => boolean): Promise<void> {
    const found = "SELECT id FROM information_schema.processlist WHERE user = 'keeper'"
    const deadline = Date.now() + 60_000
    while (Date.now() < deadline) {
      // Not the statement that only tries the condition.
      const reading = "info LIKE '%SLEEP(%' AND info LIKE '%ORDER BY%' AND info NOT LIKE 'EXPLAIN%'"
      const sessions = await lab.query(master, `${found} AND ${reading}`)
      if (sessions.length === 0) continue
      // Everything that comes up is killed, so that trying again does not help.
      while (!hasEnded()) {
        for (const { id, ID } of await lab.query(master, found))
          await lab.run(master, `KILL ${id ?? ID}`).catch(() => {})
      }
      return
    }
    throw new Error('the audit never began')
  }

  it('takes a password in a URL, warns, and does not repeat it', async () => {
    const { run, cwd } = await loud('url', 'text', [
      'diff',
      ...both(`special:${encodeURIComponent(SPECIAL)}`),
      'retail_db.order_items'
    ])
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/warning: master a: .*MMAUDIT_PASSWORD_A/)
    await expectNoSecret(run, cwd)
  })

  it('shows in the process list what the user typed, and in that of the server nothing', async () => {
    const command = new URL('../../bin/mmaudit.js', import.meta.url).pathname
    const args = [command, 'diff', ...both('keeper'), 'retail_db.orders', '--where', 'SLEEP(0.1) = 0']
    const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...right }, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.on('close', resolve))
    const shown = async () => await lab.query('a', "SELECT * FROM information_schema.processlist WHERE user = 'keeper'")
    while ((await shown()).length === 0 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    const line = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
    const sessions = JSON.stringify(await shown())
    child.kill('SIGKILL')
    await ended
    expect(line).toContain('retail_db.orders')
    expect(line).not.toMatch(ANY_SECRET)
    expect(sessions).toContain('keeper')
    expect(sessions).not.toMatch(ANY_SECRET)
  })
})
