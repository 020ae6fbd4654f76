const MASTER_NAME = /^[A-Za-z0-9_.-]+$/

/** Words that mean something else where the name of a master may stand, such as the winner column of the CSV report. */
const RESERVED = new Set(['delete', 'skip', 'manual'])

/** What is wrong with the name of a master, or `null`. */
export function masterNameProblem(name: string): string | null {
  if (!MASTER_NAME.test(name)) return 'the name of a master is made of letters, digits, _ . and -'
  // Reports are keyed by master: a name that every JavaScript object answers to would look like data.
  if (RESERVED.has(name.toLowerCase()) || name in {}) return `${name} is a reserved word; give this master another name`
  return null
}

/** What is wrong with a glob over `db.table`, or `null`. */
export function tablePatternProblem(pattern: string): string | null {
  const dot = pattern.indexOf('.')
  if (dot > 0 && dot < pattern.length - 1) return null
  const database = pattern.replaceAll('.', '')
  const example = database === '' || database.includes('*') ? 'retail_db' : database
  return `tables are named db.table, for example ${example}.orders, or ${example}.* for all of a database`
}
