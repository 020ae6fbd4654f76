import { type GtidSet, gtidSetText } from '../model/gtid-set.js'
import type { Vendor } from '../model/master.js'

/** A set as its server would print it; of MariaDB the first and the last of each source: `0-1-5 to 0-1-9`. */
export function gtidsText(vendor: Vendor, set: GtidSet): string {
  if (vendor === 'mysql') return gtidSetText(set)
  return [...set]
    .flatMap(([source, intervals]) =>
      intervals.map(([first, last]) => {
        if (first === last) return `${source}-${last}`
        return first === 0n ? `up to ${source}-${last}` : `${source}-${first} to ${source}-${last}`
      })
    )
    .join(', ')
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
