import { holdsPosts, idOfEntity, kindOfEntity } from '../../core/entity.ts'
import { jsonRows } from '../../export/json-row.ts'
import { chainOf } from '../../store/queue/find-jobs.ts'
import { LIVES } from '../../store/queue/life.ts'
import { PURPOSES } from '../../store/queue/sharing.ts'
import { followReader, isAlive, openReader, type Reader, readTransaction } from '../../store/reader.ts'
import { LISTED } from '../../store/reports/failing-tasks.ts'
import type { JobReport } from '../../store/reports/job-report.ts'
import { countJobsByStatus } from '../../store/reports/job-tally.ts'
import {
  endsOf,
  type Gauges,
  type JobFilter,
  type ListedJob,
  type ListedTask,
  listJobsAfter,
  listRuns,
  listTasks,
  orderOf,
  type RunLine,
  readGauges,
  type Slice,
  subjectOf,
} from '../../store/reports/lists.ts'
import { type PostCompleteness, reportPosts } from '../../store/reports/post-gaps.ts'
import {
  placeLength,
  RESULT_KINDS,
  type ResultKind,
  type ResultPosition,
  type ResultRequest,
  readResults,
  resultColumns,
} from '../../store/reports/results.ts'
import { newestRun } from '../../store/reports/run-report.ts'
import { reportTransforms, type TransformReport } from '../../store/reports/transform-report.ts'
import {
  isStoredTransform,
  readTransformResults,
  type TransformResultRequest,
  transformColumns,
} from '../../store/reports/transform-results.ts'
import { reportWorkers, type WorkerReport } from '../../store/reports/worker-rows.ts'
import type { TransformSettings } from '../../transforms/service.ts'
import { type LearnedRule, readLearned } from './learned.ts'
import { findJobStatus, findRunStatus, type RunWith, type Status, type WithReaders } from './status.ts'

export {
  followReader,
  LISTED,
  LIVES,
  openReader,
  PURPOSES,
  placeLength,
  RESULT_KINDS,
  type ResultKind,
  type ResultPosition as Place,
  resultColumns,
  transformColumns,
}

/** How a run stands: `interrupted` = its process is gone, and none has gone on with it yet. */
export const RUN_STATES = ['queued', 'running', 'ended', 'interrupted'] as const
export type RunState = (typeof RUN_STATES)[number]

type Ends = { readonly worker: string | null; readonly finished_at: string | null }

/** A run that was ordered has ended when its order has: what is known of its end is written with that. */
const stateOf = async (reader: Reader, run: Ends, order: string | null): Promise<RunState> => {
  if (run.finished_at !== null) return order === null || order === 'ended' ? 'ended' : 'running'
  if (run.worker === null) return 'queued'
  return (await isAlive(reader, run)) ? 'running' : 'interrupted'
}

/** Whether the file answers, and holds a run. */
export const hasRuns = async ({ db }: Reader): Promise<boolean> => (await newestRun(db)) !== null

/** A part of the list of runs, newest first. */
export const browseRuns = (
  reader: Reader,
  slice: Slice,
): Promise<readonly (RunLine & { readonly state: RunState })[]> =>
  readTransaction(reader, async at => {
    const runs = await listRuns(at.db, slice)
    return Promise.all(runs.map(async run => ({ ...run, state: await stateOf(at, run, run.order_state) })))
  })

export interface RunView {
  /** Comments are told of a job: of a large run they take long, in one piece. */
  readonly run: RunWith<PostCompleteness>
  readonly state: RunState
  /** What of its networks is not asked for. */
  readonly learned: readonly LearnedRule[]
  /** What `serve` knows of it beside: by which run a restart went on with it, and what ended it too early. */
  readonly order: Awaited<ReturnType<typeof orderOf>>
}

/** A run, or null; all of it as it was at one moment. `now` = that moment, epoch ms. */
export const viewRun = (reader: Reader, id: number, now: number): Promise<RunView | null> =>
  readTransaction(reader, async at => {
    const status = await findRunStatus(at, id, now, reportPosts)
    if (status === null) return null
    const { subject, learned } = status
    const order = await orderOf(at.db, id)
    return {
      run: subject,
      state: await stateOf(at, subject, order?.state ?? null),
      learned,
      order,
    }
  })

/** What of a run can be told at once, however large it is. */
export interface RunStanding {
  readonly state: RunState
  readonly finished_at: string | null
  readonly order: RunView['order']
}

/** The same without what has to be counted, or null. */
export const findRun = async (reader: Reader, id: number): Promise<RunStanding | null> => {
  const { db } = reader
  const run = await endsOf(db, id)
  if (run === null) return null
  const order = await orderOf(db, id)
  const state = await stateOf(reader, run, order?.state ?? null)
  return { state, finished_at: run.finished_at, order }
}

/** A run's jobs by status. */
export const countRunJobs = ({ db }: Reader, id: number): Promise<Record<string, number>> =>
  countJobsByStatus(db, id)

