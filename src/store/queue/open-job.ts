import { type Instant, instant } from '../../core/instant.ts'
import type { Child, Opening } from '../../core/stream.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { carryOver, type Rest, type Successors, type Unfinished } from './continue.ts'
import { knownProfile, lockEntity } from './entities.ts'
import { failedBefore, isPutOff, putOff, remember } from './failing.ts'
import { createJobRow, type NewJob, skipJob } from './jobs.ts'
import { noteStart } from './place.ts'
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
export const openJob = async (
  tx: Tx,
  job: OpeningJob,
  successors: Successors,
): Promise<{ id: number; ended: JobEnd | null } | null> => {
  const previous = job.isFresh ? null : (job.carries?.id ?? null)
  const id = await createJobRow(tx, { ...job, previous, continues: false }, false)
  if (id === null) return null
  const key = { network: job.network, entity_id: job.entityId }
  if (!(await lockEntity(tx, { ...key, job_id: id, worker: job.worker, at: job.time }))) {
    return { id, ended: await skipJob(tx, id, job.entityId, 'locked', job.time) }
  }
  const opened = new Set(job.opening.tasks.map(task => task.stream))
  const marks = await watermarksOf(tx, key)
  const covered = job.start(marks)
  const isFull = covered === null && marks.posts !== undefined
  const how = { opened, isFull, isFresh: job.isFresh }
  const rest = job.carries === null ? null : await carryOver(tx, job.carries, id, job, how, successors)
  const from = rest === null ? covered : headOf(rest, covered, job)
  await noteStart(tx, id, from)
  for (const task of job.opening.tasks) await openOne(tx, id, job, task, from)
  for (const { kind, reason } of job.opening.skipped) {
    await tx.run(insertSkipped, { job_id: id, kind, external_id: job.entityId, reason })
  }
  return { id, ended: await endJob(tx, id, job.time) }
}

/** From where on the head of a list is read whose rest is read apart. */
const headOf = (rest: Rest, covered: Instant | null, { overlapMs, params }: OpeningJob): Instant => {
  const from = rest.isFailing ? rest.above : instant(Date.parse(rest.above) - overlapMs)
  const start = covered !== null && covered > from ? covered : from
  return params.since !== null && params.since > start ? params.since : start
}

/** A task of the opening, and where it fails what can be read without it: itself it is tried last, or not in this run. */
const openOne = async (
  tx: Tx,
  id: number,
  job: OpeningJob,
  { stream, externalId }: Opening['tasks'][number],
  from: Instant | null,
): Promise<void> => {
  const key = { job_id: id, stream, external_id: externalId, part: '' }
  const failed = await failedBefore(tx, key)
  const left = failed !== undefined && !job.retry && isPutOff(failed, job.time)
  const known =
    failed === undefined ? null : await knownProfile(tx, { network: job.network, entity_id: job.entityId })
  await openTaskOf(tx, id, job, {
    stream,
    externalId,
    declared: null,
    from,
    failing: failed !== undefined,
    left,
    profileId: null,
  })
  if (failed === undefined) return
  if (left) await putOff(tx, key, failed)
  else await remember(tx, key, failed)
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
    const before = await failedBefore(tx, { job_id: id, stream: child.stream, external_id: of })
    const alsoLeft = before !== undefined && !job.retry && isPutOff(before, job.time)
    await openTaskOf(tx, id, job, { ...task, failing: before !== undefined, left: alsoLeft })
    const childKey = { job_id: id, stream: child.stream, external_id: of, part: '' }
    if (before !== undefined) await (alsoLeft ? putOff : remember)(tx, childKey, before)
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

const openTaskOf = async (tx: Tx, id: number, job: OpeningJob, task: TaskOfOpening): Promise<void> => {
  const kind = job.kindOf(task.stream)
  const walkId =
    task.left || job.shared.has(task.stream)
      ? null
      : await openWalk(tx, {
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
  await addTask(tx, {
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
