import type { MasterScript, Replica, Step } from '../model/repair.js'
import { tableName } from '../model/table.js'
import { valueIn } from './guard.js'
import { text } from './literal.js'
import { stepStatement } from './repair.js'
import { inTransactions } from './transactions.js'

/** What the head of a script says of where it comes from. */
export interface ScriptAbout {
  readonly runId: string
  /** Name and version of this tool. */
  readonly tool: string
  /** The master's address, as people know it. */
  readonly server: string
}

/** What `mysql` sends at most, unless told otherwise. A byte below, so that a line just as long is not too long. */
const CLIENT_PACKET_BYTES = 16 * 1024 ** 2 - 1

/** Longer names of rows are cut in what a script prints. */
const LABEL_CHARACTERS = 200

/** The lines of a script that repairs one master with nothing but a `mysql` client. */
export function* scriptLines(script: MasterScript, about: ScriptAbout): Iterable<string> {
  yield* headLines(script, about)
  yield ''
  for (const setting of script.settings) yield `${setting};`
  if (isLocal(script)) yield `${STOP_UNLESS_LOCAL};`
  yield 'SET @mmaudit_made = 0;'
  for (const steps of inTransactions(script.steps)) {
    yield ''
    yield 'START TRANSACTION;'
    const family = familyIn(steps)
    if (family !== null) yield 'SET @mmaudit_family = @mmaudit_made;'
    for (const step of steps) yield* stepLines(step)
    if (family !== null) yield `${stopUnlessWhole(family, steps.length)};`
    yield 'COMMIT;'
  }
  yield ''
  yield `SELECT CONCAT(@mmaudit_made, ' of ${script.steps.length} statements changed their row') AS mmaudit;`
}

/** Text as it can stand in a comment or a message: on one line, and without anything that a client acts on. */
export function onOneLine(words: string): string {
  return words.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\\]/gu, '?')
}

/** An error in the words of the server, for no statement of SQL alone can end a script. */
const STOP_UNLESS_LOCAL =
  "SET SESSION sql_mode = IF(@@SESSION.sql_log_bin = 0, @@SESSION.sql_mode, 'sql_log_bin is not 0: stopped before any change')"

/** All of a family is written, or nothing of it; nothing is left to write when the script is run again. */
function stopUnlessWhole(family: string, steps: number): string {
  const problem = text(onOneLine(`stopped: not all of ${family} with what points to it is as it was`))
  return `SET SESSION sql_mode = IF(@mmaudit_made - @mmaudit_family IN (0, ${steps}), @@SESSION.sql_mode, ${problem})`
}

function familyIn(steps: readonly Step[]): string | null {
  return steps.find(({ change }) => change.family !== undefined)?.change.family ?? null
}

function isLocal(script: MasterScript): boolean {
  return script.settings.some((setting) => /\bsql_log_bin\s*=\s*0/i.test(setting))
}

function headLines(script: MasterScript, { runId, tool, server }: ScriptAbout): readonly string[] {
  const name = script.master
  return [
    `Repair of master ${name} (${server}): ${script.steps.length} statements of run ${runId}, written by ${tool}`,
    '',
    `To run it: mysql ${clientFlags(script)}-h <host> -P <port> -u <user> -p < ${name}.sql`,
    'Never with --force. An error stops the client, and the server takes the open transaction back; transactions before it',
    'are done, as are changes of tables whose engine has no transactions. Then mend the cause and run the script again.',
    'Each statement changes one row, if the row is still as the audit saw it. Rows that are not are printed as stale, and',
    'left alone; so are, in a second run, those that the first one changed.',
    '',
    ...whoSees(script)
  ].map((line) => `-- ${onOneLine(line)}`.trimEnd())
}

/** A statement is one line, and a line too long for the client ends it. */
function clientFlags({ steps }: MasterScript): string {
  const needsMore = steps.some((step) => Buffer.byteLength(stepStatement(step)) > CLIENT_PACKET_BYTES)
  return needsMore ? '--max-allowed-packet=1G ' : ''
}

function whoSees(script: MasterScript): readonly string[] {
  if (!isLocal(script)) return ['These writes are logged: they replicate to every server below this master.']
  const local = `No other server sees these writes: they are not in the binlog of ${script.master}.`
  if (script.replicas.length === 0) return [local]
  return [
    local,
    'Replicas below this master need the script too:',
    ...script.replicas.map((each) => `  ${replicaText(each)}`)
  ]
}

function replicaText({ serverId, host, port }: Replica): string {
  return host === '' ? `server id ${serverId}` : `${host}:${port} (server id ${serverId})`
}

function* stepLines(step: Step): Iterable<string> {
  const { change, kind } = step
  yield `-- ${onOneLine(`${change.id}: ${rowLabel(step)}: ${change.why}${kind === 'park' ? ' (out of the way for now)' : ''}`)}`
  yield `${stepStatement(step)};`
  yield 'SET @mmaudit_rows = ROW_COUNT(), @mmaudit_made = @mmaudit_made + (ROW_COUNT() = 1);'
  yield `SELECT ${text(onOneLine(rowLabel(step)))} AS stale FROM DUAL WHERE @mmaudit_rows <> 1;`
}

/** `retail_db.orders order_id = 5` */
function rowLabel({ change: { table }, before, after }: Step): string {
  const image = before ?? after ?? {}
  const parts = table.columns
    .filter((column) => table.key.includes(column.form.name))
    .map((column) => `${column.name} = ${valueIn(image, column)}`)
  const label = `${tableName(table.ref)} ${parts.join(', ')}`
  return label.length > LABEL_CHARACTERS ? `${[...label].slice(0, LABEL_CHARACTERS).join('')}…` : label
}
