/**
 * The candidate that a mistyped word most likely meant, or null where none is near: at most one slip (a letter
 * wrong, missing, too much, or two swapped) per three letters, one in any case. Letter case is not a slip.
 */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  const allowed = Math.max(1, Math.floor(word.length / 3))
  let best: { candidate: string; slips: number } | null = null
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > allowed) continue
    const slips = distance(word.toLowerCase(), candidate.toLowerCase())
    if (slips <= allowed && (best === null || slips < best.slips)) best = { candidate, slips }
  }
  return best?.candidate ?? null
}

/** Optimal string alignment: edits and swaps of neighbours that turn one word into the other. */
const distance = (from: string, to: string): number => {
  let older: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row[j] = Math.min(
        at(above, j) + 1,
        at(row, j - 1) + 1,
        at(above, j - 1) + (same ? 0 : 1),
        swapped ? at(older, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    older = above
    above = row
  }
  return at(above, to.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY
