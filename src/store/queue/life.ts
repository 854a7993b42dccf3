import type { Instant } from '../../core/instant.ts'
import type { Queries } from '../database/database.ts'

/**
 * How a worker is. `frozen`: its process is there and its lease is over, so that others may take over what it holds. `gone`: its
 * process ended without saying so. `unknown`: its lease is over, and a replica of the database does not know which of the two it is.
 */
export const LIVES = ['lives', 'frozen', 'gone', 'unknown'] as const
export type Life = (typeof LIVES)[number]

/** What a worker is told by. */
export interface Leased {
  readonly id: string
  readonly lease_expires_at: Instant
}

/** How a worker is now. On a replica one counts as alive until its lease is over. */
export const lifeOf = async (queries: Queries, { id, lease_expires_at: ends }: Leased): Promise<Life> => {
  const held = await queries.isHeld(id)
  if (held === false) return 'gone'
  if (ends > (await queries.now())) return 'lives'
  return held === null ? 'unknown' : 'frozen'
}
