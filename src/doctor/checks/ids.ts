import type { Finding } from '../../model/doctor.js'
import { tableName } from '../../model/table.js'
import { tableIdentifier } from '../../sql/identifier.js'
import { type ExaminedTable, type IdFacts, type MasterFacts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'
import { laneOf } from './lane.js'

/** What tables hold of automatic ids: some that no master gives, counters that stand before them, and no room for more. */
export const checkIds: Check = (masters) => [
  ...outsideLanes(masters),
  ...countersBehind(masters),
  ...exhausted(masters)
]

type Counted = ExaminedTable & { readonly ids: IdFacts }

function countedTables(facts: MasterFacts): readonly Counted[] {
  return (seen(facts.parts.tables) ?? []).flatMap((table) => (table.ids === null ? [] : [{ ...table, ids: table.ids }]))
}

/** Only where every master has a lane of its own is it clear which ids belong to nobody. */
function outsideLanes(masters: readonly MasterFacts[]): readonly Finding[] {
  const increments = new Set(masters.map((facts) => laneOf(facts).increment))
  const owned = new Set(masters.map((facts) => laneOf(facts).remainder))
  if (increments.size !== 1 || owned.size < masters.length) return []
  return masters.flatMap((facts) =>
    countedTables(facts).flatMap((table) => {
      const strays = [...table.ids.remainders].filter(([remainder]) => !owned.has(remainder))
      const count = strays.reduce((sum, [, ids]) => sum + ids, 0)
      return count === 0 ? [] : [strayFinding(facts, table, count)]
    })
  )
}

function strayFinding(facts: MasterFacts, { schema, ids }: Counted, count: number): Finding {
  const name = tableName(schema.ref)
  return finding('lane-foreign-ids', 'warning', [facts], {
    what: `${name}: ${count} of the newest ids of ${ids.column} lie in no master's lane`,
    cause:
      'they were given before the lanes were set up, by a server that is not among these masters, or by the application',
    danger: 'who gives ids outside the lanes may give one that a master gives as well',
    advice: `see which: SELECT * FROM ${tableIdentifier(schema.ref)} ORDER BY \`${ids.column}\` DESC; then find the writer, or take the rows for history`
  })
}

function countersBehind(masters: readonly MasterFacts[]): readonly Finding[] {
  return masters.flatMap((facts) =>
    countedTables(facts).flatMap((table) => {
      const { next, greatest } = table.ids
      return next === null || next > greatest || isExhausted(table.ids) ? [] : [counterFinding(facts, table, next)]
    })
  )
}

/** Written locally: what others have of the table is no matter of this counter. */
function counterFinding(facts: MasterFacts, { schema, ids }: Counted, next: bigint): Finding {
  const name = tableName(schema.ref)
  return finding('counter-behind', 'danger', [facts], {
    what: `${name} on ${facts.info.name} would give the id ${next} next, and the greatest there is ${ids.greatest}`,
    cause:
      'the ids of rows were changed by UPDATE, or the table was copied as files; the counter of the server was not',
    danger: 'inserts fail with 1062 as soon as the counter reaches a row that is there',
    mend: [
      run(facts, 'SET SESSION sql_log_bin = 0'),
      run(facts, `ALTER TABLE ${tableIdentifier(schema.ref)} AUTO_INCREMENT = ${ids.greatest + 1n}`),
      run(facts, 'SET SESSION sql_log_bin = 1')
    ]
  })
}

/** The counter stops at the greatest number, or stands one behind it. */
function isExhausted({ most, next, greatest }: IdFacts): boolean {
  return most !== null && (greatest >= most || (next !== null && next > most))
}

function exhausted(masters: readonly MasterFacts[]): readonly Finding[] {
  return masters.flatMap((facts) =>
    countedTables(facts)
      .filter(({ ids }) => isExhausted(ids))
      .map(({ schema, ids }) =>
        finding('ids-exhausted', 'danger', [facts], {
          what: `${tableName(schema.ref)}: the ids of ${ids.column} have reached ${ids.greatest}; its type holds ${ids.most} at most`,
          cause: 'the type of the column is too small, or a far too great id was written once',
          danger: 'every insert without an id fails, with 1062 or 1467',
          advice:
            `on one master, the statement replicates: ALTER TABLE ${tableIdentifier(schema.ref)} MODIFY \`${ids.column}\` ` +
            'BIGINT UNSIGNED NOT NULL AUTO_INCREMENT; the columns of foreign keys that point to it need the same type first'
        })
      )
  )
}
