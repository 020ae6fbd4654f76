import type { Session } from '../masters/session.js'
import { addDigests, type Digest } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import { selectRange } from '../sql/select.js'
import type { TableContext } from './context.js'
import { onEveryMaster } from './on-every-master.js'
import { RowShape } from './row-shape.js'
import type { SectionList } from './section-list.js'
import { SectionSink } from './section-sink.js'
import { divide, type Part } from './sections.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** Bytes of a section on average: what one differing row costs to read again, against a checksum for every section. */
const SECTION_BYTES = 64 * 1024
/** Rows of a section at most, on average. */
const SECTION_ROWS = 512

/** What one master was read to hold. */
export interface ReadSections {
  readonly shape: RowShape
  readonly sections: SectionList
}

/**
 * Counts, adds up and hashes the rows of a range on one master. One statement reads them, so that the three describe the
 * same instant without any snapshot being held.
 */
export async function readSections(session: Session, table: AuditTable, range: KeyRange): Promise<ReadSections> {
  const open: { shape: RowShape; sink: SectionSink }[] = []
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const shape = new RowShape(table, columns)
    const sink = new SectionSink(shape, sectionRows(table))
    open.push({ shape, sink })
    return sink
  })
  const [read] = open
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  return { shape: read.shape, sections: read.sink.sections() }
}

/** Rows of a section on average: the same for all masters, so that they divide alike. */
export function sectionRows({ averageRowBytes }: AuditTable): number {
  return Math.max(1, Math.min(SECTION_ROWS, Math.floor(SECTION_BYTES / Math.max(1, averageRowBytes))))
}

/** Reads a range on every master, and divides it where they differ; see {@link divide}. */
export async function digestParts(context: TableContext, range: KeyRange): Promise<readonly Part[]> {
  const read = await onEveryMaster(context.masters, 'reading a chunk', (master) =>
    master.withSession((session) => readSections(session, context.table, range))
  )
  return partsOf(range, read)
}

/** Divides a range by what the masters were read to hold in it; their sections are of no use afterwards. */
export function partsOf(range: KeyRange, read: readonly ReadSections[]): readonly Part[] {
  const lists = read.map((each) => each.sections)
  const parts =
    agreedPart(range, lists) ??
    divide(
      range,
      lists.map((list) => [...list]),
      (cut) => keyOfCut(read[0]?.shape, cut)
    )
  for (const list of lists) list.giveBack()
  return parts
}

/** What {@link divide} makes of sections that are all the same. */
function agreedPart(range: KeyRange, lists: readonly SectionList[]): readonly Part[] | null {
  const [first, ...others] = lists
  if (first === undefined || !others.every((list) => list.isSame(first))) return null
  const digest = first.digest()
  return [{ range, digests: lists.map(() => digest) }]
}

/** Digests of a range on every master, in the order of the masters. */
export async function digestAll(context: TableContext, range: KeyRange): Promise<readonly Digest[]> {
  return together(await digestParts(context, range))
}

/** The digests of parts that lie behind each other. */
export function together(parts: readonly Part[]): readonly Digest[] {
  return parts.map((part) => part.digests).reduce((left, right) => left.map((digest, at) => added(digest, right[at])))
}

function added(left: Digest, right: Digest | undefined): Digest {
  return right === undefined ? left : addDigests(left, right)
}

function keyOfCut(shape: RowShape | undefined, cut: string) {
  if (shape === undefined) throw new Error('a cut in no result')
  return shape.key(Buffer.from(cut, 'latin1'))
}
