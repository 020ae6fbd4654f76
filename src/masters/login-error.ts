import { environmentName, type MasterConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { isAccessDenied, isTlsUnsupported } from './server-errors.js'
import { verifies } from './tls.js'

/** Where a master is, for people: `10.0.0.1:3306` or a socket path. */
function addressOf(master: MasterConfig): string {
  return master.socketPath ?? `${master.host}:${master.port}`
}

/** What went wrong in a login: which master, and what to do. Holds no password. */
export function explainLogin(master: MasterConfig, error: unknown): MmauditError {
  if (error instanceof MmauditError) return error
  const { says, hint } = explanation(master, error)
  return new MmauditError('incomplete', `master ${master.name} (${addressOf(master)}): ${says}`, { hint, cause: error })
}

interface Explanation {
  readonly says: string
  readonly hint: string
}

function explanation(master: MasterConfig, error: unknown): Explanation {
  if (isAccessDenied(error)) return refused(master, error)
  if (isTlsUnsupported(error)) {
    return {
      says: `the server offers no TLS, and sslMode ${master.sslMode} asks for it`,
      hint: 'set up TLS on that server, or use sslMode PREFERRED or DISABLED'
    }
  }
  const { code, errno } = error as { code?: string; errno?: number }
  if (code === 'HANDSHAKE_SSL_ERROR') return tlsFailure(master, error)
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR' || code === 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED') return plugin(master, error)
  const hint = errno === undefined ? undefined : REFUSALS[errno]
  if (hint !== undefined) return { says: `login as ${master.user} refused: ${messageOf(error)}`, hint }
  return {
    says: `cannot connect: ${messageOf(error) || code || 'no reason given'}`,
    hint: 'check that the server runs, and the host, port and firewall'
  }
}

const EXPIRED = 'log in as this account with the mysql client and set a new password: ALTER USER USER() IDENTIFIED BY …'
const LOCKED = 'an administrator can unlock it: ALTER USER … ACCOUNT UNLOCK'
const TOO_MANY = 'raise the limit for connections there, or audit with a lower --concurrency'

/** Refusals that no other password mends, and what does. Numbers from the error references of MySQL and MariaDB. */
const REFUSALS: Readonly<Record<number, string>> = {
  1040: TOO_MANY,
  1129: 'too many failed logins from this machine: run FLUSH HOSTS there',
  1130: 'create the account for the address that this machine connects from',
  1203: TOO_MANY,
  1226: TOO_MANY,
  1524: 'load the authentication plugin on that server, or create the account with another one',
  1820: EXPIRED,
  1862: EXPIRED,
  3118: LOCKED,
  3159: 'set sslMode to REQUIRED or higher: that server takes no unencrypted logins',
  4151: LOCKED
}

function refused(master: MasterConfig, error: unknown): Explanation {
  const password = `check the user name, and the password in MMAUDIT_PASSWORD_${environmentName(master.name)} or MMAUDIT_PASSWORD`
  const lacks = [
    ...(master.sslMode === 'DISABLED' && master.socketPath === null ? ['TLS'] : []),
    ...(master.sslCert === null && master.sslMode !== 'DISABLED' ? ['a client certificate'] : [])
  ]
  const more = lacks.map((what) => `; an account that requires ${what} is refused in the same words`)
  return {
    says: `login as ${master.user} refused: ${messageOf(error)}`,
    hint: password + more.join('')
  }
}

function tlsFailure(master: MasterConfig, error: unknown): Explanation {
  if (!verifies(master.sslMode)) {
    return {
      says: `TLS failed: ${messageOf(error)}`,
      hint: 'compare the TLS versions and ciphers that the server allows with those of this Node'
    }
  }
  const says = `the server's certificate is not trusted: ${messageOf(error)}`
  if (/^Hostname\/IP does not match/.test(messageOf(error))) {
    return { says, hint: 'name the host as its certificate does, or use sslMode VERIFY_CA' }
  }
  return {
    says,
    hint:
      master.sslCa === null
        ? 'name the CA that signed it in sslCa; without it only the CAs that Node brings along are trusted'
        : `check that ${master.sslCa} holds the CA that signed it, and that neither has expired`
  }
}

/** The driver names a plugin that it does not know in the middle of its message. */
const UNKNOWN_PLUGIN = /unknown plugin (\S+)\. See/

function plugin(master: MasterConfig, error: unknown): Explanation {
  const message = messageOf(error)
  const name =
    UNKNOWN_PLUGIN.exec(message)?.[1] ?? (message.includes('mysql_clear_password') ? 'mysql_clear_password' : null)
  if (name === null) return { says: `login as ${master.user} failed: ${message}`, hint: KNOWN_PLUGINS }
  return {
    says: `login as ${master.user} failed: the account wants the authentication plugin ${name}, which mmaudit does not speak`,
    hint: KNOWN_PLUGINS
  }
}

const KNOWN_PLUGINS =
  'create an account for mmaudit with caching_sha2_password, sha256_password, mysql_native_password, ed25519, or a socket plugin'
