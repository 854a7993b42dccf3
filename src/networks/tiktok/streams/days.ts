import { type Instant, instant } from '../../../core/instant.ts'

/** A UTC day, `2026-03-01`; text order is time order. */
export type Day = string

const DAY_MS = 86_400_000

export const dayOf = (moment: Instant): Day => moment.slice(0, 10)

export const daysBefore = (day: Day, days: number): Day => dayOf(instant(Date.parse(day) - days * DAY_MS))

/** The last day that lies, at least in part, before a moment. */
export const lastDayBefore = (moment: Instant): Day => dayOf(instant(Date.parse(moment) - 1))

/** `20260301`, as a search wants it. */
export const wireDay = (day: Day): string => day.replaceAll('-', '')
