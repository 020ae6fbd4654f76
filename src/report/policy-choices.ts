import { groupBy } from '../model/group-by.js'
import type { ChangeCounts, PolicyChoice } from '../model/policy-choice.js'
import { tableName } from '../model/table.js'
import { type Cell, layOut, left, right } from './grid.js'
import { widthOf, wrap } from './layout.js'
import { counted, grouped } from './numbers.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** How the statements on one master are told: in words, or with signs where words do not fit. */
type Wording = (counts: ChangeCounts) => string

const SIGNS = '  +3 inserts, ~3 updates, −3 deletes three rows'

/** What each policy would do, by table and class, for a reader who has to choose one. Nothing without choices. */
export function policyChoices(
  choices: readonly PolicyChoice[],
  masters: readonly string[],
  style: Style,
  width: number
): string[] {
  if (choices.length === 0) return []
  const groups = [
    ...groupBy(choices, (choice) => JSON.stringify([choice.database, choice.table, choice.class])).values()
  ]
  const inWords = layOutAll(groups, masters, words, style)
  const fits = inWords.flat().every((line) => widthOf(line) <= width)
  const tables = fits ? inWords : layOutAll(groups, masters, signs, style, width)
  return [
    style.strong('What each policy would do'),
    ...(fits ? [] : [style.faint(SIGNS)]),
    ...groups.flatMap((group, index) => ['', ...titleLines(group, style), ...(tables[index] ?? [])]),
    '',
    ...wrap('Name one for each class, and a dry run prints the exact statements:', width, ''),
    `  mmaudit diff --repair --dry-run ${flagsText(choices)}`
  ]
}

function titleLines(group: readonly PolicyChoice[], style: Style): string[] {
  const [choice] = group
  if (choice === undefined) return []
  const rows = style.faint(counted(choice.rows, 'row'))
  return [`${style.strong(visible(tableName(choice)))}  ${style.strong(style.bad(choice.class))}  ${rows}`]
}

function layOutAll(
  groups: readonly (readonly PolicyChoice[])[],
  masters: readonly string[],
  wording: Wording,
  style: Style,
  width = Number.POSITIVE_INFINITY
): string[][] {
  const head = [
    left('policy', style.faint),
    ...masters.map((master) => left(`on ${master}`, style.faint)),
    right('left manual', style.faint)
  ]
  return groups.map((group) => layOut([head, ...group.map((each) => policyRow(each, masters, wording, style))], width))
}

function policyRow(choice: PolicyChoice, masters: readonly string[], wording: Wording, style: Style): Cell[] {
  return [
    left(visible(choice.policy)),
    ...masters.map((master) => changesCell(choice.changes[master], wording, style)),
    choice.manual === 0 ? right('·', style.faint) : right(grouped(choice.manual), style.warning)
  ]
}

/** Deletes are what a reader must not overlook. */
function changesCell(counts: ChangeCounts | undefined, wording: Wording, style: Style): Cell {
  const text = counts === undefined ? '' : wording(counts)
  if (text === '') return left('·', style.faint)
  return left(text, counts !== undefined && counts.delete > 0 ? style.bad : null)
}

function words({ insert, update, delete: gone }: ChangeCounts): string {
  return [
    ...(insert > 0 ? [counted(insert, 'insert')] : []),
    ...(update > 0 ? [counted(update, 'update')] : []),
    ...(gone > 0 ? [counted(gone, 'delete')] : [])
  ].join(', ')
}

function signs({ insert, update, delete: gone }: ChangeCounts): string {
  return [
    ...(insert > 0 ? [`+${grouped(insert)}`] : []),
    ...(update > 0 ? [`~${grouped(update)}`] : []),
    ...(gone > 0 ? [`−${grouped(gone)}`] : [])
  ].join(' ')
}

function flagsText(choices: readonly PolicyChoice[]): string {
  const classes = new Set(choices.map((choice) => choice.class))
  return [...classes].map((name) => `--policy ${name}=…`).join(' ')
}
