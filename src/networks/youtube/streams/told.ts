/** So long what was told of a thing is new enough not to be asked for again. */
const TOLD_MS = 3_600_000
/** So many ids are remembered; their number is that of a long list's videos. */
const MOST_TOLD = 100_000

/** Which ids were told of within the hour, as long as a source is open. Moments are epoch milliseconds. */
export interface Told {
  /** Those of these that were not, each once. */
  untold(now: number, ids: readonly string[]): readonly string[]
  note(now: number, ids: readonly string[]): void
  forget(ids: readonly string[]): void
}

export const openTold = (): Told => {
  const at = new Map<string, number>()
  return {
    untold: (now, ids) =>
      [...new Set(ids)].filter(id => now - (at.get(id) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS),
    note(now, ids) {
      if (at.size + ids.length > MOST_TOLD) at.clear()
      for (const id of ids) at.set(id, now)
    },
    forget(ids) {
      for (const id of ids) at.delete(id)
    },
  }
}
