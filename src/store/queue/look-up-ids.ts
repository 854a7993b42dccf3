import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { Walk, WalkTask } from '../../core/ports.ts'
import type { Cursor, LookUp, ObservedCounters, StoredCounters } from '../../core/stream.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { readingOfJob } from './chain.ts'

/** Missing posts are asked about for so long: a private one may be public again. */
export const HOPE_MS = 30 * 86_400_000

/** Which of these posts are stored. */
export const findKnown = async (
  db: Kysely<Schema>,
  network: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom('posts')
    .select('id')
    .where('network', '=', network)
    .where(sql<boolean>`id in ${inList(ids)}`)
    .execute()
  return new Set(rows.map(row => row.id))
}

/** The counters of those of these posts that are stored. */
export const findCounters = async (
  db: Kysely<Schema>,
  network: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredCounters>> => {
  const rows = await db
    .selectFrom('posts')
    .select(['id', 'like_count', 'comments_count'])
    .where('network', '=', network)
    .where(sql<boolean>`id in ${inList(ids)}`)
    .execute()
  return new Map(
    rows.map(({ id, like_count, comments_count }) => [
      id,
      { likeCount: like_count, commentsCount: comments_count },
    ]),
  )
}

/** The moments of which any of these counters is stored, earliest first. */
export const findObserved = async (
  db: Kysely<Schema>,
  network: string,
  { subject, subjectId, names, since }: ObservedCounters,
): Promise<readonly Instant[]> => {
  const rows = await db
    .selectFrom('metrics')
    .select('observed_at')
    .distinct()
    .where('network', '=', network)
    .where('subject', '=', subject)
    .where('subject_id', '=', subjectId)
    .where(sql<boolean>`name in ${inList(names)}`)
    .where('observed_at', '>=', since)
    .orderBy('observed_at')
    .execute()
  return rows.map(row => row.observed_at)
}

const TABLES = { profile: 'profiles', post: 'posts' } as const

/** Which of these are stored, and are not called missing. */
export const findThere = async (
  db: Kysely<Schema>,
  network: string,
  subject: keyof typeof TABLES,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom(TABLES[subject])
    .select('id')
    .where('network', '=', network)
    .where('missing_since', 'is', null)
    .where(sql<boolean>`id in ${inList(ids)}`)
    .execute()
  return new Set(rows.map(row => row.id))
}

/** The place of a look-up: whose things are asked about, and the id of the last one. */
type LookUpPosition = { readonly of: string; readonly after: string }

/** What a look-up asks about next: of its tasks in turn, each by id, so that a page is found again after a crash. */
export const findLookedUp = async (
  db: Kysely<Schema>,
  walk: Walk,
  lookUp: LookUp,
): Promise<{ readonly ids: readonly string[]; readonly next: Cursor | null }> => {
  // The one place where a stored cursor becomes ours again.
  const place = walk.cursor as LookUpPosition | null
  const tasks = walk.tasks.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  const ids: string[] = []
  for (const task of tasks) {
    if (place !== null && task.externalId < place.of) continue
    const after = place?.of === task.externalId ? place.after : ''
    const room = lookUp.size - ids.length
    const { rows } = await sql<{ id: string }>`
      select id from ${due(walk, task, lookUp)} and id > ${after} order by id limit ${room}`.execute(db)
    ids.push(...rows.map(row => row.id))
    const last = rows.at(-1)
    if (last !== undefined && rows.length === room)
      return { ids, next: { of: task.externalId, after: last.id } }
  }
  return { ids, next: null }
}

/** Of posts from the run's first day on; what the run does not want would be paid for and left out. */
const isFrom = (since: Instant | null): RawBuilder<unknown> =>
  since === null ? sql`1 = 1` : sql`(created_at is null or created_at >= ${since})`

/** Table and condition of what is asked about for one task. */
const due = (
  { network, startedAt, params: { since } }: Walk,
  task: WalkTask,
  { subject, asks }: LookUp,
): RawBuilder<unknown> => {
  const absent = sql`missing_since is null and absent_walks > 0`
  if (subject === 'comment') {
    return sql`comments where network = ${network} and post_id = ${task.postId} and ${absent}`
  }
  const mine = sql`posts where network = ${network} and profile_id = ${task.profileId}`
  if (asks === 'absent') return sql`${mine} and ${absent}`
  const recently = instant(Date.parse(startedAt) - HOPE_MS)
  return sql`${mine} and job_id not in ${readingOfJob(task.jobId)} and ${isFrom(since)}
    and (missing_since is null or missing_since >= ${recently})`
}
