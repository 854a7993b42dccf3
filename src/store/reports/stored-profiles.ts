import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { CommentStats, KnownPosts, Pricing, ProfileFacts, Remaining } from '../../core/price.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { IDLE, UNFINISHED } from '../queue/find-jobs.ts'
import { HOPE_MS } from '../queue/look-up-ids.ts'
import { COUNTING } from '../queue/tasks.ts'
import { readWatermarks } from '../queue/watermarks.ts'
import type { Schema } from '../schema/tables.ts'
import { inList } from '../sqlite/in-list.ts'
import { isReadApart, replyCalls } from './averages.ts'

type Db = Kysely<Schema>

/** A profile of a list as the file knows it. */
export interface KnownProfile
  extends Pick<ProfileFacts, 'entityId' | 'stored' | 'postsCount' | 'whole' | 'gone'> {
  readonly profileId: string | null
  readonly watermarks: Watermarks
  /** The unfinished job that a run would continue. */
  readonly unfinished: number | null
}

/** What a price asks the file about. Sets of profiles are asked about together: a hundred thousand take seconds. */
export interface Asking {
  readonly network: string
  readonly params: Params
  readonly pricing: Pick<Pricing, 'replies' | 'byAge' | 'settlesAfterMs' | 'looksUp'>
  /** Posts made since are looked at again in any case. */
  readonly young: Instant
  readonly now: Instant
}

/** Profiles by the ids of a list, in its order, one for each that is not the same as one before. */
export const readProfiles = async (
  db: Db,
  network: string,
  ids: readonly string[],
  bounds: string | null,
): Promise<readonly KnownProfile[]> => {
  const { rows } = await sql<ProfileRow>`
    with asked as (
      select min(key) as place, coalesce(alias.entity_id, value) as entity_id
      from json_each(${JSON.stringify(ids)})
      left join entity_aliases as alias on alias.network = ${network} and alias.alias = value
      group by 2
    )
    select asked.entity_id, entities.profile_id, entities.watermarks,
      profiles.id is not null as stored, profiles.posts_count, profiles.missing_since,
      (select id from sync_jobs where network = ${network} and entity_id = asked.entity_id and bounds = ${bounds}
        and coalesce(reason, '') not in ${inList(IDLE)} order by id desc limit 1) as newest_like_it,
      (select reason from sync_jobs where network = ${network} and entity_id = asked.entity_id
        and status != 'pending' order by id desc limit 1) as last_reason
    from asked
    left join entities on entities.network = ${network} and entities.entity_id = asked.entity_id
    left join profiles on profiles.network = ${network} and profiles.id = entities.profile_id
    order by asked.place`.execute(db)
  const open = await findOpen(
    db,
    rows.flatMap(row => row.newest_like_it ?? []),
  )
  return rows.map(row => {
    const watermarks = row.watermarks === null ? {} : readWatermarks(row.watermarks)
    return {
      entityId: row.entity_id,
      profileId: row.profile_id,
      stored: row.stored === 1,
      postsCount: row.posts_count,
      whole: watermarks.posts?.from === null,
      gone: row.missing_since !== null || GONE.has(row.last_reason ?? ''),
      watermarks,
      unfinished: row.newest_like_it !== null && open.has(row.newest_like_it) ? row.newest_like_it : null,
    }
  })
}

const GONE: ReadonlySet<string> = new Set(['not-found', 'private', 'refused'])

const findOpen = async (db: Db, jobs: readonly number[]): Promise<ReadonlySet<number>> => {
  const rows = await db
    .selectFrom('sync_jobs')
    .select('id')
    .where(sql<boolean>`id in ${inList(jobs)}`)
    .where('status', 'in', UNFINISHED)
    .execute()
  return new Set(rows.map(row => row.id))
}

/** A profile with where its lists are read from. */
export interface Started {
  readonly profileId: string
  readonly from: Instant | null
}

/** Stored posts by profile. */
export const readKnownPosts = async (
  db: Db,
  started: readonly Started[],
  asking: Asking,
): Promise<ReadonlyMap<string, KnownPosts>> => {
  const { params, now } = asking
  const rows = await sql<PostsRow>`
    select posts.profile_id,
      sum(listed and ${within(params)}) as count,
      sum(listed and (created_at is null or created_at >= coalesce(from_at, ${params.since}, ''))) as recent,
      sum(listed and created_at >= ${asking.young}) as young,
      sum(missing_since >= ${ago(now, HOPE_MS)}) as missing,
      sum(is_story and missing_since is null and created_at >= ${ago(now, DAY_MS)}) as stories
    from (${postsOf(started, asking.network)}) as posts
    group by 1`.execute(db)
  const ages = asking.pricing.byAge ? await readAges(db, started, asking) : new Map<string, number[]>()
  return new Map(
    rows.rows.map(({ profile_id, ...counts }) => [
      profile_id,
      { ...counts, byAge: ages.get(profile_id) ?? [] },
    ]),
  )
}

