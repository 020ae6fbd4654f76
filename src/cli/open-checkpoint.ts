import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { CheckpointFile } from '../checkpoint/checkpoint-file.js'
import { nonEmpty } from '../config/parse.js'
import { given } from '../config/settings.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { Setting } from './run-audit.js'
import { newRunId } from './run-id.js'

const RESUME = { flag: '--resume', variable: 'MMAUDIT_RESUME', parse: nonEmpty } as const

/**
 * Opens the checkpoint that was asked for, or one of its own that goes away again when the audit comes to its end.
 * @throws {MmauditError} `usage` when the file named cannot be used, `incomplete` when another run has it.
 */
export async function openCheckpoint(flag: string | undefined, setting: Setting): Promise<CheckpointFile> {
  const { config, presentation, view, log, io } = setting
  const named = given(RESUME, flag, io.env) ?? null
  const onTrouble = (error: unknown) => {
    view.clear()
    log.warning('checkpoint', `progress could not be saved: ${messageOf(error)}; the audit goes on without`)
  }
  if (named === null) {
    return CheckpointFile.unnamed([io.cwd, tmpdir()], `mmaudit-${newRunId()}.resume`, config, onTrouble)
  }
  const path = resolve(io.cwd, named)
  for (const report of [presentation.json, presentation.csv]) {
    if (named === '-' || (report !== null && resolve(io.cwd, report) === path)) {
      throw new MmauditError('usage', `--resume ${named}: progress is saved in a file of its own`, {
        hint: 'name one that is no report'
      })
    }
  }
  const checkpoint = await CheckpointFile.resume(path, named, config, onTrouble)
  if (checkpoint.startedAt !== null && !presentation.quiet) {
    log.info('resuming', `going on with the audit that began ${checkpoint.startedAt}`)
  }
  return checkpoint
}
