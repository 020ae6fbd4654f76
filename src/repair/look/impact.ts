import type { TableFacts, Verb } from '../../masters/table-facts.js'
import type { WriteAccess } from '../../masters/write-access.js'
import type { RepairConfig, Replica, RowChange } from '../../model/repair.js'

export type { Verb } from '../../masters/table-facts.js'

/** Why nothing may be written, or what to know before something is. */
export interface Obstacles {
  /** `null` when there is nothing against it. */
  readonly refused: string | null
  readonly warnings: readonly string[]
}

/** What a change does with its row. */
export function verbOf({ before, after }: RowChange): Verb {
  if (before === null) return 'INSERT'
  return after === null ? 'DELETE' : 'UPDATE'
}

/**
 * What is against writing on a master as a whole.
 * @param audited server ids of the masters of the audit.
 */
export function masterObstacles(
  master: string,
  access: WriteAccess,
  audited: ReadonlySet<number>,
  config: Pick<RepairConfig, 'allowReadOnly' | 'viaReplication'>
): Obstacles {
  const refused = clusterRefusal(master, access) ?? readOnlyRefusal(master, access, config.allowReadOnly)
  if (refused !== null) return { refused, warnings: [] }
  const warnings = [
    ...(access.readOnly ? [`${master} is read_only; it is written to nevertheless, as was asked for`] : []),
    ...(access.passesOver === null
      ? []
      : [
          `${master} has ${access.passesOver}: what it cannot apply is passed over in silence, and makes rows differ again`
        ])
  ]
  return { refused: null, warnings: [...warnings, ...replicaWarnings(master, access, audited, config.viaReplication)] }
}

/** Servers that replicate from this master and take no part in the audit. */
export function unauditedReplicas(
  access: Pick<WriteAccess, 'replicas'>,
  audited: ReadonlySet<number>
): readonly Replica[] {
  return (access.replicas ?? []).filter(({ serverId }) => !audited.has(serverId))
}

/**
 * What is against writing the rows of a table on one master, with statements of these verbs. What the account may not see is
 * no reason to hide a plan that is only shown, so there it is only warned of.
 */
export function tableObstacles(
  facts: TableFacts,
  verbs: ReadonlySet<Verb>,
  config: Pick<RepairConfig, 'allowTriggers'>,
  writes: boolean
): Obstacles {
  const blind = [triggerBlindness(facts, config.allowTriggers), childrenBlindness(facts, verbs)]
  const reasons = [engineRefusal(facts), triggerRefusal(facts, verbs, config.allowTriggers), ...(writes ? blind : [])]
  const refused = reasons.filter((reason) => reason !== null)
  return {
    refused: refused.length === 0 ? null : refused.join('; '),
    warnings: [
      ...(writes ? [] : blind.filter((reason) => reason !== null)),
      ...(config.allowTriggers ? triggerWarnings(facts, verbs) : []),
      ...tableWarnings(facts, verbs)
    ]
  }
}

function clusterRefusal(master: string, { cluster }: WriteAccess): string | null {
  if (cluster === null) return null
  const state = cluster.state === null ? '' : ` (${cluster.state})`
  return cluster.kind === 'galera'
    ? `${master} is a Galera node${state}: a change that the other nodes do not get makes the cluster vote it out, or abort. ` +
        'Let a node that differs join again with a full state transfer (SST); bring wanted rows in by ordinary writes to the cluster'
    : `${master} belongs to Group Replication${state}: no other member would notice a change that only this one has. ` +
        'Let a member that differs join again as a clone; bring wanted rows in by ordinary writes to the primary'
}

function readOnlyRefusal(master: string, { readOnly, closedBy }: WriteAccess, allowed: boolean): string | null {
  if (closedBy !== null)
    return `${master} has ${closedBy} on, under which no account may write; mmaudit changes no global setting`
  if (!readOnly || allowed) return null
  return `${master} is read_only; write to it nevertheless with --allow-read-only, if you know why it is`
}

function replicaWarnings(
  master: string,
  access: WriteAccess,
  audited: ReadonlySet<number>,
  viaReplication: boolean
): readonly string[] {
  if (viaReplication || !access.logsBinlog) return []
  if (access.replicas === null) {
    return [
      `whether servers replicate from ${master} is not known: the account may not look; they will not see its repair`
    ]
  }
  const below = unauditedReplicas(access, audited)
  if (below.length === 0) return []
  return [`servers that replicate from ${master} will not see its repair: ${below.map(replicaName).join(', ')}`]
}

function replicaName({ serverId, host, port }: Replica): string {
  return host === '' ? `server id ${serverId}` : `${host}:${port} (server id ${serverId})`
}

function engineRefusal({ engine, transactional, systemVersioned }: TableFacts): string | null {
  if (!transactional)
    return `its engine${engine === '' ? '' : ` ${engine}`} has no transactions: nothing could be taken back`
  return systemVersioned ? 'it is system versioned: a repair would write into its history' : null
}

function triggersFired({ triggers }: TableFacts, verbs: ReadonlySet<Verb>): string {
  const fired = triggers.filter((trigger) => verbs.has(trigger.verb))
  return fired.map(({ name, timing, verb }) => `${name} (${timing} ${verb})`).join(', ')
}

function triggerRefusal(facts: TableFacts, verbs: ReadonlySet<Verb>, allowed: boolean): string | null {
  const names = triggersFired(facts, verbs)
  if (allowed || names === '') return null
  return `triggers would run: ${names}; write nevertheless with --allow-triggers, and rows that read back otherwise are rolled back`
}

function triggerWarnings(facts: TableFacts, verbs: ReadonlySet<Verb>): readonly string[] {
  const names = triggersFired(facts, verbs)
  if (names === '') return []
  return [
    `triggers run: ${names}; what they write elsewhere is not looked at, not logged, and not taken back by an undo`
  ]
}

function triggerBlindness({ triggersVisible }: TableFacts, allowed: boolean): string | null {
  if (triggersVisible || allowed) return null
  return 'whether it has triggers is not known: the account may not see them; grant it TRIGGER on the table'
}

/** Only a delete, for what concerns updates is seen row by row. */
function childrenBlindness({ childrenVisible }: TableFacts, verbs: ReadonlySet<Verb>): string | null {
  if (childrenVisible || !verbs.has('DELETE')) return null
  return (
    'rows are to be deleted, and the account may not see all tables whose foreign keys may point to them; ' +
    'grant it SELECT on *.* to have them looked at'
  )
}

function tableWarnings({ uniqueKeys }: TableFacts, verbs: ReadonlySet<Verb>): readonly string[] {
  const blind = uniqueKeys.filter((key) => !key.lookable).map((key) => key.name)
  if (blind.length === 0 || (verbs.size === 1 && verbs.has('DELETE'))) return []
  return [`values of ${blind.join(', ')} cannot be looked up; the server refuses the rows that clash, unharmed`]
}
