import type { Master } from '../../src/masters/master.js'
import type { Session } from '../../src/masters/session.js'
import type { RowImage } from '../../src/model/repair.js'
import { holdsValue, valueIn } from '../../src/sql/guard.js'
import { tableIdentifier } from '../../src/sql/identifier.js'
import { type ImageTable, readImages } from './row-images.js'

/**
 * Asks of every value of every column in how many rows the condition for it holds, and in how many it is known: that
 * must be as many as have an equal literal, and all.
 */
export async function wrongConditions(session: Session, master: Master, table: ImageTable): Promise<readonly string[]> {
  const { ref, columns } = table.writable
  const images = await readImages(master, table)
  const wrong: string[] = []
  for (const image of images) {
    const conditions = columns.map((column) => holdsValue(column, valueIn(image, column)))
    const sums = conditions.map((each, at) => `SUM(${each}) AS s${at}, COUNT(${each}) AS n${at}`)
    const [row] = await session.query(`SELECT ${sums.join(', ')} FROM ${tableIdentifier(ref)}`)
    for (const [at, { form }] of columns.entries()) {
      const same = images.filter((other) => withoutSign(other[form.name]) === withoutSign(image[form.name])).length
      const counts = `${row?.[`s${at}`]} of ${row?.[`n${at}`]}`
      const expected = `${same} of ${images.length}`
      if (counts !== expected) wrong.push(`${table.name}: ${conditions[at]} for ${counts}, not ${expected}`)
    }
  }
  return wrong
}

/** Whether a row holds a zero whose sign no condition tells. */
export function hasZero(image: RowImage): boolean {
  return Object.values(image).some((literal) => withoutSign(literal) === '0e0')
}

function withoutSign(literal: string | undefined): string | undefined {
  return literal === '-0e0' ? '0e0' : literal
}
