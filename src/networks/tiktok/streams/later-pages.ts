import type { Memory } from '../../contract.ts'

/**
 * Whether searches lately gave nothing beyond their first pages, of whomever: then a later page is tried once before its
 * window is divided, and not with all the patience that may help an outage. The next one that is given ends it.
 */
export interface LaterPages {
  areLacking(): boolean
  lack(): void
  came(): void
}

/** As for periods that are not given (`known-gaps.ts`). */
const LAPSES_MS = 28 * 86_400_000
const KEY = 'later-pages-not-given'

export const openLaterPages = (memory: Memory, now: () => number): LaterPages => {
  const since = (): number | null => {
    const at = memory.get(KEY)
    return typeof at === 'number' && now() - at < LAPSES_MS ? at : null
  }
  return {
    areLacking: () => since() !== null,
    lack() {
      if (since() === null) memory.set(KEY, now())
    },
    came() {
      if (since() !== null) memory.set(KEY, null)
    },
  }
}
