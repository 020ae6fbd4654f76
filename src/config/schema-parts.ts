import { z } from 'zod'
import { nonEmpty, type Parser } from './parse.js'
import { didYouMean } from './suggest.js'

/** A value read by the parser that also reads it from the command line. `port: 3306` and `port: "3306"` are the same. */
export function leaf<T>(parse: Parser<T>) {
  return z.unknown().transform((value, context): T => {
    const parsed = scalarText(value)
    const outcome = 'problem' in parsed ? parsed : parse(parsed.value)
    if ('value' in outcome) return outcome.value
    context.addIssue({ code: 'custom', message: outcome.problem })
    return z.NEVER
  })
}

/** Text that says something. A number is refused: YAML has already dropped its leading zeros. */
export const text = z.unknown().transform((value, context): string => {
  const problem = textProblem(value)
  if (problem === null) return value as string
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})

/** A list; one element may stand for itself. */
export function listOf<T extends z.ZodType>(element: T) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(element, { error: 'must be a list, for example [a, b]' })
  )
}

/** A map with these keys and no others; what is meant by an unknown one is guessed, one line a key. */
export function closed<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'must be a map'
      const keys = issue.keys as readonly string[]
      return keys.map((key) => `unknown key${didYouMean(key, Object.keys(shape))}`).join('\n')
    }
  })
}

/** A map whose keys are names the user chose. */
export function mapOf<T extends z.ZodType>(key: z.ZodType<string, string>, value: T) {
  return z.record(key, value, { error: 'must be a map' })
}

/** Text that passes a check, which returns what is wrong. */
export function checked(problemOf: (value: string) => string | null) {
  return z.string({ error: 'must be text' }).superRefine((value, context) => {
    const problem = problemOf(value)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  })
}

function scalarText(value: unknown): { value: string } | { problem: string } {
  if (typeof value === 'string') return { value }
  if (typeof value === 'number' || typeof value === 'boolean') return { value: String(value) }
  return { problem: missingProblem(value) ?? 'must be a single value' }
}

function textProblem(value: unknown): string | null {
  if (typeof value === 'string') {
    const outcome = nonEmpty(value)
    return 'problem' in outcome ? outcome.problem : null
  }
  return missingProblem(value) ?? 'must be text; put it in quotes'
}

function missingProblem(value: unknown): string | null {
  if (value === undefined) return 'is missing'
  return value === null ? 'is empty' : null
}
