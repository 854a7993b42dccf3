import { type Instant, instant } from '../../core/instant.ts'
import type { Child, Opening } from '../../core/stream.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { builder } from '../sqlite/builder.ts'
import type { Tx } from '../sqlite/database.ts'
import { param, type Statement, statement } from '../sqlite/statement.ts'
import { carryOver, type Rest, type Successors, type Unfinished } from './continue.ts'
import { knownProfile, lockEntity } from './entities.ts'
import { failedBefore, isPutOff, putOff, remember } from './failing.ts'
import { createJobRow, type NewJob, noteStart, skipJob } from './jobs.ts'
import { addTask, COUNTING, endJob, type JobEnd } from './tasks.ts'
import { openWalk, rankOfFailing } from './walks.ts'
import { watermarksOf } from './watermarks.ts'

/** A job to be made that reads its profile anew. */
export interface OpeningJob extends Omit<NewJob, 'previous'> {
  readonly opening: Opening
  /** The job whose unfinished tasks are carried along, and whose failing ones are remembered; null = there is none. */
  readonly carries: Pick<Unfinished, 'id'> | null
  /** True: it goes on with nothing of that job, and only tries what fails. */
  readonly isFresh: boolean
  /** A list is read again from so long before the moment that it was read, ms. */
  readonly overlapMs: number
  /** From where on the profile's lists are read, by how far it is covered; null = all. */
  readonly start: (watermarks: Watermarks) => Instant | null
  /** What is read of a profile that is known, where a task of the opening is left alone in this run. */
  readonly onward: (stream: string, profileId: string, declared: number | null) => readonly Child[]
}

/**
 * A job from its opening: its tasks and walks, a skipped task for each kind that the network does not give, and what an
 * earlier job left. Where another worker holds the profile the job is `skipped: locked`. Returns the job that ended at
 * once, if it did.
 */
export const openJob = (
  tx: Tx,
  job: OpeningJob,
  successors: Successors,
): { id: number; ended: JobEnd | null } | null => {
  const previous = job.isFresh ? null : (job.carries?.id ?? null)
  const id = createJobRow(tx, { ...job, previous, continues: false }, false)
  if (id === null) return null
  const key = { network: job.network, entity_id: job.entityId }
  if (!lockEntity(tx, { ...key, job_id: id, worker: job.worker, at: job.time })) {
    return { id, ended: skipJob(tx, id, job.entityId, 'locked', job.time) }
  }
  const opened = new Set(job.opening.tasks.map(task => task.stream))
  const marks = watermarksOf(tx, key)
  const covered = job.start(marks)
  const isFull = covered === null && marks.posts !== undefined
  const how = { opened, isFull, isFresh: job.isFresh }
  const rest = job.carries === null ? null : carryOver(tx, job.carries, id, job, how, successors)
  const from = rest === null ? covered : headOf(rest, covered, job)
  tx.prepared.run(noteStart, { id, from })
  for (const task of job.opening.tasks) openOne(tx, id, job, task, from)
  for (const { kind, reason } of job.opening.skipped) {
    tx.prepared.run(insertSkipped, { job_id: id, kind, external_id: job.entityId, reason })
  }
  return { id, ended: endJob(tx, id, job.time) }
}

/** From where on the head of a list is read whose rest is read apart. */
const headOf = (rest: Rest, covered: Instant | null, { overlapMs, params }: OpeningJob): Instant => {
  const from = rest.isFailing ? rest.above : instant(Date.parse(rest.above) - overlapMs)
  const start = covered !== null && covered > from ? covered : from
  return params.since !== null && params.since > start ? params.since : start
}

/** A task of the opening, and where it fails what can be read without it: itself it is tried last, or not in this run. */
const openOne = (
  tx: Tx,
  id: number,
  job: OpeningJob,
  { stream, externalId }: Opening['tasks'][number],
  from: Instant | null,
): void => {
  const key = { job_id: id, stream, external_id: externalId, part: '' }
  const failed = failedBefore(tx, key)
  const left = failed !== undefined && !job.retry && isPutOff(failed, job.time)
  const known =
    failed === undefined ? null : knownProfile(tx, { network: job.network, entity_id: job.entityId })
  openTaskOf(tx, id, job, {
    stream,
    externalId,
    declared: null,
    from,
    failing: failed !== undefined,
    left,
    profileId: null,
  })
  if (failed === undefined) return
  if (left) putOff(tx, key, failed)
  else remember(tx, key, failed)
  if (known === null) return
  for (const child of job.onward(stream, known.profileId, known.declared)) {
    if (child.next === null) continue
    const { externalId: of, declared = null } = child
    const task = {
      stream: child.stream,
      externalId: of,
      declared,
      from,
      left: false,
      profileId: known.profileId,
    }
    const before = failedBefore(tx, { job_id: id, stream: child.stream, external_id: of })
    const alsoLeft = before !== undefined && !job.retry && isPutOff(before, job.time)
    openTaskOf(tx, id, job, { ...task, failing: before !== undefined, left: alsoLeft })
    const childKey = { job_id: id, stream: child.stream, external_id: of, part: '' }
    if (before !== undefined) (alsoLeft ? putOff : remember)(tx, childKey, before)
  }
}

interface TaskOfOpening {
  readonly stream: string
  readonly externalId: string
  readonly declared: number | null
  readonly from: Instant | null
  readonly profileId: string | null
  readonly failing: boolean
  /** True: no walk is opened for it in this run. */
  readonly left: boolean
}

const openTaskOf = (tx: Tx, id: number, job: OpeningJob, task: TaskOfOpening): void => {
  const kind = job.kindOf(task.stream)
  const walkId =
    task.left || job.shared.has(task.stream)
      ? null
      : openWalk(tx, {
          runId: job.runId,
          network: job.network,
          jobId: id,
          stream: task.stream,
          kind,
          rank: rankOfFailing(job.rank(kind), task.failing),
          credential: job.credential,
          cursor: null,
          startedAt: job.time,
        })
  addTask(tx, {
    job_id: id,
    kind,
    stream: task.stream,
    external_id: task.externalId,
    profile_id: task.profileId,
    post_id: null,
    walk_id: walkId,
    expected: task.declared,
    from_at: task.from,
  })
}

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
