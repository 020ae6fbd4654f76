import { onEveryMaster } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import { type ForeignKey, readTableFacts, type TableFacts } from '../../masters/table-facts.js'
import type { AuditConfig } from '../../model/config.js'
import type { SoftReference, WritableTable } from '../../model/repair.js'
import { type TableRef, tableName } from '../../model/table.js'
import { imageNames } from '../look/transitions.js'
import { planRepairTables, type RepairTable, type TablePlans, writableOn } from '../plan/repair-table.js'
import type { Reference } from './family.js'

/** A reference as one master has it, which may stand in the way of following it. */
export interface Pointer {
  readonly master: string
  /** As that master spells it. */
  readonly table: TableRef
  readonly columns: readonly string[]
  readonly to: string
  /** Names as in images. */
  readonly parentColumns: readonly string[]
  /** The reference in the names of images, or why rows that point so cannot be followed. */
  readonly reference: Reference | { readonly obstacle: string }
}

/** The tables from which rows may point to those that get new keys, in any number of steps, and how they point. */
export interface Kinship {
  /** By name. */
  readonly tables: ReadonlyMap<string, RepairTable>
  readonly pointers: readonly Pointer[]
  /** Of each master, what was read of its tables, by the name of the table. */
  readonly facts: ReadonlyMap<string, ReadonlyMap<string, TableFacts>>
  /** Masters on which the account may not see all tables. */
  readonly blind: readonly string[]
}

/** Looks, from these tables on, for whatever can point to them: by foreign keys of any master, and as the configuration says. */
export async function readKinship(
  masters: readonly Master[],
  audit: AuditConfig,
  roots: readonly RepairTable[],
  soft: readonly SoftReference[]
): Promise<Kinship> {
  const kinship = new KinshipReader(masters, audit, soft)
  let open = roots
  while (open.length > 0) open = await kinship.add(open)
  return kinship
}

class KinshipReader implements Kinship {
  readonly tables = new Map<string, RepairTable>()
  readonly pointers: Pointer[] = []
  readonly facts = new Map<string, Map<string, TableFacts>>()
  readonly #blind = new Set<string>()
  readonly #masters: readonly Master[]
  readonly #audit: AuditConfig
  readonly #soft: readonly SoftReference[]

  constructor(masters: readonly Master[], audit: AuditConfig, soft: readonly SoftReference[]) {
    this.#masters = masters
    this.#audit = audit
    this.#soft = soft
  }

  get blind(): readonly string[] {
    return [...this.#blind]
  }

  /** Takes tables in; returns those that point to them and are not known yet. */
  async add(parents: readonly RepairTable[]): Promise<readonly RepairTable[]> {
    for (const parent of parents) this.tables.set(nameOf(parent), parent)
    const found = await this.#pointing(parents)
    const plans = await planRepairTables(
      this.#masters,
      this.#audit,
      found.map(({ key }) => key.table)
    )
    this.pointers.push(...found.map((each) => pointerOf(each, plans)))
    const children = [...plans.values()].flatMap((plan) => ('table' in plan ? plan.table : []))
    const fresh = children.filter((child) => !this.tables.has(nameOf(child)))
    return [...new Map(fresh.map((child) => [nameOf(child), child])).values()]
  }

  async #pointing(parents: readonly RepairTable[]): Promise<readonly FoundKey[]> {
    const read = await onEveryMaster(this.#masters, 'looking for what points to rows', (master) =>
      master.withSession(async (session) => {
        const refs = parents.map((parent) => writableOn(parent, master.name).ref)
        return readTableFacts(session, master.capabilities, refs)
      })
    )
    return this.#masters.flatMap(({ name: master }, at) =>
      parents.flatMap((parent): readonly FoundKey[] => {
        const facts = read[at]?.(writableOn(parent, master).ref)
        if (facts === undefined) return []
        this.#note(master, parent, facts)
        return [...facts.children, ...this.#softTo(parent)].map((key) => ({ master, key, parent }))
      })
    )
  }

  #note(master: string, parent: RepairTable, facts: TableFacts): void {
    const known = this.facts.get(master) ?? new Map<string, TableFacts>()
    this.facts.set(master, known.set(nameOf(parent), facts))
    if (!facts.childrenVisible) this.#blind.add(master)
  }

  #softTo(parent: RepairTable): readonly PointingKey[] {
    return this.#soft
      .filter(({ to }) => tableName(to).toLowerCase() === nameOf(parent).toLowerCase())
      .map(({ from, columns, key }) => ({ table: from, columns, parentColumns: key }))
  }
}

type PointingKey = Pick<ForeignKey, 'table' | 'columns' | 'parentColumns'>

/** What points to a table on one master. */
interface FoundKey {
  readonly master: string
  readonly key: PointingKey
  readonly parent: RepairTable
}

function nameOf({ reading }: RepairTable): string {
  return tableName(reading.ref)
}

function pointerOf({ master, key, parent }: FoundKey, plans: TablePlans): Pointer {
  const to = nameOf(parent)
  const parentColumns = inImages(writableOn(parent, master), key.parentColumns)
  const common = { master, table: key.table, columns: key.columns, to }
  const obstacle = (why: string): Pointer => ({
    ...common,
    parentColumns: key.parentColumns,
    reference: { obstacle: `${tableName(key.table)}: ${why}` }
  })
  const plan = plans.get(tableName(key.table))
  if (plan === undefined) return obstacle('no master has such a table')
  if ('refused' in plan) return obstacle(plan.refused)
  const columns = inImages(writableOn(plan.table, master), key.columns)
  if (columns === null || parentColumns === null) {
    return obstacle(`${key.columns.join(', ')} is not there, generated, or left out of the comparison`)
  }
  return { ...common, parentColumns, reference: { from: nameOf(plan.table), columns, to, parentColumns } }
}

/** `null` where one is in no image, or not compared, so that no statement would set it. */
function inImages(table: WritableTable, columns: readonly string[]): readonly string[] | null {
  const names = imageNames(table)
  const found = columns.map((column) => names.get(column.toLowerCase()))
  const isSet = (name: string) => table.columns.some(({ form, compared }) => compared && form.name === name)
  return found.every((name) => name !== undefined && isSet(name)) ? found.flatMap((name) => name ?? []) : null
}
