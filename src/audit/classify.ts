import type { DivergenceClass } from '../model/divergence.js'
import type { Key } from '../model/range.js'
import type { Column } from '../model/table.js'
import type { RowValues, SqlValue } from '../model/value.js'

/** One distinct content of a row, and who holds it. */
export interface Version {
  readonly values: RowValues
  readonly masters: readonly string[]
}

/** The auto-increment lane of a master: it hands out the ids that are `offset` modulo `increment`. */
export interface Lane {
  readonly master: string
  readonly increment: number
  readonly offset: number
}

/** What classifying needs to know of a table. */
export interface Evidence {
  readonly keyColumns: readonly Column[]
  readonly columns: readonly Column[]
  readonly alternateKeys: readonly (readonly string[])[]
  readonly identity: readonly string[] | null
  readonly lanes: readonly Lane[]
}

export interface Classification {
  readonly class: DivergenceClass
  readonly reason: string
  /** The columns that differ between the versions, in table order; empty when there is only one version. */
  readonly columns: readonly string[]
}

/** Same or other logical row, or no say; each with the evidence in words. */
interface Verdict {
  readonly says: 'same' | 'other' | 'nothing'
  readonly because: string
}

/** Names that applications give to the time at which a row was made. */
const CREATION_NAME =
  /^(created|creation|inserted|added|registered)(_?(at|on|ts|time|date|datetime|timestamp))?$|^(date|time)_?(created|added|inserted)$/i
const TIME_TYPES = new Set(['datetime', 'timestamp'])
/** Two inserts that took the same key have little in common; an update leaves most of a row as it was. */
const MOST = 0.5

/**
 * Puts a confirmed divergence in its class and says why.
 *
 * `missing`: the copies that exist are all equal. Otherwise the versions are either one logical row with different
 * contents (`conflict`) or different rows that took the same key (`collision`). What decides, in this order: the identity
 * columns the user named; unique keys; a creation time; how much of the row differs. Where unique keys and the creation
 * time contradict each other, the amount that differs decides between them.
 *
 * @param versions every distinct content, with its holders; at least one.
 * @param lacking the masters that were read and have no such row.
 */
export function classify(
  key: Key,
  versions: readonly Version[],
  lacking: readonly string[],
  evidence: Evidence
): Classification {
  const holders = holdersText(versions, lacking)
  const lane = laneText(key, evidence)
  const [only] = versions
  if (only !== undefined && versions.length === 1) {
    return { class: 'missing', columns: [], reason: sentence([holders, lane]) }
  }
  const columns = differingColumns(versions, evidence.columns)
  const verdict = sameLogicalRow(versions, columns, evidence)
  return {
    class: verdict.says === 'other' ? 'collision' : 'conflict',
    columns,
    reason: sentence([verdict.because, holders, lane])
  }
}

/** The columns in which not all versions agree. */
function differingColumns(versions: readonly Version[], columns: readonly Column[]): readonly string[] {
  return columns.map((column) => column.name).filter((name) => !allEqual(versions, name))
}

function sameLogicalRow(versions: readonly Version[], differing: readonly string[], evidence: Evidence): Verdict {
  const byIdentity = compareIdentity(versions, evidence)
  if (byIdentity.says !== 'nothing') return byIdentity
  const byUniqueKeys = compareUniqueKeys(versions, evidence)
  const byCreation = compareCreation(versions, evidence)
  if (byUniqueKeys.says === 'nothing' || byCreation.says === 'nothing' || byUniqueKeys.says === byCreation.says) {
    const speaking = [byUniqueKeys, byCreation].filter((verdict) => verdict.says !== 'nothing')
    const [first] = speaking
    if (first !== undefined) return { says: first.says, because: speaking.map((verdict) => verdict.because).join('; ') }
    return compareAmount(differing, evidence)
  }
  const byAmount = compareAmount(differing, evidence)
  return {
    says: byAmount.says,
    because: `${byUniqueKeys.because}, but ${byCreation.because}; ${byAmount.because}`
  }
}

