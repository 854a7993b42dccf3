import { type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/** What keeping a file current needs: where lists were left off, what was declared then, what a whole walk did not bring. */
export const upkeep = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('sync_tasks').addColumn('from_at', type.instant).execute()
  await db.schema.alterTable('posts').addColumn('comments_declared', type.counter).execute()
  await db.schema.alterTable('posts').addColumn('comments_stored', type.counter).execute()
  await db.schema.alterTable('comments').addColumn('replies_declared', type.counter).execute()
  for (const table of ['posts', 'comments']) {
    await db.schema.alterTable(table).addColumn('absent_since', type.instant).execute()
    await db.schema.alterTable(table).addColumn('absent_walks', type.counter).execute()
  }
  await sql`drop view engagement`.execute(db)
  // The followers of the moment at which the post's counters were seen, not of today.
  await sql`
    create view engagement as
    select network, post_id, profile_id, observed_at, followers_count,
      cast(like_count + comments_count + coalesce(share_count, 0) as ${type.fraction}) / nullif(followers_count, 0) as engagement,
      case when share_count is null then 'likes,comments' else 'likes,comments,shares' end as parts
    from (
      select posts.network, posts.id as post_id, posts.profile_id, posts.fetched_at as observed_at,
        posts.like_count, posts.comments_count, posts.share_count,
        (select value from metrics
          where metrics.network = posts.network and subject = 'profile' and subject_id = posts.profile_id
            and name = 'followers_count' and metrics.observed_at <= posts.fetched_at
          order by metrics.observed_at desc limit 1) as followers_count
      from posts) as observed
  `.execute(db)
}
