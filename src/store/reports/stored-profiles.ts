import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Before } from '../../core/going-on.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { CommentStats, KnownPosts, Pricing, ProfileFacts, Remaining } from '../../core/price.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { inList, inNumbers, jsonNumber, larger, rowsOf, secondsBetween } from '../database/words.ts'
import { CUT, IDLE, UNFINISHED } from '../queue/find-jobs.ts'
import { HOPE_MS } from '../queue/look-up-ids.ts'
import { COUNTING } from '../queue/tasks.ts'
import { readWatermarks } from '../queue/watermarks.ts'
import type { Schema } from '../schema/tables.ts'
import { isReadApart, replyCallParts } from './averages.ts'

type Db = Kysely<Schema>

/** A profile of a list as the file knows it. */
export interface KnownProfile
  extends Pick<
    ProfileFacts,
    'entityId' | 'stored' | 'postsCount' | 'followersCount' | 'followingCount' | 'whole' | 'gone'
  > {
  readonly profileId: string | null
  readonly watermarks: Watermarks
  /** Its newest job with the same scopes and bounds; null = there is none, or it is not asked for. */
  readonly before: (Before & { readonly id: number; readonly isCutShort: boolean }) | null
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
  const newestLike = (condition: RawBuilder<unknown>, column: 'id' | 'run_id') => sql`(
    select ${sql.ref(column)} from sync_jobs where network = ${network} and entity_id = asked.entity_id
      and bounds = ${bounds} and ${condition} order by id desc limit 1)`
  const given = ids.map((id, place) => ({ place, id }))
  const { rows } = await sql<ProfileRow>`
    with asked as (
      select min(given.place) as place, coalesce(alias.entity_id, given.id) as entity_id
      from ${rowsOf({ place: 'number', id: 'text' }, given)} as given
      left join entity_aliases as alias on alias.network = ${network} and alias.alias = given.id
      group by 2
    )
    select asked.entity_id, entities.profile_id, entities.watermarks,
      case when profiles.id is null then 0 else 1 end as stored, profiles.posts_count, profiles.followers_count,
      profiles.following_count, profiles.missing_since,
      ${newestLike(sql`coalesce(reason, '') not in ${inList(IDLE)}`, 'id')} as newest_like_it,
      ${newestLike(sql`coalesce(reason, 'up-to-date') = 'up-to-date'`, 'run_id')} as last_run_id,
      (select reason from sync_jobs where network = ${network} and entity_id = asked.entity_id
        and status != 'pending' order by id desc limit 1) as last_reason
    from asked
    left join entities on entities.network = ${network} and entities.entity_id = asked.entity_id
    left join profiles on profiles.network = ${network} and profiles.id = entities.profile_id
    order by asked.place`.execute(db)
  const newest = await findNewest(
    db,
    rows.flatMap(row => row.newest_like_it ?? []),
  )
  const cut = await findCutShort(
    db,
    rows.flatMap(row => row.last_run_id ?? []),
  )
  const lastRun = (id: number | null) => ({ lastRunId: id ?? 0, isCutShort: cut.has(id ?? 0) })
  return rows.map(row => {
    const job = newest.get(row.newest_like_it ?? 0)
    const watermarks = row.watermarks === null ? {} : readWatermarks(row.watermarks)
    return {
      entityId: row.entity_id,
      profileId: row.profile_id,
      stored: row.stored === 1,
      postsCount: row.posts_count,
      followersCount: row.followers_count,
      followingCount: row.following_count,
      whole: watermarks.posts?.from === null,
      gone: row.missing_since !== null || GONE.has(row.last_reason ?? ''),
      watermarks,
      before: job === undefined ? null : { ...job, ...lastRun(row.last_run_id) },
    }
  })
}

const GONE: ReadonlySet<string> = new Set(['not-found', 'private', 'refused'])

