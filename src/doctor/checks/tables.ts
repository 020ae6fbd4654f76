import type { Finding } from '../../model/doctor.js'
import { tableName } from '../../model/table.js'
import { tableIdentifier } from '../../sql/identifier.js'
import { type ExaminedTable, type MasterFacts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'

/** Tables that make trouble for appliers, audits or repairs. */
export const checkTables: Check = (masters) =>
  [withoutKey, withoutTransactions, triggers, cascades].flatMap((judge) => judgeEach(masters, judge))

/** What is told of one table on one master. */
type Judge = (table: ExaminedTable, facts: MasterFacts) => Finding | null

/** Statements that change a table replicate, so they are to be run on one of the masters only. */
function judgeEach(masters: readonly MasterFacts[], judge: Judge): readonly Finding[] {
  const told = new Set<string>()
  return masters.flatMap((facts) =>
    (seen(facts.parts.tables) ?? []).flatMap((table) => {
      const found = judge(table, facts)
      if (found === null) return []
      const name = tableName(table.schema.ref)
      const isFirst = !told.has(name)
      told.add(name)
      return isFirst ? found : { ...found, mend: [] }
    })
  )
}

function withoutKey({ schema, facts }: ExaminedTable, master: MasterFacts): Finding | null {
  const usable = schema.uniqueKeys.some((key) => !key.nullable && !key.prefix)
  if (usable || facts.uniqueKeys.some(({ name }) => name === 'PRIMARY')) return null
  return finding('table-without-key', 'warning', [master], {
    what: `${tableName(schema.ref)} has no key that names every row`,
    cause: 'it was created without a PRIMARY KEY',
    danger:
      'an applier reads the whole table for each row that is changed, and of equal rows it may take another one; an audit ' +
      'compares it as a whole, and a repair cannot write to it',
    advice:
      `ALTER TABLE ${tableIdentifier(schema.ref)} ADD PRIMARY KEY (…), with columns that name a row. No AUTO_INCREMENT column: ` +
      'each master would number its rows in its own order'
  })
}

function withoutTransactions({ schema, facts }: ExaminedTable, master: MasterFacts): Finding | null {
  if (facts.transactional) return null
  return finding('table-without-transactions', 'warning', [master], {
    what: `the engine of ${tableName(schema.ref)}, ${facts.engine}, has no transactions`,
    cause: 'it was created so, or long ago',
    danger:
      'a crash leaves half a change behind, and replicates the whole or nothing of it; a repair refuses to write there',
    mend: [run(master, `ALTER TABLE ${tableIdentifier(schema.ref)} ENGINE = InnoDB`)]
  })
}

function triggers({ schema, facts }: ExaminedTable, master: MasterFacts): Finding | null {
  if (facts.triggers.length === 0) return null
  const names = facts.triggers.map(({ name, timing, verb }) => `${name} (${timing} ${verb})`)
  return finding('triggers', 'info', [master], {
    what: `${tableName(schema.ref)} has triggers: ${names.join(', ')}`,
    cause: 'they belong to the application',
    danger:
      'a repair that would make them run is refused: they write elsewhere, unlogged, and may change the row itself',
    advice: 'repair such tables with --allow-triggers once you know what the triggers do'
  })
}

function cascades({ schema, facts }: ExaminedTable, master: MasterFacts): Finding | null {
  const acting = facts.children.filter((key) => acts(key.onDelete) || acts(key.onUpdate))
  if (acting.length === 0) return null
  const names = acting.map(
    ({ name, table, onDelete, onUpdate }) =>
      `${name} of ${tableName(table)} (ON DELETE ${onDelete}, ON UPDATE ${onUpdate})`
  )
  return finding('cascades', 'info', [master], {
    what: `rows of ${tableName(schema.ref)} take others along: ${names.join(', ')}`,
    cause: 'foreign keys with actions belong to the application',
    danger: 'what the server does to child rows is in no binlog; a repair that would take some along is refused',
    advice: 'repair the child rows first'
  })
}

function acts(rule: string | null): boolean {
  return rule === 'CASCADE' || rule === 'SET NULL' || rule === 'SET DEFAULT'
}
