import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { builder } from '../sqlite/builder.ts'
import { type Prepared, param, type Statement, statement } from '../sqlite/statement.ts'
import type { Unfinished } from './continue.ts'

/** Statuses after which more can be had. */
export const UNFINISHED = ['partial', 'failed', 'pending', 'running']

/** The key that a profile is known by: the channel that a handle was resolved to, or the id itself. */
export const resolveAlias = (prepared: Prepared, network: string, id: string): string =>
  prepared.get<Alias, { entity_id: string }>(aliased, { network, alias: id })?.entity_id ?? id

/** The newest job of a profile with these scopes and bounds, if it is unfinished. Jobs that never got to work do not count. */
export const findUnfinished = (
  prepared: Prepared,
  network: string,
  entityId: string,
  bounds: string,
): Unfinished | null => {
  const like = { network, entity_id: entityId, bounds }
  const job = prepared.get<typeof like, UnfinishedRow & { status: string }>(newestLike, like)
  return job === undefined || !UNFINISHED.includes(job.status) ? null : unfinishedOf(job)
}

type Alias = { network: string; alias: string }

const aliased: Statement<Alias> = statement(
  builder
    .selectFrom('entity_aliases')
    .select('entity_id')
    .where('network', '=', param<string>('network'))
    .where('alias', '=', param<string>('alias')),
)

const newestLike: Statement<{ network: string; entity_id: string; bounds: string }> = statement(
  builder
    .selectFrom('sync_jobs')
    .select(['id', 'network', 'entity_id', 'status', 'params', 'scopes'])
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id'))
    .where('bounds', '=', param<string>('bounds'))
    .where(eb => eb.or([eb('reason', 'is', null), eb('reason', 'not in', ['locked', 'duplicate'])]))
    .orderBy('id', 'desc')
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
  const unfinished: Unfinished[] = []
  const finished: { id: number; status: string }[] = []
  const unknown: number[] = []
  const columns = ['id', 'network', 'entity_id', 'status', 'params', 'scopes'] as const
  if (which !== 'all' && 'jobs' in which) {
    const seen = new Set<number>()
    for (const id of which.jobs) {
      const end = await chainEnd(db, id)
      if (end === null) unknown.push(id)
      else if (!seen.has(end)) {
        seen.add(end)
        const job = await db
          .selectFrom('sync_jobs')
          .select(columns)
          .where('id', '=', end)
          .executeTakeFirstOrThrow()
        if (UNFINISHED.includes(job.status)) unfinished.push(unfinishedOf(job))
        else finished.push(job)
      }
    }
    return { unfinished, finished, unknown }
  }
  const jobs = await db
    .selectFrom('sync_jobs')
    .select(columns)
    .where('status', 'in', UNFINISHED)
    .where(isChainEnd)
    .$if(which !== 'all', query => query.where('run_id', '=', which === 'all' ? 0 : which.runId))
    .orderBy('id')
    .execute()
  return { unfinished: jobs.map(unfinishedOf), finished, unknown }
}

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

const unfinishedOf = (job: UnfinishedRow): Unfinished => ({
  id: job.id,
  network: job.network,
  entityId: job.entity_id,
  params: decodeJson<Params>(job.params),
  scopes: decodeJson<Scope[]>(job.scopes),
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
  const rows = await db.selectFrom('sync_jobs').select('id').where('run_id', '=', runId).execute()
  return rows.map(row => row.id)
}

/** The ids of a profile by its key, an alias of it, or its id: the right side of an `in`. */
export const profileIds = (entity: string) => sql`(
  select profile_id from entities where entity_id = ${entity}
  union select entities.profile_id from entities join entity_aliases using (network, entity_id) where alias = ${entity}
  union select id from profiles where id = ${entity}
)`

/** Whether a profile is stored under this key, alias or id. */
export const hasProfile = async (
  db: Kysely<Schema>,
  network: string | null,
  entity: string,
): Promise<boolean> => {
  const row = await db
    .selectFrom('profiles')
    .select('id')
    .where(sql<boolean>`id in ${profileIds(entity)}`)
    .$if(network !== null, query => query.where('network', '=', network ?? ''))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Network and id of the profiles that a run worked on: the right side of an `in`. What it had to leave to another run is not among them. */
export const profilesOfRun = (runId: number) => sql`(
  select entities.network, entities.profile_id from sync_jobs join entities using (network, entity_id)
  where sync_jobs.run_id = ${runId} and coalesce(sync_jobs.reason, '') not in ('locked', 'duplicate')
)`
