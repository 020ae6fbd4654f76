import { text } from '../sql/literal.js'
import type { Session } from './session.js'

/** The values of status variables by name in lower case; what the server does not know is absent. */
export async function readStatus(session: Session, variables: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(`SHOW GLOBAL STATUS WHERE Variable_name IN (${variables.map(text).join(', ')})`)
  return new Map(rows.map((row) => [(row.Variable_name ?? '').toLowerCase(), row.Value ?? '']))
}
