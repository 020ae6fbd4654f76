import type { Mend } from '../model/doctor.js'
import { text } from '../sql/literal.js'
import type { MasterFacts } from './facts.js'

/** Sets a variable that can be changed while the server runs, so that it lasts where the server can make it last. */
export function setGlobal({ info, capabilities }: MasterFacts, name: string, value: string): Mend {
  return { master: info.name, statement: `${capabilities.setGlobal} ${name} = ${asValue(value)}` }
}

/** Sets a variable that only a start can change; none where only the option file can. */
export function setAtStart({ info, capabilities }: MasterFacts, name: string, value: string): readonly Mend[] {
  if (capabilities.setAtStart === null) return []
  return [{ master: info.name, statement: `${capabilities.setAtStart} ${name} = ${asValue(value)}` }]
}

/** A statement for one master. */
export function run({ info }: MasterFacts, statement: string): Mend {
  return { master: info.name, statement }
}

/** Numbers and single words stand for themselves. */
function asValue(value: string): string {
  return /^(\d+|[A-Z_]+)$/.test(value) ? value : text(value)
}

/** What has to be done beside the statement where the server forgets it with its next start. */
export const AND_IN_OPTION_FILE = 'on MariaDB also in the option file, for SET GLOBAL ends with the next start'
