import type { Session } from '../../masters/session.js'
import type { ColumnFacts, FactsOf, TableFacts } from '../../masters/table-facts.js'
import type { RowChange } from '../../model/repair.js'
import type { SqlValue } from '../../model/value.js'
import { exactLiteral } from '../../sql/exact-literal.js'
import { countRows, type WantedRows } from '../../sql/lookups.js'
import { lookUp } from '../look/look-up.js'
import { sameName } from '../look/transitions.js'
import { farValue } from './far-values.js'
import { imageName, type Move, type ParkedLiteral } from './order.js'
import { parkingPlace, type Unparkable } from './parkable.js'

/** A column where so many values from the far end on are taken is full, as far as that matters here. */
const MOST_ROUNDS = 300

type Park = Extract<Move, { readonly kind: 'park' }>

/** The parked values of all rows that need one, or where none was found. */
export type Parking = { readonly parked: ParkedLiteral } | { readonly unparkable: Unparkable }

/**
 * Finds parked values: NULL where a column may be NULL, which clashes with nothing; else values that no row has in the unique
 * keys of the column, and no image of these changes.
 */
export async function findParkedValues(
  session: Session,
  moves: readonly Move[],
  changes: readonly RowChange[],
  facts: FactsOf
): Promise<Parking> {
  const places = moves.flatMap((move) => (move.kind === 'park' ? parkedRow(move, facts) : []))
  const values = new Values(changes, facts)
  const literals = new Map<string, string>()
  let open: readonly ParkedRow[] = places
  for (let round = 0; open.length > 0 && round < MOST_ROUNDS; round++) {
    for (const place of open) literals.set(place.id, values.next(place))
    const full = open.filter((place) => literals.get(place.id) === EXHAUSTED)
    if (full.length > 0) return { unparkable: namesOf(full) }
    open = await occupied(session, open, literals)
  }
  if (open.length > 0) return { unparkable: namesOf(open) }
  return { parked: (change, column) => literals.get(idOf(change, column)) ?? 'NULL' }
}

/** A row that gets a parked value in one column. */
interface ParkedRow {
  readonly id: string
  readonly change: RowChange
  readonly facts: TableFacts
  readonly column: ColumnFacts
}

const EXHAUSTED = ''

function parkedRow({ change, column: name }: Park, facts: FactsOf): ParkedRow {
  const table = facts(change.table.ref)
  const column = table.columns.find((each) => sameName(each.name, name))
  if (column === undefined) throw new Error(`there is no column ${name} to park a row in`)
  return { id: idOf(change, name), change, facts: table, column }
}

function idOf(change: RowChange, column: string): string {
  return `${change.id}.${column}`
}

function namesOf(rows: readonly ParkedRow[]): Unparkable {
  return new Set(rows.map(({ facts, column }) => parkingPlace(facts, column.name)))
}

/** Hands out values of columns, none twice. */
class Values {
  readonly #changes: readonly RowChange[]
  readonly #facts: FactsOf
  readonly #given = new Map<string, number>()
  readonly #images = new Map<string, ReadonlySet<string>>()

  constructor(changes: readonly RowChange[], facts: FactsOf) {
    this.#changes = changes
    this.#facts = facts
  }

  next({ change, facts, column }: ParkedRow): string {
    if (column.nullable) return 'NULL'
    const place = parkingPlace(facts, column.name)
    const taken = this.#taken(place, facts, column.name)
    for (let n = this.#given.get(place) ?? 0; ; n++) {
      this.#given.set(place, n + 1)
      const literal = literalOf(change, column.name, farValue(column, n))
      if (!taken.has(literal)) return literal
    }
  }

  #taken(place: string, facts: TableFacts, column: string): ReadonlySet<string> {
    const known = this.#images.get(place)
    if (known !== undefined) return known
    const own = this.#changes.filter((change) => this.#facts(change.table.ref) === facts)
    const literals = own.flatMap((change) => {
      const name = imageName(change, column)
      return [change.before?.[name], change.after?.[name]].filter((literal) => literal !== undefined)
    })
    const taken = new Set(literals)
    this.#images.set(place, taken)
    return taken
  }
}

function literalOf({ table }: RowChange, name: string, value: SqlValue): string {
  const column = table.columns.find((each) => sameName(each.name, name))
  if (column === undefined) throw new Error(`the column ${name} is not written`)
  return value === null ? EXHAUSTED : exactLiteral(column.form, value)
}

/** Those whose value some row has already, with the other columns of a unique key as they are. */
async function occupied(
  session: Session,
  rows: readonly ParkedRow[],
  literals: ReadonlyMap<string, string>
): Promise<readonly ParkedRow[]> {
  const asked = rows.flatMap((row) => {
    const literal = literals.get(row.id) ?? 'NULL'
    return literal === 'NULL' ? [] : wantedIn(row, literal).map((wanted) => ({ row, wanted }))
  })
  const found = await lookUp(session, asked.length, (at) => {
    const wanted = asked[at]?.wanted
    if (wanted === undefined) throw new Error(`there is no question ${at}`)
    return countRows(at, wanted, [])
  })
  return [...new Set(asked.flatMap(({ row }, at) => ((found.get(at)?.which ?? 0) > 0 ? row : [])))]
}

function wantedIn({ change, facts, column }: ParkedRow, literal: string): readonly WantedRows[] {
  const keys = facts.uniqueKeys.filter((key) => key.lookable && key.columns.some((name) => sameName(name, column.name)))
  return keys.map((key) => ({
    ref: facts.ref,
    columns: key.columns,
    literals: key.columns.map((name) =>
      sameName(name, column.name) ? literal : (change.before?.[imageName(change, name)] ?? 'NULL')
    )
  }))
}
