import { z } from 'zod'
import type { Divergence } from '../model/divergence.js'
import { MmauditError } from '../model/errors.js'
import type { SavedReport } from '../model/saved-report.js'
import type { SqlValue } from '../model/value.js'

/** The parts of a report that stand once in it. */
export type ReportFrame = Pick<SavedReport, 'startedAt' | 'masters' | 'tables' | 'summary'>

/** @throws {MmauditError} `usage`, saying which part of it is wrong. */
export function readFrame(value: unknown, name: string): ReportFrame {
  const version = (value as { version?: unknown } | null)?.version
  if (typeof version === 'number' && version !== 1) {
    throw new MmauditError('usage', `${name} is a report of version ${version}, and this mmaudit reads version 1`, {
      hint: 'use the mmaudit that wrote it, or audit again'
    })
  }
  return checked(FRAME, value, name) as ReportFrame
}

/** @throws {MmauditError} `usage`, saying which part of it is wrong. @param place where it stands, for that. */
export function readDivergence(value: unknown, place: string): Divergence {
  const { database, table, key, class: kind, reason, columns, rows } = checked(DIVERGENCE, value, place) as Divergence
  return { database, table, key, class: kind, reason, columns, rows, decision: null, evidence: null }
}

/**
 * The value as it is, because rebuilding it would lose a column of the name `__proto__`. Only the first problem is told:
 * the others follow from it more often than not.
 */
function checked(schema: z.ZodType, value: unknown, place: string): unknown {
  const outcome = schema.safeParse(value)
  if (outcome.success) return value
  const [issue] = outcome.error.issues
  const path = (issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  const where = path === '' ? '' : `${path.replace(/^\./, '')} `
  throw new MmauditError('usage', `${place}: ${where}${issue?.message ?? 'is wrong'}`, {
    hint: 'it has to be a JSON report as `mmaudit diff --json` writes it; docs/reference/json-report.md describes it'
  })
}

/** What is wrong, or `null`. */
type Check = (value: unknown) => string | null

function must(be: string) {
  return {
    error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? 'is missing' : `must be ${be}`)
  }
}

const text = z.string(must('text'))
const textOrNull = z.union([z.string(), z.null()], must('text or null'))
const names = z.array(z.string(must('text')), must('a list of names'))
const count = z.int(must('a whole number')).nonnegative(must('a whole number'))
const flag = z.boolean(must('true or false'))

/** An object whose keys are names that the user chose. */
function mapOf(check: Check, least = 0) {
  return z.unknown().superRefine((value, context) => {
    const problem = objectProblem(value, least)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
    else {
      for (const [name, each] of Object.entries(value as object)) {
        const wrong = check(each)
        if (wrong !== null) context.addIssue({ code: 'custom', message: wrong, path: [name] })
      }
    }
  })
}

function objectProblem(value: unknown, least: number): string | null {
  if (value === undefined) return 'is missing'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object'
  return Object.keys(value).length < least ? 'must not be empty' : null
}

const VALUE_PROBLEM = 'must be text, null or {"hex":"…"}: values are never numbers'

function valueProblem(value: unknown): string | null {
  return value === null || typeof value === 'string' || isBytes(value) ? null : VALUE_PROBLEM
}

function isBytes(value: unknown): value is Exclude<SqlValue, string | null> {
  const hex = (value as { hex?: unknown } | undefined)?.hex
  return typeof hex === 'string' && /^([0-9A-Fa-f]{2})*$/.test(hex)
}

function rowProblem(row: unknown): string | null {
  if (row === null) return null
  const wrong = objectProblem(row, 0)
  return (
    wrong ??
    Object.values(row as object)
      .map(valueProblem)
      .find((problem) => problem !== null) ??
    null
  )
}

const MASTER = z.object(
  {
    name: text,
    host: text,
    port: count,
    vendor: z.enum(['mysql', 'mariadb'], must('mysql or mariadb')),
    serverVersion: text,
    serverId: count,
    position: text
  },
  must('an object')
)

const TABLE = z.object(
  {
    database: text,
    table: text,
    status: z.enum(['consistent', 'divergent', 'skipped', 'failed'], must('the status of a table')),
    reason: textOrNull,
    key: names,
    drift: z.array(
      z.object({ aspect: text, name: textOrNull, masters: mapOf(() => null) }, must('an object')),
      must('a list')
    ),
    chunks: z.object({ total: count, mismatched: count }, must('an object')),
    rows: mapOf((rows) => (Number.isSafeInteger(rows) ? null : 'must be a whole number')),
    sums: mapOf((sums) => objectProblem(sums, 0)),
    missing: count,
    conflict: count,
    collision: count,
    unsettled: count,
    unlisted: count.optional()
  },
  must('an object')
)

const SUMMARY = z.object(
  {
    consistent: flag,
    complete: flag,
    tables: count,
    divergent: count,
    skipped: count,
    failed: count,
    missing: count,
    conflict: count,
    collision: count,
    unsettled: count
  },
  must('an object')
)

const FRAME = z.object(
  {
    version: z.literal(1, must('1')),
    startedAt: text,
    masters: z.array(MASTER, must('a list')).min(2, 'must name two masters or more'),
    tables: z.array(TABLE, must('a list')),
    summary: SUMMARY
  },
  must('an object')
)

const DIVERGENCE = z.object(
  {
    database: text,
    table: text,
    key: mapOf(valueProblem, 1),
    class: z.enum(['missing', 'conflict', 'collision'], must('missing, conflict or collision')),
    reason: text,
    columns: names,
    rows: mapOf(rowProblem, 2)
  },
  must('an object')
)
