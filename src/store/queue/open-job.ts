import { kindOfEntity } from '../../core/entity.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Child, Opening } from '../../core/stream.ts'
import type { Watermarks } from '../../core/watermark.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { carryOver, type Rest, type Successors } from './continue.ts'
import { knownProfile, lockEntities, profilesOf } from './entities.ts'
import { failedBefore, isPutOff, putOff, remember } from './failing.ts'
import type { Unfinished } from './find-jobs.ts'
import { type Beginning, type NewJob, type NewRow, numberJobs, skipJob, writeJobs } from './jobs.ts'
import { noteStarts } from './place.ts'
import { addCounted, addTasks, COUNTING, endJobs, type JobEnd } from './tasks.ts'
import { openWalks, rankOfFailing } from './walks.ts'
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
  /** Whether it reads all only because it goes further back than what is covered; left out = it does not. */
  readonly widens?: (watermarks: Watermarks) => boolean
  /** What is read of a profile that is known, where a task of the opening is left alone in this run. */
  readonly onward: (stream: string, profileId: string, declared: number | null) => readonly Child[]
}

/** A job whose profile this worker has now. */
interface Opened {
  readonly id: number
  readonly job: OpeningJob
  /** From where on its lists are read. */
  readonly from: Instant | null
}

/**
 * Jobs from their openings, each: its tasks and walks, a skipped task for each kind that the network does not give, and
 * what an earlier job left. Where another worker holds the profile the job is `skipped: locked`. Returns of each whether
 * it ended at once; null = the run has its profile already.
 */
export const openJobs = async (
  tx: Tx,
  jobs: readonly OpeningJob[],
  successors: Successors,
): Promise<readonly ({ readonly ended: JobEnd | null } | null)[]> => {
  const ids = await numberJobs(tx, jobs.map(rowOf))
  const made = jobs.flatMap((job, index) => {
    const id = ids[index] ?? null
    return id === null ? [] : [{ job, id }]
  })
  const locks = made.map(({ job, id }) => ({ ...keyOf(job), job_id: id, worker: job.worker, at: job.time }))
  const isHad = await lockEntities(tx, locks)
  const had = made.filter((_, index) => isHad[index])
  const marks = await watermarksOf(
    tx,
    had.map(({ job }) => keyOf(job)),
  )
  const marksOf = new Map(had.map((one, index) => [one, marks[index] ?? {}]))
  await writeJobs(
    tx,
    made.map(one => ({ ...rowOf(one.job), id: one.id, ...beginningOf(one.job, marksOf.get(one)) })),
  )
  const opened: Opened[] = []
  for (const [one, of] of marksOf) opened.push({ ...one, from: await startOf(tx, one, of, successors) })
  const begun = opened.filter(({ job }) => job.carries !== null)
  await noteStarts(tx, new Map(begun.map(({ id, from }) => [id, from])))
  await openAll(tx, opened)
  const skipped = opened.flatMap(({ id: job_id, job: { entityId: external_id, opening } }) =>
    opening.skipped.map(({ kind, reason }) => ({ job_id, kind, external_id, reason })),
  )
  tx.sendEach(insertSkipped, skipped)
  const ended = new Map<number, JobEnd>()
  for (const [index, { id, job }] of made.entries())
    if (!isHad[index]) ended.set(id, await skipJob(tx, id, job.entityId, 'locked', job.time))
  for (const [at, of] of Map.groupBy(opened, ({ job }) => job.time)) {
    const done = await endJobs(
      tx,
      of.map(({ id }) => id),
      at,
    )
    for (const end of done) ended.set(end.id, end)
  }
  return ids.map(id => (id === null ? null : { ended: ended.get(id) ?? null }))
}

const keyOf = ({ network, entityId: entity_id }: OpeningJob) => ({ network, entity_id })

const rowOf = (job: OpeningJob): NewRow => {
  const previous = job.isFresh ? null : (job.carries?.id ?? null)
  return { ...job, previous, continues: false, stored: false }
}

/** Where a job begins that has its profile; of one that carries something along that says from where. */
const beginningOf = (job: OpeningJob, marks: Watermarks | undefined): Beginning => {
  if (marks === undefined) return {}
  const begins = {
    openTasks: job.opening.tasks.length,
    ...(job.widens?.(marks) && { params: { ...job.params, widens: true as const } }),
  }
  return job.carries === null ? { ...begins, from: job.start(marks) } : begins
}

