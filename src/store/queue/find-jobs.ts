import { type ExpressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Before } from '../../core/going-on.ts'
import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import type { Reason } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Queries } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inList, rowsOf } from '../database/words.ts'
import { openDecoder, openParams } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { isHolding, isOf, isOfProfile, postOfKey } from './entity-kinds.ts'

/** What a job left unfinished, as the job that goes on with it needs it. */
export interface Unfinished {
  readonly id: number
  readonly network: string
  readonly entityId: string
  readonly params: Params
  readonly scopes: readonly Scope[]
}

/** Statuses after which more can be had. */
export const UNFINISHED = ['partial', 'failed', 'pending', 'running']

/** An id of a network, as a list has it. */
export interface ListedId {
  readonly network: string
  readonly id: string
}

/** The keys that profiles are known by: the channel that a handle was resolved to, or the id itself. */
export const resolveAliases = async (queries: Queries, ids: readonly ListedId[]): Promise<string[]> => {
  const rows = ids.map(({ network, id: alias }) => ({ network, alias }))
  const found = await queries.getEach<Alias, { entity_id: string }>(aliased, rows)
  return ids.map(({ id }, index) => found[index]?.entity_id ?? id)
}

/** Reasons of a job in which nothing was read: it says nothing of its profile. */
export const IDLE: readonly string[] = ['locked', 'duplicate', 'up-to-date'] satisfies Reason[]

/** The newest job of a profile with certain scopes and bounds, as a new one has to know it. */
export interface Previous extends Unfinished, Before {
  /** Whether it knows of tasks that keep failing. */
  readonly fails: boolean
}

/** Of each profile the newest job with its scopes and bounds in which something was read; null = there is none. */
export const findPrevious = async (
  queries: Queries,
  profiles: readonly { readonly network: string; readonly entityId: string; readonly bounds: string }[],
): Promise<(Previous | null)[]> => {
  const like = profiles.map(({ network, entityId: entity_id, bounds }) => ({ network, entity_id, bounds }))
  const jobs = await queries.getEach<Like, PreviousRow>(newestLike, like)
  return jobs.map(job =>
    job === undefined
      ? null
      : {
          ...unfinishedOf(job),
          lastRunId: job.last_run_id,
          isUnfinished: UNFINISHED.includes(job.status),
          fails: job.fails === 1,
          readAt: job.read_at,
        },
  )
}

type Like = { network: string; entity_id: string; bounds: string }

interface PreviousRow extends UnfinishedRow {
  readonly status: string
  readonly last_run_id: number
  readonly fails: number
  readonly read_at: Instant
}

type Alias = { network: string; alias: string }

const aliased: Statement<Alias> = statement(
  builder
    .selectFrom('entity_aliases')
    .select('entity_id')
    .where('network', '=', param<string>('network'))
    .where('alias', '=', param<string>('alias')),
)

const jobsLike = builder
  .selectFrom('sync_jobs')
  .where('sync_jobs.network', '=', param<string>('network'))
  .where('sync_jobs.entity_id', '=', param<string>('entity_id'))
  .where('sync_jobs.bounds', '=', param<string>('bounds'))
  .orderBy('sync_jobs.id', 'desc')
  .limit(1)

const newestLike: Statement<Like> = statement(
  jobsLike
    .select(['id', 'network', 'entity_id', 'status', 'params', 'scopes'])
    .select(eb => [
      eb
        .selectFrom('sync_jobs as began')
        .select('began.created_at')
        .where('began.id', '=', eb.fn.coalesce('sync_jobs.reading_id', 'sync_jobs.id'))
        .$asScalar()
        .as('read_at'),
      eb
        .case()
        .when(
          eb.exists(
            eb
              .selectFrom('sync_tasks')
              .select('sync_tasks.id')
              .whereRef('sync_tasks.job_id', '=', 'sync_jobs.id')
              .where('sync_tasks.failing_since', 'is not', null),
          ),
        )
        .then(sql.lit(1))
        .else(sql.lit(0))
        .end()
        .as('fails'),
      jobsLike
        .select('run_id')
        .where(({ or, eb: on }) => or([on('reason', 'is', null), on('reason', '=', 'up-to-date')]))
        .$asScalar()
        .as('last_run_id'),
    ])
    .where(eb => eb.or([eb('reason', 'is', null), eb('reason', 'not in', IDLE)])),
)

