import type { Instant } from '../../core/instant.ts'
import type { JsonObject } from '../../core/json.ts'
import { FIRST_LISTS, LISTS, type ListName, type Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import type { Reason, TaskKind } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, params, type Statement, statement } from '../database/statement.ts'
import { encodeJson } from '../schema/rows.ts'
import type { JobTable } from '../schema/tables.ts'
import { moveOrder, type Trigger } from './orders.ts'
import { firstPlace } from './place.ts'
import type { JobEnd } from './tasks.ts'
import { setTerms, type Terms } from './terms.ts'

export interface NewRun {
  readonly trigger: Trigger
  /** The schedule that it is a run of; left out = none. */
  readonly schedule?: string
  readonly scopes: readonly Scope[]
  readonly params: JsonObject
  readonly traceId: string
  readonly worker: string
  readonly time: Instant
  readonly terms?: Terms
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
      schedule: run.schedule ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (run.terms !== undefined) await setTerms(tx, id, run.terms)
  return id
}

/** Notes that all jobs of a run are made, also in its order where it has one: from then on others may help. */
export const markPlanned = async (tx: Tx, runId: number, at: Instant): Promise<void> => {
  await moveOrder(tx, runId, 'planning', 'working')
  await tx.db.updateTable('sync_runs').set({ planned_at: at }).where('id', '=', runId).execute()
}

/** A job to be made: one profile of a run. */
export interface NewJob {
  readonly runId: number
  readonly network: string
  readonly entityId: string
  readonly scopes: readonly Scope[]
  readonly params: Params
  /** The job that this one goes on from; its finished tasks are left alone. */
  readonly previous: number | null
  readonly traceId: string
  readonly worker: string
  /** The credential's name where the opening is bound to one. */
  readonly credential: string | null
  readonly kindOf: (stream: string) => TaskKind
  readonly rank: (kind: TaskKind) => number
  /** The list of a stream that is read in two where it was begun earlier: its head anew, and its rest beside it. */
  readonly headedList: (stream: string) => 'posts' | 'comments' | null
  readonly shared: ReadonlySet<string>
  /** True: what fails is tried whatever its day. */
  readonly retry: boolean
  /** Until when the quota of all credentials is used up: so long what is carried along waits; null = it is not. */
  readonly closedUntil: Instant | null
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
    listsIn(params),
    ...(params.queries === undefined ? [] : [params.queries]),
  ])

/** None, and all that earlier versions had, in their words: their unfinished jobs are gone on with. */
const listsIn = ({ lists }: Params): boolean | readonly ListName[] => {
  const asked = LISTS.filter(name => lists.includes(name))
  return asked.length === 0 ? false : String(asked) === String(FIRST_LISTS) ? true : asked
}

/** A job's row to be made. */
export interface NewRow extends NewJob {
  /** True: it is part of the same reading as the one before. */
  readonly continues: boolean
  /** Whether what it goes on with has stored something. */
  readonly stored: boolean
}

/** What is known of a job before its row is written: left out = it is written into the row later. */
export interface Beginning {
  /** The watermark that it starts from; null = it reads all. */
  readonly from?: Instant | null
  /** What it is to do, where that is more than was wanted of it. */
  readonly params?: Params
  /** Its open tasks, which are added next. */
  readonly openTasks?: number
}

/** The job's row. Null where the run has the profile already (a second line of the list). */
export const createJobRow = async (tx: Tx, job: NewRow): Promise<number | null> => {
  const [id = null] = await numberJobs(tx, [job])
  if (id !== null) await writeJobs(tx, [{ ...job, id }])
  return id
}

/** The numbers of jobs that are written next, in their order; null where the run has the profile already. */
export const numberJobs = async (tx: Tx, jobs: readonly NewRow[]): Promise<(number | null)[]> => {
  const once = new Map<string, NewRow>()
  for (const job of jobs) {
    const key = JSON.stringify([job.runId, job.network, job.entityId])
    if (!once.has(key)) once.set(key, job)
  }
  const asked = [...once.values()]
  const there = await tx.getEach(
    jobOfProfile,
    asked.map(({ runId: run_id, network, entityId: entity_id }) => ({ run_id, network, entity_id })),
  )
  const fresh = asked.filter((_, index) => there[index] === undefined)
  const given = await tx.newIds('sync_jobs', fresh.length)
  const ids = new Map(fresh.map((job, index) => [job, given[index] ?? null]))
  return jobs.map(job => ids.get(job) ?? null)
}

/** Rows of jobs that were numbered. A row that is written once costs a third of one that is changed twice (`npm run bench -- postgres`). */
export const writeJobs = async (
  tx: Tx,
  jobs: readonly (NewRow & Beginning & { readonly id: number })[],
): Promise<void> => {
  tx.sendEach(insertJob, jobs.map(rowOf))
}

const rowOf = (job: NewRow & Beginning & { readonly id: number }): JobRow => {
  const { since, until, sinceId, untilId } = job.params
  return {
    id: job.id,
    network: job.network,
    entity_id: job.entityId,
    cursor: firstPlace({ since, until, since_id: sinceId, until_id: untilId }, job.from),
    previous_job_id: job.previous,
    reading_of: job.continues ? job.previous : null,
    run_id: job.runId,
    scopes: encodeJson(job.scopes),
    params: encodeJson({ ...job.params }),
    bounds: boundsOf(job.scopes, job.params),
    stored: job.stored ? 1 : 0,
    open_tasks: job.openTasks ?? 0,
    trace_id: job.traceId,
    created_at: job.time,
  }
}

const jobOfProfile: Statement<{ run_id: number; network: string; entity_id: string }> = statement(
  builder
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', '=', param<number>('run_id'))
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

type JobRow = { id: number; reading_of: number | null } & Pick<
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
  | 'open_tasks'
  | 'trace_id'
  | 'created_at'
>

const insertJob: Statement<JobRow> = statement(
  builder.insertInto('sync_jobs').values({
    ...params<JobRow>([
      'id',
      'network',
      'entity_id',
      'cursor',
      'previous_job_id',
      'run_id',
      'scopes',
      'params',
      'bounds',
      'stored',
      'open_tasks',
      'trace_id',
      'created_at',
    ]),
    // A reading begins in the job itself, unless it goes on in it.
    reading_id: eb =>
      eb.fn.coalesce(
        eb
          .selectFrom('sync_jobs as before')
          .select(({ fn }) => fn.coalesce('before.reading_id', 'before.id').as('id'))
          .where('before.id', '=', param<number>('reading_of')),
        eb.val(param<number>('id')),
      ),
    status: 'pending',
  }),
)

/** A job with nothing to do: skipped before it began. */
export const skipJob = async (
  tx: Tx,
  id: number,
  entityId: string,
  reason: Reason,
  at: Instant,
): Promise<JobEnd> => {
  tx.send(skip, { id, reason, finished_at: at })
  return { id, entityId, status: 'skipped', errorType: null }
}

/** The job of a profile that was read a moment ago: nothing is asked for again. */
export const leaveJob = async (
  tx: Tx,
  job: Omit<NewJob, 'previous'>,
): Promise<{ id: number; ended: JobEnd } | null> => {
  const id = await createJobRow(tx, { ...job, previous: null, continues: false, stored: false })
  return id === null ? null : { id, ended: await skipJob(tx, id, job.entityId, 'up-to-date', job.time) }
}

const skip: Statement<{ id: number; reason: string; finished_at: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ status: 'skipped', reason: param<string>('reason'), finished_at: param<string>('finished_at') })
    .where('id', '=', param<number>('id')),
)
