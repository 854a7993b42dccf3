import type { Kysely } from 'kysely'
import type { Listed } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { type JobTally, tallyJobs } from './job-tally.ts'
import { countListedKinds } from './listed-kinds.ts'
import { jobSlices } from './slices.ts'
import { EXAMPLES, type TaskTally, tallyTasks } from './task-tally.ts'
import { reportUnread, type UnreadReport } from './unread-rows.ts'

/** What the file knows of a run, for people and programs; counters as numbers, ids as text. */
export interface RunReport extends JobTally, Omit<TaskTally, 'counts'> {
  readonly id: number
  readonly trigger: string
  readonly scopes: readonly string[]
  readonly created_at: Instant
  readonly finished_at: Instant | null
  readonly worker: string | null
  /** Records that came, by kind of task. */
  readonly items: Readonly<Record<string, number>>
  /** Of these, those that were not stored before. */
  readonly new_items: Readonly<Record<string, number>>
  readonly unread: UnreadReport
  readonly cost: readonly Cost[]
  readonly listed: Listed
  /** How many profiles this run had to leave, since another one held them. */
  readonly locked: number
  /** Who holds them still, of some. */
  readonly locks: readonly {
    readonly network: string
    readonly entity_id: string
    readonly job_id: number
    readonly since: Instant
  }[]
}

export interface Cost {
  readonly network: string
  readonly pool: string
  readonly calls: number
  readonly units: number
}

type Db = Kysely<Schema>

export const newestRun = async (db: Db): Promise<number | null> => {
  const row = await db.selectFrom('sync_runs').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? null
}

/** Whether the sandbox fills the database: then its moments are those of the sandbox's clock. */
export const isOfSandbox = async (db: Db): Promise<boolean> => {
  const noted = await db.selectFrom('data_origin').select('origin').executeTakeFirst()
  return noted?.origin === 'sandbox'
}

/** A run as the file has it; null where there is none of this id. A million tasks take a second, with turns of the event loop between. */
export const reportRun = async (db: Db, id: number): Promise<RunReport | null> => {
  const run = await db.selectFrom('sync_runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (run === undefined) return null
  const { networks, jobs, errors, resumable, not_before } = await tallyJobs(db, id)
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0)
  const { counts, ...tally } = await tallyTasks(db, { run: id })
  const items: Record<string, number> = {}
  const newItems: Record<string, number> = {}
  for (const { kind, items: came, new_items: fresh } of counts) {
    items[kind] = (items[kind] ?? 0) + came
    newItems[kind] = (newItems[kind] ?? 0) + fresh
  }
  return {
    id,
    trigger: run.trigger,
    scopes: decodeJson(run.scopes),
    created_at: run.created_at,
    finished_at: run.finished_at,
    worker: run.worker,
    networks,
    jobs,
    listed: await countListedKinds(db, id, networks, total),
    items,
    new_items: newItems,
    ...tally,
    unread: await reportUnread(db, { run: id }),
    errors,
    cost: await db
      .selectFrom('run_costs')
      .select(['network', 'pool', 'calls', 'units'])
      .where('run_id', '=', id)
      .orderBy('network')
      .orderBy('pool')
      .execute(),
    resumable,
    ...(await reportLocks(db, id)),
    not_before,
  }
}

const reportLocks = async (db: Db, runId: number): Promise<Pick<RunReport, 'locked' | 'locks'>> => {
  const locks: RunReport['locks'][number][] = []
  let locked = 0
  for await (const slice of jobSlices(db, runId, 'skipped')) {
    const left = db
      .selectFrom(eb => eb.selectFrom('sync_jobs').selectAll().where(slice).as('job'))
      .where('job.reason', '=', 'locked')
    const count = await left.select(eb => eb.fn.countAll<number>().as('n')).executeTakeFirst()
    locked += count?.n ?? 0
    if (locked === 0 || locks.length === EXAMPLES) continue
    const some = await left
      .innerJoin('entities', join =>
        join.onRef('entities.network', '=', 'job.network').onRef('entities.entity_id', '=', 'job.entity_id'),
      )
      .select([
        'job.network',
        'job.entity_id',
        'entities.lock_job_id as job_id',
        'entities.locked_at as since',
      ])
      .where('entities.lock_job_id', 'is not', null)
      .$narrowType<{ job_id: number; since: string }>()
      .orderBy('job.id')
      .limit(EXAMPLES - locks.length)
      .execute()
    locks.push(...some)
  }
  return { locked, locks }
}
