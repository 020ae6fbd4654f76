/** The items in their order, `most` at a time; the last portion may be smaller. */
export function* inPortions<Item>(items: readonly Item[], most: number): Generator<readonly Item[], void> {
  for (let at = 0; at < items.length; at += most) yield items.slice(at, at + most)
}

/** The same of items that come one by one. */
export async function* gathered<Item>(items: AsyncIterable<Item>, most: number): AsyncGenerator<readonly Item[], void> {
  let portion: Item[] = []
  for await (const item of items) {
    portion.push(item)
    if (portion.length < most) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}
