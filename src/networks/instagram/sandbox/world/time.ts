/** A frozen world stands still here. */
export const FROZEN_AT = Date.parse('2026-10-01T00:00:00Z')
/** A moving world changes from here on: a moment of its own, so that it is the same whenever it is opened. */
export const MOVING_SINCE = Date.parse('2026-01-01T00:00:00Z')

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Instagram tells whole seconds. */
export const wholeSeconds = (at: number): number => Math.floor(at / 1000) * 1000

/** A count on its way to `total`: half of it after `halfLifeDays`, and a little more every day. */
export const grown = (total: number, ageDays: number, halfLifeDays: number): number =>
  ageDays <= 0 ? 0 : Math.floor((total * ageDays) / (ageDays + halfLifeDays))

/** How many of the items 0 … limit-1, in order of time, are there at a moment. */
export const countUntil = (limit: number, timeOf: (index: number) => number, at: number): number => {
  let low = 0
  let high = limit
  while (low < high) {
    const middle = (low + high) >> 1
    if (timeOf(middle) <= at) low = middle + 1
    else high = middle
  }
  return low
}
