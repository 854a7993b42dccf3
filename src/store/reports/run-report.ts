import type { Kysely } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { chainEnd, isChainEnd } from '../queue/find-jobs.ts'
import { COUNTING } from '../queue/tasks.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { type CompletenessReport, reportCompleteness } from './completeness.ts'

/** What the file knows of a run, for people and programs; counters as numbers, ids as text. */
export interface RunReport {
  readonly id: number
  readonly trigger: string
  readonly scopes: readonly string[]
  readonly created_at: Instant
  readonly finished_at: Instant | null
  readonly worker: string | null
  readonly networks: readonly string[]
  readonly jobs: Readonly<Record<string, number>>
  /** Records that came, by kind of task. */
  readonly items: Readonly<Record<string, number>>
  readonly gaps: readonly Gap[]
  readonly errors: readonly ErrorCount[]
  readonly cost: readonly Cost[]
  readonly not_before: Instant | null
  /** Who holds profiles that this run had to leave, some of them. */
  readonly locks: readonly { readonly entity_id: string; readonly job_id: number; readonly since: Instant }[]
  /** Unfinished jobs that no later one went on with. */
  readonly resumable: number
}

/** Something that is missing or was left out, and why. */
export interface Gap {
  readonly network: string
  /** What would have been read: `comments`, `insights`, `stories` … */
  readonly what: string
  readonly reason: string
  /** Profiles for a profile's own lists, posts for what hangs on posts. */
  readonly count: number
  /** Some of them, to begin looking. */
  readonly examples: readonly string[]
}

export interface ErrorCount {
  readonly network: string
  readonly error_type: string
  readonly message: string | null
  readonly jobs: number
  readonly not_before: Instant | null
}

export interface Cost {
  readonly network: string
  readonly pool: string
  readonly calls: number
  readonly units: number
}

export interface QuotaReport {
  readonly network: string
  readonly owner: string
  readonly pool: string
  readonly window_start: Instant
  readonly used: number
  readonly allowance: number | null
  readonly exhausted_until: Instant | null
  readonly refused_as: string | null
}

type Db = Kysely<Schema>

export const newestRun = async (db: Db): Promise<number | null> => {
  const row = await db.selectFrom('sync_runs').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? null
}

