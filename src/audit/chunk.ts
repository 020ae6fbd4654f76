import { isDeepStrictEqual } from 'node:util'
import type { Chunk } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import type { FindBound } from './bounds.js'

/**
 * Cuts a range into chunks of about `size()` rows, in key order. Together they hold every key of the range exactly once:
 * each begins where the one before ends, and the outer ends are those of the range.
 */
export async function* chunks(range: KeyRange, size: () => number, findBound: FindBound): AsyncGenerator<Chunk, void> {
  let rest = range
  for (let index = 0; ; index++) {
    const upper = await findBound(rest, size())
    if (upper === null) {
      yield { index, range: rest }
      return
    }
    // Without progress the chunks would never end; that the server sorts and compares keys differently must be heard of.
    if (isDeepStrictEqual(upper, rest.lower))
      throw new Error(`no chunk bound is found beyond key ${JSON.stringify(upper)}`)
    yield { index, range: { lower: rest.lower, upper } }
    rest = { lower: upper, upper: rest.upper }
  }
}
