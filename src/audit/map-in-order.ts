import type { LimitFunction } from 'p-limit'

/**
 * Maps items concurrently and yields the results in the order of the items. At most `ahead` results are under way or
 * waiting, and the source is read no faster than that, so memory stays bounded whatever the consumer's pace. After a failure, what is
 * under way is awaited, and nothing more is begun.
 */
export async function* mapInOrder<Item, Result>(
  source: AsyncIterable<Item>,
  limit: LimitFunction,
  ahead: number,
  map: (item: Item) => Promise<Result>
): AsyncGenerator<Result, void> {
  const pending: Promise<Result>[] = []
  let isOver = false
  try {
    for await (const item of source) {
      const result = limit(() => (isOver ? Promise.reject(new Error('nobody waits for this any more')) : map(item)))
      // It is awaited in its turn; until then a failure must not count as unhandled.
      result.catch(() => {})
      pending.push(result)
      if (pending.length >= ahead) yield await takeFirst(pending)
    }
    while (pending.length > 0) yield await takeFirst(pending)
  } finally {
    isOver = true
    await Promise.allSettled(pending)
  }
}

function takeFirst<Result>(pending: Promise<Result>[]): Promise<Result> {
  const first = pending.shift()
  if (first === undefined) throw new Error('nothing is pending')
  return first
}
