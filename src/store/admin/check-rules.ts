import { type RawBuilder, sql } from 'kysely'
import { STATUSES } from '../../core/task.ts'
import { TRANSFORM_STATUSES } from '../../core/transform.ts'
import { isJson, jsonEntries, jsonText } from '../database/words.ts'
import { COUNTING } from '../queue/tasks.ts'
import { elementStored } from '../transforms/elements.ts'

/** Something that holds in every database of ours, at every moment between two transactions. */
export interface Rule {
  readonly name: string
  readonly holds: string
  /** The rows that break it, each told in one text column `example`. */
  readonly broken: RawBuilder<{ example: string }>
}

const statuses = sql.join(STATUSES.map(status => sql.lit(status)))
const open = sql`status in ('pending', 'running')`
/** A task that needs calls; the others only count. */
const calling = sql`stream <> ${sql.lit(COUNTING)}`

/** JSON that we write and read again. */
const DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  sync_runs: ['scopes', 'params', 'transforms'],
  sync_jobs: ['cursor', 'scopes', 'params'],
  sync_tasks: ['reasons'],
  sync_walks: ['cursor', 'streak'],
  entities: ['watermarks'],
  profiles: ['topics', 'extra'],
  posts: ['hashtags', 'mentions', 'tags', 'effect_ids', 'extra'],
  comments: ['extra'],
  raw_pages: ['request'],
  memory: ['value'],
  transforms: ['result'],
  run_orders: ['wish'],
}

