/** Copies what is published, so that neither side can change what the other has. What was copied before is passed on as it is. */

export function createFreezer(): <Value>(value: Value) => Value {
  const ours = new WeakSet<object>()

  function copyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ours.has(value)) return value
    const copy = Object.freeze(
      Array.isArray(value)
        ? value.map(copyOf)
        : // fromEntries defines a property named __proto__ instead of setting the prototype
          Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)])),
    )
    ours.add(copy)
    return copy
  }
  return <Value>(value: Value) => copyOf(value) as Value
}
