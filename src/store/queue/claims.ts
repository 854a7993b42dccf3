import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { ClaimRequest, Walk } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inList, inNumbers } from '../database/words.ts'
import { openDecoder } from '../schema/rows.ts'
import { type TaskRow, type WalkRow, walkOf } from './walk-rows.ts'
import { FAILING_RANK } from './walks.ts'

/** Where the turn of a run and network stands: the job that was served last. */
export type Turn = { job: number }

/** Walks that are taken, and what the pages of their run are queued for, as its row says it. */
export interface Claimed {
  readonly walks: Walk[]
  readonly transforms: string | null
}

/** Takes the next walks that are due: lowest rank first, in it one job after another. */
export const claimWalks = async (
  tx: Tx,
  request: ClaimRequest,
  turn: Turn,
  lease: { readonly worker: string; readonly expires: Instant },
  now: Instant,
): Promise<Claimed> => {
  const { runId: run_id, network, credential, streams } = request
  // A run that was ended is nobody's to work on, and none is ended meanwhile.
  const run = await tx.lock<{ id: number }, { transforms: string | null }>(openRun, { id: run_id }, 'same')
  if (run === undefined) return { walks: [], transforms: null }
  const below = request.failing ? 2 * FAILING_RANK : FAILING_RANK
  const due = { run_id, network, credential, streams, now, below }
  const rows: WalkRow[] = []
  for (let above = -1; rows.length < request.count; ) {
    const lowest = await tx.get<DueAbove, { rank: number }>(lowestRank, { ...due, above })
    if (lowest === undefined) break
    const { rank } = lowest
    const row =
      (await nextDue(tx, { ...due, rank, after: turn.job })) ??
      (await nextDue(tx, { ...due, rank, after: 0 }))
    if (row === undefined) {
      // Others are about to take all of this rank.
      above = rank
      continue
    }
    turn.job = row.job_id
    await tx.run(lend, { id: row.id, worker: lease.worker, expires: lease.expires })
    rows.push(row)
  }
  return { walks: await startWalks(tx, rows, now), transforms: run.transforms }
}

/** Whether anything is due for a credential. */
export const isAnyDue = async (queries: Queries, request: ClaimRequest, now: Instant): Promise<boolean> => {
  const { runId: run_id, network, credential, streams, failing } = request
  const due = { run_id, network, credential, streams, now, below: failing ? 2 * FAILING_RANK : FAILING_RANK }
  return (await queries.get(lowestRank, { ...due, above: -1 })) !== undefined
}

/** The next walk in the turn that nobody else is about to take: of any credential's and of this one's the first. */
const nextDue = async (tx: Tx, due: DueInRank): Promise<WalkRow | undefined> => {
  const any = await tx.lock<DueInRank, WalkRow>(nextForAny, due, 'free')
  const bound = await tx.lock<DueInRank, WalkRow>(nextForThis, due, 'free')
  if (any === undefined || bound === undefined) return any ?? bound
  return any.job_id < bound.job_id || (any.job_id === bound.job_id && any.id < bound.id) ? any : bound
}

/** Walks with their open tasks, now running, and with them their jobs. */
const startWalks = async (tx: Tx, rows: readonly WalkRow[], now: Instant): Promise<Walk[]> => {
  if (rows.length === 0) return []
  const walks = rows.map(({ id }) => id)
  await tx.runEach(
    runTasks,
    walks.map(walk_id => ({ walk_id })),
  )
  const pending = await tx.all<OfWalks, { id: number }>(pendingJobs, { walks })
  await tx.runEach(
    startJob,
    pending.map(({ id }) => ({ id, now })),
  )
  const tasks = Map.groupBy(await tx.all<OfWalks, TaskRow>(openTasks, { walks }), task => task.walk_id)
  const read = openDecoder()
  const jobs = rows.map(({ job_id: id }) => ({ id }))
  const params = await tx.getEach<{ id: number }, { params: string }>(jobParams, jobs)
  return rows.map((row, index) => {
    // The parameters of a job, the same for all jobs of a walk.
    const of = params[index]
    if (of === undefined) throw new Error(`walk of a job that is not there: ${row.job_id}`)
    return walkOf(row, tasks.get(row.id) ?? [], read<Params>(of.params))
  })
}

const openRun: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_runs')
    .select('transforms')
    .where('id', '=', param<number>('id'))
    .where('finished_at', 'is', null),
)

type Due = {
  run_id: number
  network: string
  credential: string
  streams: readonly string[]
  now: string
  below: number
}
type DueAbove = Due & { above: number }
type DueInRank = Due & { rank: number; after: number }

const dueWalks = builder
  .selectFrom('sync_walks')
  .where('run_id', '=', param<number>('run_id'))
  .where('network', '=', param<string>('network'))
  .where('state', '=', 'ready')
  .where('rank', '<', param<number>('below'))
  .where(sql<boolean>`stream in ${inList(param<readonly string[]>('streams'))}`)
  .where(eb => eb.or([eb('not_before', 'is', null), eb('not_before', '<=', param<string>('now'))]))

/** Walks for any credential, and those bound to this one: two places of an index, so that nobody else's are gone through. */
const forAny = dueWalks.where('credential', 'is', null)
const forThis = dueWalks.where('credential', '=', param<string>('credential'))

const firstRank = (due: typeof dueWalks) =>
  builder
    .selectFrom(
      due.select('rank').where('rank', '>', param<number>('above')).orderBy('rank').limit(1).as('due'),
    )
    .selectAll()

const lowestRank: Statement<DueAbove> = statement(
  firstRank(forAny).unionAll(firstRank(forThis)).orderBy('rank').limit(1),
)

const firstWalk = (due: typeof dueWalks) =>
  due
    .selectAll()
    .where('rank', '=', param<number>('rank'))
    .where('job_id', '>', param<number>('after'))
    .orderBy('job_id')
    .orderBy('id')
    .limit(1)

const nextForAny: Statement<DueInRank> = statement(firstWalk(forAny))
const nextForThis: Statement<DueInRank> = statement(firstWalk(forThis))

const lend: Statement<{ id: number; worker: string; expires: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({
      state: 'running',
      worker: param<string>('worker'),
      lease_expires_at: param<string>('expires'),
      not_before: null,
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
