import { Collector } from '../../src/evidence/collector.js'
import { type Conclusion, conclude } from '../../src/evidence/conclude.js'
import type { RowHistory } from '../../src/evidence/history.js'
import { type ReadLog, rowHistory } from '../../src/evidence/row-history.js'
import { WantedRows } from '../../src/evidence/wanted-rows.js'
import type { Divergence } from '../../src/model/divergence.js'
import type { RowCells } from '../../src/wire/binlog/cells.js'
import { CellType } from '../../src/wire/binlog/codes.js'
import { ANY_GTID, type EarlierGtids } from '../../src/wire/binlog/gtids.js'
import type { TableMap } from '../../src/wire/binlog/table-map.js'
import { auditTable, column, schema } from './columns.js'
import { SECONDS_PER_STEP, type SimulatedWorld } from './simulated-binlogs.js'
import type { Logged, LoggedRow, SimulatedMaster } from './simulated-master.js'

/** What was made of one divergent key of a simulated world. */
export interface ToldHistory {
  readonly key: number
  readonly history: RowHistory
  readonly conclusion: Conclusion
}

const COLUMNS = [column('id'), column('v')]
const MAP: TableMap = {
  database: 'shop',
  table: 'items',
  cells: COLUMNS.map(() => ({ type: CellType.long, meta: 0 }))
}
const START = Date.UTC(2026, 0, 1)

/** `a`, `b`, `c`. */
export function nameOf(master: number): string {
  return 'abc'.charAt(master)
}

/** Reads the binlogs of a world as they are read of real masters, and concludes. @param classOf what the audit takes rows to. */
export function toldHistories(world: SimulatedWorld, classOf: 'conflict' | 'collision'): readonly ToldHistory[] {
  const names = world.masters.map((_, at) => nameOf(at))
  const table = auditTable(COLUMNS, { schemas: new Map(names.map((name) => [name, schema(COLUMNS)])) })
  const divergences = world.divergent.map((key) => divergenceAt(world, key, classOf))
  const wanted = {
    table,
    rows: new WantedRows(
      table,
      divergences.map((each, row) => [row, each])
    )
  }
  const logs = world.masters.map((master, at): ReadLog => {
    const collected = new Collector(nameOf(at), [wanted])
    read(master, world, world.world.unread[at] ?? 0, collected)
    return {
      master: { name: nameOf(at), info: { ...INFO, name: nameOf(at), serverId: at + 1 } },
      collected,
      logsApplied: world.world.logsApplied[at] === true,
      losesSilently: new Set()
    }
  })
  return divergences.map((divergence, row) => {
    const history = rowHistory(divergence, row, table, logs)
    return { key: world.divergent[row] ?? 0, history, conclusion: conclude(history, []) }
  })
}

const INFO = { host: '', port: 0, vendor: 'mysql', serverVersion: '', position: '' } as const

function divergenceAt({ masters }: SimulatedWorld, key: number, classOf: 'conflict' | 'collision'): Divergence {
  const rows = masters.map(({ rows: held }, at) => {
    const row = held.get(key)
    return [nameOf(at), row === undefined ? null : { id: String(key), v: String(row.value) }] as const
  })
  const values = new Set(rows.map(([, row]) => row?.v))
  // Where versions differ besides, that is what the row is known for.
  const isMissing = values.has(undefined) && values.size === 2
  return {
    database: 'shop',
    table: 'items',
    key: { id: String(key) },
    class: isMissing ? 'missing' : classOf,
    reason: '',
    columns: [],
    rows: Object.fromEntries(rows),
    decision: null,
    evidence: null
  }
}

function read({ binlog }: SimulatedMaster, { world }: SimulatedWorld, unread: number, collected: Collector): void {
  const earlier = binlog.slice(0, unread)
  collected.earlier(world.gtids === 'sets' ? bySets(earlier) : byNumbers(earlier))
  collected.file(timeOf(earlier.at(-1)?.time ?? 0))
  const logged = collected.wants(MAP)
  if (logged === null) throw new Error('the table is wanted')
  for (const { transaction, rows } of binlog.slice(unread)) {
    const { id, origin, time } = transaction
    const by = { gtid: id, serverId: origin + 1, at: timeOf(time) }
    for (const { before, after } of rows) collected.row(logged, cellsOf(before), cellsOf(after), by)
    collected.end(true)
  }
}

function timeOf(step: number): string {
  return `${new Date(START + 1000 * SECONDS_PER_STEP * step).toISOString().slice(0, 19)}Z`
}

function bySets(earlier: readonly Logged[]): EarlierGtids {
  const ids = new Set(earlier.map(({ transaction }) => transaction.id))
  return { ...ANY_GTID, none: ids.size === 0, has: (gtid) => ids.has(gtid) }
}

function byNumbers(earlier: readonly Logged[]): EarlierGtids {
  const last = new Map(earlier.map(({ transaction }) => [String(transaction.origin + 1), transaction.number]))
  return {
    ...ANY_GTID,
    none: earlier.length === 0,
    has(gtid) {
      const [server = '', number] = gtid.split(':')
      return Number(number) <= (last.get(server) ?? 0)
    }
  }
}

function cellsOf(row: LoggedRow['before']): RowCells | null {
  if (row === null) return null
  const cells = [row.key, row.value].map((number) => {
    const cell = Buffer.alloc(4)
    cell.writeInt32LE(number)
    return cell
  })
  return { cell: (at) => cells[at] }
}
