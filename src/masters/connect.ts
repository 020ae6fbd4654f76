import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type Connection, type ConnectionOptions, createConnection, type SslOptions } from 'mysql2'
import { environmentName, type MasterConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { isAccessDenied, isTlsUnsupported } from './server-errors.js'

/** Long enough for a login over a slow link, short enough that a dead host is named while the user still looks. */
const CONNECT_TIMEOUT_MS = 10_000

/** Logs in to a master. Errors say which master and what to do; none holds a password. */
export async function connect(master: MasterConfig): Promise<Connection> {
  try {
    return await connectOnce(master, master.socketPath === null ? master.sslMode : 'DISABLED')
  } catch (error) {
    if (master.sslMode === 'PREFERRED' && isTlsUnsupported(error)) {
      return connectOnce(master, 'DISABLED').catch((second) => Promise.reject(explain(master, second)))
    }
    throw explain(master, error)
  }
}

/** Where a master is, for people: `10.0.0.1:3306` or a socket path. */
function addressOf(master: MasterConfig): string {
  return master.socketPath ?? `${master.host}:${master.port}`
}

function connectOnce(master: MasterConfig, sslMode: MasterConfig['sslMode']): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(driverOptions(master, sslMode))
    connection.once('error', reject)
    connection.connect((error) => {
      connection.removeListener('error', reject)
      if (error) {
        connection.destroy()
        reject(error)
        return
      }
      // An idle connection may break at any time; whoever uses it next is told by the statement that fails.
      connection.on('error', () => {})
      resolve(connection)
    })
  })
}

function driverOptions(master: MasterConfig, sslMode: MasterConfig['sslMode']): ConnectionOptions {
  const ssl = tlsOptions(master, sslMode)
  return {
    ...(master.socketPath === null ? { host: master.host, port: master.port } : { socketPath: master.socketPath }),
    user: master.user,
    ...(master.password === null ? {} : { password: master.password }),
    ...(ssl === null ? {} : { ssl }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    connectAttributes: { program_name: 'mmaudit' }
  }
}

function tlsOptions(master: MasterConfig, sslMode: MasterConfig['sslMode']): SslOptions | null {
  if (sslMode === 'DISABLED') return null
  if (sslMode === 'VERIFY_IDENTITY' && isIP(master.host) !== 0) {
    // The driver names no host to the TLS library when it is an address, which then checks the name "localhost".
    throw new MmauditError('config', `master ${master.name}: VERIFY_IDENTITY cannot check the address ${master.host}`, {
      hint: 'name the host as its certificate does, or use VERIFY_CA'
    })
  }
  const verifies = sslMode === 'VERIFY_CA' || sslMode === 'VERIFY_IDENTITY'
  return {
    rejectUnauthorized: verifies,
    verifyIdentity: sslMode === 'VERIFY_IDENTITY',
    ...(master.sslCa === null ? {} : { ca: readPem(master, master.sslCa) }),
    ...(master.sslCert === null ? {} : { cert: readPem(master, master.sslCert) }),
    ...(master.sslKey === null ? {} : { key: readPem(master, master.sslKey) })
  }
}

function readPem(master: MasterConfig, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MmauditError('config', `master ${master.name}: cannot read the TLS file ${path}: ${messageOf(cause)}`, {
      cause
    })
  }
}

function explain(master: MasterConfig, error: unknown): unknown {
  if (error instanceof MmauditError) return error
  const where = `master ${master.name} (${addressOf(master)})`
  if (isAccessDenied(error)) {
    return new MmauditError('incomplete', `${where}: login as ${master.user} refused: ${messageOf(error)}`, {
      hint: `check the user name, and the password in MMAUDIT_PASSWORD_${environmentName(master.name)} or MMAUDIT_PASSWORD`,
      cause: error
    })
  }
  if (isTlsUnsupported(error)) {
    return new MmauditError(
      'incomplete',
      `${where}: the server offers no TLS, and sslMode ${master.sslMode} asks for it`,
      {
        hint: 'set up TLS on that server, or use sslMode PREFERRED or DISABLED',
        cause: error
      }
    )
  }
  return new MmauditError('incomplete', `${where}: cannot connect: ${messageOf(error)}`, {
    hint: 'check that the server runs, and the host, port and firewall',
    cause: error
  })
}
