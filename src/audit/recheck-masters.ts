import type { MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { MasterInfo } from '../model/master.js'
import type { SavedReport } from '../model/saved-report.js'

/**
 * The configured masters that the report compared, in the order of the configuration, and what a reader must know of it.
 * @throws {MmauditError} `config` when one of them is not configured: then nothing could be said of its rows.
 */
export function reportedMasters(
  configured: readonly MasterConfig[],
  report: SavedReport
): { readonly masters: readonly MasterConfig[]; readonly notes: readonly string[] } {
  const names = report.masters.map((master) => master.name)
  const unknown = names.filter((name) => !configured.some((master) => master.name === name))
  if (unknown.length > 0) {
    throw new MmauditError(
      'config',
      `${report.name} compares ${names.join(', ')}, and no master is configured as ${unknown.join(' or ')}`,
      { hint: `name the same masters as the audit did; configured: ${configured.map(({ name }) => name).join(', ')}` }
    )
  }
  const others = configured.filter((master) => !names.includes(master.name)).map((master) => master.name)
  return {
    masters: configured.filter((master) => names.includes(master.name)),
    notes: others.length === 0 ? [] : [`not read, because ${report.name} does not compare it: ${others.join(', ')}`]
  }
}

/** Which masters seem to be other servers than those that the report compared. */
export function identityNotes(present: readonly MasterInfo[], reported: readonly MasterInfo[]): readonly string[] {
  return present.flatMap((now) => {
    const before = reported.find((master) => master.name === now.name)
    if (before === undefined || serverText(before) === serverText(now)) return []
    return [`${now.name} may be another server than in the report: ${serverText(before)} then, ${serverText(now)} now`]
  })
}

function serverText({ vendor, serverId }: MasterInfo): string {
  return `${vendor === 'mariadb' ? 'MariaDB' : 'MySQL'} with server id ${serverId}`
}
