import type { Clock, ClockReading } from '../../core/clock.ts'
import type { Instant } from '../../core/instant.ts'
import type { Queries } from '../database/database.ts'

/** The database's time, and the same as a reading of its clock. */
export const readTime = async (
  queries: Pick<Queries, 'now'>,
): Promise<{ readonly now: Instant; readonly reading: ClockReading }> => {
  const asked = performance.now()
  const now = await queries.now()
  return { now, reading: { told: Date.parse(now), asked, answered: performance.now() } }
}

/** Readings at the beginning: the first also makes a connection, and says little. */
const READINGS = 3

/**
 * Has a clock go by the database's, so that due times, windows, turns and days are the same moments for all machines on
 * it. On a file, where there is one machine, nothing is asked; a clock that follows none stays as it is.
 */
export const followDatabase = async (
  clock: Clock,
  database: { readonly isShared: boolean; readonly committed: Pick<Queries, 'now'> },
  readings = READINGS,
): Promise<void> => {
  if (!database.isShared || clock.follow === undefined) return
  for (let left = readings; left > 0; left--) clock.follow((await readTime(database.committed)).reading)
}
