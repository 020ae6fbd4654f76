import { masterError } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import { isPassing } from '../../masters/server-errors.js'
import type { TextRow } from '../../masters/session.js'
import { MmauditError, messageOf } from '../../model/errors.js'
import type { Column } from '../../model/table.js'
import type { SqlValue } from '../../model/value.js'
import { type HoldsQuery, holdsQuery, selectOrder, type VersionsByMaster } from '../../sql/judge.js'
import { readsText } from '../../wire/display.js'

/** A condition of a rule, to be judged for rows of one table. */
export interface Question {
  /** The name of the rule, for errors. */
  readonly rule: string
  readonly condition: string
  /** `db.table`, for errors. */
  readonly table: string
  readonly columns: readonly Column[]
  readonly rows: readonly VersionsByMaster[]
}

/** Left before right, equal, or after it. */
export type Order = -1 | 0 | 1

/** Answers what only a server knows: its collations, and SQL. */
export interface Judge {
  /** How a server orders two values of a column; `null` when none can. */
  compare(column: Column, left: SqlValue, right: SqlValue): Promise<Order | null>
  /** For each row whether the condition holds; what is NULL does not hold. */
  holds(question: Question): Promise<readonly boolean[]>
}

/** Rows in one statement: enough that round trips do not count, few enough for the parser's stack. */
const BATCH_ROWS = 50
/** Characters of SQL in one statement, unless a single row has more; far below the usual `max_allowed_packet`. */
const BATCH_LENGTH = 1_000_000

/** Asks the masters in their order. What one does not know, a collation of another vendor say, the next one may. */
export class ServerJudge implements Judge {
  readonly #masters: readonly Master[]

  constructor(masters: readonly Master[]) {
    this.#masters = masters
  }

  async compare(column: Column, left: SqlValue, right: SqlValue): Promise<Order | null> {
    if (isBroken(column, left) || isBroken(column, right)) return null
    const answer = await this.#ask({ set: null, select: selectOrder(column, left, right) })
    const [row] = 'rows' in answer ? answer.rows : []
    if (row?.below == null) return null
    return row.below === '1' ? -1 : row.above === '1' ? 1 : 0
  }

  async holds(question: Question): Promise<readonly boolean[]> {
    const answers: boolean[] = []
    for (const batch of batches(question)) {
      const answer = await this.#ask(batch.query)
      if ('refusal' in answer) throw refused(question, answer.refusal)
      const held = new Set(answer.rows.filter((row) => row.holds === '1').map((row) => Number(row.n)))
      answers.push(...Array.from({ length: batch.size }, (_, n) => held.has(n)))
    }
    return answers
  }

  async #ask({ set, select }: HoldsQuery): Promise<{ rows: readonly TextRow[] } | { refusal: unknown }> {
    const refusals: unknown[] = []
    for (const master of this.#masters) {
      try {
        const rows = await master.withSession(async (session) => {
          if (set !== null) await session.run(set)
          return session.query(select)
        })
        return { rows }
      } catch (error) {
        if (isPassing(error)) throw masterError(master.name, 'judging rows', error)
        refusals.push(error)
      }
    }
    return { refusal: refusals[0] }
  }
}

/** Bytes that are no text in the character set of their column. */
function isBroken(column: Column, value: SqlValue): boolean {
  return value !== null && typeof value === 'object' && column.charset !== null && readsText(column.charset)
}

interface Batch {
  readonly query: HoldsQuery
  readonly size: number
}

function* batches({ condition, columns, rows }: Question): Generator<Batch> {
  let at = 0
  while (at < rows.length) {
    const batch = batchFrom(at)
    yield batch
    at += batch.size
  }

  function batchFrom(start: number, most = BATCH_ROWS): Batch {
    const part = rows.slice(start, start + most)
    const query = holdsQuery(condition, columns, part, writtenAs)
    const length = query.select.length + (query.set?.length ?? 0)
    return length > BATCH_LENGTH && part.length > 1
      ? batchFrom(start, Math.ceil(part.length / 2))
      : { query, size: part.length }
  }
}

/** What is no text of its character set is judged as the bytes it is. */
function writtenAs(column: Column, value: SqlValue): Column {
  return isBroken(column, value) ? { ...column, dataType: 'varbinary', charset: null, collation: null } : column
}

function refused({ rule, condition, table }: Question, cause: unknown): MmauditError {
  return new MmauditError(
    'config',
    `${rule}: the condition ${condition} is refused for ${table}: ${messageOf(cause)}`,
    {
      hint: 'every master is a table by its name: a.status, b.status; with tables: a rule keeps to tables that have the columns',
      cause
    }
  )
}
