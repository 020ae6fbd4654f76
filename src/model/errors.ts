/**
 * What went wrong, in the terms that decide the exit status:
 * `usage` the command line, `config` a file, a name or a credential reference, `incomplete` something that could not be
 * looked at, `interrupted` the user or a limit ended it.
 */
export type ErrorCode = 'usage' | 'config' | 'incomplete' | 'interrupted'

/** An error for people: what happened, and in `hint` what to do about it. */
export class MmauditError extends Error {
  override readonly name = 'MmauditError'
  readonly code: ErrorCode
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? null
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
