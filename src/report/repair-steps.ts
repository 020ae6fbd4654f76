import type { RepairSummary } from '../model/repair.js'
import { shellWord } from './text.js'

/** What to do after a repair or its dry run, most useful first. */
export function repairSteps(repair: RepairSummary, savedTo: readonly string[]): string[] {
  const { rows, stopped, dryRun } = repair
  return [
    ...(stopped === null
      ? []
      : ['mend what stopped the repair, or raise the limit it names; then run the same command again']),
    ...(dryRun && stopped === null && rows.planned > 0 ? ['write it: the same command without --dry-run'] : []),
    ...(rows.failed > 0
      ? [`failed: mend what the reasons name, then run ${again(repair)}; what was applied is not repeated`]
      : []),
    ...(rows.refused > 0 && stopped === null
      ? ['refused: read the reasons, mend what they name, then run the same command again']
      : []),
    ...(rows.stale > 0
      ? ['stale: these rows changed after they were read; audit them again, and repair what still differs']
      : []),
    ...(rows.manual > 0 ? manualSteps(savedTo) : [])
  ]
}

/** By its journal, a run finds out what became of a COMMIT that was not answered. It has a name of its own unless one was given. */
function again({ journal }: RepairSummary): string {
  return journal === null ? 'the same command again' : `the same command with --journal ${shellWord(journal)}`
}

function manualSteps(savedTo: readonly string[]): string[] {
  const json = savedTo.find((path) => path.endsWith('.json'))
  const csv = savedTo.find((path) => path.endsWith('.csv'))
  const hand = `hand it back: mmaudit repair ${shellWord(json ?? 'report.json')} --decisions edited.csv`
  return [
    'manual: let a rule decide, with --policy or repair.rules in mmaudit.yaml',
    json === undefined || csv === undefined
      ? `manual, by hand: add --json report.json --csv rows.csv; write a master's name, delete or skip in the winner column of the CSV, save it as edited.csv and ${hand}`
      : `manual, by hand: write a master's name, delete or skip in the winner column of ${csv}, save it as edited.csv and ${hand}`
  ]
}
