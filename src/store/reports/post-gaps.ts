import { type Kysely, type RawBuilder, sql } from 'kysely'
import { kindOfEntity } from '../../core/entity.ts'
import { type Reason, STATUSES } from '../../core/task.ts'
import { topList } from '../../core/top-list.ts'
import { inList, jsonHas, jsonList, jsonText } from '../database/words.ts'
import { isOfProfile } from '../queue/entity-kinds.ts'
import { IDLE } from '../queue/find-jobs.ts'
import { COUNTING } from '../queue/tasks.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { type CollectionSums, sumCollections } from './collection-sums.ts'
import { type NamedPosts, reportNamedPosts } from './named-posts.ts'
import { isAsked, type ProfilesOf } from './profiles-of.ts'
import { openTurns } from './slices.ts'

/** Posts that are stored and still there, stories left out, against what the network declares, and why that differs. */
export interface PostCompleteness {
  /** Sum over the profiles of which the network declares it; null = it declares none. */
  readonly posts_declared: number | null
  readonly posts_stored: number
  readonly post_gaps: readonly PostGaps[]
  /** The profiles of which most is missing. */
  readonly largest_post_gaps: readonly ProfileGap[]
  /** Null = no post is named by itself. */
  readonly named_posts: NamedPosts | null
  /** Null = no playlist is named; likewise of tags and searches. */
  readonly playlists: CollectionSums | null
  readonly tags: CollectionSums | null
  readonly searches: CollectionSums | null
}

export interface PostGaps {
  readonly reason: string
  readonly profiles: number
  /** Declared and not stored. */
  readonly posts: number
  /** Parts of lists that fail, such as days of a search: some of them. */
  readonly parts: readonly string[]
}

export interface ProfileGap {
  readonly network: string
  readonly profile_id: string
  readonly username: string | null
  readonly declared: number
  readonly stored: number
  readonly reason: string
}

/** A profile's posts that are stored and there; a story that has ended is not counted by the network either. */
export const STORED_POSTS = sql<number>`(
  select count(*) from posts
  where posts.network = profiles.network and posts.profile_id = profiles.id
    and posts.missing_since is null and coalesce(posts.kind, '') <> 'story')`

/** The newest job about a profile's posts that did something, `entity` = the profile's line in lists. */
const NEWEST = sql`
  select id from sync_jobs as job
  where job.network = entity.network and job.entity_id = entity.entity_id
    and coalesce(job.reason, '') not in ${inList(IDLE)}
    and ${jsonHas(sql`job.params`, 'kinds', 'posts')}
  order by id desc limit 1`

/** Tasks about posts of the reading that `newest` is part of: those about the profile itself, as they were left last. */
const TASKS = sql`
  sync_jobs as job cross join sync_tasks as task
  where task.job_id = job.id and job.reading_id = newest.reading_id and task.kind = 'posts' and task.post_id is null
    and not exists (
      select 1 from sync_jobs as later cross join sync_tasks as next
      where next.job_id = later.id and next.stream = task.stream and next.external_id = task.external_id
        and next.kind = task.kind and next.part = task.part and later.reading_id = newest.reading_id and later.id > job.id)`

/** Of these the list, which knows how many there are, its rests, and the parts of it that have a name of their own. */
const LISTS = sql`${TASKS} and task.stream <> ${sql.lit(COUNTING)}
  and (task.expected is not null or task.part <> '' or task.external_id not in (entity.entity_id, entity.profile_id))`
const COUNTED = sql`${TASKS} and task.stream = ${sql.lit(COUNTING)}`
/** One of them: the oldest job's, and as its tasks lie in their index. */
const FIRST = sql`order by job.id, task.stream, task.external_id, task.part limit 1`

const words = (reasons: readonly Reason[]): RawBuilder<unknown> =>
  sql`(${sql.join(reasons.map(reason => sql.lit(reason)))})`
const FAILS = sql`(task.failing_since is not null or task.status = 'failed')`
const HARMLESS = words(['inline', 'none', 'up-to-date'])
/** Of what was settled without a call of its own: why a list ended early. */
const CUT_SHORT: readonly Reason[] = [
  'capped',
  'limited',
  'truncated',
  'budget',
  'private',
  'refused',
  'not-shared',
]
/** The first of them that a counting task knows; null = none. */
const CUT_SHORT_BY = sql`case ${sql.join(
  CUT_SHORT.map(
    reason => sql`when ${jsonText(sql`task.reasons`, reason)} is not null then ${sql.lit(reason)}`,
  ),
  sql` `,
)} end`
const LIMITS = sql.join(
  ['since', 'until', 'sinceId', 'untilId', 'limitPosts'].map(name => jsonText(sql`newest.params`, name)),
)

