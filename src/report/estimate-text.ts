import type { Bottleneck, Estimate, EstimateBasis, MasterLoad, TableEstimate } from '../model/estimate.js'
import { tableName } from '../model/table.js'
import { type Cell, layOut, left, right } from './grid.js'
import { wrap } from './layout.js'
import { byteCount, compact, counted, duration, grouped } from './numbers.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** Beyond these, the largest, tables are told in one line. */
const SHOWN_TABLES = 20
const INDENT = '  '

const BASIS: Readonly<Record<EstimateBasis, string>> = {
  read: 'read to its end',
  sampled: 'a part was read',
  'at least': 'has more rows than its server thinks: ANALYZE TABLE',
  unread: 'reckoned by its size'
}

const SIGN: Readonly<Record<EstimateBasis, string>> = { read: '', sampled: '~', 'at least': '> ', unread: '~' }

const BOTTLENECK: Readonly<Record<Bottleneck, string>> = {
  servers: 'the servers set the pace; where they have cores to spare, a higher --concurrency uses them',
  link: 'the network sets the pace; nearer to the masters it would go faster',
  client: 'this machine sets the pace; with a faster core it would go faster'
}

const ACCURACY =
  'Rows that were not counted are the estimates of the servers, which may be off by some ten per cent, at times by half. What ' +
  'was read is the beginning of each table: what lies on disk further on is read more slowly. Rows that differ take time besides.'

/** An estimate for people. */
export function estimateLines(estimate: Estimate, style: Style, width: number): readonly string[] {
  const { tables, total, masters, bottleneck, concurrency, checksum } = estimate
  return [
    style.strong(`An audit of ${counted(total.tables, 'table')} would take about ${duration(total.seconds * 1000)}.`),
    style.faint(
      `${INDENT}nothing was compared; checksum ${checksum}, ${counted(concurrency, 'chunk')} at once on each master`
    ),
    '',
    ...layOut([headOf(style), ...tables.slice(0, SHOWN_TABLES).map(rowOf), ...restOf(tables)], width),
    '',
    ...layOut(masters.map(loadOf), width),
    ...wrap(BOTTLENECK[bottleneck], width, INDENT),
    ...troubles(estimate, style, width),
    '',
    ...wrap(ACCURACY, width, INDENT).map((line) => style.faint(line))
  ]
}

function headOf({ faint }: Style): readonly Cell[] {
  return [left('table', faint), right('rows', faint), right('to send', faint), right('time', faint), left('', faint)]
}

function rowOf(table: TableEstimate): readonly Cell[] {
  const { ref, rows, bytes, basis } = table
  return [
    left(visible(tableName(ref))),
    right(`${SIGN[basis]}${grouped(rows)}`),
    right(byteCount(bytes)),
    right(timeOf(table)),
    left(BASIS[basis])
  ]
}

function timeOf({ seconds }: Pick<TableEstimate, 'seconds'>): string {
  if (seconds === null) return 'unknown'
  return seconds < 0.1 ? '< 0.1 s' : duration(seconds * 1000)
}

function restOf(tables: readonly TableEstimate[]): readonly (readonly Cell[])[] {
  const rest = tables.slice(SHOWN_TABLES)
  if (rest.length === 0) return []
  const sum = (of: (table: TableEstimate) => number) => rest.reduce((total, table) => total + of(table), 0)
  return [
    [
      left(`… ${counted(rest.length, 'more table')}`),
      right(`~${grouped(sum((table) => table.rows))}`),
      right(byteCount(sum((table) => table.bytes))),
      right(timeOf({ seconds: sum((table) => table.seconds ?? 0) })),
      left('')
    ]
  ]
}

function loadOf({ info, perSecond, roundTrip, linkBytesPerSecond }: MasterLoad): readonly Cell[] {
  return [
    left(visible(info.name)),
    right(`${compact(perSecond.queries)} queries/s`),
    right(`${compact(perSecond.rows)} rows/s`),
    right(`${byteCount(Math.round(perSecond.bytes))}/s`),
    left(
      `answers in ${(roundTrip * 1000).toFixed(1)} ms, its connection carries ${byteCount(Math.round(linkBytesPerSecond))}/s`
    )
  ]
}

function troubles({ failed, notComparable, total }: Estimate, style: Style, width: number): readonly string[] {
  const said = [
    ...failed.map(({ ref, reason }) => `${tableName(ref)} could not be sampled: ${reason}`),
    ...notComparable.map(({ ref, reason }) => `${tableName(ref)} would not be compared: ${reason}`),
    ...(total.unknown === 0
      ? []
      : [
          `of ${counted(total.unknown, 'table')} the time is unknown, and not in the sum: nothing like it could be read`
        ])
  ]
  return said.flatMap((text) => wrap(visible(text), width, INDENT).map((line) => style.warning(line)))
}
