import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Assumptions, Pricing, Range } from '../../core/price.ts'
import type { Schema } from '../schema/tables.ts'

type Db = Kysely<Schema>

/** Below so many the file's own figures say little. */
const ENOUGH = { profiles: 20, posts: 200, comments: 1000 }
/** So many rows are looked at for them: what more would say is not worth the time. */
const MOST_ROWS = 1_000_000

/** What the file's own profiles of a network are like, for those of which nothing is stored; null = too few to say. */
export const measureAverages = async (
  db: Db,
  network: string,
  { replies }: Pick<Pricing, 'replies'>,
): Promise<{
  readonly [Name in keyof Assumptions]: { readonly range: Range; readonly sample: number } | null
}> => {
  const one = async (query: RawBuilder<Measured>): Promise<Measured> => {
    const [row] = (await query.execute(db)).rows
    return row ?? { sample: 0, low: 0, likely: 0, high: 0 }
  }
  const profiles = await one(sql`
    select count(*) as sample, min(posts_count) as low, avg(posts_count) as likely, max(posts_count) as high
    from profiles where network = ${network} and posts_count is not null`)
  const posts = await one(sql`
    select count(*) as sample, 0 as low, avg(comments_count) as likely, 4 * avg(comments_count) as high
    from (select comments_count from posts where network = ${network} and comments_count is not null limit ${MOST_ROWS})`)
  const threads = await one(sql`
    select count(*) as sample, 0.8 * avg(parent_id is null) as low, avg(parent_id is null) as likely,
      min(1, 1.25 * avg(parent_id is null)) as high
    from (select parent_id from comments where network = ${network} limit ${MOST_ROWS})`)
  const calls =
    replies === null
      ? { sample: 0, low: 0, likely: 0, high: 0 }
      : await one(sql`
        select count(*) as sample, 0.7 * avg(calls) as low, avg(calls) as likely, 1.4 * avg(calls) as high from (
          select case when parent_id is null and ${isReadApart(replies)} then ${replyCalls(replies)} else 0 end as calls
          from comments where network = ${network} limit ${MOST_ROWS})`)
  return {
    postsPerProfile: enough(profiles, ENOUGH.profiles),
    commentsPerPost: enough(posts, ENOUGH.posts),
    threadsPerComment: enough(threads, ENOUGH.comments),
    replyCallsPerComment: enough(calls, ENOUGH.comments),
  }
}

interface Measured extends Range {
  readonly sample: number
}

const enough = ({ sample, ...range }: Measured, least: number): { range: Range; sample: number } | null =>
  sample < least ? null : { range, sample }

/** How long a call took in the newest runs of this file, all calls in flight together; null = no run was long enough to say. */
export const measureCall = async (db: Db, network: string): Promise<number | null> => {
  const { rows } = await sql<{ seconds: number | null; calls: number | null }>`
    select sum(seconds) as seconds, sum(calls) as calls from (
      select (julianday(finished_at) - julianday(created_at)) * 86400 as seconds, sum(calls) as calls
      from sync_runs join run_costs on run_costs.run_id = sync_runs.id and run_costs.network = ${network}
      where finished_at > created_at
      group by sync_runs.id having sum(calls) >= 20
      order by sync_runs.id desc limit 10)`.execute(db)
  const [of] = rows
  return of?.seconds == null || of.calls == null ? null : of.seconds / of.calls
}

/** Threads whose replies have calls of their own: those that had, for fewer may come along than could, and those that will. */
export const isReadApart = ({ inline }: Replies): RawBuilder<boolean> =>
  sql`(replies_declared is not null or reply_count > ${inline})`

/** How many. */
export const replyCalls = ({ size }: Replies): RawBuilder<number> =>
  sql`((max(1, coalesce(replies_declared, reply_count)) + ${size} - 1) / ${size})`

type Replies = NonNullable<Pricing['replies']>
