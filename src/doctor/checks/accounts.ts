import { mayDo } from '../../masters/grants.js'
import type { Finding } from '../../model/doctor.js'
import { type TableRef, tableName } from '../../model/table.js'
import { type MasterFacts, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'

/** Whether the account that looks is fit for audits, and, if it is meant to be, for repairs. */
export const checkAccounts: Check = (masters) => masters.flatMap((facts) => [...audit(facts), ...repair(facts)])

/** An account without any right to write is meant for audits only. */
function repair(facts: MasterFacts): readonly Finding[] {
  const grants = seen(facts.parts.grants)
  if (grants === null) return []
  const { capabilities, user } = facts
  const tables = tablesOf(facts)
  const { writeLocally, seeFollowers } = capabilities.privileges
  const server = [writeLocally, seeFollowers].filter((each) => !mayDo(grants, each))
  const unwritable = tables.filter((ref) => ROW_RIGHTS.some((right) => !grants.covers(right, ref)))
  if (server.length === 0 && unwritable.length === 0) return []
  const isMeant = tables.some((ref) => WRITE_RIGHTS.some((right) => grants.covers(right, ref)))
  const lacking = [
    ...server.map(({ name }) => name),
    ...(unwritable.length === 0
      ? []
      : [
          `${ROW_RIGHTS.join(', ')} on ${tableName(unwritable[0] as TableRef)}${unwritable.length > 1 ? ' and others' : ''}`
        ])
  ]
  return [
    finding('repair-account', isMeant ? 'warning' : 'info', [facts], {
      what: `the account ${user} cannot repair: it lacks ${lacking.join('; ')}`,
      cause: isMeant
        ? 'it may write, but was not given all that a repair needs'
        : 'it is an account for audits, which is as it should be',
      danger: isMeant
        ? 'rows are refused when it comes to writing'
        : 'none, while repairs are made with another account',
      advice: 'see docs/how-to/repair-account.md',
      mend: isMeant
        ? grantMends(
            facts,
            server.map(({ name }) => name),
            unwritable
          )
        : []
    })
  ]
}

const WRITE_RIGHTS = ['INSERT', 'UPDATE', 'DELETE'] as const
const ROW_RIGHTS = ['SELECT', ...WRITE_RIGHTS, 'TRIGGER'] as const

function audit(facts: MasterFacts): readonly Finding[] {
  const grants = seen(facts.parts.grants)
  if (grants === null) return []
  const { capabilities, user } = facts
  const { readBinlogs } = capabilities.privileges
  const hidden = tablesOf(facts).filter((ref) => !grants.covers('SELECT', ref))
  if (hidden.length === 0 && mayDo(grants, readBinlogs)) return []
  return [
    ...(hidden.length === 0
      ? []
      : [
          finding('audit-account', 'warning', [facts], {
            what: `the account ${user} may not read all of ${hidden.map(tableName).join(', ')} `,
            cause: 'it was given single columns, or rights other than SELECT',
            danger: 'an audit of these tables fails',
            mend: grantMends(facts, [], hidden, 'SELECT')
          })
        ]),
    ...(mayDo(grants, readBinlogs)
      ? []
      : [
          finding('evidence-account', 'info', [facts], {
            what: `the account ${user} may not read the binlogs`,
            cause: 'audits can do without',
            danger:
              'the binlogs cannot be asked what happened to a row that differs, nor what a stopped applier has before it',
            mend: [run(facts, `GRANT ${readBinlogs.name} ON *.* TO '${user}'@'<host>'`)]
          })
        ])
  ]
}

function tablesOf(facts: MasterFacts): readonly TableRef[] {
  return (seen(facts.parts.tables) ?? []).map(({ schema }) => schema.ref)
}

function grantMends(
  facts: MasterFacts,
  server: readonly string[],
  tables: readonly TableRef[],
  rights = ROW_RIGHTS.join(', ')
) {
  const to = `TO '${facts.user}'@'<host>'`
  const databases = [...new Set(tables.map(({ database }) => database))]
  return [
    ...(server.length === 0 ? [] : [run(facts, `GRANT ${server.join(', ')} ON *.* ${to}`)]),
    ...databases.map((database) => run(facts, `GRANT ${rights} ON \`${database.replaceAll('`', '``')}\`.* ${to}`))
  ]
}
