import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Queries } from '../database/database.ts'
import { inList, inNumbers } from '../database/words.ts'
import { type Life, lifeOf } from '../queue/life.ts'
import type { Purpose } from '../queue/sharing.ts'
import type { Schema } from '../schema/tables.ts'

/** A process that works on the database, or ended without saying so. */
export interface WorkerReport {
  readonly id: string
  /** All that its process is known by: it has another one for each run that was ordered and that it does. */
  readonly ids: readonly string[]
  readonly host: string
  readonly pid: number
  readonly purpose: Purpose
  readonly started_at: Instant
  /** Until when what it holds is its own, by the clock of the database. */
  readonly lease_expires_at: Instant
  readonly state: Life
  /** The runs that it sees to the end. */
  readonly runs: readonly number[]
  /** How many walks it reads now. */
  readonly walk_count: number
  /** Some of them, those first that were begun first. */
  readonly walks: readonly ReadWalk[]
}

/** A walk that is being read. */
export interface ReadWalk {
  readonly run_id: number
  readonly job_id: number
  readonly network: string
  readonly stream: string
  /** One of the profiles that it is read for. */
  readonly entity_id: string
  readonly profiles: number
  /** The one credential that may read it; null = any. */
  readonly credential: string | null
  /** When its first page was asked for, whoever has read it since. */
  readonly started_at: Instant
}

/** Who reads something of a job now. */
export interface JobReader {
  readonly job_id: number
  readonly worker: string
  readonly host: string
  readonly pid: number
  readonly stream: string
  readonly credential: string | null
  readonly started_at: Instant
}

/** Walks that are told of each worker. */
const TOLD = 20

/** Who is at work on the database, those first that came first, and what each holds. */
export const reportWorkers = async (queries: Queries): Promise<WorkerReport[]> => {
  const { db } = queries
  const workers = await db.selectFrom('workers').selectAll().orderBy('started_at').orderBy('id').execute()
  if (workers.length === 0) return []
  const ids = workers.map(({ id }) => id)
  const runs = Map.groupBy(await runsOf(db, ids), ({ worker }) => worker)
  const walks = Map.groupBy(await walksOf(db, ids), ({ worker }) => worker)
  const reports: WorkerReport[] = []
  for (const worker of workers) {
    const read = walks.get(worker.id) ?? []
    reports.push({
      ...worker,
      ids: [worker.id],
      // There are no other words than these.
      purpose: (worker.purpose ?? 'run') as Purpose,
      state: await lifeOf(queries, worker),
      runs: (runs.get(worker.id) ?? []).map(({ id }) => id),
      walk_count: read.length,
      walks: read.slice(0, TOLD).map(({ worker: _worker, ...walk }) => walk),
    })
  }
  const processes = Map.groupBy(reports, ({ host, pid, state }) => JSON.stringify([host, pid, state]))
  return [...processes.values()].flatMap(joined)
}

/** What one process is, told as one. Several that wait for work are of several machines of one name: they stay apart. */
const joined = (parts: readonly WorkerReport[]): readonly WorkerReport[] => {
  const [first] = parts
  const worker = parts.filter(({ purpose }) => purpose === 'worker')
  if (first === undefined || parts.length === 1 || worker.length > 1) return parts
  const head = worker[0] ?? first
  const walks = parts.flatMap(part => part.walks).sort((a, b) => (a.started_at < b.started_at ? -1 : 1))
  return [
    {
      ...head,
      ids: [head, ...parts.filter(part => part !== head)].map(({ id }) => id),
      started_at: first.started_at,
      runs: parts.flatMap(({ runs }) => runs).sort((a, b) => a - b),
      walk_count: parts.reduce((sum, { walk_count }) => sum + walk_count, 0),
      walks: walks.slice(0, TOLD),
    },
  ]
}

/** Who reads these jobs now; of a job several workers may, each another part. */
export const readersOf = async (
  db: Kysely<Schema>,
  jobs: readonly number[],
): Promise<readonly JobReader[]> => {
  if (jobs.length === 0) return []
  return await db
    .selectFrom('sync_tasks')
    .innerJoin('sync_walks', 'sync_walks.id', 'sync_tasks.walk_id')
    .innerJoin('workers', 'workers.id', 'sync_walks.worker')
    .select(['sync_tasks.job_id', 'sync_walks.worker', 'workers.host', 'workers.pid'])
    .select(['sync_walks.stream', 'sync_walks.credential', 'sync_walks.started_at'])
    .distinct()
    .where(sql<boolean>`sync_tasks.job_id in ${inNumbers(jobs)}`)
    .where('sync_tasks.status', '=', 'running')
    .where('sync_walks.state', '=', 'running')
    .orderBy('sync_tasks.job_id')
    .orderBy('sync_walks.started_at')
    .orderBy('sync_walks.stream')
    .orderBy('sync_walks.worker')
    .$narrowType<{ worker: string }>()
    .execute()
}

const runsOf = (db: Kysely<Schema>, workers: readonly string[]) =>
  db
    .selectFrom('sync_runs')
    .select(['id', 'worker'])
    .where('finished_at', 'is', null)
    .where(sql<boolean>`worker in ${inList(workers)}`)
    .orderBy('id')
    .execute()

const walksOf = (db: Kysely<Schema>, workers: readonly string[]) =>
  db
    .selectFrom('sync_walks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_walks.job_id')
    .select(['sync_walks.worker', 'sync_walks.run_id', 'sync_walks.job_id', 'sync_walks.network'])
    .select(['sync_walks.stream', 'sync_jobs.entity_id', 'sync_walks.credential', 'sync_walks.started_at'])
    .select(eb => profilesOf(eb).as('profiles'))
    .where('sync_walks.state', '=', 'running')
    .where(sql<boolean>`sync_walks.worker in ${inList(workers)}`)
    .orderBy('sync_walks.started_at')
    .orderBy('sync_walks.id')
    .execute()

/** How many profiles a walk is read for. */
const profilesOf = (eb: ExpressionBuilder<Schema, 'sync_walks'>) =>
  eb
    .selectFrom('sync_tasks')
    .select(of => of.fn.count<number>('sync_tasks.job_id').distinct().as('profiles'))
    .whereRef('sync_tasks.walk_id', '=', 'sync_walks.id')
    .where('sync_tasks.status', '=', 'running')
    .$asScalar()
    .$notNull()
