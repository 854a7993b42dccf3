import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { rowsOf } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { withTurns } from './slices.ts'

/** A profile by its network and its own id. */
export interface ProfileId {
  readonly network: string
  readonly id: string
}

/** How many followed a profile at a moment. */
export interface FollowersAt extends ProfileId {
  readonly observed_at: Instant
  /** Null = hidden, or not told any more. */
  readonly value: number | null
}

/**
 * What was observed of these profiles' followers, profile by profile in the order of time: a number stands where it moved, and
 * from time to time where it did not. `since` = from the newest observation before that moment on, which held then.
 */
export const streamFollowers = (
  db: Kysely<Schema>,
  profiles: readonly ProfileId[],
  since: Instant | null,
): AsyncIterable<FollowersAt> => {
  const known = sql`metrics.network = chosen.network and metrics.subject = 'profile'
    and metrics.subject_id = chosen.id and metrics.name = 'followers_count'`
  const start =
    since === null
      ? sql``
      : sql`and metrics.observed_at >= coalesce((
          select max(metrics.observed_at) from metrics where ${known} and metrics.observed_at <= ${since}), ${since})`
  const query = sql<FollowersAt>`(
    select metrics.network, metrics.subject_id as id, metrics.observed_at, metrics.value
    from ${rowsOf<ProfileId>({ network: 'text', id: 'text' }, profiles)} as chosen cross join metrics
    where ${known} ${start})`
  return withTurns(
    db
      .selectFrom(query.as('observed'))
      .selectAll()
      .orderBy('network')
      .orderBy('id')
      .orderBy('observed_at')
      .stream(),
  )
}