/** A part of the list of jobs, newest first. */
export const browseJobs = (reader: Reader, only: JobFilter, slice: Slice): Promise<readonly ListedJob[]> =>
  readTransaction(reader, ({ db }) => listJobsAfter(db, only, slice))

/** A job, or null; all of it as it was at one moment. `now` = that moment, epoch ms. */
export const viewJob = (
  reader: Reader,
  id: number,
  now: number,
): Promise<(Status<JobReport> & WithReaders) | null> =>
  readTransaction(reader, at => findJobStatus(at, id, now))

export const isJob = async ({ db }: Reader, id: number): Promise<boolean> =>
  (await subjectOf(db, id)) !== null

/** A part of a job's tasks, or null where there is no such job. */
export const browseTasks = async (
  { db }: Reader,
  jobId: number,
  only: { readonly statuses: readonly string[]; readonly kinds: readonly string[] },
  slice: Slice,
): Promise<readonly ListedTask[] | null> =>
  (await subjectOf(db, jobId)) === null ? null : listTasks(db, jobId, only, slice)

export type ResultFilter = Pick<ResultRequest, 'postId' | 'since' | 'name' | 'subject'>

export interface Results {
  /** Each row as one line of JSON, ids as texts. */
  readonly lines: readonly string[]
  readonly next: ResultPosition | null
  /** Whether the job has ended. */
  readonly final: boolean
}

/**
 * A page of what a job and those it continues wrote last of its profile; null where there is no such job. Rows that
 * are written meanwhile shift nothing: a page begins after a key that stays.
 */
export const readJobResults = async (
  { db }: Reader,
  jobId: number,
  kind: ResultKind,
  filter: ResultFilter,
  { after, limit }: { readonly after: ResultPosition | null; readonly limit: number },
): Promise<Results | null> => {
  const subject = await subjectOf(db, jobId)
  if (subject === null) return null
  const final = subject.finished_at !== null
  const { network, profile_id: profileId, entity_id: entityId } = subject
  const named = kindOfEntity(entityId)
  const collectionId = holdsPosts(entityId) ? entityId : null
  // Nothing of it is stored before the network has said which profile it is.
  if (profileId === null && collectionId === null) return { lines: [], next: null, final }
  const jobs = await chainOf(db, jobId)
  const of = {
    network,
    profileId,
    collectionId,
    jobs,
    ...(named === 'post' && { postId: idOfEntity(entityId) }),
  }
  const { rows, next } = await readResults(db, kind, { ...filter, ...of, after, limit })
  return { lines: rows.map(WRITERS[kind]), next, final }
}

const WRITERS = Object.fromEntries(
  RESULT_KINDS.map(kind => [kind, jsonRows(resultColumns(kind))]),
) as Readonly<Record<ResultKind, ReturnType<typeof jsonRows>>>

/** What is not asked of some networks, since they refused it again and again. */
export const browseLearned = (
  { db }: Reader,
  networks: readonly string[],
  now: number,
): Promise<readonly LearnedRule[]> => readLearned(db, networks, now)

/** Who is at work on the database, and what each holds. */
export const browseWorkers = (reader: Reader): Promise<readonly WorkerReport[]> =>
  readTransaction(reader, reportWorkers)

export const gauges = (reader: Reader): Promise<Gauges> => readTransaction(reader, ({ db }) => readGauges(db))

/** A transform that is configured, or of which something is stored. */
export interface TransformState {
  readonly name: string
  /** Null = it is in no config file any more. */
  readonly settings: TransformSettings | null
  readonly versions: readonly TransformReport[]
}

/** All transforms, by name. */
export const browseTransforms = async (
  { db }: Pick<Reader, 'db'>,
  configured: readonly TransformSettings[],
): Promise<readonly TransformState[]> => {
  const stored = Map.groupBy(await reportTransforms(db, null), ({ transform }) => transform)
  const byName = new Map(configured.map(settings => [settings.transform, settings]))
  return [...new Set([...byName.keys(), ...stored.keys()])].sort().map(name => ({
    name,
    settings: byName.get(name) ?? null,
    versions: stored.get(name) ?? [],
  }))
}

/** Whether there is a transform of this name, without counting anything of it. */
export const isTransform = async (
  { db }: Pick<Reader, 'db'>,
  name: string,
  configured: readonly TransformSettings[],
): Promise<boolean> => configured.some(({ transform }) => transform === name) || isStoredTransform(db, name)

/** A page of what a transform was given and what came of it; each row as one line of JSON, ids as texts. */
export const readTransformLines = async (
  { db }: Pick<Reader, 'db'>,
  wish: TransformResultRequest,
): Promise<{ readonly lines: readonly string[]; readonly next: number | null }> => {
  const { rows, next } = await readTransformResults(db, wish)
  return { lines: rows.map(writeTransform), next }
}

const writeTransform = jsonRows(transformColumns)
