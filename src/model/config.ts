import type { ChecksumMethod } from './report.js'

/** The TLS modes of the mysql client, by its names. */
export type SslMode = 'DISABLED' | 'PREFERRED' | 'REQUIRED' | 'VERIFY_CA' | 'VERIFY_IDENTITY'

/** Where a master is and how to log in. Holds a secret: never print it whole. */
export interface MasterConfig {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Unix socket path; wins over host and port. */
  readonly socketPath: string | null
  readonly user: string
  readonly password: string | null
  readonly sslMode: SslMode
  readonly sslCa: string | null
  readonly sslCert: string | null
  readonly sslKey: string | null
}

/** Settings of one table, or of the tables a glob names. */
export interface TableConfig {
  /** Glob over `db.table`. */
  readonly pattern: string
  /** What makes it the same logical row, whatever its key. */
  readonly identity: readonly string[] | null
  readonly ignoreColumns: readonly string[]
  /** SQL condition on the rows to compare, as the user wrote it. */
  readonly where: string | null
}

/** A status variable of the servers, and the highest value at which they may be asked for more. */
export interface LoadLimit {
  readonly variable: string
  readonly most: number
}

/** What is done to find out what made rows differ. */
export type EvidenceMode = 'auto' | 'off' | 'require'

/** Everything an audit needs to know, resolved and checked: flag over environment over file over default. */
export interface AuditConfig {
  readonly masters: readonly MasterConfig[]
  /** Globs over `db.table`; empty means every base table outside the system schemas. */
  readonly include: readonly string[]
  /** Where `include` was given, which decides what kind of mistake a name is that matches nothing. */
  readonly includeOrigin: 'usage' | 'config'
  readonly exclude: readonly string[]
  readonly tables: readonly TableConfig[]
  /** Columns left out in every table. */
  readonly ignoreColumns: readonly string[]
  readonly where: string | null
  /** A table whose definitions differ between masters counts as failed. */
  readonly strictSchema: boolean
  readonly checksum: ChecksumMethod
  /** Rows in a chunk; `null` lets the size adapt to `chunkTime`. */
  readonly chunkRows: number | null
  /** Seconds that reading one chunk should take on the slowest master. */
  readonly chunkTime: number
  /** Chunks read at once on each master. */
  readonly concurrency: number
  /** Read differing rows again after the masters caught up with each other. */
  readonly confirm: boolean
  /** Seconds to wait at most for masters to catch up and rows to settle. */
  readonly confirmTimeout: number
  /** Seconds without a byte from a master before it is asked whether it still executes. */
  readonly silenceTimeout: number
  /** Status variables that hold the audit back while they are above their limits. */
  readonly maxLoad: readonly LoadLimit[]
  /** Seconds by which a master may lag before the audit waits; `null` for any. */
  readonly maxLag: number | null
  /** While this file exists, nothing is asked of the servers. Absolute. */
  readonly pauseFile: string | null
  /** Seconds after which the audit ends in order; `null` for no end. */
  readonly runTime: number | null
  /** Divergent rows that are told in full; all others are only counted. `null` for all. */
  readonly maxDivergences: number | null
  /** Whether binlogs are read for what made rows differ: where they can be, never, or else the audit is incomplete. */
  readonly evidence: EvidenceMode
  /** Seconds back from now that binlogs are read. */
  readonly evidenceWindow: number
  /** The JSON report of an audit, back to which they are read instead if it found all equal. Absolute. */
  readonly evidenceSince: string | null
}

/** The name of a master as it stands in environment variables: upper case, every other character an underscore. */
export function environmentName(master: string): string {
  return master.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}
