/** A moment in UTC with milliseconds, `2026-03-01T10:20:30.000Z`; text order is time order. */
export type Instant = string

/** Milliseconds since 1970 as an {@link Instant}. */
export const instant = (ms: number): Instant => new Date(ms).toISOString()

/** Any date text that a network sends (`+0000`, five digits of fraction, `Z`), or null where it is no date. */
export const readInstant = (text: string): Instant | null => {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : instant(ms)
}
