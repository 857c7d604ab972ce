/** The word that somebody may have meant. */

/** Words of up to five letters may differ by one edit, longer ones by two; case doesn't count. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const allowed = word.length <= 5 ? 1 : 2
  let best: { readonly word: string; readonly edits: number } | undefined
  for (const candidate of known) {
    if (candidate === word || Math.abs(candidate.length - word.length) > allowed) continue
    const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase())
    if (edits <= allowed && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { word: candidate, edits }
  }
  return best?.word
}

/** Letters added, removed, changed, or swapped with their neighbour. */
function editsBetween(left: string, right: string): number {
  let before: readonly number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let edits = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1))
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) edits = Math.min(edits, before[column - 2]! + 1)
      current.push(edits)
    }
    before = above
    above = current
  }
  return above[right.length]!
}
