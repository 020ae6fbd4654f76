import { type AuthPlugin, type Connection, type ConnectionOptions, createConnection } from 'mysql2'
import type { MasterConfig, SslMode } from '../model/config.js'
import { KEEP_ALIVE_MS, keepingCopies, openSocket } from './driver-socket.js'
import { signWithPassword } from './ed25519.js'
import { explainLogin } from './login-error.js'
import { isTlsUnsupported } from './server-errors.js'
import { requireIdentity, tlsOptions } from './tls.js'

/** Long enough for a login over a slow link, short enough that a dead host is named while the user still looks. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Statements that a session keeps prepared; those of tables that are done give way. All clients of a server together may keep
 * `max_prepared_stmt_count`, 16,382 by default, and an audit has thousands of tables.
 */
const KEPT_STATEMENTS = 8

/** What a MariaDB server asks to be signed. */
const NONCE_BYTES = 32

/** Logs in to a master. Errors say which master and what to do; none holds a password. */
export async function connect(master: MasterConfig): Promise<Connection> {
  try {
    return await connectOnce(master, master.socketPath === null ? master.sslMode : 'DISABLED')
  } catch (error) {
    if (master.sslMode === 'PREFERRED' && isTlsUnsupported(error)) {
      return connectOnce(master, 'DISABLED').catch((second) => Promise.reject(explainLogin(master, second)))
    }
    throw explainLogin(master, error)
  }
}

function connectOnce(master: MasterConfig, sslMode: SslMode): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(driverOptions(master, sslMode))
    if (sslMode === 'DISABLED') keepingCopies(connection)
    if (sslMode === 'VERIFY_IDENTITY') requireIdentity(connection, master.host)
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

function driverOptions(master: MasterConfig, sslMode: SslMode): ConnectionOptions {
  const ssl = tlsOptions(master, sslMode)
  return {
    // Whoever logs in over a socket of the file system need not hide the password.
    ...(master.socketPath === null ? { host: master.host, port: master.port } : { socketPath: master.socketPath }),
    ...(ssl === null ? { stream: () => openSocket(master) } : {}),
    user: master.user,
    ...(master.password === null ? {} : { password: master.password }),
    ...(ssl === null ? {} : { ssl }),
    authPlugins: { client_ed25519: ed25519(master.password ?? '') },
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    maxPreparedStatements: KEPT_STATEMENTS,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    connectAttributes: { program_name: 'mmaudit' }
  }
}

function ed25519(password: string): AuthPlugin {
  return () => (nonce) => signWithPassword(Buffer.from(password), nonce.subarray(0, NONCE_BYTES))
}
