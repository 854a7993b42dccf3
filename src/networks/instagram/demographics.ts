import type { Instant } from '../../core/instant.ts'

/** Who an account's followers, and those who reacted to it, are (docs/networks/instagram.md §7). */
export const DEMOGRAPHICS = ['follower_demographics', 'engaged_audience_demographics'] as const
export const DEMOGRAPHICS_PREFIX = 'follower_demographics.'

/** One a call. */
export const BREAKDOWNS = ['age', 'city', 'country', 'gender'] as const

/** They move slowly; half a day is spared, since cron does not start to the second. */
export const RHYTHM_MS = 6.5 * 86_400_000

/** Whether a new reading asks for them. */
export const isDue = (newest: Instant | undefined, now: number): boolean =>
  newest === undefined || now - Date.parse(newest) >= RHYTHM_MS
