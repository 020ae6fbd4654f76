import { type TableRef, tableName } from '../model/table.js'
import { type Side, WrittenRows } from './written-rows.js'

/** Something of the transactions that could not be read. */
interface Gap {
  readonly side: Side
  /** The table it is about; `null` for any. */
  readonly ref: TableRef | null
  readonly text: string
}

/** A statement that stands where rows would. */
interface FoundStatement {
  readonly side: Side
  readonly text: string
  readonly sql: string
  /** The default database. */
  readonly database: string
}

/** What reading the binlogs came to. */
export class Findings {
  readonly rows = new WrittenRows()
  readonly #gaps: Gap[] = []
  readonly #statements: FoundStatement[] = []
  readonly #leftOut = new Set<string>()
  readonly #told = new Set<string>()

  addGap(gap: Gap): void {
    if (this.#told.has(gap.text)) return
    this.#told.add(gap.text)
    this.#gaps.push(gap)
  }

  addStatement(statement: FoundStatement): void {
    if (this.#told.has(statement.text)) return
    this.#told.add(statement.text)
    this.#statements.push(statement)
  }

  /** Rows of a table were changed that the configuration leaves out. */
  leaveOut(ref: TableRef): void {
    this.#leftOut.add(tableName(ref))
  }

  /** What was left out, in words. */
  get notes(): readonly string[] {
    if (this.#leftOut.size === 0) return []
    return [`changes of tables that the configuration leaves out were not looked at: ${[...this.#leftOut].join(', ')}`]
  }

  /**
   * Splits what could not be read into what stands in the way of a judgement and what need not.
   *
   * What only the returned master has missed, it will apply as any replica does; that matters where its own unsent writes are
   * of the same tables.
   */
  get judged(): { readonly gaps: readonly string[]; readonly notes: readonly string[] } {
    const disputed = [...new Set(this.rows.all.filter(({ sides }) => sides.has('own')).map(({ table }) => table.ref))]
    const told = [
      ...this.#gaps.map((gap) => ({ text: gap.text, isGrave: gap.side === 'own' || touches(gap.ref, disputed) })),
      ...this.#statements.map((found) => ({
        text: found.text,
        isGrave: found.side === 'own' || names(found, disputed)
      }))
    ]
    return {
      gaps: told.filter(({ isGrave }) => isGrave).map(({ text }) => text),
      notes: [...this.notes, ...told.filter(({ isGrave }) => !isGrave).map(({ text }) => text)]
    }
  }
}

/** @param ref `null` for any table. */
function touches(ref: TableRef | null, disputed: readonly TableRef[]): boolean {
  return ref === null ? disputed.length > 0 : disputed.some((each) => tableName(each) === tableName(ref))
}

/** Names in a statement may be quoted, or stand in comments; that does no harm. */
function names({ sql, database }: FoundStatement, disputed: readonly TableRef[]): boolean {
  return disputed.some((ref) => sql.includes(ref.table) && (ref.database === database || sql.includes(ref.database)))
}
