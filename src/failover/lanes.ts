import type { FailoverReason } from '../model/failover.js'

/** How a master numbers new rows. */
export interface Numbering {
  readonly master: string
  readonly increment: number
  readonly offset: number
  readonly readOnly: boolean
}

/** With which masters the returned one would give the same automatic ids, where both take writes. */
export function sharedLanes(numberings: readonly Numbering[], subject: string): readonly FailoverReason[] {
  const own = numberings.find(({ master }) => master === subject)
  if (own === undefined || own.readOnly) return []
  const clashing = numberings.filter((other) => other !== own && !other.readOnly && overlap(own, other))
  if (clashing.length === 0) return []
  const masters = [subject, ...clashing.map(({ master }) => master)]
  const text = `${masters.join(', ')} take writes and number new rows alike (auto_increment_increment, auto_increment_offset)`
  return [{ id: 'lanes', masters, text }]
}

/** Two lanes have a number in common when their offsets differ by a multiple of the greatest common divisor of their widths. */
function overlap(left: Numbering, right: Numbering): boolean {
  const divisor = greatestCommonDivisor(left.increment, right.increment)
  return (startOf(left) - startOf(right)) % divisor === 0
}

/** A server takes no notice of an offset that is greater than its increment. */
function startOf({ increment, offset }: Numbering): number {
  return offset > increment ? 1 : offset
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right)
}