/** A run as it stands now; null where there is none of this id. */
export const reportRun = async (db: Db, id: number): Promise<RunReport | null> => {
  const run = await db.selectFrom('sync_runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (run === undefined) return null
  const jobs = await db
    .selectFrom('sync_jobs')
    .select(['network', 'status', eb => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', id)
    .groupBy(['network', 'status'])
    .execute()
  const tasks = await db
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .select(['sync_tasks.kind', eb => eb.fn.sum<number>('sync_tasks.items').as('items')])
    .where('sync_jobs.run_id', '=', id)
    .groupBy('sync_tasks.kind')
    .execute()
  const errors = await reportErrors(db, id)
  return {
    id,
    trigger: run.trigger,
    scopes: decodeJson(run.scopes),
    created_at: run.created_at,
    finished_at: run.finished_at,
    worker: run.worker,
    networks: [...new Set(jobs.map(job => job.network))],
    jobs: sumBy(jobs, job => job.status),
    items: Object.fromEntries(tasks.map(task => [task.kind, task.items])),
    gaps: await reportGaps(db, { run: id }),
    errors,
    cost: await db
      .selectFrom('run_costs')
      .select(['network', 'pool', 'calls', 'units'])
      .where('run_id', '=', id)
      .execute(),
    resumable: await countResumable(db, id),
    locks: await reportLocks(db, id),
    not_before:
      errors
        .map(error => error.not_before)
        .filter(at => at !== null)
        .sort()[0] ?? null,
  }
}

const reportLocks = (db: Db, runId: number) =>
  db
    .selectFrom('sync_jobs')
    .innerJoin('entities', join =>
      join
        .onRef('entities.network', '=', 'sync_jobs.network')
        .onRef('entities.entity_id', '=', 'sync_jobs.entity_id'),
    )
    .select(['sync_jobs.entity_id', 'entities.lock_job_id as job_id', 'entities.locked_at as since'])
    .where('sync_jobs.run_id', '=', runId)
    .where('sync_jobs.reason', '=', 'locked')
    .where('entities.lock_job_id', 'is not', null)
    .$narrowType<{ job_id: number; since: string }>()
    .limit(EXAMPLES)
    .execute()

const countResumable = async (db: Db, runId: number): Promise<number> => {
  const { count } = await db
    .selectFrom('sync_jobs')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('run_id', '=', runId)
    .where('status', 'in', ['partial', 'failed', 'pending', 'running'])
    .where(isChainEnd)
    .executeTakeFirstOrThrow()
  return count
}

const sumBy = <T extends { readonly count: number }>(
  rows: readonly T[],
  key: (row: T) => string,
): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const row of rows) sums[key(row)] = (sums[key(row)] ?? 0) + row.count
  return sums
}

const reportErrors = (db: Db, runId: number): Promise<ErrorCount[]> =>
  db
    .selectFrom('sync_jobs')
    .select(['network', 'error_type'])
    .select(eb => [
      eb.fn.countAll<number>().as('jobs'),
      eb.fn.max('error_message').as('message'),
      eb.fn.min('not_before').as('not_before'),
    ])
    .where('run_id', '=', runId)
    .where('status', 'in', ['partial', 'failed'])
    .where('error_type', 'is not', null)
    .groupBy(['network', 'error_type'])
    .$narrowType<{ error_type: string }>()
    .execute()

/** How many examples of a gap are named. */
const EXAMPLES = 3

/** What tasks of a run or job did not bring, by reason; the posts that a counting task settled are added to the others. */
const reportGaps = async (db: Db, of: { run: number } | { job: number }): Promise<Gap[]> => {
  const rows = await db
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .select([
      'sync_jobs.network',
      'sync_tasks.kind',
      'sync_tasks.stream',
      'sync_tasks.reason',
      'sync_tasks.reasons',
      'sync_tasks.external_id',
    ])
    .where(eb => ('run' in of ? eb('sync_jobs.run_id', '=', of.run) : eb('sync_jobs.id', '=', of.job)))
    .where(eb => eb.or([eb('sync_tasks.reason', 'is not', null), eb('sync_tasks.stream', '=', COUNTING)]))
    .execute()
  const gaps = new Map<
    string,
    { network: string; what: string; reason: string; count: number; examples: string[] }
  >()
  const add = (network: string, what: string, reason: string, count: number, example: string): void => {
    const key = `${network} ${what} ${reason}`
    const gap = gaps.get(key) ?? { network, what, reason, count: 0, examples: [] }
    gap.count += count
    if (gap.examples.length < EXAMPLES) gap.examples.push(example)
    gaps.set(key, gap)
  }
  for (const { network, kind, stream, reason, reasons, external_id: id } of rows) {
    if (reasons === null) {
      const what = kind === 'profile' || stream === COUNTING ? kind : stream
      if (reason !== null && !EXPECTED.has(reason)) add(network, what, reason, 1, id)
      continue
    }
    for (const [settled, count] of Object.entries(decodeJson<Record<string, number>>(reasons))) {
      if (!EXPECTED.has(settled)) add(network, kind, settled, count, id)
    }
  }
  return [...gaps.values()].sort((a, b) => b.count - a.count)
}

/** Reasons that leave no gap. */
const EXPECTED: ReadonlySet<string> = new Set(['inline', 'none', 'up-to-date'])

/** One job with its chain and tasks. */
export interface JobReport {
  readonly id: number
  readonly run_id: number
  readonly network: string
  readonly entity_id: string
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly scopes: readonly string[]
  readonly cursor: unknown
  readonly previous_job_id: number | null
  /** The last job of the chain, where this one was continued. */
  readonly continued_by: number | null
  readonly created_at: Instant
  readonly started_at: Instant | null
  readonly finished_at: Instant | null
  readonly not_before: Instant | null
  readonly trace_id: string
  readonly worker: string | null
  readonly tasks: readonly TaskReport[]
  readonly gaps: readonly Gap[]
  /** What is stored of the profile, and what the network says there is. */
  readonly completeness: Completeness | null
}

export interface TaskReport {
  readonly kind: string
  readonly status: string
  readonly count: number
  readonly items: number
  readonly pages: number
}

export interface Completeness extends CompletenessReport {
  readonly profile_id: string
  readonly posts_declared: number | null
  readonly posts_stored: number
  readonly media_stored: number
}

export const reportJob = async (db: Db, id: number, now: number): Promise<JobReport | null> => {
  const job = await db
    .selectFrom('sync_jobs')
    .innerJoin('sync_runs', 'sync_runs.id', 'sync_jobs.run_id')
    .selectAll('sync_jobs')
    .select('sync_runs.worker')
    .where('sync_jobs.id', '=', id)
    .executeTakeFirst()
  if (job === undefined) return null
  const tasks = await db
    .selectFrom('sync_tasks')
    .select(['kind', 'status'])
    .select(eb => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('items').as('items'),
      eb.fn.sum<number>('pages').as('pages'),
    ])
    .where('job_id', '=', id)
    .groupBy(['kind', 'status'])
    .execute()
  const end = await chainEnd(db, id)
  const { bounds: _bounds, params: _params, open_tasks: _open, stored: _stored, ...row } = job
  return {
    ...row,
    scopes: decodeJson(job.scopes),
    cursor: decodeJson(job.cursor),
    continued_by: end === id ? null : end,
    tasks,
    gaps: await reportGaps(db, { job: id }),
    completeness: await reportJobCompleteness(db, job.network, job.entity_id, now),
  }
}

