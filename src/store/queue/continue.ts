import { sql } from 'kysely'
import type { Params } from '../../core/params.ts'
import type { TaskKind } from '../../core/task.ts'
import { NO_STREAK, type Streak } from '../../core/verdict.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Tx } from '../sqlite/database.ts'
import { lockEntity } from './entities.ts'
import { createJobRow, type NewJob, skipJob } from './jobs.ts'
import { addTask, COUNTING, endJob, type JobEnd } from './tasks.ts'
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
export const continueJob = async (
  tx: Tx,
  old: Unfinished,
  job: Omit<NewJob, 'opening' | 'start' | 'previous' | 'network' | 'entityId' | 'params' | 'scopes'>,
  successors: Successors,
): Promise<{ id: number; ended: JobEnd | null } | null> => {
  const id = await createJobRow(tx, { ...job, ...old, previous: old.id }, await hasStored(tx, old.id))
  if (id === null) return null
  const lock = { network: old.network, entity_id: old.entityId, job_id: id, worker: job.worker, at: job.at }
  if (!lockEntity(tx, lock)) {
    // It has not gone on with anything: whoever holds the profile still does.
    await tx.db.updateTable('sync_jobs').set({ previous_job_id: null }).where('id', '=', id).execute()
    return { id, ended: await skipJob(tx, id, old.entityId, 'locked', job.at) }
  }
  await copyPlaceOf(tx, old.id, id)
  const tasks = await tx.db
    .selectFrom('sync_tasks')
    .selectAll()
    .where('job_id', '=', old.id)
    .where('status', 'in', ['pending', 'running', 'partial', 'failed'])
    .where('stream', '!=', COUNTING)
    .orderBy('id')
    .execute()
  for (const task of tasks) {
    const walkId =
      task.walk_id === null
        ? null
        : await succeed(tx, task.walk_id, id, task.reason === 'loop', job, successors)
    addTask(tx, {
      job_id: id,
      kind: task.kind as TaskKind,
      stream: task.stream,
      external_id: task.external_id,
      profile_id: task.profile_id,
      post_id: task.post_id,
      walk_id: walkId,
      expected: task.expected,
      from_at: task.from_at,
    })
    await tx.db
      .updateTable('sync_tasks')
      .set({
        items: task.items,
        pages: task.pages,
        // What may go on at once is tried anew: where this run ends before that, it does not say what the last one met.
        ...(task.status === 'pending' && task.not_before !== null
          ? { error_type: task.error_type, last_error: task.last_error, not_before: task.not_before }
          : {}),
      })
      .where('job_id', '=', id)
      .where('stream', '=', task.stream)
      .where('external_id', '=', task.external_id)
      .execute()
  }
  return { id, ended: endJob(tx, id, job.at) }
}

/** The walk of this run that goes on where an earlier one stood. */
const succeed = async (
  tx: Tx,
  walkId: number,
  jobId: number,
  loop: boolean,
  job: Pick<NewJob, 'runId' | 'at'>,
  successors: Successors,
): Promise<number> => {
  const known = successors.get(walkId)
  if (known !== undefined) return known
  const walk = await tx.db
    .selectFrom('sync_walks')
    .selectAll()
    .where('id', '=', walkId)
    .executeTakeFirstOrThrow()
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
    startedAt: anew ? job.at : walk.started_at,
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
  if (walk.not_before !== null) {
    await tx.db
      .updateTable('sync_walks')
      .set({ not_before: walk.not_before })
      .where('id', '=', next)
      .execute()
  }
  if (!anew) {
    await tx.db
      .insertInto('walk_cursors')
      .columns(['walk_id', 'hash'])
      .expression(
        tx.db
          .selectFrom('walk_cursors')
          .select([sql<number>`${next}`.as('walk_id'), 'hash'])
          .where('walk_id', '=', walkId),
      )
      .execute()
  }
  successors.set(walkId, next)
  return next
}

const hasStored = async (tx: Tx, jobId: number): Promise<boolean> => {
  const job = await tx.db.selectFrom('sync_jobs').select('stored').where('id', '=', jobId).executeTakeFirst()
  if (job?.stored === 1) return true
  const task = await tx.db
    .selectFrom('sync_tasks')
    .select('id')
    .where('job_id', '=', jobId)
    .where('items', '>', 0)
    .executeTakeFirst()
  return task !== undefined
}

const copyPlaceOf = async (tx: Tx, from: number, to: number): Promise<void> => {
  await tx.db
    .updateTable('sync_jobs')
    .set(eb => ({
      cursor: eb.selectFrom('sync_jobs as old').select('old.cursor').where('old.id', '=', from).$asScalar(),
    }))
    .where('id', '=', to)
    .execute()
}
