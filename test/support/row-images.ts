import { inspect } from '../../src/audit/inspect.js'
import { RowShape } from '../../src/audit/row-shape.js'
import { type AuditTable, readingOn } from '../../src/audit/table-plan.js'
import type { Master } from '../../src/masters/master.js'
import { rowByRow } from '../../src/masters/row-framer.js'
import type { AuditConfig } from '../../src/model/config.js'
import { WHOLE_TABLE } from '../../src/model/range.js'
import type { RowImage, Step, WritableTable } from '../../src/model/repair.js'
import { exactLiteral } from '../../src/sql/exact-literal.js'
import { identifier } from '../../src/sql/identifier.js'
import { selectRange } from '../../src/sql/select.js'
import { step, writable } from './writable.js'

/** Audits every fixture. */
export const FIXTURES_CONFIG: AuditConfig = {
  masters: [],
  include: ['fixtures.*'],
  includeOrigin: 'config',
  exclude: [],
  tables: [],
  ignoreColumns: [],
  where: null,
  strictSchema: false,
  checksum: 'xxhash',
  chunkRows: null,
  chunkTime: 1,
  concurrency: 1,
  confirm: false,
  confirmTimeout: 1,
  silenceTimeout: 30,
  maxLoad: [],
  maxLag: null,
  pauseFile: null,
  runTime: null,
  maxDivergences: null,
  evidence: 'off',
  evidenceWindow: 86_400,
  evidenceSince: null
}

/** A table of which every row can be written: its columns are alike on both masters, and its key is not computed. */
export interface ImageTable {
  readonly name: string
  readonly reading: AuditTable
  readonly writable: WritableTable
}

/** Every such table of the fixtures; images and statements are for master b. */
export async function imageTables(masters: readonly Master[]): Promise<readonly ImageTable[]> {
  const plans = await inspect(masters, FIXTURES_CONFIG)
  return plans.flatMap((plan) => (plan.kind === 'compare' ? [imageTable(plan.table)] : [])).filter(isWhole)
}

/** Every row in key order, as literals. */
export async function readImages(master: Master, { reading, writable }: ImageTable): Promise<readonly RowImage[]> {
  const images: RowImage[] = []
  await master.withSession((session) =>
    session.stream(selectRange(readingOn(reading, master.name), WHOLE_TABLE), (columns) => {
      const shape = new RowShape(reading, columns)
      return rowByRow((buffer, start, end) => {
        const row = shape.exact(shape.split(shape.normal(Buffer.from(buffer.subarray(start, end)))))
        const parts = writable.columns.map(
          ({ form }) => [form.name, exactLiteral(form, row[form.name] ?? null)] as const
        )
        images.push(Object.fromEntries(parts))
      })
    })
  )
  return images
}

/** What is compared of a row, as one text. */
export function comparedText({ writable }: ImageTable, image: RowImage): string {
  return JSON.stringify(writable.columns.filter(({ compared }) => compared).map(({ form }) => image[form.name]))
}

/** What makes the rows of master b those of master a: first what is too much goes, so that keys spelled anew are free. */
export async function repairSteps(masters: readonly [Master, Master], table: ImageTable): Promise<readonly Step[]> {
  const [wanted, held] = await Promise.all(masters.map((master) => byKey(master, table)))
  if (wanted === undefined || held === undefined) throw new Error('two masters were read')
  const deleted = [...held].filter(([key]) => !wanted.has(key))
  const written = [...wanted].filter(([key, image]) => {
    const before = held.get(key)
    return before === undefined || comparedText(table, before) !== comparedText(table, image)
  })
  return [
    ...deleted.map(([, image]) => step(table.writable, image, null)),
    ...written.map(([key, image]) => step(table.writable, held.get(key) ?? null, image))
  ]
}

/** Each row with the other columns of the next. */
export function turns({ writable }: ImageTable, images: readonly RowImage[]): readonly Step[] {
  return images.flatMap((before, at) => {
    const next = images[(at + 1) % images.length] ?? before
    const kept = Object.fromEntries(writable.key.map((name) => [name, before[name] ?? '']))
    const after = { ...next, ...kept }
    const differs = writable.columns.some(({ form }) => before[form.name] !== after[form.name])
    return differs ? [step(writable, before, after)] : []
  })
}

async function byKey(master: Master, table: ImageTable): Promise<ReadonlyMap<string, RowImage>> {
  const images = await readImages(master, table)
  return new Map(images.map((image) => [JSON.stringify(table.writable.key.map((name) => image[name])), image]))
}

function imageTable(reading: AuditTable): ImageTable {
  const { ref, expressions } = readingOn(reading, 'b')
  const columns = reading.tableColumns
    .filter((form) => form.generated === null)
    .map((form) => {
      const expression = expressions[reading.columns.indexOf(form)] ?? ''
      // What the driver does not want to see is no part of the expression.
      const alias = expression.indexOf(` AS ${identifier('mmaudit proto')}`)
      return writable(form, alias === -1 ? { expression } : {})
    })
  const key = reading.keyColumns.map((column) => column.name)
  return { name: ref.table, reading, writable: { ref, columns, key, moving: [] } }
}

function isWhole({ reading, writable: { columns, key } }: ImageTable): boolean {
  const names = new Set(columns.map((column) => column.form.name))
  return reading.notes.length === 0 && key.length > 0 && key.every((name) => names.has(name))
}