/** Whether a run left jobs for which no call was made, or which were stopped in the middle, and that nobody went on with. */
export const wasCutShort = async (queries: Queries, runId: number): Promise<boolean> =>
  (await queries.get<{ run_id: number }, { id: number }>(cutShort, { run_id: runId })) !== undefined

/** Error types of jobs that were stopped, and that did not fail. */
export const CUT: readonly string[] = [
  'interrupted',
  'quota_exhausted',
  'rate_limited',
  'unreachable',
  'budget',
]

const cutShort: Statement<{ run_id: number }> = statement(
  builder
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', '=', param<number>('run_id'))
    .where('status', 'in', UNFINISHED)
    .where('error_type', 'in', CUT)
    .limit(1),
)

/** Condition on a job: no other one goes on with it. */
export const isChainEnd = (eb: ExpressionBuilder<Schema, 'sync_jobs'>) =>
  eb.not(
    eb.exists(
      eb
        .selectFrom('sync_jobs as next')
        .select('next.id')
        .whereRef('next.previous_job_id', '=', 'sync_jobs.id'),
    ),
  )

/** Which jobs to continue: the ends of the chains of these jobs, of a run, or all; only unfinished ones, oldest first. */
export const findChainEnds = async (
  db: Kysely<Schema>,
  which: { readonly jobs: readonly number[] } | { readonly runId: number } | 'all',
): Promise<{ unfinished: Unfinished[]; finished: { id: number; status: string }[]; unknown: number[] }> => {
  if (which !== 'all' && 'jobs' in which) return findEndsOf(db, which.jobs)
  const jobs = db
    .selectFrom('sync_jobs')
    .select(['id', 'network', 'entity_id', 'params', 'scopes'])
    .where('status', 'in', UNFINISHED)
    .where(isChainEnd)
    .$if(which !== 'all', query => query.where('run_id', '=', which === 'all' ? 0 : which.runId))
    .orderBy('id')
    .stream()
  const unfinished: Unfinished[] = []
  const read = openReaders()
  for await (const job of jobs) unfinished.push(unfinishedOf(job, read))
  return { unfinished, finished: [], unknown: [] }
}

/** Of each of these jobs the last one of its chain, once. */
const findEndsOf = async (db: Kysely<Schema>, jobs: readonly number[]): ReturnType<typeof findChainEnds> => {
  const given = jobs.map((asked, place) => ({ place, asked }))
  const { rows } = await sql<{ asked: number } & (EndRow | { [Key in keyof EndRow]: null })>`
    with recursive line (place, asked, id) as (
      select place, asked, (select id from sync_jobs where id = asked)
      from ${rowsOf({ place: 'number', asked: 'number' }, given)} as given
      union all
      select place, asked, (select max(id) from sync_jobs where previous_job_id = line.id)
      from line where line.id is not null
    ), ends as (select min(place) as place, asked, max(id) as id from line group by asked)
    select asked, job.id, network, entity_id, status, params, scopes
    from ends left join sync_jobs as job on job.id = ends.id order by place`.execute(db)
  const ends = new Map<number, EndRow>()
  for (const row of rows) if (row.id !== null) ends.set(row.id, row)
  const [unfinished = [], finished = []] = [true, false].map(isOpen =>
    [...ends.values()].filter(({ status }) => UNFINISHED.includes(status) === isOpen),
  )
  const read = openReaders()
  return {
    unfinished: unfinished.map(job => unfinishedOf(job, read)),
    finished,
    unknown: rows.flatMap(({ id, asked }) => (id === null ? asked : [])),
  }
}

type EndRow = UnfinishedRow & { readonly status: string }

/** The last job of the chain that a job belongs to; null where there is no such job. */
export const chainEnd = async (db: Kysely<Schema>, id: number): Promise<number | null> => {
  const start = await db.selectFrom('sync_jobs').select('id').where('id', '=', id).executeTakeFirst()
  if (start === undefined) return null
  let end = id
  for (;;) {
    const next = await db
      .selectFrom('sync_jobs')
      .select('id')
      .where('previous_job_id', '=', end)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (next === undefined) return end
    end = next.id
  }
}

interface UnfinishedRow {
  readonly id: number
  readonly network: string
  readonly entity_id: string
  readonly params: string
  readonly scopes: string
}

/** What reads the columns of several jobs, equal texts once. */
const openReaders = () => ({ json: openDecoder(), params: openParams() })