/** JSON text that is an object, and where it is none an empty one. */
const objectIn = (text: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case when ${isJson(text)} and substr(${text}, 1, 1) = '{' then ${text} else '{}' end`
const markOf = objectIn(sql`mark.value`)
const from = jsonText(markOf, 'from')
const to = jsonText(markOf, 'to')

const isCounter = sql`substr(name, length(name) - 5) = '_count'`

/** `YYYY-MM-DDT…Z`. */
const isInstant = (text: RawBuilder<unknown>): RawBuilder<unknown> => {
  const digits = [1, 2, 3, 4, 6, 7, 9, 10].map(
    at => sql`substr(${text}, ${sql.lit(at)}, 1) between '0' and '9'`,
  )
  return sql`(${text} like '____-__-__T%Z' and ${sql.join(digits, sql` and `)})`
}

/** What SQL can say; that a job's status follows from its tasks is in `check.ts`. */
export const RULES: readonly Rule[] = [
  {
    name: 'status-word',
    holds: 'jobs, tasks and walks have a status that there is',
    broken: sql`
      select 'job ' || id || ': ' || status as example from sync_jobs where status not in (${statuses})
      union all select 'task ' || id || ': ' || status from sync_tasks where status not in (${statuses})
      union all select 'walk ' || id || ': ' || state from sync_walks
        where state not in ('ready', 'running', 'done')`,
  },
  {
    name: 'job-end',
    holds: 'a job has an end exactly when it is neither pending nor running',
    broken: sql`
      select 'job ' || id || ': ' || status || ', ' || coalesce('ended ' || finished_at, 'no end') as example
      from sync_jobs where (${open}) = (finished_at is not null)`,
  },
  {
    name: 'job-previous',
    holds: 'the job that a job continues is there, is older, and is of the same network',
    broken: sql`
      select 'job ' || id || ' continues job ' || previous_job_id as example from sync_jobs as job
      where previous_job_id is not null and not exists (
        select 1 from sync_jobs as previous where previous.id = job.previous_job_id
          and previous.id < job.id and previous.network = job.network)`,
  },
  {
    name: 'open-tasks',
    holds: "a job's open_tasks is the number of its open tasks",
    broken: sql`
      select 'job ' || job.id || ': ' || job.open_tasks || ', but ' || count(task.id) || ' are open' as example
      from sync_jobs as job left join sync_tasks as task
        on task.job_id = job.id and task.${calling} and task.${open}
      group by job.id having count(task.id) <> job.open_tasks`,
  },
  {
    name: 'job-worker',
    holds: 'an unfinished job belongs to a worker',
    broken: sql`
      select 'job ' || job.id || ' (' || job.entity_id || '): ' || job.status as example
      from sync_jobs as job join sync_runs as run on run.id = job.run_id
      where job.${open} and not exists (select 1 from workers where workers.id = run.worker)`,
  },
  {
    name: 'lock-worker',
    holds: 'a locked profile is held by a worker, for an unfinished job',
    broken: sql`
      select network || ' ' || entity_id || ': held for job ' || coalesce(cast(lock_job_id as text), 'none')
        || ' by ' || coalesce(lock_worker, 'nobody') as example
      from entities where (lock_worker is not null or lock_job_id is not null or locked_at is not null) and not (
        exists (select 1 from workers where workers.id = lock_worker)
        and exists (select 1 from sync_jobs as job where job.id = lock_job_id and job.${open}))`,
  },
  {
    name: 'task-walk',
    holds: "an open task's walk is open too",
    broken: sql`
      select 'task ' || task.id || ' of job ' || task.job_id || ': walk ' || walk.id || ' is done' as example
      from sync_tasks as task join sync_walks as walk on walk.id = task.walk_id
      where task.${open} and walk.state = 'done'`,
  },
  {
    name: 'walk-task',
    holds: 'an open walk serves an open task',
    broken: sql`
      select 'walk ' || id || ' of job ' || job_id || ': ' || state as example from sync_walks as walk
      where state <> 'done' and not exists (
        select 1 from sync_tasks as task where task.walk_id = walk.id and task.${open})`,
  },
  {
    name: 'walk-cursor',
    holds: 'the cursor of a finished walk is null, unless a task of it can go on there',
    broken: sql`
      select 'walk ' || id || ' of job ' || job_id || ': ' || substr(cursor, 1, 60) as example
      from sync_walks as walk
      where state = 'done' and cursor is not null and not exists (
        select 1 from sync_tasks as task
        where task.walk_id = walk.id and task.status not in ('succeeded', 'skipped'))`,
  },
  {
    name: 'walk-root',
    holds: 'the walk that a line of walks began with is there',
    broken: sql`
      select 'walk ' || id || ': root ' || root_id as example from sync_walks as walk
      where not exists (select 1 from sync_walks as root where root.id = walk.root_id)`,
  },
  {
    name: 'walk-worker',
    holds: 'a walk has a worker exactly when it is running, and one that is there',
    broken: sql`
      select 'walk ' || id || ': ' || state || ', ' || coalesce('by ' || worker, 'by nobody') as example
      from sync_walks where (state = 'running') <> (worker is not null)
        or (worker is not null and not exists (select 1 from workers where workers.id = worker))`,
  },
  {
    name: 'media-post',
    holds: 'the post of a medium is stored',
    broken: sql`
      select network || ' medium ' || media.id || ' of post ' || post_id as example from media
      where not exists (select 1 from posts where posts.network = media.network and posts.id = post_id)`,
  },
  {
    name: 'comment-post',
    holds: 'the post of a comment is stored',
    broken: sql`
      select network || ' comment ' || comments.id || ' of post ' || post_id as example from comments
      where not exists (select 1 from posts where posts.network = comments.network and posts.id = post_id)`,
  },
  {
    name: 'absence',
    holds: 'what whole walks did not bring says since when, and how many they were',
    broken: sql`
      select network || ' post ' || id as example from posts where (absent_since is null) <> (absent_walks is null)
      union all select network || ' comment ' || id from comments
        where (absent_since is null) <> (absent_walks is null)`,
  },
  {
    name: 'watermark',
    holds: 'a profile is covered from a moment to a later one',
    broken: sql`
      select network || ' ' || entity_id || ': ' || mark.key || ' from ' || coalesce(${from}, 'the first') || ' to '
        || coalesce(${to}, 'nowhere') as example
      from entities, ${jsonEntries(objectIn(sql`watermarks`))} as mark
      where ${to} is null or ${from} > ${to} or ${jsonText(markOf, 'last_full_at')} is null`,
  },
  {
    name: 'like-id',
    holds: 'the id of a like is its post and its author',
    broken: sql`
      select network || ' like ' || id as example from likes where id <> post_id || ':' || author_id`,
  },
  {
    name: 'metric-value',
    holds: 'a counter is unknown or not below zero, of a profile, post or comment, at a moment',
    broken: sql`
      select network || ' ' || subject || ' ' || subject_id || ': ' || name || ' ' || coalesce(cast(value as text), 'null')
        || ' at ' || observed_at as example
      from metrics
      where (value < 0 and ${isCounter}) or subject not in ('profile', 'post', 'comment')
        or not ${isInstant(sql`observed_at`)}`,
  },
  {
    name: 'history-subject',
    holds: 'what has a history of counters or texts is stored',
    broken: sql`
      select network || ' ' || subject || ' ' || subject_id || ': ' || what as example from (
        select network, subject, subject_id, name as what from metrics where ${isCounter}
        union all select network, subject, subject_id, field from revisions) as history
      where case subject
        when 'profile' then not exists (
          select 1 from profiles where profiles.network = history.network and profiles.id = subject_id)
        when 'post' then not exists (
          select 1 from posts where posts.network = history.network and posts.id = subject_id)
        when 'comment' then not exists (
          select 1 from comments where comments.network = history.network and comments.id = subject_id)
        end`,
  },
  {
    name: 'transform-state',
    holds: 'an element of a transform is due at some time until it is done or failed, and done with a result',
    broken: sql`
      select transform || ' ' || network || ' ' || element_kind || ' ' || element_id || ': ' || status as example
      from transforms
      where status not in (${sql.join(TRANSFORM_STATUSES.map(status => sql.lit(status)))})
        or (status in ('done', 'failed')) <> (next_poll_at is null)
        or (status in ('done', 'failed')) <> (finished_at is not null)
        or (status = 'done') <> (result is not null)`,
  },
  {
    name: 'transform-worker',
    holds: 'who works on an element of a transform is a worker',
    broken: sql`
      select transform || ' ' || network || ' ' || element_kind || ' ' || element_id || ': by ' || worker as example
      from transforms where worker is not null and not exists (
        select 1 from workers where workers.id = transforms.worker)`,
  },
  {
    name: 'transform-element',
    holds: 'what a transform is of is stored; of a medium, which may be replaced, its post',
    broken: sql`
      select transform || ' ' || network || ' ' || element_kind || ' ' || element_id as example
      from transforms where not ${elementStored} and (element_kind <> 'media' or not exists (
        select 1 from posts where posts.network = transforms.network and posts.id = transforms.post_id))`,
  },
  {
    name: 'raw-body',
    holds: 'a body in the raw zone belongs to an answer',
    broken: sql`select hash as example from raw_bodies except select body_hash from raw_pages`,
  },
  {
    name: 'json',
    holds: 'what is stored as JSON is JSON',
    broken: sql.join(
      Object.entries(DOCUMENTS).flatMap(([table, columns]) =>
        columns.map(
          column => sql`select ${sql.lit(table)} || '.' || ${sql.lit(column)} || ': ' || substr(${sql.ref(column)}, 1, 60) as example
            from ${sql.table(table)} where ${sql.ref(column)} is not null and not ${isJson(sql.ref(column))}`,
        ),
      ),
      sql` union all `,
    ),
  },
]
