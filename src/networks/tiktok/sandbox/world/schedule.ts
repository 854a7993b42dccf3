import { unit } from '../../../seeded.ts'

/** Events that follow one another without end: the n-th falls somewhere in the first nine tenths of the n-th gap. */
export interface Schedule {
  readonly key: number
  /** Epoch seconds of event 0. */
  readonly first: number
  /** Seconds; at least 20, so that no two events share a second. */
  readonly gap: number
  /** How many events there will ever be. */
  readonly most: number
}

/** Epoch seconds of event `n`; rises with `n`. */
export const timeOf = (schedule: Schedule, n: number): number =>
  n === 0 ? schedule.first : schedule.first + Math.floor((n + 0.9 * unit(schedule.key, n)) * schedule.gap)

/** How many events lie at or before a moment, found without looking at more than one of them. */
export const countUntil = (schedule: Schedule, at: number): number => {
  if (at < schedule.first) return 0
  const n = Math.floor((at - schedule.first) / schedule.gap)
  return Math.min(schedule.most, timeOf(schedule, n) <= at ? n + 1 : n)
}
