import { MmauditError } from '../model/errors.js'

/** Something wrong at one place of a file. Never holds a value of the file: it may be a password. */
export interface FileProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Enough to mend a file in one go; more would scroll the first one away. */
const MOST_SHOWN = 10

/** One error for all problems of a file, in the order of the file: `mmaudit.yaml:3:5: what is wrong`, a line each. */
export function fileError(file: string, problems: readonly FileProblem[], hint?: string): MmauditError {
  const inOrder = problems.toSorted((left, right) => left.line - right.line || left.column - right.column)
  const lines = inOrder.map((problem) => `${file}:${problem.line}:${problem.column}: ${problem.message}`)
  const shown = [...new Set(lines)].slice(0, MOST_SHOWN)
  if (lines.length > MOST_SHOWN) shown.push(`and ${lines.length - MOST_SHOWN} more`)
  return new MmauditError('config', shown.join('\n'), hint === undefined ? {} : { hint })
}
