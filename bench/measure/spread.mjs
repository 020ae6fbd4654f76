/** What a series of figures says: `{ minimum, median, maximum }`. */
export function spread(numbers) {
  if (numbers.length === 0) throw new Error('a spread of no figures')
  const sorted = [...numbers].sort((left, right) => left - right)
  const half = sorted.length / 2
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2
  return { minimum: sorted[0], median, maximum: sorted.at(-1) }
}

/** `of(our, their)` for each round: both ran under the same conditions, which no other round's may be. */
export function paired(ours, theirs, of) {
  if (ours.length !== theirs.length) throw new Error('each round needs a pair')
  return ours.map((sample, round) => of(sample, theirs[round]))
}

/** How many times as long ours took, round by round. */
export function timeRatios(ours, theirs) {
  return paired(ours, theirs, (our, their) => our.seconds / their.seconds)
}
