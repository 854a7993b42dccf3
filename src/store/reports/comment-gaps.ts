import { type RawBuilder, sql } from 'kysely'
import { jsonHas, jsonText } from '../database/words.ts'
import { COUNTING } from '../queue/tasks.ts'

/** A post's comments that are stored and not gone. */
export const STORED_COMMENTS = sql<number>`(
  select count(*) from comments
  where comments.network = posts.network and comments.post_id = posts.id and comments.missing_since is null)`

/** Network and id of the profiles, among some, of which something holds for the newest job that asked for comments. */
const profilesWhose = (condition: RawBuilder<unknown>, among: RawBuilder<unknown>) => sql`(
  select entities.network, entities.profile_id from entities join sync_jobs as job on job.id = (
    select id from sync_jobs as newest
    where newest.network = entities.network and newest.entity_id = entities.entity_id
      and newest.status <> 'skipped' and newest.reading_id = newest.id
      and ${jsonHas(sql`newest.params`, 'kinds', 'comments')}
    order by id desc limit 1)
  where entities.profile_id is not null and ${among} and ${condition})`

/** The user wanted some of the comments only: no replies, or at most so many. */
const CUT = sql`
  (${jsonText(sql`job.params`, 'replies')} <> 'full' or ${jsonText(sql`job.params`, 'limitComments')} is not null)`
const UNSUPPORTED = sql`exists (
  select 1 from sync_tasks where sync_tasks.job_id = job.id and stream = ${sql.lit(COUNTING)} and kind = 'comments'
    and sync_tasks.reason = 'unsupported-by-network')`

/** Why the replies of a thread are not whole. */
const SAID = sql.join(
  ['unavailable', 'refused', 'loop', 'deleted', 'not-found', 'private', 'truncated', 'capped'].map(reason =>
    sql.lit(reason),
  ),
)

/**
 * What was said last of lists of comments, or of replies, of posts of some profiles: those few that failed, or ended
 * before they were whole. Grouped, so that SQLite gathers them once and not for each post anew.
 */
const saidOf = (which: 'own' | 'replies', among: RawBuilder<unknown>) => sql`(
  select job.network, task.post_id, min(coalesce(task.reason, 'unavailable')) as reason
  from entities cross join sync_jobs as job cross join sync_tasks as task
  where job.network = entities.network and job.entity_id = entities.entity_id and task.job_id = job.id
    and entities.profile_id is not null and ${among} and task.kind = 'comments'
    and task.external_id ${sql.raw(which === 'own' ? '=' : '<>')} task.post_id
    and (task.failing_since is not null ${which === 'own' ? sql`` : sql`or task.reason in (${SAID})`})
    and not exists (
      select 1 from sync_jobs as later cross join sync_tasks as next
      where next.job_id = later.id and next.stream = task.stream and next.external_id = task.external_id
        and later.network = job.network and later.entity_id = job.entity_id and later.id > job.id
        and next.status not in ('pending', 'running'))
  group by job.network, task.post_id)`

/**
 * Of the few posts that something was said of it is looked up; which ones those are is gathered once. PostgreSQL would gather it all for
 * each post of a run: 0.1 ms a post of thirty profiles, more with each profile.
 */
const said = (which: 'own' | 'replies', among: RawBuilder<unknown>) => sql`
  case when (posts.network, posts.id) in (select told.network, told.post_id from ${saidOf(which, among)} as told) then (
    select said.reason from ${saidOf(which, among)} as said
    where said.network = posts.network and said.post_id = posts.id) end`

/**
 * Why a post has fewer comments here than the network declares, `stored` = how many: what the network or the walk said,
 * of the list itself or of the replies below it; `not-read` = not yet, or not since the count moved; `limited` = the user
 * wanted no more; `unlisted` = read to the end, and the network listed no more.
 * Null = nothing is missing. `among` = a condition on `entities` that holds for the profiles whose posts are asked about:
 * of no others are the jobs looked at.
 */
export const gapReason = (
  stored: RawBuilder<unknown>,
  among: RawBuilder<unknown> = sql`true`,
): RawBuilder<string | null> => sql`
  case
    when posts.comments_reason is not null then posts.comments_reason
    when posts.comments_count is null or posts.comments_count <= ${stored} then null
    when posts.comments_synced_at is null and (posts.network, posts.profile_id) in ${profilesWhose(UNSUPPORTED, among)}
      then 'unsupported-by-network'
    when posts.comments_synced_at is null or posts.comments_count <> posts.comments_declared
      then coalesce(${said('own', among)}, 'not-read')
    when (posts.network, posts.profile_id) in ${profilesWhose(CUT, among)} then 'limited'
    else coalesce(${said('replies', among)}, 'unlisted')
  end`
