import type { Master } from '../masters/master.js'
import type { Session } from '../masters/session.js'
import { allSame, type Digest, singleDigest } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import type { Bound } from '../sql/bound.js'
import type { SecondCrc } from '../sql/row-digest.js'
import { selectDigest } from '../sql/select-digest.js'
import { bisect } from './bisect.js'
import { boundFinder } from './bounds.js'
import type { TableContext } from './context.js'
import { digestParts } from './digest.js'
import { onEveryMaster } from './on-every-master.js'
import type { Part } from './sections.js'
import { readingOn } from './table-plan.js'

/**
 * What of a differing range is read instead of dividing it further. One more division takes some thirty round trips, in
 * which a slow link (20 Mbit/s, 50 ms) carries a few MB.
 */
const LEAF_BYTES = 1024 * 1024
const LEAF_ROWS = 16_384

/**
 * Lets every master add up a range, and divides it where they differ, until what differs is small enough to be read.
 * That is read and hashed as if nothing had been added up before; see {@link digestParts}.
 */
export async function pushedParts(context: TableContext, range: KeyRange): Promise<readonly Part[]> {
  const whole = { range, digests: await addUp(context, range) }
  const parts: Part[] = []
  for await (const part of bisect(whole, bisectionOf(context))) {
    if (allSame(part.digests)) parts.push(part)
    else parts.push(...(await digestParts(context, part.range)))
  }
  return parts
}

function bisectionOf(context: TableContext) {
  const { masters, table, gate } = context
  return {
    digest: async (range: KeyRange) => {
      await gate.ease()
      return addUp(context, range)
    },
    findBound: () => boundFinder(masters, table),
    leafRows: Math.max(1, Math.min(LEAF_ROWS, Math.floor(LEAF_BYTES / Math.max(1, table.averageRowBytes))))
  }
}

function addUp({ masters, table }: TableContext, range: KeyRange): Promise<readonly Digest[]> {
  const { columns, summed } = table
  const digested = { columns, summed, second: secondCrc(masters) }
  return onEveryMaster(masters, 'adding up a chunk', (master) =>
    master.withSession(async (session) => {
      const statement = selectDigest(readingOn(table, master.name), digested, range)
      return digestOf(
        await answer(session, statement),
        summed.map((at) => columns[at])
      )
    })
  )
}

/** All masters have to compute the same. */
function secondCrc(masters: readonly Master[]): SecondCrc {
  return masters.every((master) => master.capabilities.hasCrc32c) ? 'crc32c' : 'reversed'
}

async function answer(session: Session, { sql, parameters, repeats }: Bound): Promise<string> {
  const text = repeats ? await session.value(sql, parameters) : (await session.query(sql))[0]?.d
  if (text == null) throw new Error('the server did not add up the rows')
  return text
}

/** From the count, the sums and the checksum, with spaces between. */
function digestOf(text: string, summed: readonly (Column | undefined)[]): Digest {
  const values = text.split(' ')
  if (values.length !== summed.length + 2) throw new Error(`not what was asked for: ${text}`)
  const [rows = '', ...others] = values
  const checksum = others.pop() ?? ''
  const sums = others.map((sum, at) => scaled(sum, summed[at]?.scale ?? 0))
  return singleDigest({ rows: Number(rows), checksum: BigInt(checksum), sums, bytes: 0 })
}

/** A decimal number without its point: `12.3` with scale 2 is `1230n`. */
function scaled(number: string, scale: number): bigint {
  const [whole = '', fraction = ''] = number.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