/** Carries along what an earlier job left; from where on the lists are read beside that. */
const startOf = async (
  tx: Tx,
  { id, job }: Pick<Opened, 'id' | 'job'>,
  marks: Watermarks,
  successors: Successors,
): Promise<Instant | null> => {
  const covered = job.start(marks)
  if (job.carries === null) return covered
  const opened = new Set(job.opening.tasks.map(task => task.stream))
  const isFull = covered === null && marks.posts !== undefined
  const asksAll = isFull && !job.widens?.(marks)
  const how = { opened, isFull, asksAll, isFresh: job.isFresh }
  const rest = await carryOver(tx, job.carries, id, job, how, successors)
  return rest === null ? covered : headOf(rest, covered, job)
}

/** From where on the head of a list is read whose rest is read apart. */
const headOf = (rest: Rest, covered: Instant | null, { overlapMs, params }: OpeningJob): Instant => {
  const from = rest.isFailing ? rest.above : instant(Date.parse(rest.above) - overlapMs)
  const start = covered !== null && covered > from ? covered : from
  return params.since !== null && params.since > start ? params.since : start
}

/** The tasks of the openings, and of those that fail what can be read without them: they themselves are tried last, or not in this run. */
const openAll = async (tx: Tx, opened: readonly Opened[]): Promise<void> => {
  // Whose a post is that the list names is not to be asked again.
  const others = opened.filter(({ job }) => kindOfEntity(job.entityId) !== 'profile')
  const profiles = await profilesOf(
    tx,
    others.map(({ job }) => keyOf(job)),
  )
  const profileOf = new Map(others.map((of, index) => [of, profiles[index] ?? null]))
  const tasks = opened.flatMap(of =>
    of.job.opening.tasks.map(({ stream, externalId }): TaskOfOpening => {
      const profileId = profileOf.get(of) ?? null
      return { stream, externalId, declared: null, from: of.from, profileId, of }
    }),
  )
  const failed = await openTasksOf(tx, tasks, addCounted)
  for (const { of, stream } of failed) {
    const known = await knownProfile(tx, keyOf(of.job))
    if (known === null) continue
    const children = of.job.onward(stream, known.profileId, known.declared)
    await openTasksOf(
      tx,
      children
        .filter(({ next }) => next !== null)
        .map(({ stream, externalId, declared = null }) => {
          return { of, stream, externalId, declared, from: of.from, profileId: known.profileId }
        }),
      addTasks,
    )
  }
}

interface TaskOfOpening {
  readonly of: Opened
  readonly stream: string
  readonly externalId: string
  readonly declared: number | null
  readonly from: Instant | null
  readonly profileId: string | null
}

/** Opens tasks, each with a walk of its own unless it waits to share one. Returns those that failed before. */
const openTasksOf = async (
  tx: Tx,
  tasks: readonly TaskOfOpening[],
  add: typeof addTasks,
): Promise<readonly TaskOfOpening[]> => {
  const keys = tasks.map(({ of, stream, externalId }) => ({
    job_id: of.id,
    stream,
    external_id: externalId,
    part: '',
  }))
  const failed = await failedBefore(tx, keys)
  const isLeft = tasks.map(({ of: { job } }, index) => {
    const before = failed[index]
    return before !== undefined && !job.retry && isPutOff(before, job.time)
  })
  const alone = tasks.flatMap((task, index) =>
    isLeft[index] || task.of.job.shared.has(task.stream)
      ? []
      : [{ task, fails: failed[index] !== undefined }],
  )
  const walks = alone.map(({ task: { of, stream }, fails }) => {
    const { job } = of
    const kind = job.kindOf(stream)
    return {
      runId: job.runId,
      network: job.network,
      jobId: of.id,
      stream,
      kind,
      rank: rankOfFailing(job.rank(kind), fails),
      credential: job.credential,
      cursor: null,
      startedAt: job.time,
    }
  })
  const ids = await openWalks(tx, walks)
  const walkOf = new Map(alone.map(({ task }, index) => [task, ids[index] ?? null]))
  const rows = tasks.map((task, index) => ({
    ...(keys[index] as (typeof keys)[number]),
    kind: task.of.job.kindOf(task.stream),
    profile_id: task.profileId,
    post_id: null,
    walk_id: walkOf.get(task) ?? null,
    expected: task.declared,
    from_at: task.from,
  }))
  await add(tx, rows)
  for (const [index, before] of failed.entries()) {
    const key = keys[index]
    if (before === undefined || key === undefined) continue
    await (isLeft[index] ? putOff : remember)(tx, key, before)
  }
  return tasks.filter((_, index) => failed[index] !== undefined)
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
