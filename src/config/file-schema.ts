import { z } from 'zod'
import {
  CHUNK_ROWS,
  CHUNK_TIME,
  CONCURRENCY,
  CONFIRM_TIMEOUT,
  EVIDENCE_WINDOW,
  MAX_DELETES,
  MAX_DIVERGENCES,
  MAX_LAG,
  MAX_PERCENT,
  MAX_ROWS,
  PORT,
  RUN_TIME,
  SILENCE_TIMEOUT
} from './limits.js'
import { loadLimits } from './load-limits.js'
import { masterNameProblem, tablePatternProblem } from './names.js'
import { duration, numberWithin, truth } from './parse.js'
import { masterInRule, repairRule } from './repair-rules.js'
import { checked, closed, leaf, listOf, mapOf, text } from './schema-parts.js'
import { checksumMethod, evidenceMode, sslMode } from './settings.js'
import { softReference } from './soft-references.js'

const master = closed({
  host: text.optional(),
  port: leaf(numberWithin(PORT)).optional(),
  socket: text.optional(),
  user: text.optional(),
  password: z.string({ error: 'must be text; put it in quotes' }).optional(),
  sslMode: leaf(sslMode).optional(),
  sslCa: text.optional(),
  sslCert: text.optional(),
  sslKey: text.optional(),
  defaultsFile: text.optional()
})

const table = closed({
  identity: listOf(text).optional(),
  ignoreColumns: listOf(text).optional(),
  where: text.optional()
})

const repair = closed({
  rules: listOf(repairRule).optional(),
  maxRows: leaf(numberWithin(MAX_ROWS)).optional(),
  maxDeletes: leaf(numberWithin(MAX_DELETES)).optional(),
  maxPercent: leaf(numberWithin(MAX_PERCENT)).optional(),
  viaReplication: leaf(truth).optional(),
  allowTriggers: leaf(truth).optional(),
  allowReadOnly: leaf(truth).optional(),
  references: listOf(softReference).optional()
})

const pattern = checked(tablePatternProblem)

/** The shape of `mmaudit.yaml`. */
export const fileSchema = closed({
  masters: mapOf(checked(masterNameProblem), master).optional(),
  defaultsFile: text.optional(),
  include: listOf(pattern).optional(),
  exclude: listOf(pattern).optional(),
  tables: mapOf(pattern, table).optional(),
  checksum: leaf(checksumMethod).optional(),
  chunkRows: leaf(numberWithin(CHUNK_ROWS)).optional(),
  chunkTime: leaf(duration(CHUNK_TIME)).optional(),
  concurrency: leaf(numberWithin(CONCURRENCY)).optional(),
  confirm: leaf(truth).optional(),
  confirmTimeout: leaf(duration(CONFIRM_TIMEOUT)).optional(),
  silenceTimeout: leaf(duration(SILENCE_TIMEOUT)).optional(),
  ignoreColumns: listOf(text).optional(),
  where: text.optional(),
  strictSchema: leaf(truth).optional(),
  maxLoad: listOf(leaf(loadLimits)).optional(),
  maxLag: leaf(duration(MAX_LAG)).optional(),
  pauseFile: text.optional(),
  runTime: leaf(duration(RUN_TIME)).optional(),
  maxDivergences: leaf(numberWithin(MAX_DIVERGENCES)).optional(),
  evidence: leaf(evidenceMode).optional(),
  evidenceWindow: leaf(duration(EVIDENCE_WINDOW)).optional(),
  evidenceSince: text.optional(),
  repair: repair.optional()
}).superRefine((file, context) => {
  const names = Object.keys(file.masters ?? {})
  for (const [index, rule] of (file.repair?.rules ?? []).entries()) {
    const preferred = masterInRule(rule)
    if (preferred === null || names.length === 0 || names.includes(preferred)) continue
    context.addIssue({
      code: 'custom',
      path: ['repair', 'rules', index, 'policy'],
      message: `there is no master named ${preferred}; the masters are ${names.join(', ')}`
    })
  }
})

/** What a configuration file says, checked. */
export type FileSettings = z.infer<typeof fileSchema>

/** What a configuration file says of repairs. */
export type FileRepair = z.infer<typeof repair>

/** What a configuration file says of one master. */
export type FileMaster = z.infer<typeof master>
