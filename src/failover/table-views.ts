import { tablePlanner } from '../audit/inspect.js'
import { globMatches } from '../audit/select-tables.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import { type TableRef, tableName } from '../model/table.js'
import type { TableView } from './write-listener.js'

/**
 * How each table is looked at whose rows the transactions change. Rows are named by their keys, so conditions on which rows to
 * compare do not count.
 */
export async function tableViews(
  masters: readonly Master[],
  config: AuditConfig
): Promise<(ref: TableRef) => TableView> {
  const plan = await tablePlanner(masters, wholeTables(config))
  const views = new Map<string, TableView>()
  return (ref) => {
    const name = tableName(ref)
    const view = views.get(name) ?? viewOf(name, config, () => plan(ref))
    views.set(name, view)
    return view
  }
}

/** The configuration without conditions on the rows to compare. */
export function wholeTables(config: AuditConfig): AuditConfig {
  return { ...config, where: null, tables: config.tables.map((table) => ({ ...table, where: null })) }
}

const SYSTEM = new Set(['mysql', 'sys', 'information_schema', 'performance_schema'])

function viewOf(
  name: string,
  { include, exclude }: AuditConfig,
  plan: () => Awaited<ReturnType<typeof tablePlanner>> extends (ref: TableRef) => infer Plan ? Plan : never
): TableView {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => globMatches(pattern, name))
  const isSystem = SYSTEM.has(name.split('.')[0] ?? '')
  if (isSystem || matches(exclude) || (include.length > 0 && !matches(include))) return { kind: 'left-out' }
  const planned = plan()
  if (planned === null) return { kind: 'unreadable', why: 'is on no master any more, or the accounts may not see it' }
  if (planned.kind === 'fail') return { kind: 'unreadable', why: planned.reason }
  if (planned.table.keyColumns.length > 0) return { kind: 'audited', table: planned.table }
  return { kind: 'unreadable', why: 'no key names its rows; compare it with mmaudit diff' }
}
