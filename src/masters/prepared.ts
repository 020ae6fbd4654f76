import type { Connection } from 'mysql2'

/**
 * Runs a statement with bound values and returns the first column of its first row as text; `null` for no row or NULL. The
 * driver prepares a statement once for each connection and keeps it, so that only the values travel from then on.
 *
 * @param sql selects text as BINARY: the driver does not know every character set.
 */
export function executePrepared(
  connection: Connection,
  sql: string,
  parameters: readonly string[]
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    connection.execute({ sql, rowsAsArray: true }, [...parameters], (error, rows) => {
      if (error) reject(error)
      else resolve(firstText(rows))
    })
  })
}

function firstText(rows: unknown): string | null {
  const [first] = rows as readonly (readonly (Buffer | null)[])[]
  return first?.[0]?.toString('latin1') ?? null
}