/**
 * Why a profile, `entity` = its line in lists, has fewer posts here than the network declares: what is
 * said of its list, or of the profile; `not-read` = not to the end yet, or not since the number moved; `limited` = the
 * user wanted no more; `unlisted` = read to the end, and the network listed no more. Null = nothing is missing.
 */
const postReason = (
  declared: RawBuilder<unknown>,
  stored: RawBuilder<unknown>,
): RawBuilder<string | null> => sql`
  case when ${declared} is null or ${declared} <= ${stored} then null else coalesce((
    select coalesce(
      case when newest.status = 'skipped' then newest.reason end,
      (select coalesce(task.reason, 'unavailable') from ${LISTS} and ${FAILS} ${FIRST}),
      (select task.reason from ${LISTS} and task.reason not in ${HARMLESS} ${FIRST}),
      (select ${CUT_SHORT_BY} from ${COUNTED} and task.reasons is not null ${FIRST}),
      (select task.reason from ${COUNTED} and task.reasons is null ${FIRST}),
      (select 'not-read' from ${LISTS} and task.status in ('pending', 'running', 'partial') limit 1),
      case when ${declared} - ${stored} <= entity.posts_unlisted then 'unlisted' end,
      case when coalesce(${LIMITS}) is not null then 'limited' end)
    from sync_jobs as newest where newest.id = (${NEWEST})), 'not-read') end`

/** The same of a row of `profiles`, the last lines of all of them gathered once. */
export const POSTS_REASON = sql<string | null>`(
  select ${postReason(sql`profiles.posts_count`, STORED_POSTS)}
  from (
    select network, profile_id, max(entity_id) as entity_id from entities
    where profile_id is not null and ${isOfProfile(sql`entity_id`)} group by network, profile_id) as line
  cross join entities as entity
  where line.network = profiles.network and line.profile_id = profiles.id
    and entity.network = line.network and entity.entity_id = line.entity_id)`

/** How many profiles are looked at at once, and how many parts of lists and profiles are named. */
const BATCH = 500
const PARTS = 20
const LARGEST = 5

interface ProfileRow {
  readonly network: string
  readonly profile_id: string
  readonly username: string | null
  readonly declared: number | null
  readonly stored: number
  readonly unlisted: number | null
  readonly reason: string | null
  readonly parts: string
}

/** Declared against stored, profile by profile, with those of which most is missing. */
export const reportPosts = async (db: Kysely<Schema>, of: ProfilesOf): Promise<PostCompleteness> => {
  const gaps = new Map<string, PostGaps & { profiles: number; posts: number; parts: string[] }>()
  const largest = topList<ProfileGap>(LARGEST, ({ declared, stored }) => declared - stored)
  let declaredAll: number | null = null
  let storedAll = 0
  const note = (reason: string, posts: number, parts: readonly string[]): void => {
    const gap = gaps.get(reason) ?? { reason, profiles: 0, posts: 0, parts: [] }
    gap.profiles += 1
    gap.posts += posts
    gap.parts.push(...parts.slice(0, PARTS - gap.parts.length))
    gaps.set(reason, gap)
  }
  for await (const { declared, stored, unlisted, reason, parts, ...profile } of profilesOf(db, of)) {
    storedAll += stored
    if (declared === null) continue
    declaredAll = (declaredAll ?? 0) + declared
    if (reason === null) continue
    const missing = declared - stored
    // What the network never listed is known of old; only the rest of it is news.
    const known = reason === 'not-read' ? Math.min(unlisted ?? 0, missing) : 0
    if (known > 0) note('unlisted', known, [])
    note(reason, missing - known, decodeJson<string[]>(parts))
    largest.add({ ...profile, declared, stored, reason })
  }
  return {
    posts_declared: declaredAll,
    posts_stored: storedAll,
    post_gaps: [...gaps.values()].sort((a, b) => b.posts - a.posts),
    largest_post_gaps: largest.items(),
    named_posts: await reportNamedPosts(db, of),
    playlists: await sumCollections(db, 'playlist', of),
    tags: await sumCollections(db, 'tag', of),
    searches: await sumCollections(db, 'search', of),
  }
}

