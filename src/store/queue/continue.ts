import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { TaskKind } from '../../core/task.ts'
import { NO_STREAK, type Streak } from '../../core/verdict.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { decodeJson } from '../schema/rows.ts'
import { lockEntities } from './entities.ts'
import { isPutOff, putOff, remember } from './failing.ts'
import type { Unfinished } from './find-jobs.ts'
import { createJobRow, type NewJob, skipJob } from './jobs.ts'
import { type Begun, joinRests, type Task } from './join-rests.ts'
import { addTask, COUNTING, endJob, type JobEnd } from './tasks.ts'
import type { WalkRow } from './walk-rows.ts'
import { closeWalk, openWalk, rankOfFailing } from './walks.ts'

/** The walks of this run that took over a walk of an earlier one: jobs that shared a walk go on sharing it. */
export type Successors = Map<number, number>

/** What is the same whatever a job goes on with. */
type ContinuingJob = Omit<NewJob, 'previous' | 'entityId' | 'params' | 'scopes'>

/**
 * The job that only continues an unfinished one: a new row with `previous_job_id`, unfinished tasks copied with the
 * places of their walks, finished ones left alone, the old job as it was (docs/design.md §5.2). A task that ended in a
 * loop starts its walk anew. Null where the run has the profile already.
 */
export const continueJob = async (
  tx: Tx,
  old: Unfinished,
  job: ContinuingJob,
  successors: Successors,
): Promise<{ id: number; ended: JobEnd | null } | null> => {
  const { network, entityId, scopes, params } = old
  const of = { network, entityId, scopes, params, previous: old.id, continues: true }
  const id = await createJobRow(tx, { ...job, ...of, stored: await hasStored(tx, old.id) })
  if (id === null) return null
  const lock = { network, entity_id: entityId, job_id: id, worker: job.worker, at: job.time }
  const [isLocked] = await lockEntities(tx, [lock])
  if (!isLocked) {
    // It has not gone on with anything: whoever holds the profile still does.
    tx.send(partFromPrevious, { id })
    return { id, ended: await skipJob(tx, id, entityId, 'locked', job.time) }
  }
  tx.send(copyPlace, { from: old.id, to: id })
  for (const task of await tasksToCarry(tx, old.id, job.retry)) await copyTask(tx, task, id, job, successors)
  return { id, ended: await endJob(tx, id, job.time) }
}

/** The rest of a list of posts that is read apart from its head. */
export interface Rest {
  /** Down to where its head need be read: the rest has what is older. */
  readonly above: Instant
  /** Whether it fails: then what stands at its beginning is not looked at again until it is there. */
  readonly isFailing: boolean
}

export interface Carrying {
  /** Streams that the new job opens itself. */
  readonly opened: ReadonlySet<string>
  /** It reads all of the list. */
  readonly isFull: boolean
  /** It reads all comments of these posts again. */
  readonly asksAll: boolean
  /** It goes on with nothing, and only tries what fails. */
  readonly isFresh: boolean
}

/**
 * Carries what an earlier job left into one that reads the profile anew (docs/design.md §5.11): all but what that one
 * opens itself. Of a list that was begun it is the rest, beside the new reading of its head: of posts, not where this one
 * reads all of them, unless it is the rest of such a reading itself.
 */
export const carryOver = async (
  tx: Tx,
  old: Pick<Unfinished, 'id'>,
  id: number,
  job: ContinuingJob,
  { opened, isFull, asksAll, isFresh }: Carrying,
  successors: Successors,
): Promise<Rest | null> => {
  const begun: Begun[] = []
  const begunComments: Begun[] = []
  for (const task of await tasksToCarry(tx, old.id, job.retry)) {
    if (opened.has(task.stream) || (isFresh && task.failing_since === null)) continue
    const list = job.headedList(task.stream)
    const walk = task.walk_id === null ? undefined : await walkOf(tx, task.walk_id)
    if (list !== 'posts') {
      // A pass that asks for all comments goes on with those that were begun.
      const isRest = list === 'comments' && !asksAll && walk?.cursor != null && broughtBy(walk) > 0
      if (isRest) begunComments.push({ task, walk })
      else await copyTask(tx, task, id, job, successors)
      continue
    }
    if (isFresh) continue
    if (isFull && (task.from_at !== null || task.reason === 'unlisted')) continue
    // Nothing of it was read: the profile's page opens it.
    if (walk === undefined || (task.part === '' && walk.cursor === null && isUnread(task, walk))) continue
    begun.push({ task, walk })
  }
  const rests = joinRests(begun)
  for (const { task, walk } of [...joinRests(begunComments), ...rests]) {
    await copyTask(tx, { ...task, part: partOf(task, walk) }, id, job, successors)
  }
  const above = rests
    .map(({ task, walk }) => task.head_at ?? walk.started_at)
    .toSorted()
    .at(-1)
  return above === undefined
    ? null
    : { above, isFailing: rests.some(({ task }) => task.failing_since !== null) }
}

/** A rest is named after the first walk of its line. */
const partOf = ({ part }: Task, { root_id }: WalkRow): string => (part === '' ? String(root_id) : part)

/** A walk that several share may have brought what others declare. */
const isUnread = (task: Task, walk: WalkRow): boolean => task.reason === 'unlisted' || broughtBy(walk) === 0

const broughtBy = ({ streak }: WalkRow): number => decodeJson<Streak>(streak).brought

