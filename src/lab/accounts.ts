import type { Vendor } from '../model/master.js'
import { text } from './quote.js'

/** The accounts of a lab. None has a password: the servers listen on loopback only and hold made-up data. */
export const ACCOUNTS = {
  admin: 'lab_admin',
  replication: 'lab_repl',
  audit: 'mmaudit',
  repair: 'mmaudit_repair'
} as const

/** Where they may log in from: the socket, and loopback as it is seen without name resolution. */
const HOSTS = ['localhost', '127.0.0.1']

/** What an audit needs and nothing more: to read the tables, where replication stands, and the binlogs. */
const AUDIT_PRIVILEGES: Readonly<Record<Vendor, string>> = {
  mysql: 'SELECT, REPLICATION CLIENT, REPLICATION SLAVE',
  mariadb: 'SELECT, BINLOG MONITOR, SLAVE MONITOR, REPLICATION SLAVE'
}

/** What a repair needs on top: to write rows, to see triggers and replicas, and to keep its writes out of the binlog. */
const REPAIR_PRIVILEGES: Readonly<Record<Vendor, string>> = {
  mysql: `${AUDIT_PRIVILEGES.mysql}, INSERT, UPDATE, DELETE, TRIGGER, SESSION_VARIABLES_ADMIN`,
  mariadb: `${AUDIT_PRIVILEGES.mariadb}, INSERT, UPDATE, DELETE, TRIGGER, REPLICATION MASTER ADMIN, BINLOG ADMIN`
}

/** The statements that create the accounts on a freshly initialised server, where only `root@localhost` is sure to be. */
export function accountStatements(vendor: Vendor, hosts: readonly string[] = HOSTS): readonly string[] {
  const grants: readonly (readonly [user: string, privileges: string])[] = [
    ['root', 'ALL PRIVILEGES'],
    [ACCOUNTS.admin, 'ALL PRIVILEGES'],
    [ACCOUNTS.replication, 'REPLICATION SLAVE'],
    [ACCOUNTS.audit, AUDIT_PRIVILEGES[vendor]],
    [ACCOUNTS.repair, REPAIR_PRIVILEGES[vendor]]
  ]
  return grants.flatMap(([user, privileges]) =>
    hosts.flatMap((host) => {
      const account = `${text(user)}@${text(host)}`
      const option = privileges === 'ALL PRIVILEGES' ? ' WITH GRANT OPTION' : ''
      return [`CREATE USER IF NOT EXISTS ${account}`, `GRANT ${privileges} ON *.* TO ${account}${option}`]
    })
  )
}
