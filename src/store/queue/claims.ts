import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { ClaimRequest, Walk } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inNumbers } from '../database/words.ts'
import { openParams } from '../schema/rows.ts'
import { makeDue } from './due.ts'
import { nextWalks, type Turn } from './next-walks.ts'
import { type TaskRow, type WalkRow, walkOf } from './walk-rows.ts'
import { leaseEnd } from './worker.ts'

/** Walks that are taken, and what the pages of their run are queued for, as its row says it. */
export interface Claimed {
  readonly walks: Walk[]
  readonly transforms: string | null
}

/**
 * Takes the next walks that are due (`nextWalks`). Null = more of those that were deferred are due than are looked at in one
 * transaction: ask again, until then nothing is taken, since it may not be its turn.
 */
export const claimWalks = async (
  tx: Tx,
  request: ClaimRequest,
  turn: Turn,
  worker: string,
  now: Instant,
): Promise<Claimed | null> => {
  const { runId: run_id, network } = request
  // A run that was ended is nobody's to work on, and none is ended meanwhile.
  const [run, at] = await Promise.all([
    tx.lock<{ id: number }, { transforms: string | null }>(openRun, { id: run_id }, 'same'),
    tx.now(),
  ])
  if (run === undefined) return { walks: [], transforms: null }
  if (await makeDue(tx, { run_id, network, now })) return null
  const rows = await nextWalks(tx, request, turn)
  const lent = rows.map(({ id }) => ({ id, worker, expires: leaseEnd(at) }))
  tx.sendEach(lend, lent)
  return { walks: await startWalks(tx, rows, now), transforms: run.transforms }
}

/** Walks with their open tasks, now running, and with them their jobs. */
const startWalks = async (tx: Tx, rows: readonly WalkRow[], now: Instant): Promise<Walk[]> => {
  if (rows.length === 0) return []
  const walks = rows.map(({ id }) => id)
  tx.sendEach(
    runTasks,
    walks.map(walk_id => ({ walk_id })),
  )
  const jobs = rows.map(({ job_id: id }) => ({ id }))
  const [pending, open, params] = await Promise.all([
    tx.all<OfWalks, { id: number }>(pendingJobs, { walks }),
    tx.all<OfWalks, TaskRow>(openTasks, { walks }),
    tx.getEach<{ id: number }, { params: string }>(jobParams, jobs),
  ])
  tx.sendEach(
    startJob,
    pending.map(({ id }) => ({ id, now })),
  )
  const tasks = Map.groupBy(open, task => task.walk_id)
  const read = openParams()
  return rows.map((row, index) => {
    // The parameters of a job, the same for all jobs of a walk.
    const of = params[index]
    if (of === undefined) throw new Error(`walk of a job that is not there: ${row.job_id}`)
    return walkOf(row, tasks.get(row.id) ?? [], read(of.params))
  })
}

const openRun: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_runs')
    .select('transforms')
    .where('id', '=', param<number>('id'))
    .where('finished_at', 'is', null),
)

const lend: Statement<{ id: number; worker: string; expires: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({
      state: 'running',
      worker: param<string>('worker'),
      lease_expires_at: param<string>('expires'),
    })
    .where('id', '=', param<number>('id')),
)

const runTasks: Statement<{ walk_id: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({
      status: 'running',
      attempts: eb('attempts', '+', 1),
      // Of what fails it is the day of the next try, which a try before it does not move.
      not_before: eb.case().when('failing_since', 'is', null).then(null).else(eb.ref('not_before')).end(),
      // What stood in its way does not stand there now. Without a type it is a warning, of a walk that began anew.
      error_type: null,
      last_error: eb.case().when('error_type', 'is', null).then(eb.ref('last_error')).else(null).end(),
    }))
    .where('walk_id', '=', param<number>('walk_id'))
    .where('status', '=', 'pending'),
)

type OfWalks = { walks: readonly number[] }

const ofThese = sql<boolean>`sync_tasks.walk_id in ${inNumbers(param<readonly number[]>('walks'))}`

/** By id: the order in which jobs are locked. */
const pendingJobs: Statement<OfWalks> = statement(
  builder
    .selectFrom('sync_jobs')
    .select('id')
    .where('status', '=', 'pending')
    .where(eb => eb('id', 'in', eb.selectFrom('sync_tasks').select('job_id').where(ofThese)))
    .orderBy('id'),
)

const startJob: Statement<{ id: number; now: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ status: 'running', started_at: param<string>('now') })
    .where('id', '=', param<number>('id'))
    .where('status', '=', 'pending'),
)

const openTasks: Statement<OfWalks> = statement(
  builder
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .selectAll('sync_tasks')
    .select('sync_jobs.entity_id')
    .where(ofThese)
    .where('sync_tasks.status', 'in', ['pending', 'running'])
    .orderBy('sync_tasks.id'),
)

const jobParams: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_jobs').select('params').where('id', '=', param<number>('id')),
)
