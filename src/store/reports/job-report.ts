import type { Kysely } from 'kysely'
import { holdsPosts } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import { chainEnd } from '../queue/find-jobs.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { type CompletenessReport, reportCompleteness } from './completeness.ts'
import { postsOfLine } from './profiles-of.ts'
import { type TaskCount, type TaskTally, tallyTasks } from './task-tally.ts'
import { reportUnread, type UnreadReport } from './unread-rows.ts'

type Db = Kysely<Schema>

/** One job with its chain and tasks. */
export interface JobReport extends Omit<TaskTally, 'counts'> {
  readonly id: number
  readonly run_id: number
  readonly network: string
  readonly entity_id: string
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly scopes: readonly string[]
  readonly cursor: unknown
  readonly previous_job_id: number | null
  /** The last job of the chain, where this one was continued. */
  readonly continued_by: number | null
  readonly created_at: Instant
  readonly started_at: Instant | null
  readonly finished_at: Instant | null
  readonly not_before: Instant | null
  readonly trace_id: string
  readonly worker: string | null
  readonly tasks: readonly TaskCount[]
  readonly unread: UnreadReport
  /** What is stored of the profile, and what the network says there is. */
  readonly completeness: Completeness | null
}

export interface Completeness extends CompletenessReport {
  /** Null = it is of no single profile. */
  readonly profile_id: string | null
  readonly media_stored: number
}

export const reportJob = async (db: Db, id: number, now: number): Promise<JobReport | null> => {
  const job = await db
    .selectFrom('sync_jobs')
    .innerJoin('sync_runs', 'sync_runs.id', 'sync_jobs.run_id')
    .selectAll('sync_jobs')
    .select('sync_runs.worker')
    .where('sync_jobs.id', '=', id)
    .executeTakeFirst()
  if (job === undefined) return null
  const { counts: tasks, ...tally } = await tallyTasks(db, { job: id })
  const end = await chainEnd(db, id)
  const { bounds: _bounds, params: _params, open_tasks: _open, stored: _stored, ...row } = job
  return {
    ...row,
    scopes: decodeJson(job.scopes),
    cursor: decodeJson(job.cursor),
    continued_by: end === id ? null : end,
    tasks,
    ...tally,
    unread: await reportUnread(db, { job: id }),
    completeness: await reportJobCompleteness(db, job.network, job.entity_id, now),
  }
}

const reportJobCompleteness = async (
  db: Db,
  network: string,
  entityId: string,
  now: number,
): Promise<Completeness | null> => {
  const entity = await db
    .selectFrom('entities')
    .select('profile_id')
    .where('network', '=', network)
    .where('entity_id', '=', entityId)
    .executeTakeFirst()
  const line = { network, entityId, profileId: entity?.profile_id ?? null }
  const isOfProfile = !holdsPosts(entityId)
  if (line.profileId === null && isOfProfile) return null
  const posts = db.selectFrom('posts').where(postsOfLine(line)).where('missing_since', 'is', null)
  const { count: media } = await db
    .selectFrom('media')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', network)
    .where('post_id', 'in', posts.select('id'))
    .where('missing_since', 'is', null)
    .executeTakeFirstOrThrow()
  return {
    profile_id: line.profileId,
    media_stored: media,
    ...(await reportCompleteness(db, line, now)),
  }
}
