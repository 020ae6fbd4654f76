import type { SslMode } from '../model/config.js'
import type { MmauditError } from '../model/errors.js'

/** What one place says of a master, before passwords and option files are looked up. Holds secrets. */
export interface MasterDraft {
  readonly name: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly socket: string | undefined
  readonly user: string | undefined
  /** From the configuration file: gives way to the environment. */
  readonly password: string | undefined
  /** From a URL: goes before everything else. */
  readonly urlPassword: string | undefined
  readonly sslMode: SslMode | undefined
  readonly sslCa: string | undefined
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  readonly defaultsFile: string | undefined
  /** What relative paths are relative to. */
  readonly folder: string
  /** An error that tells where this master was named. */
  readonly error: (message: string, hint?: string) => MmauditError
}
