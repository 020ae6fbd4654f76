// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { text } from '../../src/lab/quote.js'
import { Session } from '../../src/masters/session.js'
import type { MasterConfig } from '../../src/model/config.js'
import { messageOf } from '../../src/model/errors.js'
import { mariadbPlugins } from '../support/mariadb-plugins.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { type OwnServer, startOwnServer } from '../support/own-server.js'

const kinds = inject('serverKinds').filter((kind) => !kind.includes(':'))
const leftOut = inject('serverKinds').filter((kind) => kind.includes(':'))
if (leftOut.length > 0) {
  process.stderr.write(`\n*** LEFT OUT: logins are only tried on servers that the test starts, not on ${leftOut}\n\n`)
}
const plugins = new Map<string, string | null>()
for (const kind of kinds) plugins.set(kind, kind.startsWith('mariadb') ? await mariadbPlugins(kind) : null)
for (const [kind, folder] of plugins) {
  if (folder === null && kind.startsWith('mariadb')) {
    process.stderr.write(`\n*** LEFT OUT: ed25519 logins on ${kind}: its plugin cannot be had\n\n`)
  }
}

const PASSWORD = 'sesame-42'

/** What breaks when it is not quoted, escaped, encoded or measured in bytes. */
const STRANGE = `p@ss:w/rd?#%&=+ '"\`\\ \${HOME} ü€😀`

