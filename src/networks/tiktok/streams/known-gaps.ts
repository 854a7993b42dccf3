import type { Json, JsonObject } from '../../../core/json.ts'
import type { Memory } from '../../contract.ts'
import { type Day, join, type Period } from './days.ts'

/**
 * The periods that TikTok did not give lately, of whomever: a walk passes over them and leaves them to tasks of their
 * own at once, in place of finding them again by many searches. They are asked for all the same, so a wrong one costs
 * one search.
 */
export interface KnownGaps {
  list(): readonly Period[]
  note(periods: readonly Period[]): void
  /** It was given again. */
  forget(period: Period): void
}

/** A little less than from one full pass to the next, which may find that less of a period is amiss. */
const LAPSES_MS = 28 * 86_400_000
const MOST = 400
const KEY = 'periods-not-given'

/** `of`: whose searches they are, where not those by creators' names. */
export const openKnownGaps = (memory: Memory, now: () => number, of: '' | '-to-queries' = ''): KnownGaps => {
  const key = `${KEY}${of}`
  const read = (): readonly Noted[] => readNoted(memory.get(key)).filter(({ at }) => now() - at < LAPSES_MS)
  const write = (noted: readonly Noted[]): void =>
    memory.set(
      key,
      noted.slice(-MOST).map(one => ({ ...one })),
    )
  return {
    list: () => join(read().map(({ start, end }) => ({ start, end }))),
    note(periods) {
      const before = read()
      const fresh = periods.filter(
        period => !before.some(({ start, end }) => start <= period.start && end >= period.end),
      )
      if (fresh.length > 0) write([...before, ...fresh.map(({ start, end }) => ({ start, end, at: now() }))])
    },
    forget(period) {
      const before = read()
      const left = before.filter(({ start, end }) => end < period.start || start > period.end)
      if (left.length < before.length) write(left)
    },
  }
}

type Noted = { readonly start: Day; readonly end: Day; readonly at: number }

const readNoted = (stored: Json | undefined): readonly Noted[] =>
  Array.isArray(stored)
    ? stored.flatMap(one => {
        const { start, end, at } = (one ?? {}) as JsonObject
        return typeof start === 'string' && typeof end === 'string' && typeof at === 'number'
          ? [{ start, end, at }]
          : []
      })
    : []
