import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Session } from '../../src/masters/session.js'
import type { MasterConfig } from '../../src/model/config.js'
import { Authority, type Certificate, needOpenssl } from '../support/certificates.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { type OwnServer, startOwnServer } from '../support/own-server.js'
import { representativeKinds } from '../support/representative.js'

const kinds = representativeKinds().filter((kind) => !kind.includes(':'))
const leftOut = inject('serverKinds').filter((kind) => kind.includes(':'))
if (leftOut.length > 0) {
  process.stderr.write(`\n*** LEFT OUT: TLS is only tried on servers that the test starts, not on ${leftOut}\n\n`)
}

/** What a master is told of TLS on the command line. */
type Tls = Readonly<Partial<Record<'sslMode' | 'sslCa' | 'sslCert' | 'sslKey', string>>>

/** Longer than a login may take, shorter than what a user calls a hang. */
const PATIENCE_MS = 30_000

describe.each(kinds)('on %s', (kind) => {
  let folder: string
  let authority: Authority
  let strangers: Authority
  let client: Certificate
  let certificates: Readonly<Record<'both' | 'name' | 'address' | 'elsewhere' | 'expired', Certificate>>
  let secure: OwnServer
  let plain: OwnServer
  let served: Certificate

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-tls-'))
    await needOpenssl()
    authority = new Authority(join(folder, 'ours'), 'mmaudit test CA')
    strangers = new Authority(join(folder, 'theirs'), 'strangers')
    certificates = {
      both: authority.sign('both', { subject: 'db', names: ['DNS:localhost', 'IP:127.0.0.1'] }),
      name: authority.sign('name', { subject: 'localhost', names: ['DNS:localhost'] }),
      address: authority.sign('address', { subject: 'db', names: ['IP:127.0.0.1'] }),
      elsewhere: authority.sign('elsewhere', { subject: 'localhost', names: ['DNS:db.example.com', 'IP:10.0.0.1'] }),
      expired: authority.sign('expired', { subject: 'localhost', names: ['DNS:localhost'], days: -1 })
    }
    client = authority.sign('client', { subject: 'auditor' })
    served = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') }
    await serveFiles(certificates.both)
    const flags = [`--ssl-ca=${authority.cert}`, `--ssl-cert=${served.cert}`, `--ssl-key=${served.key}`]
    secure = await startOwnServer(kind, 1, flags)
    // MariaDB 11.4 makes a certificate for itself, and MySQL 8 too.
    plain = await startOwnServer(kind, 2, [secure.vendor === 'mysql' ? '--tls-version=' : '--skip-ssl'])
    for (const server of [secure, plain]) await prepare(server)
  })
  afterAll(async () => {
    for (const server of [secure, plain]) await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function prepare(server: OwnServer): Promise<void> {
    const rights = server.vendor === 'mysql' ? 'SELECT, REPLICATION CLIENT' : 'SELECT, BINLOG MONITOR, SLAVE MONITOR'
    const requirements = { encrypted: 'SSL', certified: 'X509', auditor: "SUBJECT '/CN=auditor'" }
    const accounts = Object.entries(requirements).flatMap(([user, require]) => [
      `CREATE USER '${user}'@'127.0.0.1' REQUIRE ${require}`,
      `GRANT ${rights} ON *.* TO '${user}'@'127.0.0.1'`
    ])
    const table = ['CREATE DATABASE shop', 'CREATE TABLE shop.t (id INT PRIMARY KEY)', 'INSERT INTO shop.t VALUES (1)']
    await server.run('SET sql_log_bin = 0', ...accounts, ...table)
  }

  async function serveFiles({ cert, key }: Certificate): Promise<void> {
    await copyFile(cert, served.cert)
    await copyFile(key, served.key)
  }

  /** Lets the server show another certificate. */
  async function serve(certificate: Certificate): Promise<void> {
    await serveFiles(certificate)
    await secure.run(secure.vendor === 'mysql' ? 'ALTER INSTANCE RELOAD TLS' : 'FLUSH SSL')
  }

  /** Compares the server that offers TLS with the one that does not. */
  async function diff(tls: Tls, { user = 'mmaudit', host = '127.0.0.1', server = secure } = {}): Promise<Run> {
    const query = new URLSearchParams(tls as Record<string, string>)
    const other = server === secure ? plain : secure
    const started = Date.now()
    const run = await mmaudit([
      'diff',
      'shop.t',
      ...['--master', `a=mysql://${user}@${host}:${server.port}/?${query}`],
      ...['--master', `b=mysql://mmaudit@127.0.0.1:${other.port}/?sslMode=DISABLED`]
    ])
    expect(Date.now() - started).toBeLessThan(PATIENCE_MS)
    return run
  }

  async function expectAgreement(tls: Tls, options: Parameters<typeof diff>[1] = {}): Promise<void> {
    const run = await diff(tls, options)
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: expect.any(String) })
  }

  /** Refused by name, with something to do, and without a word of a bug. */
  async function expectRefusal(
    tls: Tls,
    says: RegExp,
    { code = 2, ...options }: Parameters<typeof diff>[1] & { code?: number } = {}
  ): Promise<void> {
    const run = await diff(tls, options)
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr: expect.stringMatching(says) })
    expect(run.stderr).toMatch(/master a\b/)
    expect(run.stderr).toMatch(/\n {2}\S/)
    expect(run.stderr).not.toMatch(/internal error|\n\s+at .*:\d+:\d+/)
  }

  /** The cipher that the server sees on a session of ours; empty without TLS. */
  async function cipher(login: MasterConfig): Promise<string> {
    const session = await Session.open(login)
    const [row] = await session.query("SHOW STATUS LIKE 'Ssl_cipher'")
    await session.close()
    return row?.Value ?? ''
  }

  describe('a server with TLS', () => {
    it.each(['PREFERRED', 'REQUIRED'] as const)('is spoken to encrypted with %s', async (sslMode) => {
      expect(await cipher(secure.login({ sslMode }))).toMatch(/^\S+/)
      await expectAgreement({ sslMode }, { user: 'encrypted' })
    })

    it('is spoken to encrypted when nothing is said of TLS', () => expectAgreement({}, { user: 'encrypted' }))

    it('is spoken to in clear with DISABLED', async () => {
      expect(await cipher(secure.login({ sslMode: 'DISABLED' }))).toBe('')
      await expectAgreement({ sslMode: 'DISABLED' })
    })

    it('refuses an account that requires TLS when it is DISABLED, and the hint says so', () =>
      expectRefusal({ sslMode: 'DISABLED' }, /requires TLS/, { user: 'encrypted' }))

    it('tells what to do when it takes no logins in clear at all', async () => {
      await secure.run('SET GLOBAL require_secure_transport = ON')
      // Older MariaDB servers say no more than that access is denied.
      await expectRefusal({ sslMode: 'DISABLED' }, /sslMode to REQUIRED|requires TLS/).finally(() =>
        secure.run('SET GLOBAL require_secure_transport = OFF')
      )
    })
  })

  describe('a server without TLS', () => {
    it('is spoken to in clear with PREFERRED', async () => {
      expect(await cipher(plain.login({ sslMode: 'PREFERRED' }))).toBe('')
      await expectAgreement({ sslMode: 'PREFERRED' }, { server: plain })
    })

    it.each(['REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'])('is refused with %s', (sslMode) =>
      expectRefusal({ sslMode, sslCa: authority.cert }, /offers no TLS/, { server: plain })
    )
  })

  describe('VERIFY_CA', () => {
    const sslMode = 'VERIFY_CA'

    it('takes a certificate of the right CA, whatever host it names', async () => {
      await serve(certificates.elsewhere)
      expect(await cipher(secure.login({ sslMode, sslCa: authority.cert }))).not.toBe('')
      await expectAgreement({ sslMode, sslCa: authority.cert }, { user: 'encrypted' })
      await serve(certificates.both)
    })

    it('refuses one of another CA', () =>
      expectRefusal({ sslMode, sslCa: strangers.cert }, /certificate is not trusted.*(\n.*)*holds the CA/))

    it('refuses one of a CA that nobody named', () =>
      expectRefusal({ sslMode }, /certificate is not trusted.*(\n.*)*sslCa/))

    // MySQL loads no certificate that has expired. Who checks it is the same for every server: Node.
    it.runIf(kind.startsWith('mariadb'))('refuses one that has expired', async () => {
      await serve(certificates.expired)
      await expectRefusal({ sslMode, sslCa: authority.cert }, /expired/).finally(() => serve(certificates.both))
    })
  })

  describe('VERIFY_IDENTITY', () => {
    const identity = (): Tls => ({ sslMode: 'VERIFY_IDENTITY', sslCa: authority.cert })

    it.each([
      ['both', 'localhost'],
      ['both', '127.0.0.1'],
      ['name', 'localhost'],
      ['address', '127.0.0.1']
    ] as const)('takes the certificate for %s when the host is %s', async (certificate, host) => {
      await serve(certificates[certificate])
      await expectAgreement(identity(), { host, user: 'encrypted' })
      expect(await cipher(secure.login({ sslMode: 'VERIFY_IDENTITY', sslCa: authority.cert, host }))).not.toBe('')
    })

    it.each([
      ['name', '127.0.0.1'],
      ['address', 'localhost'],
      ['elsewhere', 'localhost'],
      ['elsewhere', '127.0.0.1']
    ] as const)('refuses the certificate for %s when the host is %s', async (certificate, host) => {
      await serve(certificates[certificate])
      await expectRefusal(identity(), /does not match(.|\n)*name the host as its certificate does/, { host })
    })

    it('sends no login to a server that is another one', async () => {
      await secure.run("SET GLOBAL log_output = 'TABLE'", 'SET GLOBAL general_log = ON')
      const asked = `SELECT COUNT(*) AS logins FROM mysql.general_log
        WHERE command_type = 'Connect' AND argument LIKE '%encrypted@%'`
      await serve(certificates.name)
      await expectRefusal(identity(), /does not match/, { user: 'encrypted' })
      expect(await secure.query(asked)).toEqual([{ logins: '0' }])
      await expectAgreement(identity(), { user: 'encrypted', host: 'localhost' })
      expect(await secure.query(asked)).not.toEqual([{ logins: '0' }])
      await secure.run('SET GLOBAL general_log = OFF')
    })

    it.each(['localhost', '127.0.0.1'])('refuses another CA when the host is %s', async (host) => {
      await serve(certificates.both)
      await expectRefusal({ sslMode: 'VERIFY_IDENTITY', sslCa: strangers.cert }, /not trusted/, { host })
    })
  })

  describe('client certificates', () => {
    const own = (): Tls => ({ sslMode: 'REQUIRED', sslCert: client.cert, sslKey: client.key })

    it.each(['certified', 'auditor'])('open the account %s', (user) => expectAgreement(own(), { user }))

    it('are asked for by an account that requires one, and the hint says so', () =>
      expectRefusal({ sslMode: 'REQUIRED' }, /requires a client certificate/, { user: 'certified' }))

    it('of another CA are refused', async () => {
      const theirs = strangers.sign('client', { subject: 'auditor' })
      await expectRefusal({ ...own(), sslCert: theirs.cert, sslKey: theirs.key }, /master a/, { user: 'certified' })
    })
  })

  describe('files that are not what they should be', () => {
    const broken = async (text: string) => {
      const path = join(folder, 'broken.pem')
      await writeFile(path, text)
      return path
    }
    const refuse = (tls: Tls, says: RegExp) => expectRefusal({ sslMode: 'REQUIRED', ...tls }, says, { code: 78 })

    it('names a CA file without a certificate', async () =>
      refuse({ sslCa: await broken('hello') }, /broken\.pem \(sslCa\) holds no certificate/))

    it('names a certificate file without a certificate', async () =>
      refuse({ sslCert: await broken('hello'), sslKey: client.key }, /broken\.pem \(sslCert\) holds no certificate/))

    it('names a key file without a key', async () =>
      refuse({ sslCert: client.cert, sslKey: await broken('hello') }, /broken\.pem \(sslKey\) holds no private key/))

    it('tells a certificate and a key that are not of each other', () =>
      refuse({ sslCert: client.cert, sslKey: certificates.both.key }, /is not that of the certificate/))

    it('asks for the key of a certificate', () => refuse({ sslCert: client.cert }, /go together/))

    it('names a file that is not there', async () => {
      const run = await diff({ sslMode: 'VERIFY_CA', sslCa: join(folder, 'none.pem') })
      expect(run.code).toBe(78)
      expect(run.stderr).toMatch(/master a: cannot read the TLS file .*none\.pem \(sslCa\)/)
    })
  })
})

describe('a server that goes silent or away while it should speak TLS', () => {
  let server: Server
  afterAll(() => server?.close())

  it.each([
    ['goes silent', false],
    ['hangs up', true]
  ])('%s: is given up by name', async (_, hangUp) => {
    server = createServer((socket) => {
      socket.on('error', () => {})
      if (hangUp) socket.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const url = `mysql://mmaudit@127.0.0.1:${port}/?sslMode=REQUIRED`
    const run = await mmaudit(['diff', '--master', `a=${url}`, '--master', `b=${url}`])
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(new RegExp(`master a \\(127\\.0\\.0\\.1:${port}\\): cannot connect`))
    server.close()
  })
})
