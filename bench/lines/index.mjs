import { growth } from './growth.mjs'
import { orders } from './orders.mjs'
import { prediction } from './prediction.mjs'
import { pushdown } from './pushdown.mjs'
import { repairs } from './repairs.mjs'
import { slowLink } from './slow-link.mjs'
import { smallTables } from './small-tables.mjs'
import { startUp } from './start-up.mjs'
import { wideRows } from './wide-rows.mjs'

/**
 * What is measured together, in order: `{ lines, everyServer, measure(bench, masters) }`. `everyServer` says whether it is
 * measured on each kind of server or on the first one; `measure` resolves to figures.
 */
export const THEMES = [orders, growth, pushdown, slowLink, smallTables, wideRows, repairs, startUp, prediction]

/** The table of the targets. */
export const LINES = [
  {
    line: 1,
    work: 'full audit of equal rows',
    target: '≤ 0.28 × pt-table-sync, ≤ 0.55 × two passes of pt-table-checksum’s query'
  },
  { line: 2, work: 'the same beside draining both tables without hashing', target: '≤ 1.15 ×' },
  { line: 3, work: 'the same with 100 scattered divergent rows', target: '≤ 1.15 × the clean run' },
  { line: 4, work: 'one row of ten diverges, all reported to JSON and CSV', target: '≤ 3 × the clean run' },
  { line: 5, work: 'peak resident memory', target: '≤ 160 MB' },
  { line: 6, work: 'growth of the rows to the eightfold', target: 'time ≤ 8.4 ×, memory ≤ 1.1 ×' },
  { line: 7, work: '`--checksum pushdown`, both servers in parallel', target: '≤ 1.2 × the bare CRC query on both' },
  {
    line: 8,
    work: 'a link of 50 ms and 20 Mbit/s, pushdown',
    target: '≤ 2 × without delay, ≤ 300 bytes a chunk and master'
  },
  { line: 9, work: '1,000 small tables', target: '≤ 5 ms a table and master over the bare queries' },
  { line: 10, work: 'wide rows, string keys, composite keys', target: '≥ 0.85 of the drain in MB/s' },
  { line: 11, work: 'writing 50,000 repairs', target: '≥ 0.5 of the rate of the mysql client' },
  { line: 12, work: 'start-up, `mmaudit --version`', target: '≤ 1.6 × `node -e 0`' },
  { line: 13, work: '`mmaudit diff --estimate`, predicted beside actual time', target: 'no target' }
]