describe.each(kinds)('on %s', (kind) => {
  let folder: string
  let server: OwnServer
  let other: OwnServer
  const isMysql = kind.startsWith('mysql')
  const pluginFolder = plugins.get(kind) ?? null

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-logins-'))
    const flags = pluginFolder === null ? [] : [`--plugin-dir=${pluginFolder}`]
    server = await startOwnServer(kind, 1, flags)
    other = await startOwnServer(kind, 2)
    const table = ['CREATE DATABASE shop', 'CREATE TABLE shop.t (id INT PRIMARY KEY)', 'INSERT INTO shop.t VALUES (1)']
    for (const each of [server, other]) await each.run('SET sql_log_bin = 0', ...table)
  })
  afterAll(async () => {
    for (const each of [server, other]) await each?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Creates an account that may audit. Statements hold its name and password as they are: no backslash escapes. */
  async function account(user: string, identified: string, host = '127.0.0.1'): Promise<void> {
    const rights = isMysql ? 'SELECT, REPLICATION CLIENT' : 'SELECT, BINLOG MONITOR, SLAVE MONITOR'
    const name = `${text(user)}@${text(host)}`
    await server.run(
      "SET sql_log_bin = 0, sql_mode = 'NO_BACKSLASH_ESCAPES'",
      `CREATE USER IF NOT EXISTS ${name}`,
      `ALTER USER ${name} ${identified}`,
      `GRANT ${rights} ON *.* TO ${name}`
    )
  }

  /** Who the server takes us for. */
  async function whoami(over: Partial<MasterConfig>): Promise<string> {
    const session = await Session.open(server.login(over))
    const [row] = await session.query('SELECT CURRENT_USER() AS me')
    await session.close()
    return row?.me ?? ''
  }

  const refusal = (over: Partial<MasterConfig>) =>
    Session.open(server.login(over)).then(
      () => 'let in',
      (error) => `${messageOf(error)}\n${error.hint}`
    )

  const socketLogin = (user: string, password: string | null = null) => ({ user, password, socketPath: server.socket })

  /** A configuration file in which master a is as `lines` say, and master b is the other server. */
  async function configure(a: object, top: object = {}): Promise<string> {
    const file = join(folder, 'mmaudit.yaml')
    const b = { host: '127.0.0.1', port: other.port, user: 'mmaudit', sslMode: 'DISABLED', password: '' }
    await writeFile(file, JSON.stringify({ ...top, masters: { a, b }, include: ['shop.t'] }), { mode: 0o600 })
    return file
  }

  function diff(config: string, env: Record<string, string> = {}): Promise<Run> {
    return mmaudit(['diff', '--config', config], { cwd: folder, env: { HOME: folder, ...env } })
  }

  const agrees = (run: Run) => expect(run).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/warning/) })

  describe.runIf(isMysql)('caching_sha2_password', () => {
    const identified = `IDENTIFIED WITH caching_sha2_password BY '${PASSWORD}'`
    const modes = ['DISABLED', 'REQUIRED'] as const

    it.each(modes)('logs in for the first time and again with sslMode %s', async (sslMode) => {
      await account('cached', identified)
      // FLUSH PRIVILEGES empties the cache: the server has to be sent the password itself, under RSA or TLS.
      await server.run('FLUSH PRIVILEGES')
      const login = { user: 'cached', password: PASSWORD, sslMode }
      for (const time of ['first', 'second']) expect([time, await whoami(login)]).toEqual([time, 'cached@127.0.0.1'])
    })

    it('logs in through a unix socket, where the password is not cached', async () => {
      await account('cached', identified, 'localhost')
      await server.run('FLUSH PRIVILEGES')
      expect(await whoami(socketLogin('cached', PASSWORD))).toBe('cached@localhost')
    })

    it.each(modes)('refuses a wrong password with sslMode %s, cached or not', async (sslMode) => {
      await account('cached', identified)
      const wrong = { user: 'cached', password: 'wrong-sesame', sslMode }
      await server.run('FLUSH PRIVILEGES')
      expect(await refusal(wrong)).toMatch(/login as cached refused: Access denied/)
      await whoami({ ...wrong, password: PASSWORD })
      expect(await refusal(wrong)).toMatch(/login as cached refused: Access denied/)
    })

    it('audits', async () => {
      await account('cached', identified)
      await server.run('FLUSH PRIVILEGES')
      const a = { host: '127.0.0.1', port: server.port, user: 'cached', password: PASSWORD, sslMode: 'DISABLED' }
      agrees(await diff(await configure(a)))
    })
  })

  describe.runIf(isMysql)('sha256_password', () => {
    it.each(['DISABLED', 'REQUIRED'] as const)('logs in with sslMode %s', async (sslMode) => {
      await account('sha', `IDENTIFIED WITH sha256_password BY '${PASSWORD}'`)
      expect(await whoami({ user: 'sha', password: PASSWORD, sslMode })).toBe('sha@127.0.0.1')
    })
  })

  describe.runIf(!isMysql)('mysql_native_password', () => {
    it.each(['DISABLED', 'PREFERRED'] as const)('logs in with sslMode %s', async (sslMode) => {
      await account('native', `IDENTIFIED VIA mysql_native_password USING PASSWORD('${PASSWORD}')`)
      expect(await whoami({ user: 'native', password: PASSWORD, sslMode })).toBe('native@127.0.0.1')
      expect(await refusal({ user: 'native', password: 'wrong', sslMode })).toMatch(/Access denied/)
    })
  })

  describe.runIf(pluginFolder !== null)('ed25519', () => {
    it.each([PASSWORD, STRANGE, 'y'.repeat(300), 'exactly thirty-two bytes long, ok'])(
      'logs in with %s',
      async (password) => {
        await server.run("INSTALL SONAME 'auth_ed25519'").catch(() => {})
        await account('edward', `IDENTIFIED VIA ed25519 USING PASSWORD(${text(password)})`)
        expect(await whoami({ user: 'edward', password })).toBe('edward@127.0.0.1')
        expect(await refusal({ user: 'edward', password: `${password}!` })).toMatch(
          /login as edward refused: Access denied/
        )
        const a = { host: '127.0.0.1', port: server.port, user: 'edward', sslMode: 'DISABLED' }
        agrees(await diff(await configure(a), { MMAUDIT_PASSWORD_A: password }))
      }
    )
  })

  describe.runIf(kind === 'mariadb-11.8' && pluginFolder !== null)('a plugin that mmaudit does not speak', () => {
    it('is named, with those that it does', async () => {
      await server.run("INSTALL SONAME 'auth_parsec'")
      await server.run("CREATE USER 'pat'@'127.0.0.1' IDENTIFIED VIA parsec USING PASSWORD('x')")
      const found = await Session.open(server.login({ user: 'pat', password: 'x' })).catch((error) => error)
      expect(`${messageOf(found)}\n${found.hint}`).toMatch(/wants the authentication plugin parsec(.|\n)*ed25519/)
    })
  })

  describe('unix sockets', () => {
    it('log in the user of the operating system without a password, and nobody else', async () => {
      if (isMysql) await server.run("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'")
      const plugin = isMysql ? 'IDENTIFIED WITH auth_socket' : 'IDENTIFIED VIA unix_socket'
      const { username } = userInfo()
      await account('stranger', plugin, 'localhost')
      expect(await refusal(socketLogin('stranger'))).toMatch(/login as stranger refused: Access denied/)
      await account(username, plugin, 'localhost')
      expect(await whoami(socketLogin(username))).toBe(`${username}@localhost`)
    })

    it('are named on the command line', async () => {
      await account('socketeer', `IDENTIFIED BY '${PASSWORD}'`, 'localhost')
      const run = await mmaudit(
        [
          'diff',
          'shop.t',
          ...['--master', `a=mysql://socketeer@/?socket=${encodeURIComponent(server.socket)}`],
          ...['--master', `b=mysql://mmaudit@127.0.0.1:${other.port}`]
        ],
        { env: { MMAUDIT_PASSWORD_A: PASSWORD } }
      )
      agrees(run)
    })

    it('that are not there are told', async () => {
      const said = await refusal({ socketPath: '/nowhere/mysqld.sock' })
      expect(said).toMatch(/master a \(\/nowhere\/mysqld\.sock\): cannot connect: .*ENOENT/)
    })
  })

  describe('passwords', () => {
    it('may be empty', async () => {
      await account('free', '')
      expect(await whoami({ user: 'free', password: null })).toBe('free@127.0.0.1')
      expect(await whoami({ user: 'free', password: '' })).toBe('free@127.0.0.1')
      expect(await refusal({ user: 'free', password: 'one' })).toMatch(/Access denied.*using password: YES/)
    })

    it('that have expired are told, with what mends it', async () => {
      await account('stale', `IDENTIFIED BY '${PASSWORD}'`)
      await server.run("ALTER USER 'stale'@'127.0.0.1' PASSWORD EXPIRE")
      const a = { host: '127.0.0.1', port: server.port, user: 'stale', password: PASSWORD, sslMode: 'DISABLED' }
      const run = await diff(await configure(a))
      expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(/master a(.|\n)*stale(.|\n)*ALTER USER/) })
      expect(run.stderr).not.toContain(PASSWORD)
    })

    it('of locked accounts are not blamed', async () => {
      await account('barred', `IDENTIFIED BY '${PASSWORD}' ACCOUNT LOCK`)
      expect(await refusal({ user: 'barred', password: PASSWORD })).toMatch(/barred.*locked(.|\n)*ACCOUNT UNLOCK/i)
    })
  })

  it('names a machine that may not connect', async () => {
    await account('afar', '', '10.9.8.7')
    expect(await refusal({ user: 'afar' })).toMatch(/login as afar refused/)
  })

  it('tells that all connections are taken', async () => {
    await account('single', `IDENTIFIED BY '${PASSWORD}' WITH MAX_USER_CONNECTIONS 1`)
    const held = await Session.open(server.login({ user: 'single', password: PASSWORD }))
    expect(await refusal({ user: 'single', password: PASSWORD })).toMatch(/max_user_connections(.|\n)*--concurrency/)
    await held.close()
  })

  describe('an account with special characters', () => {
    const user = `o'b"r\`i\\en@:/#%ü`
    beforeAll(() => account(user, `IDENTIFIED BY ${text(STRANGE)}`))

    it('logs in', async () => {
      expect(await whoami({ user, password: STRANGE })).toBe(`${user}@127.0.0.1`)
    })

    it('is read from a URL, with a warning for the password, and is never echoed', async () => {
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(STRANGE)}`
      const run = await mmaudit(
        [
          'diff',
          'shop.t',
          ...['--master', `a=mysql://${login}@127.0.0.1:${server.port}`],
          ...['--master', `b=mysql://mmaudit@127.0.0.1:${other.port}`]
        ],
        { env: {} }
      )
      expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: .*MMAUDIT_PASSWORD_A/) })
      for (const secret of [STRANGE, encodeURIComponent(STRANGE)]) expect(run.stdout + run.stderr).not.toContain(secret)
    })

    it('is read from a file with ${VAR}', async () => {
      const a = { host: '127.0.0.1', port: server.port, user: '${WHO}', password: '${SECRET}', sslMode: 'PREFERRED' }
      agrees(await diff(await configure(a), { WHO: user, SECRET: STRANGE }))
    })

    it('is read from an option file, whose later group wins', async () => {
      const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
      const client = `[client]\nuser = nobody\npassword=${quoted(STRANGE)}\nhost = 127.0.0.1\n`
      const own = `[mmaudit]\nuser = ${quoted(user)}\nport = ${server.port}\nssl-mode = PREFERRED\n`
      const file = join(folder, '.my.cnf')
      await writeFile(file, `${own}\n[mysqldump]\nuser = dump\n\n${client}`, { mode: 0o600 })
      agrees(await diff(await configure({ defaultsFile: '~/.my.cnf' })))
      await chmod(file, 0o644)
      const run = await diff(await configure({ defaultsFile: '~/.my.cnf' }))
      expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/chmod 600/) })
      expect(run.stderr).not.toContain(STRANGE)
    })
  })
})
