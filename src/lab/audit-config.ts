import { stringify } from 'yaml'
import { ACCOUNTS } from './accounts.js'
import type { LabState } from './lab-state.js'

/** The `mmaudit.yaml` that audits a lab with the least privileges. */
export function auditConfig(lab: LabState): string {
  return configFor(lab, ACCOUNTS.audit)
}

/** The `repair.yaml` that also repairs it. */
export function repairConfig(lab: LabState): string {
  return configFor(lab, ACCOUNTS.repair)
}

/** The `admin.yaml` of an account that may do everything: also step over transactions and start appliers. */
export function adminConfig(lab: LabState): string {
  return configFor(lab, ACCOUNTS.admin)
}

function configFor(lab: LabState, user: string): string {
  const masters = lab.masters.map(({ name, host, port }) => [name, { host, port, user, sslMode: 'DISABLED' }])
  const config = { masters: Object.fromEntries(masters), include: [`${lab.database}.*`] }
  return `# Written by \`mmaudit lab up\`.\n${stringify(config)}`
}
