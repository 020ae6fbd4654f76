import { binlogFiles, fileBefore, readEvents } from '../masters/binlog/files.js'
import type { Master } from '../masters/master.js'
import { isMissingPrivilege, isNoBinlog } from '../masters/server-errors.js'
import type { Session } from '../masters/session.js'
import { readTableFacts } from '../masters/table-facts.js'
import { messageOf } from '../model/errors.js'
import { type TableRef, tableName } from '../model/table.js'
import { BinlogDecoder, fileBegin } from '../wire/binlog/decoder.js'
import { secondsText } from '../wire/binlog/transaction.js'
import { Collector, type WantedTable } from './collector.js'

/** What one master's binlog tells of the wanted rows, and how far that goes. */
export interface MasterLog {
  readonly master: Master
  readonly collected: Collector
  /** Whether it logs what it applies from others. */
  readonly logsApplied: boolean
  /** Tables whose rows may go without a trace, by the name that the audit has for them. */
  readonly losesSilently: ReadonlySet<string>
}

/** Reads one master's binlog back to a moment. What cannot be read is a gap, and no error. */
export async function readMasterLog(
  master: Master,
  tables: readonly WantedTable[],
  windowSeconds: number
): Promise<MasterLog> {
  const collected = new Collector(master.name, tables)
  try {
    const setting = await master.withSession((session) => readSetting(session, master, tables))
    for (const gap of setting.gaps) collected.gaps.add(`${master.name}: ${gap}`, null)
    const { logsApplied, losesSilently } = setting
    const since = secondsText(setting.now - windowSeconds)
    const file = await fileBefore(setting.files, since, (each) => beginOf(master, each))
    if (file === null) collected.gaps.add(`${master.name} has no binlog files`, null)
    else await decode(master, file, collected)
    return { master, collected, logsApplied, losesSilently }
  } catch (error) {
    collected.gaps.add(whyNot(master, error), null)
    return { master, collected, logsApplied: false, losesSilently: new Set() }
  }
}

async function decode(master: Master, file: string, collected: Collector): Promise<void> {
  const decoder = new BinlogDecoder(collected)
  await readEvents(master, file, (buffer, start, end) => {
    decoder.event(buffer, start, end)
    return true
  })
}

/** The second or third event of a file tells when it was begun. */
async function beginOf(master: Master, file: string): Promise<string> {
  let begin: number | null = null
  await readEvents(master, file, (buffer, start) => {
    begin = fileBegin(buffer, start)
    return begin === null
  })
  return secondsText(begin ?? 0)
}

interface Setting {
  /** The server's clock: seconds since 1970. */
  readonly now: number
  readonly files: readonly string[]
  readonly logsApplied: boolean
  readonly losesSilently: ReadonlySet<string>
  readonly gaps: readonly string[]
}

async function readSetting(session: Session, master: Master, tables: readonly WantedTable[]): Promise<Setting> {
  const files = await binlogFiles(session)
  const [clock] = await session.query('SELECT UNIX_TIMESTAMP() AS now')
  const logging = await session.query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_slave_updates', 'log_replica_updates') AND Value = 'ON'"
  )
  const [position] = await session.query(master.capabilities.showBinlogPosition)
  const filters = [position?.Binlog_Do_DB, position?.Binlog_Ignore_DB].filter((list) => list != null && list !== '')
  return {
    now: Number(clock?.now),
    files,
    logsApplied: logging.length > 0,
    losesSilently: await silentTables(session, master, tables),
    gaps: filters.length === 0 ? [] : ['its binlog leaves out some databases (binlog_do_db, binlog_ignore_db)']
  }
}

/** What a foreign key deletes or changes along is in no binlog. MariaDB hides the rules from accounts that may only read. */
async function silentTables(
  session: Session,
  master: Master,
  tables: readonly WantedTable[]
): Promise<ReadonlySet<string>> {
  const refs = tables.map(({ table }): TableRef => table.schemas.get(master.name)?.ref ?? table.ref)
  const facts = await readTableFacts(session, master.capabilities, refs)
  const isSilent = (ref: TableRef) =>
    facts(ref).parents.some(({ onDelete }) => onDelete !== 'RESTRICT' && onDelete !== 'NO ACTION')
  return new Set(
    tables.filter((_, at) => isSilent(refs[at] ?? { database: '', table: '' })).map(({ table }) => tableName(table.ref))
  )
}

function whyNot(master: Master, error: unknown): string {
  if (isMissingPrivilege(error)) {
    const { name } = master.capabilities.privileges.readBinlogs
    return `the account ${master.user} may not read the binlog of ${master.name}: GRANT ${name} ON *.* TO '${master.user}'@'<host>'`
  }
  if (isNoBinlog(error)) return `${master.name} writes no binlog`
  return `the binlog of ${master.name} cannot be read: ${messageOf(error)}`
}
