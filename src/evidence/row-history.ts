import type { AuditTable } from '../audit/table-plan.js'
import type { Master } from '../masters/master.js'
import type { Divergence } from '../model/divergence.js'
import { tableName } from '../model/table.js'
import type { RowValues } from '../model/value.js'
import { comparable } from '../wire/comparable.js'
import type { Entry, MasterHistory, RowHistory } from './history.js'
import type { MasterLog } from './read-master.js'

/** What one master's binlog told, and which master that is. */
export interface ReadLog extends Omit<MasterLog, 'master'> {
  readonly master: Pick<Master, 'name' | 'info'>
}

/** By how much clocks may be apart where nothing but time tells whether a change came before a binlog begins. */
const CLOCK_SLACK_MS = 60_000

/** The past of one divergent row, on the masters that were asked for it. @param row its number among the wanted rows. */
export function rowHistory(
  divergence: Divergence,
  row: number,
  table: AuditTable | undefined,
  logs: readonly ReadLog[]
): RowHistory {
  const asked = table === undefined ? [] : logs.filter(({ master }) => divergence.rows[master.name] !== undefined)
  return {
    class: divergence.class,
    columns: table?.tableColumns.map((column) => column.name) ?? [],
    masters: asked.map((log) => historyOn(log, row, tableName(divergence), stateOn(divergence, log.master.name, table)))
  }
}

/** When the oldest file that was read was begun, if that is later than `since` and something came before. UTC, ISO 8601. */
export function lateBegin({ collected }: ReadLog, since: number): string | null {
  if (collected.from === null || collected.before.none) return null
  return Date.parse(collected.from) > since + CLOCK_SLACK_MS ? collected.from : null
}

function stateOn({ rows }: Divergence, master: string, table: AuditTable | undefined): RowValues | null {
  const row = rows[master]
  if (row == null) return null
  return Object.fromEntries(
    (table?.tableColumns ?? []).map((column) => [column.name, comparable(column, row[column.name] ?? null)])
  )
}

function historyOn(log: ReadLog, row: number, table: string, state: RowValues | null): MasterHistory {
  const { master, collected, logsApplied, losesSilently } = log
  return {
    master: master.name,
    serverId: master.info.serverId,
    state,
    log: collected.log(row),
    logsApplied,
    losesSilently: losesSilently.has(table),
    mayHaveHad: (entry) => collected.isCut(row) || isEarlier(entry, log)
  }
}

/** Whether a change may have been logged, or applied without being logged, before the first file that was read. */
function isEarlier({ gtid, serverId, at }: Entry, { master, collected, logsApplied }: ReadLog): boolean {
  if (collected.before.none) return false
  if (gtid !== null && (logsApplied || serverId === master.info.serverId)) return collected.before.has(gtid)
  return collected.from === null || Date.parse(at) < Date.parse(collected.from) + CLOCK_SLACK_MS
}
