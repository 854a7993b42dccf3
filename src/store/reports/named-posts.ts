import { type Kysely, type RawBuilder, sql } from 'kysely'
import { inList } from '../database/words.ts'
import { isOf, postOfKey } from '../queue/entity-kinds.ts'
import { IDLE, newestJobOf } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { isAsked, type ProfilesOf } from './profiles-of.ts'

/** What became of the posts that lists name. */
export interface NamedPosts {
  readonly asked: number
  /** Stored, and still there. */
  readonly stored: number
  /** Of those that are not, why; most first. */
  readonly gaps: readonly { readonly reason: string; readonly posts: number }[]
}

/** Null = no post was named. */
export const reportNamedPosts = async (db: Kysely<Schema>, of: ProfilesOf): Promise<NamedPosts | null> => {
  const { rows } = await sql<{ reason: string | null; posts: number }>`
    select case when post.id is null or post.missing_since is not null
        then coalesce(job.reason, job.error_type, 'not-read') end as reason,
      count(*) as posts
    from ${jobsOf(of)} as job
    left join posts as post on post.network = job.network and post.id = ${postOfKey(sql`job.entity_id`)}
    group by 1 order by 2 desc, 1`.execute(db)
  if (rows.length === 0) return null
  const count = (some: readonly { readonly posts: number }[]): number =>
    some.reduce((sum, { posts }) => sum + posts, 0)
  const gaps = rows.flatMap(({ reason, posts }) => (reason === null ? [] : [{ reason, posts }]))
  return { asked: count(rows), stored: count(rows) - count(gaps), gaps }
}

/** The newest job of each post that is asked about. */
const jobsOf = (of: ProfilesOf): RawBuilder<unknown> => {
  const named = isOf('post', sql`entity_id`)
  if ('run' in of)
    return sql`(
      select network, entity_id, reason, error_type from sync_jobs
      where run_id = ${of.run} and ${named} and coalesce(reason, '') not in ${inList(IDLE)})`
  return sql`(
    select entities.network, entities.entity_id, job.reason, job.error_type
    from entities left join sync_jobs as job on job.id = ${newestJobOf('entities')}
    where ${isOf('post', sql`entities.entity_id`)} and ${isAsked(of)})`
}
