import { sql } from 'kysely'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'

/**
 * What a process works for: a run of its own, which ends with it, for whoever gave the command (`run`) or for `socsync serve` (`server`); or
 * whatever is open, and what others leave (`worker`).
 */
export const PURPOSES = ['run', 'worker', 'server'] as const
export type Purpose = (typeof PURPOSES)[number]

/** A run that somebody is at work on. */
export interface OpenRun {
  readonly id: number
  readonly worker: string
  /** Since when it has all of its jobs and others may help; null = they may not. */
  readonly planned_at: string | null
  /** Units that all who work on it may spend; null = it has no budget. */
  readonly budget: number | null
  /** Shared by all who work on it. */
  readonly trace_id: string
}

/** The runs that have begun and not ended, oldest first. */
export const openRuns = (queries: Queries): Promise<OpenRun[]> => queries.all<object, OpenRun>(begun, {})

/** The workers that are listed, dead ones among them. */
export const listedWorkers = async (queries: Queries): Promise<readonly string[]> => {
  const found = await queries.all<object, { id: string }>(workers, {})
  return found.map(({ id }) => id)
}

/** Whether another worker reads a walk of a run's network now. */
export const areOthersAt = async (
  queries: Queries,
  of: OfRun & { readonly worker: string },
): Promise<boolean> => (await queries.get(othersWalk, of)) !== undefined

/** The networks of a run. */
export const networksOf = async (queries: Queries, runId: number): Promise<readonly string[]> => {
  const rows = await queries.all<{ run_id: number }, { network: string }>(networks, { run_id: runId })
  return rows.map(({ network }) => network)
}

/** What a worker was reading is for everybody, at the place where it stood. */
export const freeWalks = async (tx: Tx, worker: string): Promise<void> => {
  tx.send(freeTasks, { worker })
  tx.send(freeAll, { worker })
}

/** Hands a worker's runs over to another, with the profiles that their jobs hold; `runId` null = all of them. Returns how many. */
export const handOver = async (tx: Tx, from: string, to: string, runId: number | null): Promise<number> => {
  const of = { from, to, run_id: runId }
  tx.send(giveProfiles, of)
  return await tx.run(giveRuns, of)
}

interface OfRun {
  readonly run_id: number
  readonly network: string
}

// In the words of the index: neither database knows that a parameter says the same.
const isRunning = sql<boolean>`state = 'running'`

const begun: Statement<object> = statement(
  builder
    .selectFrom('sync_runs')
    .leftJoin('budgets', 'budgets.run_id', 'sync_runs.id')
    .select(['id', 'worker', 'planned_at', 'budgets.units as budget', 'trace_id'])
    .where('finished_at', 'is', null)
    .where('worker', 'is not', null)
    .orderBy('id'),
)

const workers: Statement<object> = statement(
  builder.selectFrom('workers').select('id').where('purpose', '=', 'worker').orderBy('id'),
)

const othersWalk: Statement<OfRun & { worker: string }> = statement(
  builder
    .selectFrom('sync_walks')
    .select('id')
    .where('run_id', '=', param<number>('run_id'))
    .where('network', '=', param<string>('network'))
    .where('worker', '!=', param<string>('worker'))
    .where(isRunning)
    .limit(1),
)

/** Leaps from network to network: a run may have a million jobs. */
const networks: Statement<{ run_id: number }> = statement(sql`
  with recursive found (network) as (
    select min(network) from sync_jobs where run_id = ${param<number>('run_id')}
    union all
    select (select min(network) from sync_jobs where run_id = ${param<number>('run_id')} and network > found.network)
    from found where network is not null
  )
  select network from found where network is not null`)

const freeTasks: Statement<{ worker: string }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ status: 'pending' })
    .where('status', '=', 'running')
    .where('walk_id', 'in', eb =>
      eb
        .selectFrom('sync_walks')
        .select('sync_walks.id')
        .where('sync_walks.worker', '=', param<string>('worker'))
        .where(sql<boolean>`sync_walks.state = 'running'`),
    ),
)

const freeAll: Statement<{ worker: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({ state: 'ready', worker: null, lease_expires_at: null })
    .where('worker', '=', param<string>('worker'))
    .where(isRunning),
)

type Hand = { from: string; to: string; run_id: number | null }

const mine = builder
  .selectFrom('sync_runs')
  .select('sync_runs.id')
  .where('sync_runs.worker', '=', param<string>('from'))
  .where('sync_runs.finished_at', 'is', null)
  .where(eb =>
    eb.or([
      eb(eb.val(param<number | null>('run_id')), 'is', null),
      eb('sync_runs.id', '=', param<number>('run_id')),
    ]),
  )

const giveProfiles: Statement<Hand> = statement(
  builder
    .updateTable('entities')
    .set({ lock_worker: param<string>('to') })
    .where('lock_worker', '=', param<string>('from'))
    .where('lock_job_id', 'in', eb =>
      eb.selectFrom('sync_jobs').select('sync_jobs.id').where('sync_jobs.run_id', 'in', mine),
    ),
)

const giveRuns: Statement<Hand> = statement(
  builder
    .updateTable('sync_runs')
    .set({ worker: param<string>('to') })
    .where('id', 'in', mine),
)
