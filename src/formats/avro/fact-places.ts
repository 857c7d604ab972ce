/** Where one stands in the paths of facts while going down a schema: a small automaton, whose states become part of the compiled program. */

/** A fact's path in segments; `direct`: it compares text with one text, which needs no decoding. */
export type Watch = { readonly segments: readonly string[]; readonly direct: boolean }

/** The segment of a path that is to be matched next. */
export type Place = { readonly slot: number; readonly at: number }

export type Places = {
  readonly start: readonly Place[]
  /** The facts whose path ends here. */
  accepted(places: readonly Place[]): readonly number[]
  /** `name` undefined: a member that no path names. */
  stepInto(name: string | undefined, places: readonly Place[]): readonly Place[]
  stepIntoItem(places: readonly Place[]): readonly Place[]
}

const nowhere: readonly Place[] = []

export function placesOf(watches: readonly Watch[]): Places {
  return {
    start: widen(watches.map((_, slot) => ({ slot, at: 0 }))),
    accepted: (places) =>
      places.filter(({ slot, at }) => at === watches[slot]!.segments.length).map(({ slot }) => slot),
    stepInto: (name, places) => step(places, (segment) => segment === '*' || segment === name),
    stepIntoItem: (places) => step(places, (segment) => segment === '*'),
  }

  function step(places: readonly Place[], matches: (segment: string) => boolean): readonly Place[] {
    if (places.length === 0) return nowhere
    const next: Place[] = []
    for (const { slot, at } of places) {
      const segment = watches[slot]!.segments[at]
      if (segment === '**') next.push({ slot, at })
      else if (segment !== undefined && matches(segment)) next.push({ slot, at: at + 1 })
    }
    return widen(next)
  }

  /** `**` also stands for no level at all. */
  function widen(places: readonly Place[]): readonly Place[] {
    const all = new Map<string, Place>()
    const add = (place: Place): void => {
      const name = `${place.slot}:${place.at}`
      if (all.has(name)) return
      all.set(name, place)
      if (watches[place.slot]!.segments[place.at] === '**') add({ slot: place.slot, at: place.at + 1 })
    }
    places.forEach(add)
    return [...all.values()]
  }
}