/** Runs, among some, that ended before all of their profiles had their turn. */
const findCutShort = async (db: Db, runs: readonly number[]): Promise<ReadonlySet<number>> => {
  const rows = await db
    .selectFrom('sync_jobs')
    .select('run_id')
    .distinct()
    .where(sql<boolean>`run_id in ${inNumbers([...new Set(runs)])}`)
    .where('status', 'in', UNFINISHED)
    .where('error_type', 'in', CUT)
    .execute()
  return new Set(rows.map(row => row.run_id))
}

const findNewest = async (
  db: Db,
  jobs: readonly number[],
): Promise<ReadonlyMap<number, Omit<Before, 'lastRunId'> & { readonly id: number }>> => {
  const rows = await db
    .selectFrom('sync_jobs')
    .leftJoin('sync_jobs as began', 'began.id', 'sync_jobs.reading_id')
    .select(eb => [
      'sync_jobs.id',
      'sync_jobs.status',
      eb.fn.coalesce('began.created_at', 'sync_jobs.created_at').as('readAt'),
    ])
    .where(sql<boolean>`sync_jobs.id in ${inNumbers(jobs)}`)
    .execute()
  return new Map(
    rows.map(({ id, status, readAt }) => [id, { id, readAt, isUnfinished: UNFINISHED.includes(status) }]),
  )
}

/** A profile with where its lists are read from. */
export interface Started {
  readonly profileId: string
  readonly from: Instant | null
}

/** Stored posts by profile. */
export const readKnownPosts = (
  db: Db,
  started: readonly Started[],
  asking: Asking,
): Promise<ReadonlyMap<string, KnownPosts>> =>
  countPosts(db, { posts: postsOf(started, asking.network), by: 'profile_id' }, asking)

/** The same of what tags and searches have brought, by the keys of these. */
export const readKnownPostsOfCollections = (
  db: Db,
  started: readonly StartedEntity[],
  asking: Asking,
): Promise<ReadonlyMap<string, KnownPosts>> =>
  started.length === 0
    ? Promise.resolve(new Map())
    : countPosts(db, { posts: collectedPosts(started, asking.network), by: 'collection_id' }, asking)

const countPosts = async (
  db: Db,
  of: Pick<Asked, 'posts' | 'by'>,
  asking: Asking,
): Promise<ReadonlyMap<string, KnownPosts>> => {
  const { params, now } = asking
  const { rows } = await sql<PostsRow>`
    select ${sql.ref(of.by)} as key,
      count(*) filter (where listed and ${within(params)}) as count,
      count(*) filter (where listed and (created_at is null or created_at >= coalesce(from_at, ${params.since}, ''))) as recent,
      count(*) filter (where listed and created_at >= ${asking.young}) as young,
      count(*) filter (where missing_since >= ${ago(now, HOPE_MS)}) as missing,
      count(*) filter (where is_story and missing_since is null and created_at >= ${ago(now, DAY_MS)}) as stories,
      count(*) filter (where is_story and created_at >= ${ago(now, 7 * DAY_MS)}) as "storiesLately"
    from (${of.posts}) as posts
    group by 1`.execute(db)
  const ages = asking.pricing.byAge ? await readAges(db, of, asking) : new Map<string, number[]>()
  return new Map(rows.map(({ key, ...counts }) => [key, { ...counts, byAge: ages.get(key) ?? [] }]))
}

const readAges = async (
  db: Db,
  { posts, by }: Pick<Asked, 'posts' | 'by'>,
  { params, now }: Asking,
): Promise<ReadonlyMap<string, number[]>> => {
  // In whole seconds, which databases count alike.
  const seconds = sql`cast(round(${secondsBetween(sql`created_at`, now)}) as bigint)`
  const { rows } = await sql<{ key: string; age: number; posts: number }>`
    select ${sql.ref(by)} as key, ${larger(sql`0`, sql`${seconds} / ${sql.lit(AGE_S)}`)} as age, count(*) as posts
    from (${posts}) as posts
    where listed and created_at is not null and ${within(params)}
    group by 1, 2 order by 1, 2`.execute(db)
  const ages = new Map<string, number[]>()
  for (const { key, age, posts } of rows) {
    const of = ages.get(key) ?? []
    while (of.length < age) of.push(0)
    of[age] = posts
    ages.set(key, of)
  }
  return ages
}

