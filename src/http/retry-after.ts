const SECOND = 1000
const DAY = 86_400_000

/**
 * When a `Retry-After` header allows the next call, epoch milliseconds, or null where it says nothing usable (absent,
 * negative, words). Seconds or an HTTP date; never sooner than 1 s from `now`, never later than 24 h.
 */
export const retryAfter = (header: string | undefined, now: number): number | null => {
  const until = readSeconds(header ?? '', now) ?? readDate(header ?? '')
  return until === null ? null : Math.min(Math.max(until, now + SECOND), now + DAY)
}

// Numbers first: Date.parse('120') is the year 120.
const readSeconds = (header: string, now: number): number | null =>
  /^\s*\d+(\.\d+)?(e\d+)?\s*$/i.test(header) ? now + Number(header) * SECOND : null

const readDate = (header: string): number | null => {
  if (!/^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(header)) return null
  const ms = Date.parse(/GMT|[+-]\d{4}\s*$/.test(header) ? header : `${header} GMT`)
  return Number.isNaN(ms) ? null : ms
}
