import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { isOfProfile } from '../queue/entity-kinds.ts'
import { newestJobOf } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import type { ProfilesOf } from './profiles-of.ts'
import { withTurns } from './slices.ts'

type Db = Kysely<Schema>

/** Which of the profiles that were asked for; both conditions hold together. */
export interface Chosen {
  readonly network: string | null
  /** The profile's own id; of one that has not come, the key that it was asked by. */
  readonly entity: string | null
}

/** The profiles of a network that were asked for, as they are stored now. */
export interface ProfileSums {
  readonly network: string
  /** Lines of lists; two that lead to one profile are two. */
  readonly asked: number
  readonly stored: number
  /** Of those whose number is told; null = of none. */
  readonly followers: number | null
  readonly with_followers: number
  /** When the one was read that was read last, or longest ago. */
  readonly newest_at: Instant | null
  readonly oldest_at: Instant | null
}

/** A stored profile, and what it is called. */
export interface ListedProfile {
  readonly network: string
  readonly id: string
  readonly username: string | null
  readonly name: string | null
  readonly url: string | null
  readonly followers_count: number | null
  readonly posts_count: number | null
  readonly last_synced_at: Instant | null
  readonly missing_since: Instant | null
}

/** How a profile stands whose newest job did not bring all that was wanted. */
export interface UnfinishedProfile {
  readonly network: string
  readonly entity_id: string
  readonly username: string | null
  readonly name: string | null
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
}

const chosenLines = ({ network, entity }: Chosen): RawBuilder<unknown> =>
  sql.join(
    [
      sql`true`,
      ...(network === null ? [] : [sql`entities.network = ${network}`]),
      ...(entity === null ? [] : [sql`(entities.profile_id = ${entity} or entities.entity_id = ${entity})`]),
    ],
    sql` and `,
  )

/** Network and id of the profiles that were chosen and have come: the right side of an `in`. */
export const chosenProfiles = (chosen: Chosen): RawBuilder<unknown> => sql`(
  select entities.network, entities.profile_id from entities
  where entities.profile_id is not null and ${chosenLines(chosen)})`

/** The same as what is declared and stored is asked of. */
export const whichProfiles = async (db: Db, { network, entity }: Chosen): Promise<ProfilesOf> => {
  if (entity === null) return { network }
  const { rows } = await sql<{ network: string; entityId: string; profileId: string | null }>`
    select network, entity_id as "entityId", profile_id as "profileId" from entities
    where ${chosenLines({ network, entity })} and ${isOfProfile(sql`entity_id`)}
    order by entity_id desc limit 1`.execute(db)
  const [line] = rows
  return { network: network ?? '', entityId: entity, ...line, profileId: line?.profileId ?? entity }
}

/** By network, in the order of their names. */
export const sumProfiles = async (db: Db, chosen: Chosen): Promise<readonly ProfileSums[]> => {
  const { rows } = await sql<ProfileSums>`
    select asked.network, asked.asked, coalesce(held.stored, 0) as stored, held.followers,
      coalesce(held.with_followers, 0) as with_followers, held.newest_at, held.oldest_at
    from (
      select entities.network, count(*) filter (where ${isOfProfile(sql`entities.entity_id`)}) as asked
      from entities where ${chosenLines(chosen)} group by entities.network) as asked
    left join (
      select network, count(*) as stored, cast(sum(followers_count) as bigint) as followers,
        count(followers_count) as with_followers, max(last_synced_at) as newest_at, min(last_synced_at) as oldest_at
      from profiles where (network, id) in ${chosenProfiles(chosen)} group by network) as held
      on held.network = asked.network
    order by asked.network`.execute(db)
  return rows
}

/** The stored ones with the most followers, at most `limit`; those that tell no number come last. */
export const mostFollowed = async (
  db: Db,
  chosen: Chosen,
  limit: number,
): Promise<readonly ListedProfile[]> => {
  const { rows } = await sql<ListedProfile>`
    select network, id, username, name, url, followers_count, posts_count, last_synced_at, missing_since
    from profiles where (network, id) in ${chosenProfiles(chosen)}
    order by coalesce(followers_count, -1) desc, network, id limit ${limit}`.execute(db)
  return rows
}

/** Those whose newest job that did something is no success, by network and key. */
export const streamUnfinished = (db: Db, chosen: Chosen): AsyncIterable<UnfinishedProfile> => {
  const query = sql<UnfinishedProfile>`(
    select entities.network, entities.entity_id, profile.username, profile.name, job.status, job.reason, job.error_type
    from entities
    join sync_jobs as job on job.id = ${newestJobOf('entities')}
    left join profiles as profile on profile.network = entities.network and profile.id = entities.profile_id
    where job.status <> 'succeeded' and ${chosenLines(chosen)})`
  return withTurns(
    db.selectFrom(query.as('unfinished')).selectAll().orderBy('network').orderBy('entity_id').stream(),
  )
}
