import { type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'
import { completenessByProfile } from './016-views.ts'

/**
 * What more is told of posts, which job reads their comments, and lists that name them: a profile that no list names, and of which only some posts were asked for, lacks
 * nothing (docs/database.md).
 */
export const posts = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('posts').addColumn('topics', type.json).execute()
  await db.schema.alterTable('posts').addColumn('paid_promotion', type.flag).execute()
  await db.schema.alterTable('posts').addColumn('comments_job_id', type.counter).execute()
  await sql`drop view completeness_by_profile`.execute(db)
  await completenessByProfile(
    db,
    type,
    sql`case when exists (
      select 1 from entities where entities.network = profiles.network and entities.profile_id = profiles.id
        and entities.entity_id not like '%:%') then max(profiles.posts_count) end`,
  )
}
