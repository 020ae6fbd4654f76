import type { LabStatus, MasterAnswer, MasterStatus } from './status.js'

/** The status of a lab for people, line by line. */
export function statusLines(status: LabStatus): readonly string[] {
  return [
    `lab in ${status.dir}: ${status.masters.length} masters, ${linkWords(status)}`,
    `${status.database}, seeded with ${status.rows} orders; ${divergenceWords(status)}`,
    ...status.masters.flatMap(masterLines)
  ]
}

function linkWords({ status, linked }: LabStatus): string {
  if (status === 'kept') return 'ended, its data kept'
  if (status === 'starting') return 'not completely started'
  return linked ? 'replicating in a ring' : 'of different vendors, not replicating to each other'
}

function divergenceWords({ divergences }: LabStatus): string {
  const parts = Object.entries(divergences).map(([name, count]) => `${count} ${name}`)
  return parts.length === 0 ? 'nothing was made to differ' : `made to differ: ${parts.join(', ')}`
}

function masterLines({ name, address, vendor, pid, answer, problem }: MasterStatus): readonly string[] {
  const where = `${name}  ${address}  ${vendor}`
  if (answer === null) return [`${where}  DOWN: ${problem}`]
  const process = pid === null ? '' : `  process ${pid}`
  return [
    `${where} ${answer.serverVersion}${process}`,
    `   server_id ${answer.serverId}, ${laneWords(answer)}`,
    `   ${roleWords(answer)}`,
    `   position ${answer.position === '' ? '(empty)' : answer.position}`
  ]
}

function laneWords({ lane: { increment, offset } }: MasterAnswer): string {
  const ids = Array.from({ length: 3 }, (_, i) => offset + i * increment)
  return `lane ${offset} of ${increment} (ids ${ids.join(', ')}, …)`
}

function roleWords({ replication }: MasterAnswer): string {
  if (replication === null) return 'master, receives from nobody'
  const { sourceName, connected, applying, lag, errno, error } = replication
  const trouble = errno === 0 ? '' : `: ${errno} ${error}`
  if (!applying || !connected) return `master, replica of ${sourceName}: NOT RUNNING${trouble}`
  return `master, replica of ${sourceName}: running, ${lag === null ? 'lag unknown' : `${lag} s behind`}`
}