function compareIdentity(versions: readonly Version[], { identity }: Evidence): Verdict {
  if (identity === null || versions.every(({ values }) => identity.every((name) => values[name] == null)))
    return NOTHING
  const differing = identity.filter((name) => !allEqual(versions, name))
  const names = identity.join(', ')
  return differing.length === 0
    ? { says: 'same', because: `identity (${names}) is the same` }
    : { says: 'other', because: `identity (${names}) differs in ${differing.join(', ')}` }
}

function compareUniqueKeys(versions: readonly Version[], { alternateKeys }: Evidence): Verdict {
  const filled = alternateKeys.filter((key) =>
    versions.every(({ values }) => key.every((name) => values[name] != null))
  )
  const same = filled.find((key) => key.every((name) => allEqual(versions, name)))
  if (same !== undefined) return { says: 'same', because: `unique key (${same.join(', ')}) is the same` }
  const [first] = filled
  return first === undefined ? NOTHING : { says: 'other', because: `unique key (${first.join(', ')}) differs` }
}

function compareCreation(versions: readonly Version[], { columns }: Evidence): Verdict {
  const column = columns.find(isCreationTime)
  if (column === undefined || versions.some(({ values }) => values[column.name] == null)) return NOTHING
  return allEqual(versions, column.name)
    ? { says: 'same', because: `${column.name} is the same` }
    : { says: 'other', because: `${column.name} differs` }
}

function isCreationTime(column: Column): boolean {
  if (!TIME_TYPES.has(column.dataType) || column.onUpdateNow) return false
  return CREATION_NAME.test(column.name) || /^(current_timestamp|now)/i.test(column.defaultValue ?? '')
}

function compareAmount(differing: readonly string[], { columns, keyColumns }: Evidence): Verdict {
  const all = columns.length - keyColumns.length
  // Spellings of one key may differ ('a' and 'A'); that says nothing of the row.
  const count = differing.filter((name) => !keyColumns.some((column) => column.name === name)).length
  const amount = count === 0 ? 'only the spelling of the key differs' : `${count} of ${all} columns differ`
  return count > all * MOST ? { says: 'other', because: amount } : { says: 'same', because: amount }
}

const NOTHING: Verdict = { says: 'nothing', because: '' }

function allEqual(versions: readonly Version[], column: string): boolean {
  const first = versions[0]?.values[column] ?? null
  return versions.every(({ values }) => sameValue(values[column] ?? null, first))
}

function sameValue(left: SqlValue, right: SqlValue): boolean {
  if (left === null || right === null || typeof left === 'string' || typeof right === 'string') return left === right
  return left.hex === right.hex
}

/** `present on a, c; not on b`, or for several versions `a, c hold one version, b another; not on d`. */
function holdersText(versions: readonly Version[], lacking: readonly string[]): string {
  const [first, ...others] = versions.map(({ masters }) => masters.join(', '))
  const absent = lacking.length === 0 ? '' : `; not on ${lacking.join(', ')}`
  if (others.length === 0) return `present on ${first}${absent}`
  if (others.length === 1 && versions.every(({ masters }) => masters.length === 1) && absent === '') return ''
  return `versions: ${[first, ...others].join(' | ')}${absent}`
}

/** Which master hands out ids like this one; said only when the lanes are really apart. */
function laneText(key: Key, { keyColumns, lanes }: Evidence): string {
  const column = keyColumns.find((each) => each.autoIncrement)
  const value = column === undefined ? null : key[keyColumns.indexOf(column)]
  if (typeof value !== 'string' || !/^\d+$/.test(value)) return ''
  const [owner, ...others] = lanes.filter((lane) => lane.increment > 1 && liesInLane(value, lane))
  if (owner === undefined || others.length > 0) return ''
  return `id ${value} lies in the auto-increment lane of ${owner.master}`
}

/** Whether a master hands out this id, a whole number that is not negative. */
export function liesInLane(id: string, { increment, offset }: Lane): boolean {
  return BigInt(id) % BigInt(increment) === BigInt(offset % increment)
}

function sentence(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ')
}