const readAges = async (
  db: Db,
  started: readonly Started[],
  { network, params, now }: Asking,
): Promise<ReadonlyMap<string, number[]>> => {
  const { rows } = await sql<{ profile_id: string; age: number; posts: number }>`
    select profile_id, max(0, cast((julianday(${now}) - julianday(created_at)) / 30 as integer)) as age, count(*) as posts
    from (${postsOf(started, network)}) as posts
    where listed and created_at is not null and ${within(params)}
    group by 1, 2`.execute(db)
  const ages = new Map<string, number[]>()
  for (const { profile_id, age, posts } of rows) {
    const of = ages.get(profile_id) ?? []
    while (of.length < age) of.push(0)
    of[age] = posts
    ages.set(profile_id, of)
  }
  return ages
}

/** Stored posts by what their comments cost, by profile. Threads are counted only where all of them are read again. */
export const readCommentStats = async (
  db: Db,
  started: readonly Started[],
  { network, params, pricing, young, now }: Asking,
): Promise<ReadonlyMap<string, readonly CommentStats[]>> => {
  const isRead = sql`from_at is null and comments_synced_at is not null and coalesce(comments_reason, '') != 'limited'`
  const top = sql`from comments where network = ${network} and post_id = posts.id and parent_id is null
    and missing_since is null`
  const { replies } = pricing
  const replyCallsOf =
    replies === null
      ? sql`null`
      : sql`case when ${isRead} then (select coalesce(sum(${replyCalls(replies)}), 0) ${top} and ${isReadApart(replies)}) end`
  const { rows } = await sql<Omit<CommentStats, 'settled'> & { profile_id: string; settled: number }>`
    select profile_id, state, declared, settled, more, threads, replyCalls, count(*) as posts from (
      select profile_id, comments_count as declared,
        coalesce(created_at < ${ago(now, pricing.settlesAfterMs)}, 0) as settled,
        case
          when comments_reason = 'comments-disabled' then 'closed'
          when comments_synced_at is null then 'unread'
          when comments_reason = 'limited' and ${params.limitComments} is null then 'unread'
          when comments_count is not comments_declared then 'moved'
          when created_at >= ${young} then 'young'
          else 'known' end as state,
        case when comments_synced_at is null then 0
          else max(0, coalesce(comments_count, 0) - coalesce(comments_declared, 0)) end as more,
        case when ${isRead} then (select count(*) ${top}) end as threads,
        ${replyCallsOf} as replyCalls
      from (${postsOf(started, network)}) as posts
      where listed and ${within(params)}
        and (${pricing.looksUp ? 1 : 0} or from_at is null or created_at >= from_at))
    group by 1, 2, 3, 4, 5, 6, 7`.execute(db)
  const stats = new Map<string, CommentStats[]>()
  for (const { profile_id, settled, ...of } of rows) {
    const known = stats.get(profile_id) ?? []
    known.push({ ...of, settled: settled === 1 })
    stats.set(profile_id, known)
  }
  return stats
}

/** What unfinished jobs left, by job. */
export const readRemaining = async (
  db: Db,
  jobs: readonly number[],
): Promise<ReadonlyMap<number, readonly Remaining[]>> => {
  const rows = await db
    .selectFrom('sync_tasks')
    .select(['job_id', 'stream', 'expected as declared', 'items'])
    .select(eb => [sql<number>`from_at is not null`.as('incremental'), eb.fn.countAll<number>().as('tasks')])
    .where(sql<boolean>`job_id in ${inList(jobs)}`)
    .where('status', 'in', UNFINISHED)
    .where('stream', '!=', COUNTING)
    .groupBy(['job_id', 'stream', 'expected', 'items', 'incremental'])
    .execute()
  const left = new Map<number, Remaining[]>()
  for (const { job_id, incremental, ...of } of rows) {
    left.set(job_id, [...(left.get(job_id) ?? []), { ...of, incremental: incremental === 1 }])
  }
  return left
}

interface ProfileRow {
  readonly entity_id: string
  readonly profile_id: string | null
  readonly watermarks: string | null
  readonly stored: number
  readonly posts_count: number | null
  readonly missing_since: string | null
  readonly newest_like_it: number | null
  readonly last_reason: string | null
}

type PostsRow = Omit<KnownPosts, 'byAge'> & { readonly profile_id: string }

const DAY_MS = 86_400_000

const ago = (now: Instant, ms: number): Instant => instant(Date.parse(now) - ms)

/**
 * Posts of these profiles, each with where its profile's lists are read from. `cross` = profile by profile: SQLite, which
 * cannot know how long the list is, would go through all posts of the network and the whole list for each.
 */
const postsOf = (started: readonly Started[], network: string): RawBuilder<unknown> => sql`
  select posts.*, started.value ->> 'from' as from_at, coalesce(kind, '') = 'story' as is_story,
    missing_since is null and coalesce(kind, '') != 'story' as listed
  from json_each(${JSON.stringify(started)}) as started
  cross join posts on posts.network = ${network} and posts.profile_id = started.value ->> 'profileId'`

/** Within the user's dates. */
const within = ({ since, until }: Params): RawBuilder<boolean> =>
  sql`(created_at is null or (created_at >= coalesce(${since}, '') and (${until} is null or created_at < ${until})))`
