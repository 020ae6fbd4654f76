import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Standstill } from '../masters/catch-up.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { TableResult } from '../model/report.js'
import { tryJournal } from '../repair/apply/journal.js'
import { repairing } from '../repair/repairing.js'
import { type Decisions, readDecisions } from '../report/read-decisions.js'
import { evidenceFor } from './evidence-source.js'
import { idMapPath, writeIdMap } from './id-map-file.js'
import { streamForPeople, wantsColour } from './presentation.js'
import { RepairConsole } from './repair-console.js'
import type { RepairWay } from './repair-flags.js'
import type { Audit, Setting } from './run-audit.js'
import { newRunId } from './run-id.js'

/** Where the rows to repair come from. */
export interface RepairOf {
  readonly source: Audit
  /** What was counted of their tables before. */
  readonly counted: readonly TableResult[]
  /** Where replication is known to stand still, and need not run. */
  readonly standstill?: Standstill
}

/**
 * Lets what finds divergences also repair them, in the way that was asked for.
 * @throws {MmauditError} `usage` when nothing says who wins.
 */
export async function withRepair(
  { source, counted, standstill = [] }: RepairOf,
  way: RepairWay,
  setting: Setting
): Promise<Audit> {
  const { config, repair, io, presentation, log } = setting
  const names = config.masters.map((master) => master.name)
  const decisions = way.decisions === null ? null : await loadDecisions(way.decisions, io.cwd, names)
  const chooses = repair.rules.length === 0 && decisions === null
  if (chooses && !way.dryRun) {
    throw new MmauditError('usage', 'nothing is repaired without a policy', {
      hint: 'see what each would do with --repair --dry-run; then name one: --policy missing=union, or repair.rules in the file'
    })
  }
  const runId = newRunId()
  const journal = way.dryRun ? null : resolve(io.cwd, way.journal ?? `mmaudit-${runId}.journal`)
  if (journal !== null) await tryJournal(journal)
  const people = streamForPeople(presentation, io)
  const colour = wantsColour(presentation.colour, people, io.env)
  const console = new RepairConsole(io, people, colour, { way, runId, masters: config.masters })
  return (audited, hooks) =>
    repairing(
      source(audited, hooks),
      {
        ...{ runId, audit: audited, repair, journal, counted, standstill },
        overrideOf: (row) => decisions?.overrideOf(row) ?? null,
        ...(audited.evidence === 'off' ? {} : { readEvidence: (masters, rows) => evidenceFor(masters, audited, rows) })
      },
      {
        signal: hooks.signal,
        onChoices: chooses ? (choices) => console.show(choices) : null,
        onPlan: (plan) => {
          for (const unmatched of decisions?.unmatched() ?? []) {
            log.warning('decision', `${way.decisions}: no divergent row for ${unmatched}`)
          }
          setting.view.clear()
          return console.confirm(plan)
        },
        onIdMap: async (ids) => {
          if (journal !== null) await writeIdMap(idMapPath(way.idMap, journal, io.cwd), ids)
        },
        onProgress: (done, all) => {
          if (presentation.progress !== 'never') log.info('repairing', `${done} of ${all} changes`, { done, all })
        }
      }
    )
}

async function loadDecisions(path: string, cwd: string, masters: readonly string[]): Promise<Decisions> {
  const text = await readFile(resolve(cwd, path), 'utf8').catch((cause) => {
    throw new MmauditError('usage', `--decisions ${path}: ${messageOf(cause)}`, { cause })
  })
  return readDecisions(text, path, masters)
}
