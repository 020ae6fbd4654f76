/**
 * What went wrong, in the terms that decide the exit status:
 * `usage` the command line, `config` a file, a name or a credential reference, `incomplete` something that could not be
 * looked at, `interrupted` the user or a limit ended it.
 */
export type ErrorCode = 'usage' | 'config' | 'incomplete' | 'interrupted'

/** Which limit of the user's own ended an audit: what is `interrupted` for no such reason was ended by the user. */
export type EndingLimit = 'run-time'

/** An error for people: what happened, and in `hint` what to do about it. */
export class MmauditError extends Error {
  override readonly name = 'MmauditError'
  readonly code: ErrorCode
  readonly hint: string | null
  readonly limit: EndingLimit | null

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown; limit?: EndingLimit } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? null
    this.limit = options.limit ?? null
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The end of an audit whose run time is over. */
export function runTimeOver(): MmauditError {
  return new MmauditError('interrupted', 'the run time was over before the audit was at its end', { limit: 'run-time' })
}

/** Whether this is the orderly end of a run whose time was over. */
export function isRunTimeOver(error: unknown): boolean {
  return error instanceof MmauditError && error.limit === 'run-time'
}