/** Stored posts by what their comments cost, by profile. Threads are counted only where all of them are read again. */
export const readCommentStats = (
  db: Db,
  started: readonly Started[],
  asking: Asking,
): Promise<ReadonlyMap<string, readonly CommentStats[]>> =>
  readStats(
    db,
    { posts: postsOf(started, asking.network), by: 'profile_id', wanted: within(asking.params) },
    asking,
  )

/** The same of single posts, by their ids. */
export const readCommentStatsOfPosts = (
  db: Db,
  started: readonly StartedEntity[],
  asking: Asking,
): Promise<ReadonlyMap<string, readonly CommentStats[]>> =>
  started.length === 0
    ? Promise.resolve(new Map())
    : readStats(db, { posts: namedPosts(started, asking.network), by: 'id', wanted: sql`true` }, asking)

/** The same of the posts of playlists, tags and searches, by the keys of these. */
export const readCommentStatsOfCollections = (
  db: Db,
  started: readonly StartedEntity[],
  asking: Asking,
): Promise<ReadonlyMap<string, readonly CommentStats[]>> =>
  started.length === 0
    ? Promise.resolve(new Map())
    : readStats(
        db,
        {
          posts: collectedPosts(started, asking.network),
          by: 'collection_id',
          wanted: within(asking.params),
        },
        asking,
      )

/** A post, or what holds some, that a list names, with from where on its comments are read. */
export interface StartedEntity {
  /** Of a post its id, else its key. */
  readonly id: string
  readonly from: Instant | null
}

/** Posts of which each has `from_at` and `listed`; the column that tells them apart; which of them are wanted. */
interface Asked {
  readonly posts: RawBuilder<unknown>
  readonly by: 'profile_id' | 'id' | 'collection_id'
  readonly wanted: RawBuilder<boolean>
}

const readStats = async (
  db: Db,
  { posts, by, wanted }: Asked,
  { network, params, pricing, young, now }: Asking,
): Promise<ReadonlyMap<string, readonly CommentStats[]>> => {
  const key = sql.ref(by)
  const isRead = sql`from_at is null and comments_synced_at is not null and coalesce(comments_reason, '') <> 'limited'`
  const top = sql`from comments where network = ${network} and post_id = posts.id and parent_id is null
    and missing_since is null`
  const { replies } = pricing
  const partsOf =
    replies === null
      ? sql`null`
      : sql`case when ${isRead} then (select coalesce(sum(${replyCallParts(replies)}), 0) ${top} and ${isReadApart(replies)}) end`
  const { rows } = await sql<StatsRow>`
    select key, state, declared, settled, more, threads, parts, count(*) as posts from (
      select ${key} as key, comments_count as declared,
        case when created_at < ${ago(now, pricing.settlesAfterMs)} then 1 else 0 end as settled,
        case
          when comments_reason = 'comments-disabled' then 'closed'
          when comments_synced_at is null then 'unread'
          when comments_reason = 'limited' and ${params.limitComments} is null then 'unread'
          when comments_count is distinct from comments_declared then 'moved'
          when created_at >= ${young} then 'young'
          else 'known' end as state,
        case when comments_synced_at is null then 0
          else ${larger(sql`0`, sql`coalesce(comments_count, 0) - coalesce(comments_declared, 0)`)} end as more,
        case when ${isRead} then (select count(*) ${top}) end as threads,
        ${partsOf} as parts
      from (${posts}) as posts
      where listed and ${wanted}
        and (${pricing.looksUp ? sql`true` : sql`false`} or from_at is null or created_at >= from_at)) as posts
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2, 3 nulls first, 4, 5, 6 nulls first, 7 nulls first`.execute(db)
  const stats = new Map<string, CommentStats[]>()
  for (const { key, settled, parts, ...of } of rows) {
    const known = stats.get(key) ?? []
    const calls = parts === null ? null : parts / (replies?.size ?? 1)
    known.push({ ...of, settled: settled === 1, replyCalls: calls })
    stats.set(key, known)
  }
  return stats
}

