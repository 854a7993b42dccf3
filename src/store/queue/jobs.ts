import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import type { Opening } from '../../core/stream.ts'
import type { Reason, TaskKind } from '../../core/task.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { encodeJson } from '../schema/rows.ts'
import { builder } from '../sqlite/builder.ts'
import type { Tx } from '../sqlite/database.ts'
import { param, type Statement, statement } from '../sqlite/statement.ts'
import { lockEntity } from './entities.ts'
import { addTask, COUNTING, endJob, type JobEnd } from './tasks.ts'
import { openWalk } from './walks.ts'
import { watermarksOf } from './watermarks.ts'

export interface NewRun {
  readonly trigger: 'cli' | 'api' | 'schedule'
  readonly scopes: readonly Scope[]
  readonly params: JsonObject
  readonly traceId: string
  readonly worker: string
  readonly at: Instant
}

export const createRun = async (tx: Tx, run: NewRun): Promise<number> => {
  const { id } = await tx.db
    .insertInto('sync_runs')
    .values({
      trigger: run.trigger,
      scopes: encodeJson(run.scopes),
      params: encodeJson(run.params),
      trace_id: run.traceId,
      worker: run.worker,
      created_at: run.at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** A job to be made: one profile of a run. */
export interface NewJob {
  readonly runId: number
  readonly network: string
  readonly entityId: string
  readonly scopes: readonly Scope[]
  readonly params: Params
  readonly opening: Opening
  /** The job that this one goes on from; its finished tasks are left alone. */
  readonly previous: number | null
  readonly traceId: string
  readonly worker: string
  /** The credential's name where the opening is bound to one. */
  readonly credential: string | null
  readonly kindOf: (stream: string) => TaskKind
  readonly rank: (kind: TaskKind) => number
  readonly shared: ReadonlySet<string>
  /** From where on the profile's lists are read, by how far it is covered; null = all. */
  readonly start: (watermarks: Watermarks) => Instant | null
  readonly at: Instant
}

/** Scopes and bounds as one text: jobs with equal ones continue each other. */
export const boundsOf = (scopes: readonly Scope[], params: Params): string =>
  encodeJson([
    [...scopes].sort(),
    params.since,
    params.until,
    params.sinceId,
    params.untilId,
    params.replies,
    params.likedVideos,
  ])

/** The job's row. Null where the run has the profile already (a second line of the list). */
export const createJobRow = async (
  tx: Tx,
  job: Omit<NewJob, 'opening' | 'start'>,
  stored: boolean,
): Promise<number | null> => {
  const { since, until, sinceId, untilId } = job.params
  const row = await tx.db
    .insertInto('sync_jobs')
    .values({
      network: job.network,
      entity_id: job.entityId,
      cursor: encodeJson({
        since,
        until,
        since_id: sinceId,
        until_id: untilId,
        watermark: null,
        page_token: null,
      }),
      status: 'pending',
      previous_job_id: job.previous,
      run_id: job.runId,
      scopes: encodeJson(job.scopes),
      params: encodeJson({ ...job.params }),
      bounds: boundsOf(job.scopes, job.params),
      open_tasks: 0,
      stored: stored ? 1 : 0,
      trace_id: job.traceId,
      created_at: job.at,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/**
 * A job from its opening: its tasks and walks, and a skipped task for each kind that the network does not give.
 * Where another worker holds the profile the job is `skipped: locked`. Gives the job that ended at once, if it did.
 */
export const createJob = async (
  tx: Tx,
  job: NewJob,
): Promise<{ id: number; ended: JobEnd | null } | null> => {
  const id = await createJobRow(tx, job, false)
  if (id === null) return null
  if (
    !lockEntity(tx, {
      network: job.network,
      entity_id: job.entityId,
      job_id: id,
      worker: job.worker,
      at: job.at,
    })
  ) {
    return { id, ended: await skipJob(tx, id, job.entityId, 'locked', job.at) }
  }
  const from = job.start(watermarksOf(tx, { network: job.network, entity_id: job.entityId }))
  tx.prepared.run(noteStart, { id, from })
  for (const task of job.opening.tasks) {
    const kind = job.kindOf(task.stream)
    const walkId = job.shared.has(task.stream)
      ? null
      : openWalk(tx, {
          runId: job.runId,
          network: job.network,
          jobId: id,
          stream: task.stream,
          kind,
          rank: job.rank(kind),
          credential: job.credential,
          cursor: null,
          startedAt: job.at,
        })
    addTask(tx, {
      job_id: id,
      kind,
      stream: task.stream,
      external_id: task.externalId,
      profile_id: null,
      post_id: null,
      walk_id: walkId,
      expected: null,
      from_at: from,
    })
  }
  for (const { kind, reason } of job.opening.skipped) await addSkipped(tx, id, job.entityId, kind, reason)
  return { id, ended: endJob(tx, id, job.at) }
}

/** In the job's cursor: the watermark that it starts from, null = it reads all, and that it has reached. */
const noteStart: Statement<{ id: number; from: string | null }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({
      cursor: eb.fn<string>('json_set', [
        'cursor',
        eb.val('$.watermark'),
        eb.fn('json_object', [
          eb.val('from'),
          eb.val(param<string | null>('from')),
          eb.val('reached'),
          eb.val(null),
        ]),
      ]),
    }))
    .where('id', '=', param<number>('id')),
)

/** A job with nothing to do: skipped before it began. */
export const skipJob = async (
  tx: Tx,
  id: number,
  entityId: string,
  reason: Reason,
  at: Instant,
): Promise<JobEnd> => {
  await tx.db
    .updateTable('sync_jobs')
    .set({ status: 'skipped', reason, finished_at: at })
    .where('id', '=', id)
    .execute()
  return { id, entityId, status: 'skipped', errorType: null }
}

const addSkipped = async (
  tx: Tx,
  jobId: number,
  entityId: string,
  kind: TaskKind,
  reason: Reason,
): Promise<void> => {
  await tx.db
    .insertInto('sync_tasks')
    .values({
      job_id: jobId,
      kind,
      stream: COUNTING,
      external_id: entityId,
      status: 'skipped',
      reason,
      attempts: 0,
      pages: 0,
      items: 0,
    })
    .execute()
}

/**
 * Puts aside all jobs that a worker leaves unfinished: `partial` with this error, walks and locks free, cursors
 * in place. `runId` null = all of the worker's runs (it died). Gives how many jobs there were.
 */
export const parkJobs = async (
  tx: Tx,
  whose: { readonly worker: string; readonly runId: number | null },
  why: { readonly errorType: string; readonly message: string; readonly notBefore: Instant | null } | null,
  at: Instant,
): Promise<number> => {
  const runs = tx.db
    .selectFrom('sync_runs')
    .select('id')
    .where('worker', '=', whose.worker)
    .$if(whose.runId !== null, query => query.where('id', '=', whose.runId ?? 0))
  const jobs = await tx.db
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', 'in', runs)
    .where('status', 'in', ['pending', 'running'])
    .execute()
  for (const { id } of jobs) await parkJob(tx, id, why, at)
  await tx.db
    .updateTable('sync_walks')
    .set({ state: 'ready', worker: null, lease_expires_at: null })
    .where('run_id', 'in', runs)
    .where('state', '=', 'running')
    .execute()
  await tx.db
    .updateTable('entities')
    .set({ lock_job_id: null, lock_worker: null, locked_at: null })
    .where('lock_worker', '=', whose.worker)
    .$if(whose.runId !== null, query =>
      query.where(
        'lock_job_id',
        'in',
        tx.db
          .selectFrom('sync_jobs')
          .select('id')
          .where('run_id', '=', whose.runId ?? 0),
      ),
    )
    .execute()
  await tx.db
    .updateTable('sync_runs')
    .set({ finished_at: at })
    .where('id', 'in', runs)
    .where('finished_at', 'is', null)
    .execute()
  return jobs.length
}

/** One job put aside: why = what its own deferred tasks say, else what the worker says. */
const parkJob = async (
  tx: Tx,
  id: number,
  why: { readonly errorType: string; readonly message: string; readonly notBefore: Instant | null } | null,
  at: Instant,
): Promise<void> => {
  const own = await tx.db
    .selectFrom('sync_tasks')
    .select(['error_type', 'last_error', 'not_before'])
    .where('job_id', '=', id)
    .where('status', 'in', ['pending', 'running'])
    .where('error_type', 'is not', null)
    .orderBy(sql`not_before is null`)
    .orderBy('not_before')
    .executeTakeFirst()
  await tx.db
    .updateTable('sync_tasks')
    .set({ status: 'pending' })
    .where('job_id', '=', id)
    .where('status', '=', 'running')
    .execute()
  await tx.db
    .updateTable('sync_jobs')
    .set({
      status: 'partial',
      error_type: own?.error_type ?? why?.errorType ?? 'interrupted',
      error_message: own?.last_error ?? why?.message ?? null,
      not_before: own?.not_before ?? why?.notBefore ?? null,
      finished_at: at,
    })
    .where('id', '=', id)
    .execute()
}
