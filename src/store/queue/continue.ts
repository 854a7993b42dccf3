import { type Selectable, sql } from 'kysely'
import type { Params } from '../../core/params.ts'
import type { TaskKind } from '../../core/task.ts'
import { NO_STREAK, type Streak } from '../../core/verdict.ts'
import { decodeJson } from '../schema/rows.ts'
import type { TaskTable } from '../schema/tables.ts'
import { builder } from '../sqlite/builder.ts'
import type { Tx } from '../sqlite/database.ts'
import { param, type Statement, statement } from '../sqlite/statement.ts'
import { lockEntity } from './entities.ts'
import { createJobRow, type NewJob, skipJob } from './jobs.ts'
import { addTask, COUNTING, endJob, type JobEnd } from './tasks.ts'
import type { WalkRow } from './walk-rows.ts'
import { openWalk } from './walks.ts'

/** What a job left unfinished, as the job that goes on with it needs it. */
export interface Unfinished {
  readonly id: number
  readonly network: string
  readonly entityId: string
  readonly params: Params
  readonly scopes: NewJob['scopes']
}

/** The walks of this run that took over a walk of an earlier one: jobs that shared a walk go on sharing it. */
export type Successors = Map<number, number>

/**
 * The job that continues an unfinished one: a new row with `previous_job_id`, unfinished tasks copied with the
 * places of their walks, finished ones left alone, the old job as it was (docs/design.md §5.2). A task that ended in a
 * loop starts its walk anew. Null where the run has the profile already.
 */
export const continueJob = (
  tx: Tx,
  old: Unfinished,
  job: Omit<NewJob, 'opening' | 'start' | 'previous' | 'network' | 'entityId' | 'params' | 'scopes'>,
  successors: Successors,
): { id: number; ended: JobEnd | null } | null => {
  const id = createJobRow(tx, { ...job, ...old, previous: old.id }, hasStored(tx, old.id))
  if (id === null) return null
  const lock = { network: old.network, entity_id: old.entityId, job_id: id, worker: job.worker, at: job.time }
  if (!lockEntity(tx, lock)) {
    // It has not gone on with anything: whoever holds the profile still does.
    tx.prepared.run(partFromPrevious, { id })
    return { id, ended: skipJob(tx, id, old.entityId, 'locked', job.time) }
  }
  tx.prepared.run(copyPlace, { from: old.id, to: id })
  for (const task of tx.prepared.all<{ job_id: number }, Selectable<TaskTable>>(openTasks, {
    job_id: old.id,
  })) {
    const walkId =
      task.walk_id === null ? null : succeed(tx, task.walk_id, id, task.reason === 'loop', job, successors)
    const key = { job_id: id, stream: task.stream, external_id: task.external_id }
    addTask(tx, {
      ...key,
      kind: task.kind as TaskKind,
      profile_id: task.profile_id,
      post_id: task.post_id,
      walk_id: walkId,
      expected: task.expected,
      from_at: task.from_at,
    })
    const { items, pages } = task
    // What may go on at once is tried anew: where this run ends before that, it does not say what the last one met.
    const deferred = task.status === 'pending' && task.not_before !== null
    tx.prepared.run(copyProgress, {
      ...key,
      items,
      pages,
      error_type: deferred ? task.error_type : null,
      last_error: deferred ? task.last_error : null,
      not_before: deferred ? task.not_before : null,
    })
  }
  return { id, ended: endJob(tx, id, job.time) }
}

/** The walk of this run that goes on where an earlier one stood. */
const succeed = (
  tx: Tx,
  walkId: number,
  jobId: number,
  loop: boolean,
  job: Pick<NewJob, 'runId' | 'time'>,
  successors: Successors,
): number => {
  const known = successors.get(walkId)
  if (known !== undefined) return known
  const walk = tx.prepared.get<{ id: number }, WalkRow>(walkById, { id: walkId })
  if (walk === undefined) throw new Error(`a task of a walk that is not there: ${walkId}`)
  const streak = decodeJson<Streak>(walk.streak)
  const anew = loop || (walk.state === 'done' && walk.cursor === null)
  const next = openWalk(tx, {
    runId: job.runId,
    network: walk.network,
    jobId,
    stream: walk.stream,
    kind: walk.kind,
    rank: walk.rank,
    credential: walk.credential,
    cursor: anew || walk.cursor === null ? null : decodeJson(walk.cursor),
    startedAt: anew ? job.time : walk.started_at,
    ...(anew || walk.seq === 0
      ? {}
      : {
          from: {
            seq: walk.seq,
            rootId: walk.root_id,
            restarts: walk.restarts,
            streak: walk.state === 'done' ? { ...NO_STREAK, brought: streak.brought } : streak,
            whole: walk.whole === 1,
          },
        }),
  })
  if (walk.not_before !== null) tx.prepared.run(putOff, { id: next, not_before: walk.not_before })
  if (!anew) tx.prepared.run(copyCursors, { from: walkId, to: next })
  successors.set(walkId, next)
  return next
}

const hasStored = (tx: Tx, jobId: number): boolean =>
  tx.prepared.get<{ id: number }, { stored: number }>(storedOf, { id: jobId })?.stored === 1 ||
  tx.prepared.get(anyItems, { job_id: jobId }) !== undefined

const storedOf: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_jobs').select('stored').where('id', '=', param<number>('id')),
)

const anyItems: Statement<{ job_id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select('id')
    .where('job_id', '=', param<number>('job_id'))
    .where('items', '>', 0)
    .limit(1),
)

const partFromPrevious: Statement<{ id: number }> = statement(
  builder.updateTable('sync_jobs').set({ previous_job_id: null }).where('id', '=', param<number>('id')),
)

const copyPlace: Statement<{ from: number; to: number }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({
      cursor: eb
        .selectFrom('sync_jobs as old')
        .select('old.cursor')
        .where('old.id', '=', param<number>('from'))
        .$asScalar(),
    }))
    .where('id', '=', param<number>('to')),
)

const openTasks: Statement<{ job_id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .selectAll()
    .where('job_id', '=', param<number>('job_id'))
    .where('status', 'in', ['pending', 'running', 'partial', 'failed'])
    .where('stream', '!=', COUNTING)
    .orderBy('id'),
)

type Progress = Pick<
  TaskTable,
  'job_id' | 'stream' | 'external_id' | 'items' | 'pages' | 'error_type' | 'last_error' | 'not_before'
>

const copyProgress: Statement<Progress> = statement(
  builder
    .updateTable('sync_tasks')
    .set({
      items: param<number>('items'),
      pages: param<number>('pages'),
      error_type: param<string | null>('error_type'),
      last_error: param<string | null>('last_error'),
      not_before: param<string | null>('not_before'),
    })
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', param<string>('stream'))
    .where('external_id', '=', param<string>('external_id')),
)

const walkById: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_walks').selectAll().where('id', '=', param<number>('id')),
)

const putOff: Statement<{ id: number; not_before: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({ not_before: param<string>('not_before') })
    .where('id', '=', param<number>('id')),
)

const copyCursors: Statement<{ from: number; to: number }> = statement(
  builder
    .insertInto('walk_cursors')
    .columns(['walk_id', 'hash'])
    .expression(
      builder
        .selectFrom('walk_cursors')
        .select([sql<number>`${param<number>('to')}`.as('walk_id'), 'hash'])
        .where('walk_id', '=', param<number>('from')),
    ),
)
