import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext, type TLSSocket } from 'node:tls'
import type { Connection, SslOptions } from 'mysql2'
import type { MasterConfig, SslMode } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { insideOf } from './driver-inside.js'

/** What the driver is told of TLS; `null` for a connection without. */
export function tlsOptions(master: MasterConfig, sslMode: SslMode): SslOptions | null {
  if (sslMode === 'DISABLED') return null
  return {
    rejectUnauthorized: verifies(sslMode),
    // The driver names no host to the TLS library when it is an address, which then checks the name "localhost".
    verifyIdentity: sslMode === 'VERIFY_IDENTITY' && isIP(master.host) === 0,
    ...authorities(master),
    ...clientCertificate(master)
  }
}

/** Whether the server has to prove who it is. */
export function verifies(sslMode: SslMode): boolean {
  return sslMode === 'VERIFY_CA' || sslMode === 'VERIFY_IDENTITY'
}

/** Lets the driver log in only to a server whose certificate is made out to `host`, a name or an IP address. */
export function requireIdentity(connection: Connection, host: string): void {
  const driver = insideOf(connection)
  const startTls = driver.startTLS?.bind(connection)
  if (startTls === undefined) throw new Error('this version of mysql2 starts TLS in an unknown way')
  // The driver sends the credentials only after this callback, and not at all when it is given an error.
  driver.startTLS = (done) =>
    startTls((error) => done(error ?? checkServerIdentity(host, (driver.stream as TLSSocket).getPeerCertificate(true))))
}

function authorities(master: MasterConfig): SslOptions {
  if (master.sslCa === null) return {}
  const ca = readPem(master, 'sslCa', master.sslCa)
  check(master, `the TLS file ${master.sslCa} (sslCa) holds no certificate`, () => new X509Certificate(ca))
  return { ca }
}

function clientCertificate(master: MasterConfig): SslOptions {
  const { sslCert, sslKey } = master
  if (sslCert === null && sslKey === null) return {}
  if (sslCert === null || sslKey === null) {
    throw new MmauditError('config', `master ${master.name}: sslCert and sslKey go together`, {
      hint: `add ${sslCert === null ? 'sslCert, the certificate of that key' : 'sslKey, the private key of that certificate'}`
    })
  }
  const [cert, key] = [readPem(master, 'sslCert', sslCert), readPem(master, 'sslKey', sslKey)]
  check(master, `the TLS file ${sslCert} (sslCert) holds no certificate`, () => createSecureContext({ cert }))
  check(master, `the TLS file ${sslKey} (sslKey) holds no private key without a passphrase`, () =>
    createSecureContext({ key })
  )
  check(master, `the key ${sslKey} is not that of the certificate ${sslCert}`, () => createSecureContext({ cert, key }))
  return { cert, key }
}

/** The driver reads certificates in the middle of a login, where an error would end the process. */
function check(master: MasterConfig, problem: string, read: () => unknown): void {
  try {
    read()
  } catch (cause) {
    throw new MmauditError('config', `master ${master.name}: ${problem}: ${messageOf(cause)}`, {
      hint: 'TLS files are PEM: -----BEGIN CERTIFICATE-----, or -----BEGIN PRIVATE KEY-----',
      cause
    })
  }
}

function readPem(master: MasterConfig, setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const message = `master ${master.name}: cannot read the TLS file ${path} (${setting}): ${messageOf(cause)}`
    throw new MmauditError('config', message, { cause })
  }
}
