import { MmauditError } from '../model/errors.js'

/** Whether a glob over `db.table` matches a name; `*` stands for any characters, `?` for one, anything else for itself. */
export function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su').test(name)
}

/**
 * The names to audit, in order. Every include pattern must match something: a name that is not there is a mistake of the
 * user's or a table that is gone, and either must be heard of.
 *
 * @param origin decides the error: patterns come from the command line (`usage`) or from the file (`config`).
 */
export function selectNames(
  names: readonly string[],
  include: readonly string[],
  exclude: readonly string[],
  origin: 'usage' | 'config'
): readonly string[] {
  const unmatched = include.find((pattern) => !names.some((name) => globMatches(pattern, name)))
  if (unmatched !== undefined) throw unknownTable(unmatched, names, origin)
  const selected = names.filter(
    (name) =>
      (include.length === 0 || include.some((pattern) => globMatches(pattern, name))) &&
      !exclude.some((pattern) => globMatches(pattern, name))
  )
  if (selected.length > 0) return selected
  throw new MmauditError('incomplete', 'there is no table to audit', {
    hint:
      names.length === 0
        ? 'the accounts see no table on any master: grant them SELECT on what is to be audited'
        : 'every table is excluded by the configuration'
  })
}

function unknownTable(pattern: string, names: readonly string[], origin: 'usage' | 'config'): MmauditError {
  const what = /[*?]/.test(pattern) ? `no table matches ${pattern}` : `there is no table ${pattern}`
  const table = pattern.slice(pattern.indexOf('.') + 1)
  const similar = names.filter((name) => name.slice(name.indexOf('.') + 1) === table).slice(0, 3)
  return new MmauditError(origin, `${what} on any master that the account may see`, {
    hint:
      similar.length > 0
        ? `did you mean ${similar.join(', ')}?`
        : 'tables are named db.table; check the name, and that the account has SELECT on it'
  })
}
