import type { Decision } from '../model/divergence.js'
import { visible } from './text.js'

/** What was decided of a row, in a line: `a wins: update, applied (rule 2: updated_at is latest on a)`. */
export function decisionText(decision: Decision): string {
  const { status, rule, reason } = decision
  const why = [rule, reason === '' ? null : reason].filter((part) => part !== null).join(': ')
  const what = status === 'manual' ? 'manual' : doing(decision)
  return visible(why === '' ? what : `${what} (${why})`)
}

function doing({ winner, action, status }: Decision): string {
  const deed = action === 'none' ? status : `${action}, ${status}`
  return winner === null ? deed : `${winner} wins: ${deed}`
}
