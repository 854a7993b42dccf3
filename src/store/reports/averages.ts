import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Assumptions, Pricing, Range } from '../../core/price.ts'
import { larger } from '../database/words.ts'
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
    return row ?? NONE
  }
  const profiles = await one(sql`
    select count(*) as sample, sum(posts_count) as total, min(posts_count) as least, max(posts_count) as most
    from profiles where network = ${network} and posts_count is not null`)
  const posts = await one(sql`
    select count(*) as sample, sum(comments_count) as total from (
      select comments_count from posts where network = ${network} and comments_count is not null limit ${MOST_ROWS}
    ) as looked`)
  const threads = await one(sql`
    select count(*) as sample, count(*) filter (where parent_id is null) as total
    from (select parent_id from comments where network = ${network} limit ${MOST_ROWS}) as looked`)
  const parts =
    replies === null
      ? NONE
      : await one(sql`
        select count(*) as sample, sum(parts) as total from (
          select case when parent_id is null and ${isReadApart(replies)} then ${replyCallParts(replies)} else 0 end as parts
          from comments where network = ${network} limit ${MOST_ROWS}) as looked`)
  const calls = { ...parts, total: parts.total === null ? null : parts.total / (replies?.size ?? 1) }
  return {
    postsPerProfile: enough(profiles, ENOUGH.profiles, likely => ({
      low: profiles.least ?? likely,
      high: profiles.most ?? likely,
    })),
    commentsPerPost: enough(posts, ENOUGH.posts, likely => ({ low: 0, high: 4 * likely })),
    threadsPerComment: enough(threads, ENOUGH.comments, likely => ({
      low: 0.8 * likely,
      high: Math.min(1, 1.25 * likely),
    })),
    replyCallsPerComment: enough(calls, ENOUGH.comments, likely => ({
      low: 0.7 * likely,
      high: 1.4 * likely,
    })),
  }
}

/** Rows that were looked at and what they come to together; null = there are none. */
interface Measured {
  readonly sample: number
  readonly total: number | null
  readonly least?: number | null
  readonly most?: number | null
}

const NONE: Measured = { sample: 0, total: null }

/** The mean and how far it may be off; divided here, since databases round a mean in ways of their own. */
const enough = (
  { sample, total }: Measured,
  least: number,
  around: (likely: number) => Omit<Range, 'likely'>,
): { range: Range; sample: number } | null => {
  if (sample < least || total === null) return null
  const likely = total / sample
  return { range: { likely, ...around(likely) }, sample }
}

/** How long a call took in the newest runs of this file, all calls in flight together; null = no run was long enough to say. */
export const measureCall = async (db: Db, network: string): Promise<number | null> => {
  const { rows: runs } = await sql<{ created_at: Instant; finished_at: Instant; calls: number }>`
    select created_at, finished_at, sum(calls) as calls
    from sync_runs join run_costs on run_costs.run_id = sync_runs.id and run_costs.network = ${network}
    where finished_at > created_at
    group by sync_runs.id having sum(calls) >= 20
    order by sync_runs.id desc limit 10`.execute(db)
  let took = 0
  let calls = 0
  for (const run of runs) {
    took += Date.parse(run.finished_at) - Date.parse(run.created_at)
    calls += run.calls
  }
  return calls === 0 ? null : took / 1_000 / calls
}

/** Threads whose replies have calls of their own: those that had, for fewer may come along than could, and those that will. */
export const isReadApart = ({ inline }: Replies): RawBuilder<boolean> =>
  sql`(replies_declared is not null or reply_count > ${inline})`

/** Parts of calls, as many to a call as it brings replies: whole numbers, which all databases add up alike. */
export const replyCallParts = ({ size }: Replies): RawBuilder<number> =>
  sql`(${larger(sql`1`, sql`coalesce(replies_declared, reply_count)`)} + ${sql.lit(size - 1)})`

type Replies = NonNullable<Pricing['replies']>
