/** The two families of servers that differ in statements, positions and privileges. */
export type Vendor = 'mysql' | 'mariadb'

/** What is reported of a master: who it is and where its replication stood when the audit began. Never a credential. */
export interface MasterInfo {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly vendor: Vendor
  /** `VERSION()` as the server prints it. */
  readonly serverVersion: string
  readonly serverId: number
  /** GTID set (MySQL), GTID position (MariaDB) or `file:position`; empty when the server writes no binlog. */
  readonly position: string
}
