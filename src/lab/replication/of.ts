import type { Vendor } from '../../model/master.js'
import type { ReplicationDialect } from './dialect.js'
import { mariadbReplication } from './mariadb.js'
import { mysqlReplication } from './mysql.js'

/** How replication is handled on this vendor's servers. */
export function replicationOf(vendor: Vendor): ReplicationDialect {
  return vendor === 'mysql' ? mysqlReplication : mariadbReplication
}
