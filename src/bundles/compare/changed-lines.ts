/** How much of a text changed, counted in lines that were added and removed. */

/** "3 lines added, 1 removed". White space alone at the end of a line is no change. */
export function changedLines(before: string, after: string): string {
  const { added, removed } = countChanges(linesOf(before), linesOf(after))
  if (added === 0 && removed === 0) return 'white space alone'
  if (removed === 0) return `${lines(added)} added`
  if (added === 0) return `${lines(removed)} removed`
  return `${lines(added)} added, ${removed} removed`
}

/** By the longest common subsequence, after what both texts begin and end with alike. */
function countChanges(
  before: readonly string[],
  after: readonly string[],
): { readonly added: number; readonly removed: number } {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++
  const older = before.slice(start, before.length - end)
  const newer = after.slice(start, after.length - end)
  let row = new Array<number>(newer.length + 1).fill(0)
  for (const line of older) {
    const next = [0]
    for (const [index, other] of newer.entries())
      next.push(line === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!))
    row = next
  }
  const common = row.at(-1)!
  return { added: newer.length - common, removed: older.length - common }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trimEnd())
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`
}
