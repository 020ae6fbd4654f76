import type { Vendor } from '../../model/master.js'
import type { Cluster } from '../cluster.js'

/** Something that is wrong with masters, to be found by `mmaudit doctor`. */
export interface Scenario {
  readonly about: string
  /** Vendors whose servers know of it. */
  readonly vendors: readonly Vendor[]
  /** Makes it so on the running lab in `dir`, whose appliers may stand still from then on. */
  arrange(cluster: Cluster, dir: string): Promise<void>
}

export const BOTH: readonly Vendor[] = ['mysql', 'mariadb']

/** Statements for the masters of a ring by their place; `all` for every one. */
export type Statements = Readonly<Record<number, readonly string[]>> | { readonly all: readonly string[] }

/** A scenario of nothing but statements, which may differ by vendor. */
export function settings(
  about: string,
  statements: Statements | ((vendor: Vendor) => Statements),
  vendors = BOTH
): Scenario {
  return {
    about,
    vendors,
    async arrange(cluster) {
      for (const [at, { session, master }] of cluster.members.entries()) {
        const chosen = typeof statements === 'function' ? statements(master.vendor) : statements
        const own = 'all' in chosen ? chosen.all : (chosen[at] ?? [])
        for (const statement of own) await session.run(statement)
      }
    }
  }
}

/** Statements that no other master hears of. */
export function locally(...statements: readonly string[]): readonly string[] {
  return ['SET SESSION sql_log_bin = 0', ...statements, 'SET SESSION sql_log_bin = 1']
}
