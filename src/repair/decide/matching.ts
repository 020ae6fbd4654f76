import { globMatches } from '../../audit/select-tables.js'
import type { Divergence } from '../../model/divergence.js'
import { MmauditError } from '../../model/errors.js'
import type { RepairRule } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { isSelfContained } from '../../sql/condition.js'

/** Whether a rule is for this row, as far as that can be told without its `when`. */
export function isFor(rule: RepairRule, divergence: Divergence): boolean {
  const name = tableName(divergence)
  return (
    (rule.tables?.some((pattern) => globMatches(pattern, name)) ?? true) &&
    (rule.classes?.includes(divergence.class) ?? true) &&
    (rule.columns === null || differsOnlyIn(rule.columns, divergence))
  )
}

/** A row that some master lacks differs there in every column. */
function differsOnlyIn(columns: readonly string[], divergence: Divergence): boolean {
  const allowed = new Set(columns.map((column) => column.toLowerCase()))
  return (
    Object.values(divergence.rows).every((row) => row !== null) &&
    divergence.columns.every((column) => allowed.has(column.toLowerCase()))
  )
}

/**
 * Refuses conditions that would not stay within the parentheses that they are put in.
 * @throws {MmauditError} `config`, naming the rule.
 */
export function checkConditions(rules: readonly RepairRule[]): void {
  for (const { name, when } of rules) {
    if (when === null || isSelfContained(when)) continue
    throw new MmauditError(
      'config',
      `${name}: the condition ${when} is refused: parentheses or quotes are not closed`,
      {
        hint: "it is SQL as it would stand after WHERE, for example a.status = 'PAID'"
      }
    )
  }
}
