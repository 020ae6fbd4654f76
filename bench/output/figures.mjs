import { spread } from '../measure/spread.mjs'

/** A figure that is to be at most `limit`, from one number for each round. */
export function atMost(line, what, numbers, limit, unit = '×') {
  return figure(line, what, numbers, { limit, bound: 'at most', unit }, (median) => median <= limit)
}

/** A figure that is to be at least `limit`, from one number for each round. */
export function atLeast(line, what, numbers, limit, unit = '×') {
  return figure(line, what, numbers, { limit, bound: 'at least', unit }, (median) => median >= limit)
}

/** A figure that explains another one and has no target of its own. */
export function forInformation(line, what, numbers, unit) {
  return figure(line, what, numbers, { limit: null, bound: null, unit }, () => null)
}

/** A figure that is not there, because the peer cannot do the work or the machine cannot hold it. */
export function notComparable(line, what, reason) {
  return { line, what, value: null, limit: null, bound: null, unit: null, keeps: null, reason }
}

function figure(line, what, numbers, target, keeps) {
  const value = spread(numbers)
  return { line, what, value, ...target, keeps: keeps(value.median), reason: null }
}
