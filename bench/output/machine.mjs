import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

/** What the figures were taken with. */
export function machine(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    takenAt: new Date().toISOString(),
    mmaudit: version,
    node: process.version,
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryGigabytes: Math.round(totalmem() / 1e9),
      /** How much else was running when the bench began. */
      load: loadavg()[0]
    }
  }
}