/** A task as one of the new job, with the place of its walk and what is known of its failing. */
const copyTask = async (
  tx: Tx,
  task: Task,
  jobId: number,
  job: ContinuingJob,
  successors: Successors,
): Promise<void> => {
  const left = !job.retry && isPutOff(task, job.time)
  const walkId =
    task.walk_id !== null
      ? await succeed(tx, await walkOf(tx, task.walk_id), jobId, task, { ...job, left }, successors)
      : left || job.shared.has(task.stream)
        ? null
        : await openWalk(tx, {
            runId: job.runId,
            network: job.network,
            jobId,
            stream: task.stream,
            kind: task.kind,
            rank: rankOfFailing(job.rank(task.kind as TaskKind), task.failing_since !== null),
            credential: job.credential,
            cursor: null,
            startedAt: job.time,
          })
  const key = { job_id: jobId, stream: task.stream, external_id: task.external_id, part: task.part }
  await addTask(tx, {
    ...key,
    kind: task.kind as TaskKind,
    profile_id: task.profile_id,
    post_id: task.post_id,
    walk_id: walkId,
    expected: task.expected,
    from_at: task.from_at,
  })
  if (task.head_at !== null) tx.send(copyHead, { ...key, head_at: task.head_at })
  if (left) await putOff(tx, key, task)
  else if (task.failing_since !== null) await remember(tx, key, task)
  else if (task.status === 'pending' && task.not_before !== null && job.closedUntil !== null) {
    // It may not be taken up in this run either: then it still says why.
    const { error_type, last_error } = task
    tx.send(copyDeferral, { ...key, error_type, last_error, not_before: job.closedUntil })
  }
}

/** The walk of this run that goes on where an earlier one stood, in a run of its own; `left` = not in this one. */
const succeed = async (
  tx: Tx,
  walk: WalkRow,
  jobId: number,
  task: Pick<Task, 'reason' | 'failing_since'>,
  job: Pick<NewJob, 'runId' | 'time' | 'closedUntil'> & { readonly left: boolean },
  successors: Successors,
): Promise<number> => {
  const known = successors.get(job.left ? -walk.id : walk.id)
  if (known !== undefined) return known
  const streak = decodeJson<Streak>(walk.streak)
  const anew = task.reason === 'loop' || (walk.state === 'done' && walk.cursor === null)
  const next = await openWalk(tx, {
    runId: job.runId,
    network: walk.network,
    jobId,
    stream: walk.stream,
    kind: walk.kind,
    rank: rankOfFailing(walk.rank, task.failing_since !== null),
    credential: walk.credential,
    cursor: anew || walk.cursor === null ? null : decodeJson(walk.cursor),
    // One that is left keeps its place in time too: when its head was read.
    startedAt: anew && !job.left ? job.time : walk.started_at,
    ...(anew
      ? {}
      : {
          from: {
            seq: walk.seq,
            rootId: walk.root_id,
            // Each run may begin anew once.
            restarts: 0,
            streak: walk.state === 'done' ? { ...NO_STREAK, brought: streak.brought } : streak,
            whole: walk.whole === 1,
          },
        }),
  })
  if (walk.not_before !== null && job.closedUntil !== null) {
    tx.send(defer, { id: next, not_before: job.closedUntil })
  }
  if (!anew) tx.send(copyCursors, { from: walk.id, to: next })
  if (job.left) await closeWalk(tx, next, true)
  successors.set(job.left ? -walk.id : walk.id, next)
  return next
}

const walkOf = async (tx: Tx, id: number): Promise<WalkRow> => {
  const walk = await tx.get<{ id: number }, WalkRow>(walkById, { id })
  if (walk === undefined) throw new Error(`a task of a walk that is not there: ${id}`)
  return walk
}

const tasksToCarry = (tx: Tx, jobId: number, retry: boolean): Promise<Task[]> =>
  tx.all<Open, Task>(openTasks, { job_id: jobId, retry: retry ? 1 : 0 })

type Open = { job_id: number; retry: number }

const hasStored = async (tx: Tx, jobId: number): Promise<boolean> =>
  (await tx.get<{ id: number }, { stored: number }>(storedOf, { id: jobId }))?.stored === 1 ||
  (await tx.get(anyItems, { job_id: jobId })) !== undefined

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

const openTasks: Statement<Open> = statement(
  builder
    .selectFrom('sync_tasks')
    .selectAll()
    .where('job_id', '=', param<number>('job_id'))
    .where(eb =>
      eb.or([
        eb('status', 'in', ['pending', 'running', 'partial']),
        // One that was read to its end has failed for single rows of it, which are kept: another night knows them.
        eb.and([
          eb('status', '=', 'failed'),
          eb.or([eb('last_synced_at', 'is', null), eb(eb.val(param<number>('retry')), '=', 1)]),
        ]),
        eb('failing_since', 'is not', null),
      ]),
    )
    .where('stream', '!=', COUNTING)
    .orderBy('id'),
)

type Key = { job_id: number; stream: string; external_id: string; part: string }

const copyHead: Statement<Key & { head_at: string }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ head_at: param<string>('head_at') })
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', param<string>('stream'))
    .where('external_id', '=', param<string>('external_id'))
    .where('part', '=', param<string>('part')),
)

const copyDeferral: Statement<
  Key & { error_type: string | null; last_error: string | null; not_before: string }
> = statement(
  builder
    .updateTable('sync_tasks')
    .set({
      error_type: param<string | null>('error_type'),
      last_error: param<string | null>('last_error'),
      not_before: param<string>('not_before'),
    })
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', param<string>('stream'))
    .where('external_id', '=', param<string>('external_id'))
    .where('part', '=', param<string>('part')),
)

const walkById: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_walks').selectAll().where('id', '=', param<number>('id')),
)

const defer: Statement<{ id: number; not_before: string }> = statement(
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