const unfinishedOf = (job: UnfinishedRow, read = openReaders()): Unfinished => ({
  id: job.id,
  network: job.network,
  entityId: job.entity_id,
  params: read.params(job.params),
  scopes: read.json<Scope[]>(job.scopes),
})

/** A job and all that it continues, newest first; BadInput where there is no such job. */
export const chainOf = async (db: Kysely<Schema>, id: number): Promise<number[]> => {
  const chain: number[] = []
  let at: number | null = id
  while (at !== null) {
    const job: { previous_job_id: number | null } | undefined = await db
      .selectFrom('sync_jobs')
      .select('previous_job_id')
      .where('id', '=', at)
      .executeTakeFirst()
    if (job === undefined) break
    chain.push(at)
    at = job.previous_job_id
  }
  if (chain.length === 0) throw new BadInput(`there is no job ${id}`, { hint: '`socsync jobs` lists them' })
  return chain
}

/** The newest run that has ended, or null. */
export const newestEndedRun = async (db: Kysely<Schema>): Promise<number | null> => {
  const row = await db
    .selectFrom('sync_runs')
    .select('id')
    .where('finished_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** From when to when a run worked; BadInput where there is no such run. */
export const spanOfRun = async (
  db: Kysely<Schema>,
  runId: number,
): Promise<{ created_at: Instant; finished_at: Instant | null }> => {
  const run = await db
    .selectFrom('sync_runs')
    .select(['created_at', 'finished_at'])
    .where('id', '=', runId)
    .executeTakeFirst()
  if (run === undefined)
    throw new BadInput(`there is no run ${runId}`, { hint: '`socsync status` shows the newest' })
  return run
}

/** The jobs of a run; BadInput where there is no such run. */
export const jobsOfRun = async (db: Kysely<Schema>, runId: number): Promise<number[]> => {
  await spanOfRun(db, runId)
  const rows = await db
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', '=', runId)
    .orderBy('id')
    .execute()
  return rows.map(row => row.id)
}

/** The id of the newest job that did something, of a row of `entities` by the name that it has in the query; `among` = a condition on `newest`. */
export const newestJobOf = (line: string, among: RawBuilder<unknown> = sql`true`) => sql<number>`(
  select newest.id from sync_jobs as newest
  where newest.network = ${sql.ref(`${line}.network`)} and newest.entity_id = ${sql.ref(`${line}.entity_id`)}
    and coalesce(newest.reason, '') not in ${inList(IDLE)} and ${among}
  order by newest.id desc limit 1
)`

/** The ids of a profile by its key, an alias of it, or its id: the right side of an `in`. */
export const profileIds = (entity: string) => sql`(
  select profile_id from entities where entity_id = ${entity}
  union select entities.profile_id from entities join entity_aliases using (network, entity_id) where alias = ${entity}
  union select id from profiles where id = ${entity}
)`

/** The keys that a profile was asked by, by one of them, an alias, or its id: the right side of an `in`. */
export const keysOfProfile = (entity: string) => sql`(
  select entity_id from entities where entity_id = ${entity} or profile_id = ${entity}
  union select entity_id from entity_aliases where alias = ${entity}
)`

/** Network and id of the profiles that a run worked on: the right side of an `in`. What it had to leave to another run is not among them. */
export const profilesOfRun = (runId: number) => sql`(
  select entities.network, entities.profile_id from sync_jobs join entities using (network, entity_id)
  where sync_jobs.run_id = ${runId} and coalesce(sync_jobs.reason, '') not in ${inList(IDLE)}
    and ${isOfProfile(sql`sync_jobs.entity_id`)}
)`

/** The same of the posts that its list names. */
export const postsOfRun = (runId: number) => sql`(
  select sync_jobs.network, ${postOfKey(sql`sync_jobs.entity_id`)} from sync_jobs
  where sync_jobs.run_id = ${runId} and ${isOf('post', sql`sync_jobs.entity_id`)}
    and coalesce(sync_jobs.reason, '') not in ${inList(IDLE)}
)`

/** The same of the posts of playlists, tags and searches that its list names. */
export const collectedInRun = (runId: number) => sql`(
  select item.network, item.post_id from sync_jobs join collection_items as item
    on item.network = sync_jobs.network and item.collection_id = sync_jobs.entity_id
  where sync_jobs.run_id = ${runId} and ${isHolding(sql`sync_jobs.entity_id`)}
    and coalesce(sync_jobs.reason, '') not in ${inList(IDLE)} and item.missing_since is null
)`
