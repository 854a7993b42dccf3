import type { Instant } from '../../core/instant.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import type { Opening } from '../../core/stream.ts'
import type { Reason, TaskKind } from '../../core/task.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { encodeJson } from '../schema/rows.ts'
import type { JobTable } from '../schema/tables.ts'
import { builder } from '../sqlite/builder.ts'
import type { Tx } from '../sqlite/database.ts'
import { param, params, type Statement, statement } from '../sqlite/statement.ts'
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
  readonly time: Instant
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
      created_at: run.time,
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
  readonly time: Instant
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
export const createJobRow = (
  tx: Tx,
  job: Omit<NewJob, 'opening' | 'start'>,
  stored: boolean,
): number | null => {
  const { since, until, sinceId, untilId } = job.params
  const place = { since, until, since_id: sinceId, until_id: untilId, watermark: null, page_token: null }
  const row = tx.prepared.get<JobRow, { id: number }>(insertJob, {
    network: job.network,
    entity_id: job.entityId,
    cursor: encodeJson(place),
    previous_job_id: job.previous,
    run_id: job.runId,
    scopes: encodeJson(job.scopes),
    params: encodeJson({ ...job.params }),
    bounds: boundsOf(job.scopes, job.params),
    stored: stored ? 1 : 0,
    trace_id: job.traceId,
    created_at: job.time,
  })
  return row?.id ?? null
}

type JobRow = Pick<
  JobTable,
  | 'network'
  | 'entity_id'
  | 'cursor'
  | 'previous_job_id'
  | 'run_id'
  | 'scopes'
  | 'params'
  | 'bounds'
  | 'stored'
  | 'trace_id'
  | 'created_at'
>

const insertJob: Statement<JobRow> = statement(
  builder
    .insertInto('sync_jobs')
    .values({
      ...params<JobRow>([
        'network',
        'entity_id',
        'cursor',
        'previous_job_id',
        'run_id',
        'scopes',
        'params',
        'bounds',
        'stored',
        'trace_id',
        'created_at',
      ]),
      status: 'pending',
      open_tasks: 0,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id'),
)

/**
 * A job from its opening: its tasks and walks, and a skipped task for each kind that the network does not give.
 * Where another worker holds the profile the job is `skipped: locked`. Returns the job that ended at once, if it did.
 */
export const createJob = (tx: Tx, job: NewJob): { id: number; ended: JobEnd | null } | null => {
  const id = createJobRow(tx, job, false)
  if (id === null) return null
  if (
    !lockEntity(tx, {
      network: job.network,
      entity_id: job.entityId,
      job_id: id,
      worker: job.worker,
      at: job.time,
    })
  ) {
    return { id, ended: skipJob(tx, id, job.entityId, 'locked', job.time) }
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
          startedAt: job.time,
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
  for (const { kind, reason } of job.opening.skipped) {
    tx.prepared.run(insertSkipped, { job_id: id, kind, external_id: job.entityId, reason })
  }
  return { id, ended: endJob(tx, id, job.time) }
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
export const skipJob = (tx: Tx, id: number, entityId: string, reason: Reason, at: Instant): JobEnd => {
  tx.prepared.run(skip, { id, reason, finished_at: at })
  return { id, entityId, status: 'skipped', errorType: null }
}

const skip: Statement<{ id: number; reason: string; finished_at: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ status: 'skipped', reason: param<string>('reason'), finished_at: param<string>('finished_at') })
    .where('id', '=', param<number>('id')),
)

const insertSkipped: Statement<{ job_id: number; kind: string; external_id: string; reason: string }> =
  statement(
    builder.insertInto('sync_tasks').values({
      job_id: param<number>('job_id'),
      kind: param<string>('kind'),
      stream: COUNTING,
      external_id: param<string>('external_id'),
      status: 'skipped',
      reason: param<string>('reason'),
      attempts: 0,
      pages: 0,
      items: 0,
    }),
  )
