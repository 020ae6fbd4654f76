/** A word may be wrong in every third letter, but never in more than three, to be taken for a slip of the keyboard. */
const LETTERS_PER_SLIP = 3
const MOST_SLIPS = 3

/** The candidate that `word` was probably meant to be; case, `-` and `_` do not count. `null` when none is near. */
function suggest(word: string, candidates: Iterable<string>): string | null {
  const wanted = plain(word)
  let best: string | null = null
  let least = Math.min(MOST_SLIPS, Math.ceil(wanted.length / LETTERS_PER_SLIP)) + 1
  for (const candidate of candidates) {
    const slips = distance(wanted, plain(candidate))
    if (slips < least) {
      best = candidate
      least = slips
    }
  }
  return best
}

/** `; did you mean x?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = suggest(word, candidates)
  return candidate === null ? '' : `; did you mean ${candidate}?`
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '')
}

/** Levenshtein distance, one row of the matrix at a time. */
function distance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const replaced = cell(above, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, cell(above, column) + 1, cell(current, column - 1) + 1))
    }
    above = current
  }
  return cell(above, right.length)
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? 0
}
