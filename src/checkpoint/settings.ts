import type { AuditConfig } from '../model/config.js'

/** Settings as a checkpoint keeps them, in values of JSON. Holds no secret. */
export type Settings = Readonly<Record<string, unknown>>

/** Whether a setting decides what a report says; the others only decide how fast it is had. */
const DECIDES: Readonly<Record<Exclude<keyof AuditConfig, 'masters'>, boolean>> = {
  include: true,
  includeOrigin: false,
  exclude: true,
  tables: true,
  ignoreColumns: true,
  where: true,
  strictSchema: true,
  checksum: true,
  confirm: true,
  confirmTimeout: false,
  silenceTimeout: false,
  chunkRows: false,
  chunkTime: false,
  concurrency: false,
  maxLoad: false,
  maxLag: false,
  pauseFile: false,
  runTime: false,
  maxDivergences: true,
  // Binlogs are read anew for what an earlier run found.
  evidence: false,
  evidenceWindow: false,
  evidenceSince: false
}

/** What of a configuration two runs must have in common, for one to go on with the other. */
export function settingsOf(config: AuditConfig): Settings {
  const { masters, ...others } = config
  const deciding = Object.entries(others).filter(([name]) => DECIDES[name as keyof typeof DECIDES])
  return { masters: masters.map((master) => master.name), ...Object.fromEntries(deciding) }
}

/** Where two runs do not have the same settings, in words; empty when one can go on with the other. */
export function settingDifferences(before: Settings, now: Settings): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].flatMap((name) => {
    const [earlier, present] = [before, now].map((settings) => JSON.stringify(settings[name] ?? null))
    return earlier === present ? [] : [`${name} was ${earlier} and is ${present}`]
  })
}
