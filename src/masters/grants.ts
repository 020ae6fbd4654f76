import type { TableRef } from '../model/table.js'
import type { Privilege } from './capabilities.js'
import type { Session } from './session.js'

/** One line of what an account may do, or, where `revoked`, of what it may not do although a wider line says so. */
interface Grant {
  readonly privileges: ReadonlySet<string>
  /** `*` for all. Also a pattern, in which `_` and `%` stand for others. */
  readonly database: string
  /** `*` for all. */
  readonly table: string
  readonly revoked: boolean
}

/** `GRANT SELECT, INSERT (`id`) ON `shop`.* TO …`; what is granted on routines or as a role has another shape. */
const LINE = /^(GRANT|REVOKE) (.+?) ON (\*|`(?:[^`]|``)*`)\.(\*|`(?:[^`]|``)*`) (?:TO|FROM) /

/** Privileges that show the definition of a table to the account. */
const TABLE_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'TRIGGER', 'ALTER', 'INDEX', 'DROP']

/** What the account of a session may do with tables, roles that are in force included. */
export class Grants {
  readonly #grants: readonly Grant[]

  /** @param lines as `SHOW GRANTS` prints them, without ANSI_QUOTES. */
  constructor(lines: readonly string[]) {
    this.#grants = lines.flatMap((line) => parse(line) ?? [])
  }

  /** Whether the account has the privilege for the whole table. Where that is not sure, it has not. */
  covers(privilege: string, ref: TableRef): boolean {
    const fitting = this.#grants.filter(
      (grant) => matches(grant.database, ref.database) && (grant.table === '*' || grant.table === ref.table)
    )
    return fitting.some((grant) => !grant.revoked && holds(grant, privilege)) && !fitting.some((grant) => grant.revoked)
  }

  /** Whether the account has a privilege of the whole server, such as `REPLICATION SLAVE`. */
  holds(privilege: string): boolean {
    return this.#grants.some((grant) => grant.database === '*' && !grant.revoked && holds(grant, privilege))
  }

  /** Whether the definitions of all tables of the server are shown to the account. */
  seesEveryTable(): boolean {
    const everywhere = this.#grants.filter((grant) => grant.database === '*' && !grant.revoked)
    const seesAll = everywhere.some((grant) => TABLE_PRIVILEGES.some((privilege) => holds(grant, privilege)))
    return seesAll && !this.#grants.some((grant) => grant.revoked)
  }
}

/**
 * Reads the grants of the session's account. Without "FOR CURRENT_USER", which on MariaDB leaves out what comes by a role.
 */
export async function readGrants(session: Session): Promise<Grants> {
  const rows = await session.query('SHOW GRANTS')
  return new Grants(rows.flatMap((row) => Object.values(row)).filter((line) => line !== null))
}

/** Whether an account has a privilege of the whole server, by whatever name. */
export function mayDo(grants: Grants, { name, includedIn }: Privilege): boolean {
  return [name, ...includedIn].some((each) => grants.holds(each))
}

function parse(line: string): Grant | null {
  const [, verb, privileges = '', database = '', table = ''] = LINE.exec(line) ?? []
  if (verb === undefined) return null
  return {
    privileges: named(privileges),
    database: unquoted(database),
    table: unquoted(table),
    revoked: verb === 'REVOKE'
  }
}

/** Privileges on single columns are left out. */
function named(list: string): ReadonlySet<string> {
  const parts = list.replaceAll(/\((?:`(?:[^`]|``)*`|[^)])*\)/g, '()').split(',')
  return new Set(parts.map((part) => part.trim()).filter((part) => !part.endsWith('()')))
}

function holds(grant: Grant, privilege: string): boolean {
  return grant.privileges.has(privilege) || grant.privileges.has('ALL PRIVILEGES')
}

function unquoted(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name
}

function matches(pattern: string, database: string): boolean {
  if (pattern === '*') return true
  const source = pattern.replaceAll(/\\?[\s\S]/g, (token) => {
    if (token === '_') return '[\\s\\S]'
    if (token === '%') return '[\\s\\S]*'
    return token.slice(-1).replace(/[.*+?^${}()|[\]\\/-]/, '\\$&')
  })
  return new RegExp(`^${source}$`).test(database)
}
