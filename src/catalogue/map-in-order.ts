/** Several at once, given in the order they came: as many are under way as are allowed, and no more are held. */

export async function* mapInOrder<From, To>(
  items: AsyncIterable<From>,
  atOnce: number,
  map: (item: From) => Promise<To>,
): AsyncGenerator<To> {
  const underWay: Promise<To>[] = []
  for await (const item of items) {
    const result = map(item)
    // a failure is seen when its turn comes, or never if the reader stops before
    result.catch(() => undefined)
    underWay.push(result)
    if (underWay.length >= atOnce) yield await underWay.shift()!
  }
  for (const result of underWay) yield await result
}