async function* profilesOf(db: Kysely<Schema>, of: ProfilesOf): AsyncGenerator<ProfileRow> {
  if ('entityId' in of) {
    // Of a post that a list names no profile was asked for.
    if (kindOfEntity(of.entityId) !== 'profile') return
    yield* await readProfiles(
      db,
      sql`select 1 as place, ${of.network} as network, ${of.entityId} as entity_id`,
    )
    return
  }
  if (!('run' in of)) {
    yield* everyProfile(db, of.network)
    return
  }
  const turn = openTurns()
  for (const status of STATUSES) {
    for (let after = 0; ; ) {
      const { rows: jobs } = await sql<{ id: number }>`
        select id from sync_jobs where run_id = ${of.run} and status = ${status} and id > ${after}
        order by id limit ${BATCH}`.execute(db)
      const last = jobs.at(-1)
      if (last === undefined) break
      yield* await readProfiles(
        db,
        sql`select id as place, network, entity_id from sync_jobs
          where run_id = ${of.run} and status = ${status} and id > ${after} and id <= ${last.id}
            and ${isOfProfile(sql`entity_id`)} and coalesce(reason, '') not in ${inList(IDLE)}`,
      )
      after = last.id
      await turn()
    }
  }
}

/** All that were asked for, by network and key, of each profile one line: two names of the same one would count its posts twice. */
async function* everyProfile(db: Kysely<Schema>, network: string | null): AsyncGenerator<ProfileRow> {
  const turn = openTurns()
  for (let after: readonly [string, string] = ['', '']; ; ) {
    const batch = sql`select network, entity_id from entities
      where ${isAsked({ network })} and (network, entity_id) > (${after[0]}, ${after[1]}) and profile_id is not null
        and ${isOfProfile(sql`entity_id`)} and not exists (
        select 1 from entities as same where same.network = entities.network
          and same.profile_id = entities.profile_id and same.entity_id > entities.entity_id
          and ${isOfProfile(sql`same.entity_id`)})
      order by network, entity_id limit ${sql.lit(BATCH)}`
    const { rows } = await sql<{ network: string; entity_id: string }>`
      select network, entity_id from (${batch}) as batch order by network desc, entity_id desc limit 1`.execute(
      db,
    )
    const [last] = rows
    if (last === undefined) return
    yield* await readProfiles(
      db,
      sql`select row_number() over (order by network, entity_id) as place, network, entity_id from (${batch}) as batch`,
    )
    after = [last.network, last.entity_id]
    await turn()
  }
}

/** Of lists that fail, the parts that have a name of their own: `2026-03-01..2026-03-07`. */
const FAILING_PARTS = sql`(
  select ${jsonList(sql`external_id`)} from (
    select task.external_id from sync_jobs as newest cross join ${LISTS} and ${FAILS}
      and newest.id = (${NEWEST}) and task.expected is null and task.part = ''
    order by task.external_id limit ${sql.lit(PARTS)}) as part)`

/** The profiles of some lines of lists, `these` = their networks and keys. Each step is made once: what is counted is counted once. */
const readProfiles = async (db: Kysely<Schema>, these: RawBuilder<unknown>): Promise<ProfileRow[]> => {
  const { rows } = await sql<ProfileRow>`
    with counted as materialized (
      select these.place, entity.network, entity.entity_id, entity.profile_id, entity.posts_unlisted, profiles.username,
        profiles.posts_count, ${STORED_POSTS} as stored
      from (${these}) as these
        cross join entities as entity cross join profiles
      where entity.network = these.network and entity.entity_id = these.entity_id
        and profiles.network = entity.network and profiles.id = entity.profile_id),
    reasoned as materialized (
      select entity.*, ${postReason(sql`entity.posts_count`, sql`entity.stored`)} as reason from counted as entity)
    select network, profile_id, username, posts_count as declared, stored, posts_unlisted as unlisted, reason,
      case when reason is null then '[]' else ${FAILING_PARTS} end as parts
    from reasoned as entity order by place`.execute(db)
  return rows
}
