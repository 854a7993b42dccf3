import { type ExpressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { STATUSES } from '../../core/task.ts'
import { holds, inNumbers } from '../database/words.ts'
import { IDLE, isChainEnd } from '../queue/find-jobs.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { type JobTally, networksOf, tallyJobs } from './job-tally.ts'
import { countInSlices } from './slices.ts'

type Db = Kysely<Schema>

/** A part of a list that is ordered by number: after which one it begins, and how many are wanted. */
export interface Slice {
  readonly after: number | null
  readonly limit: number
}

export interface RunLine extends Pick<JobTally, 'jobs' | 'networks' | 'not_before'> {
  readonly id: number
  readonly trigger: string
  readonly scopes: readonly string[]
  readonly created_at: Instant
  readonly finished_at: Instant | null
  readonly worker: string | null
  /** How its order stands; null = it was not ordered from `serve`. */
  readonly order_state: string | null
}

/** Runs, newest first, with their jobs counted. */
export const listRuns = async (db: Db, { after, limit }: Slice): Promise<RunLine[]> => {
  const runs = await db
    .selectFrom('sync_runs')
    .leftJoin('run_orders', 'run_orders.run_id', 'sync_runs.id')
    .select(['id', 'trigger', 'scopes', 'created_at', 'finished_at', 'worker', 'state as order_state'])
    .$if(after !== null, query => query.where('id', '<', after ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  const lines: RunLine[] = []
  for (const run of runs) {
    const { jobs, networks, not_before } = await tallyJobs(db, run.id)
    lines.push({ ...run, scopes: decodeJson(run.scopes), jobs, networks, not_before })
  }
  return lines
}

export interface JobFilter {
  readonly statuses: readonly string[]
  readonly network: string | null
  /** A part of the profile's key. */
  readonly entity: string | null
  /** The jobs of this run, whether later ones went on with them or not; null = the newest job of each profile. */
  readonly run: number | null
}

/** Condition on a job: it is the last that did something about its profile. */
const isNewest = (eb: ExpressionBuilder<Schema, 'sync_jobs'>) =>
  eb.and([
    eb(eb.fn.coalesce('sync_jobs.reason', sql.lit('')), 'not in', IDLE),
    eb.not(
      eb.exists(
        eb
          .selectFrom('sync_jobs as later')
          .select('later.id')
          .whereRef('later.network', '=', 'sync_jobs.network')
          .whereRef('later.entity_id', '=', 'sync_jobs.entity_id')
          .whereRef('later.id', '>', 'sync_jobs.id')
          .where(eb => eb(eb.fn.coalesce('later.reason', sql.lit('')), 'not in', IDLE)),
      ),
    ),
  ])

/** The newest job of each profile, or all of a run; newest first. */
export const listJobsAfter = async (db: Db, only: JobFilter, slice: Slice) => {
  if (only.run === null && only.network === null && only.statuses.length === 0)
    return jobsWhere(db, sql`true`, only, slice)
  // An index gives the jobs of a run, or of a network, in one status in order; no other gives them without being sorted.
  const groups = only.run === null ? await groupsOf(db, only.network) : [sql`run_id = ${only.run}`]
  const found: Awaited<ReturnType<typeof jobsWhere>>[number][] = []
  for (const group of groups) {
    for (const status of only.statuses.length === 0 ? STATUSES : only.statuses)
      found.push(...(await jobsWhere(db, sql`${group} and status = ${status}`, only, slice)))
  }
  return found.sort((a, b) => b.id - a.id).slice(0, slice.limit)
}

const groupsOf = async (db: Db, network: string | null): Promise<RawBuilder<unknown>[]> =>
  (network === null ? await networksOf(db, null) : [network]).map(name => sql`network = ${name}`)

const jobsWhere = (
  db: Db,
  among: RawBuilder<unknown>,
  { run, network, entity }: JobFilter,
  { after, limit }: Slice,
) =>
  db
    .selectFrom('sync_jobs')
    .select(['id', 'run_id', 'network', 'entity_id', 'status', 'reason', 'error_type', 'error_message'])
    .select(['created_at', 'started_at', 'finished_at', 'not_before', 'previous_job_id'])
    .select(eb => sql<number>`case when ${isChainEnd(eb)} then 1 else 0 end`.as('newest'))
    .select(eb => [
      failingOf(eb)
        .select(of => of.fn.countAll<number>().as('count'))
        .$asScalar()
        .$notNull()
        .as('failing'),
      failingOf(eb)
        .select(of => of.fn.min('failing_since').as('since'))
        .$asScalar()
        .as('failing_since'),
    ])
    .where(sql<boolean>`${among}`)
    .$if(run === null, query => query.where(isNewest))
    .$if(run !== null && network !== null, query => query.where('network', '=', network ?? ''))
    .$if(entity !== null, query => query.where(holds(sql`lower(entity_id)`, entity?.toLowerCase() ?? '')))
    .$if(after !== null, query => query.where('id', '<', after ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** How many jobs such a list has, counted up to `most` and one more. */
export const countListed = async (
  db: Db,
  { network, statuses }: Pick<JobFilter, 'network' | 'statuses'>,
  most: number,
): Promise<number> => {
  const jobs = db
    .selectFrom('sync_jobs')
    .select('id')
    .where(isNewest)
    .$if(network !== null, query => query.where('network', '=', network ?? ''))
    .$if(statuses.length > 0, query => query.where('status', 'in', statuses))
    .limit(most + 1)
  const { count } = await db
    .selectFrom(jobs.as('listed'))
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What came in each of these jobs, and how much of it was new. */
export interface JobSize {
  readonly job_id: number
  readonly items: number
  readonly new_items: number
}

export const sizesOf = async (db: Db, jobs: readonly number[]): Promise<readonly JobSize[]> => {
  const { rows } = await sql<JobSize>`
    select job_id, sum(items) as items, sum(new_items) as new_items from sync_tasks
    where job_id in ${inNumbers(jobs)} group by job_id order by job_id`.execute(db)
  return rows.map(({ job_id, items, new_items }) => ({
    job_id,
    items: Number(items),
    new_items: Number(new_items),
  }))
}

/** Of a job's tasks that keep failing. */
const failingOf = (eb: ExpressionBuilder<Schema, 'sync_jobs'>) =>
  eb
    .selectFrom('sync_tasks')
    .whereRef('sync_tasks.job_id', '=', 'sync_jobs.id')
    .where('failing_since', 'is not', null)

export type ListedJob = Awaited<ReturnType<typeof listJobsAfter>>[number]

/** A job's tasks in the order in which they were made. */
export const listTasks = async (
  db: Db,
  jobId: number,
  only: { readonly statuses: readonly string[]; readonly kinds: readonly string[] },
  { after, limit }: Slice,
) => {
  const rows = await db
    .selectFrom('sync_tasks')
    .select(['id', 'job_id', 'kind', 'external_id', 'post_id', 'status', 'reason', 'reasons', 'attempts'])
    .select(['part', 'pages', 'items', 'new_items', 'expected', 'error_type', 'last_error', 'last_synced_at'])
    .select(['not_before', 'failing_since', 'failed_runs'])
    .where('job_id', '=', jobId)
    .$if(only.statuses.length > 0, query => query.where('status', 'in', only.statuses))
    .$if(only.kinds.length > 0, query => query.where('kind', 'in', only.kinds))
    .$if(after !== null, query => query.where('id', '>', after ?? 0))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(row => ({
    ...row,
    reasons: row.reasons === null ? null : decodeJson<Record<string, number>>(row.reasons),
  }))
}

export type ListedTask = Awaited<ReturnType<typeof listTasks>>[number]

/** What is needed to read a job's results: null where there is no such job. */
export const subjectOf = async (db: Db, jobId: number) => {
  const job = await db
    .selectFrom('sync_jobs')
    .leftJoin('entities', join =>
      join
        .onRef('entities.network', '=', 'sync_jobs.network')
        .onRef('entities.entity_id', '=', 'sync_jobs.entity_id'),
    )
    .select(['sync_jobs.network', 'sync_jobs.entity_id', 'sync_jobs.finished_at', 'entities.profile_id'])
    .where('sync_jobs.id', '=', jobId)
    .executeTakeFirst()
  return job ?? null
}

/** Who works on a run and since when it has ended; null where there is none of this id. */
export const endsOf = async (
  db: Db,
  runId: number,
): Promise<{ readonly worker: string | null; readonly finished_at: Instant | null } | null> => {
  const run = await db
    .selectFrom('sync_runs')
    .select(['worker', 'finished_at'])
    .where('id', '=', runId)
    .executeTakeFirst()
  return run ?? null
}

/** What an order says of its run beside the run itself; null where the run was not ordered. */
export const orderOf = async (db: Db, runId: number) => {
  const order = await db
    .selectFrom('run_orders')
    .select(['state', 'continued_by', 'error_type', 'error_message'])
    .where('run_id', '=', runId)
    .executeTakeFirst()
  return order ?? null
}

export interface Gauges {
  readonly jobs: readonly { readonly network: string; readonly status: string; readonly count: number }[]
  /** When a job of the network last came to a good end. */
  readonly lastSuccess: readonly { readonly network: string; readonly at: Instant }[]
}

/** Counts for monitoring, each along an index. */
export const readGauges = async (db: Db): Promise<Gauges> => {
  const jobs: Gauges['jobs'][number][] = []
  const lastSuccess: Gauges['lastSuccess'][number][] = []
  for (const network of await networksOf(db, null)) {
    for (const status of STATUSES) {
      const count = await countInSlices(db, sql`network = ${network} and status = ${status}`)
      if (count > 0) jobs.push({ network, status, count })
    }
    const newest = await db
      .selectFrom('sync_jobs')
      .select('finished_at as at')
      .where('network', '=', network)
      .where('status', '=', 'succeeded')
      .orderBy('id', 'desc')
      .limit(1)
      .$narrowType<{ at: Instant }>()
      .executeTakeFirst()
    if (newest !== undefined) lastSuccess.push({ network, at: newest.at })
  }
  return { jobs, lastSuccess }
}