const reportJobCompleteness = async (
  db: Db,
  network: string,
  entityId: string,
  now: number,
): Promise<Completeness | null> => {
  const entity = await db
    .selectFrom('entities')
    .select('profile_id')
    .where('network', '=', network)
    .where('entity_id', '=', entityId)
    .executeTakeFirst()
  const profileId = entity?.profile_id ?? null
  if (profileId === null) return null
  const posts = db
    .selectFrom('posts')
    .where('network', '=', network)
    .where('profile_id', '=', profileId)
    .where('missing_since', 'is', null)
  const profile = await db
    .selectFrom('profiles')
    .select('posts_count')
    .where('network', '=', network)
    .where('id', '=', profileId)
    .executeTakeFirst()
  const { count: stored } = await posts
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const { count: media } = await db
    .selectFrom('media')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', network)
    .where('post_id', 'in', posts.select('id'))
    .where('missing_since', 'is', null)
    .executeTakeFirstOrThrow()
  return {
    profile_id: profileId,
    posts_declared: profile?.posts_count ?? null,
    posts_stored: stored,
    media_stored: media,
    ...(await reportCompleteness(db, { network, profileId }, now)),
  }
}

/** A line of the list of jobs. */
export interface JobLine {
  readonly id: number
  readonly run_id: number
  readonly network: string
  readonly entity_id: string
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
  readonly not_before: Instant | null
  readonly finished_at: Instant | null
}

/** The ends of chains, newest first. */
export const listJobs = (
  db: Db,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<JobLine[]> =>
  db
    .selectFrom('sync_jobs')
    .select([
      'id',
      'run_id',
      'network',
      'entity_id',
      'status',
      'reason',
      'error_type',
      'not_before',
      'finished_at',
    ])
    .where(isChainEnd)
    .$if(only.statuses.length > 0, query => query.where('status', 'in', only.statuses))
    .$if(only.network !== null, query => query.where('network', '=', only.network ?? ''))
    .orderBy('id', 'desc')
    .limit(only.limit)
    .execute()

/** The ledger's newest window of each pool. */
export const reportQuota = async (db: Db, networks: readonly string[]): Promise<QuotaReport[]> => {
  const rows = await db
    .selectFrom('quota')
    .selectAll()
    .where('network', 'in', networks)
    .orderBy('window_start', 'desc')
    .limit(200)
    .execute()
  const newest = new Map<string, QuotaReport>()
  for (const row of rows) {
    const key = `${row.network} ${row.owner} ${row.pool}`
    if (!newest.has(key)) newest.set(key, row)
  }
  return [...newest.values()]
}