type StatsRow = Omit<CommentStats, 'settled' | 'replyCalls'> & {
  readonly key: string
  readonly settled: number
  readonly parts: number | null
}

/** What earlier jobs left that a run at `now` would go on with, by job: not what fails and whose day has not come. */
export const readRemaining = async (
  db: Db,
  jobs: readonly number[],
  now: Instant,
): Promise<ReadonlyMap<number, readonly Remaining[]>> => {
  const { rows } = await sql<RemainingRow>`
    select task.job_id, task.stream, task.expected as declared,
      coalesce(${jsonNumber(sql`walk.streak`, 'brought')}, task.items) as items,
      case when task.from_at is null then 0 else 1 end as incremental,
      case when task.failing_since is null then 0 else 1 end as fails, count(*) as tasks
    from sync_tasks as task left join sync_walks as walk on walk.id = task.walk_id
    where task.job_id in ${inNumbers(jobs)} and task.stream != ${COUNTING} and (
      case when task.failing_since is not null then coalesce(task.not_before, '') <= ${now}
        when task.status = 'failed' then task.last_synced_at is null
        else task.status in ${inList(UNFINISHED)} end)
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3 nulls first, 4, 5, 6`.execute(db)
  const left = new Map<number, Remaining[]>()
  for (const { job_id, incremental, fails, ...of } of rows) {
    const one = { ...of, incremental: incremental === 1, fails: fails === 1 }
    left.set(job_id, [...(left.get(job_id) ?? []), one])
  }
  return left
}

type RemainingRow = Omit<Remaining, 'incremental' | 'fails'> & {
  readonly job_id: number
  readonly incremental: number
  readonly fails: number
}

interface ProfileRow {
  readonly entity_id: string
  readonly profile_id: string | null
  readonly watermarks: string | null
  readonly stored: number
  readonly posts_count: number | null
  readonly followers_count: number | null
  readonly following_count: number | null
  readonly missing_since: string | null
  readonly newest_like_it: number | null
  readonly last_run_id: number | null
  readonly last_reason: string | null
}

type PostsRow = Omit<KnownPosts, 'byAge'> & { readonly key: string }

const DAY_MS = 86_400_000
/** Posts are told apart by age in steps of 30 days. */
const AGE_S = 30 * 86_400

const ago = (now: Instant, ms: number): Instant => instant(Date.parse(now) - ms)

/**
 * Posts of these profiles, each with where its profile's lists are read from. `cross` = profile by profile: SQLite, which
 * cannot know how long the list is, would go through all posts of the network and the whole list for each.
 */
const postsOf = (started: readonly Started[], network: string): RawBuilder<unknown> => sql`
  select posts.*, started."from" as from_at, coalesce(kind, '') = 'story' as is_story,
    missing_since is null and coalesce(kind, '') != 'story' as listed
  from ${rowsOf<Started>({ profileId: 'text', from: 'text' }, started)} as started cross join posts
  where posts.network = ${network} and posts.profile_id = started."profileId"`

/** Posts by their ids; a story that is named is a post like any other. */
const namedPosts = (started: readonly StartedEntity[], network: string): RawBuilder<unknown> => sql`
  select posts.*, started."from" as from_at, missing_since is null as listed
  from ${rowsOf<StartedEntity>({ id: 'text', from: 'text' }, started)} as started cross join posts
  where posts.network = ${network} and posts.id = started.id`

const collectedPosts = (started: readonly StartedEntity[], network: string): RawBuilder<unknown> => sql`
  select posts.*, item.collection_id, started."from" as from_at, coalesce(kind, '') = 'story' as is_story,
    posts.missing_since is null as listed
  from ${rowsOf<StartedEntity>({ id: 'text', from: 'text' }, started)} as started
    cross join collection_items as item cross join posts
  where item.network = ${network} and item.collection_id = started.id and item.missing_since is null
    and posts.network = item.network and posts.id = item.post_id`

/** Within the user's dates. */
const within = ({ since, until }: Params): RawBuilder<boolean> =>
  sql`(created_at is null or (created_at >= coalesce(${since}, '') and (${until} is null or created_at < ${until})))`
