import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import { topList } from '../../core/top-list.ts'
import { isHolding, isOf, isOfProfile, postOfKey } from '../queue/entity-kinds.ts'
import { collectedInRun, postsOfRun, profilesOfRun } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { gapReason, STORED_COMMENTS } from './comment-gaps.ts'
import { type PostCompleteness, reportPosts } from './post-gaps.ts'
import { isAsked, type ProfilesOf, postsOfLine } from './profiles-of.ts'
import { withTurns } from './slices.ts'

/** What is stored and still there, against what the network declares, and why that differs. */
export interface CompletenessReport extends PostCompleteness {
  /** Sum over the posts of which the network declares it; null = it declares none. */
  readonly comments_declared: number | null
  readonly comments_stored: number
  readonly comment_gaps: readonly CommentGap[]
  /** The posts of which most is missing. */
  readonly largest_gaps: readonly PostGap[]
  readonly counters: CountersAge
}

export interface CommentGap {
  readonly reason: string
  readonly posts: number
  /** Declared and not stored; 0 where nothing is declared. */
  readonly comments: number
}

export interface PostGap {
  readonly network: string
  readonly post_id: string
  readonly profile_id: string
  readonly declared: number
  readonly stored: number
  readonly reason: string
}

/** How old counters are: they are as they were when their post was last fetched. */
export interface CountersAge {
  /** Null = there are no posts. */
  readonly oldest_at: Instant | null
  /** Posts that were last fetched before `before`. */
  readonly old_posts: number
  readonly before: Instant
}

/** How many posts with the largest gaps are named. */
const LARGEST = 5

/** Counters are old after this many days. */
const OLD_DAYS = 30
const DAY_MS = 86_400_000

/** Declared against stored, profile by profile and post by post; at `now`. */
export const reportCompleteness = async (
  db: Kysely<Schema>,
  of: ProfilesOf,
  now: number,
): Promise<CompletenessReport> => {
  const gaps = new Map<string, { reason: string; posts: number; comments: number }>()
  const largest = topList<PostGap>(LARGEST, ({ declared, stored }) => declared - stored, inOrder)
  // By the day, so that the same report is told twice the same.
  const before = instant(Math.floor(now / DAY_MS - OLD_DAYS) * DAY_MS)
  let declaredAll: number | null = null
  let storedAll = 0
  let oldest: Instant | null = null
  let old = 0
  for await (const { fetched_at, declared, stored, reason, ...post } of postsIn(db, of)) {
    if (declared !== null) declaredAll = (declaredAll ?? 0) + declared
    storedAll += stored
    if (oldest === null || fetched_at < oldest) oldest = fetched_at
    if (fetched_at < before) old += 1
    const missing = Math.max(0, (declared ?? 0) - stored)
    // What stopped a walk has cost nothing where all that is declared came.
    if (reason === null || (declared !== null && missing === 0)) continue
    const gap = gaps.get(reason) ?? { reason, posts: 0, comments: 0 }
    gap.posts += 1
    gap.comments += missing
    gaps.set(reason, gap)
    if (declared !== null) largest.add({ ...post, declared, stored, reason })
  }
  return {
    ...(await reportPosts(db, of)),
    comments_declared: declaredAll,
    comments_stored: storedAll,
    comment_gaps: [...gaps.values()].sort(
      (a, b) => b.comments - a.comments || b.posts - a.posts || (a.reason < b.reason ? -1 : 1),
    ),
    largest_gaps: largest.items(),
    counters: { oldest_at: oldest, old_posts: old, before },
  }
}

/** Posts come as the database finds them. */
const inOrder = (a: PostGap, b: PostGap): number =>
  a.network < b.network || (a.network === b.network && a.post_id < b.post_id) ? -1 : 1

async function* postsIn(db: Kysely<Schema>, of: ProfilesOf): AsyncGenerator<PostRow> {
  for (const part of partsOf(of)) yield* streamPosts(db, part)
}

type PostRow = Omit<PostGap, 'declared' | 'reason'> & Observed

const streamPosts = (db: Kysely<Schema>, { mine, lines }: Part): AsyncIterable<PostRow> => {
  const reason = gapReason(sql`stored`, lines)
  const posts = sql<PostRow>`(
    select network, id as post_id, profile_id, fetched_at, comments_count as declared, stored, ${reason} as reason
    from (
      select posts.*, ${STORED_COMMENTS} as stored from posts
      where missing_since is null and ${mine}) as posts)`
  return withTurns(db.selectFrom(posts.as('held')).selectAll().stream())
}

/** Posts, and the lines of lists that they were asked for by. */
type Part = Record<'mine' | 'lines', RawBuilder<unknown>>

/**
 * Conditions on posts, and on lines of lists: of these profiles, then of posts that lists name, and of playlists that they name, each post
 * once.
 */
const partsOf = (of: ProfilesOf): readonly Part[] => {
  const key = sql`entities.entity_id`
  if ('entityId' in of) {
    return [{ mine: postsOfLine(of), lines: isAsked(of) }]
  }
  const profiles = 'run' in of ? profilesOfRun(of.run) : profilesAsked(of.network)
  const named = 'run' in of ? postsOfRun(of.run) : postsAsked(of.network)
  const collected = 'run' in of ? collectedInRun(of.run) : collectedAsked(of.network)
  const isOfProfiles = sql`(posts.network, posts.profile_id) in ${profiles}`
  const isNamed = sql`(posts.network, posts.id) in ${named}`
  return [
    {
      mine: isOfProfiles,
      lines: sql`${isOfProfile(key)} and (entities.network, entities.profile_id) in ${profiles}`,
    },
    {
      mine: sql`${isNamed} and not ${isOfProfiles}`,
      lines: sql`${isOf('post', key)} and (entities.network, ${postOfKey(key)}) in ${named}`,
    },
    {
      mine: sql`(posts.network, posts.id) in ${collected} and not ${isNamed} and not ${isOfProfiles}`,
      lines: sql`${isHolding(key)} and ${'run' in of ? sql`true` : isAsked(of)}`,
    },
  ]
}

/** Network and id of all profiles that were asked for, and have come; `network` null = of any. */
const profilesAsked = (network: string | null) => sql`(
  select entities.network, entities.profile_id from entities
  where entities.profile_id is not null and ${isOfProfile(sql`entities.entity_id`)} and ${isAsked({ network })})`

/** The same of posts that lists name. */
const postsAsked = (network: string | null) => sql`(
  select entities.network, ${postOfKey(sql`entities.entity_id`)} from entities
  where ${isOf('post', sql`entities.entity_id`)} and ${isAsked({ network })})`

/** The same of those in playlists, tags and searches that lists name. */
const collectedAsked = (network: string | null) => sql`(
  select item.network, item.post_id from entities join collection_items as item
    on item.network = entities.network and item.collection_id = entities.entity_id
  where ${isHolding(sql`entities.entity_id`)} and ${isAsked({ network })} and item.missing_since is null)`

interface Observed {
  readonly fetched_at: Instant
  readonly declared: number | null
  readonly reason: string | null
}
