import { type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Tx } from '../database/database.ts'
import { inList, jsonHas, larger, ownTable } from '../database/words.ts'
import { IDLE, UNFINISHED } from '../queue/find-jobs.ts'
import type { Remove } from './erase.ts'

/**
 * Deletes the jobs of runs that ended before a moment, with their tasks, walks and costs, and the runs that are left
 * without any. A chain of jobs goes as a whole or not at all. What stays says more than that something was done once:
 *
 *   the newest job of a profile, and the newest that asked for its comments: what `jobs` and completeness tell of it
 *   a chain that is unfinished: `resume` goes on with it
 *   a job that keeps an older unfinished one with the same bounds from being gone on with
 *   the newest job with the bounds of one that knows of something that keeps failing
 *   the last one of each network that came to a good end: monitoring asks for it
 *   one that a stored row, answer or reject is from: results, exports and a rebuild ask whose it is
 *
 * Notes on each profile until when its answers went: a rebuild leaves what was stored by then as it is.
 */
export const pruneRuns = async (tx: Tx, remove: Remove, before: Instant): Promise<void> => {
  const run = (query: RawBuilder<unknown>) => query.execute(tx.db)
  const list = (name: string) => run(sql`create table ${ownTable(name)} (id bigint primary key)`)
  await list('old_runs')
  await run(sql`insert into old_runs
    select id from sync_runs where finished_at < ${before}
      and id < (select max(id) from sync_runs where finished_at is not null)
      and id not in (select run_id from run_orders where state <> 'ended')`)
  await list('kept_jobs')
  for (const kept of [...keptJobs, restOfChains])
    await run(sql`insert into kept_jobs select id from (${kept}) as kept where true on conflict do nothing`)
  await list('old_jobs')
  await run(sql`insert into old_jobs
    select id from sync_jobs where ${ofOldRun} and not exists (select 1 from kept_jobs where kept_jobs.id = sync_jobs.id)`)

  await run(notePruned)
  await removeTasks(tx, remove)
  await remove('sync_jobs', sql`id in (select id from old_jobs)`)
  await run(
    sql`delete from old_runs where exists (select 1 from sync_jobs where sync_jobs.run_id = old_runs.id)`,
  )
  await remove('run_costs', ofOldRun)
  await remove('budgets', ofOldRun)
  await run(sql`update run_orders set continued_by = null where continued_by in (select id from old_runs)`)
  await remove('run_orders', ofOldRun)
  await remove('sync_runs', sql`id in (select id from old_runs)`)
  for (const name of ['old_runs', 'kept_jobs', 'old_jobs']) await run(sql`drop table ${ownTable(name)}`)
}

const ofOldRun = sql`run_id in (select id from old_runs)`
/** Nothing was read by these. */
const didSomething = sql`coalesce(reason, '') not in ${inList(IDLE)}`
const unfinished = sql`status in ${inList(UNFINISHED)}`

const keptJobs: readonly RawBuilder<unknown>[] = [
  sql`select id from sync_jobs where not exists (select 1 from old_runs where old_runs.id = sync_jobs.run_id)`,
  sql`select max(id) as id from sync_jobs group by network, entity_id`,
  sql`select max(id) as id from sync_jobs where ${didSomething} group by network, entity_id`,
  sql`select max(id) as id from sync_jobs where status <> 'skipped' and previous_job_id is null
    and ${jsonHas(sql`params`, 'kinds', 'comments')} group by network, entity_id`,
  sql`select id from sync_jobs where ${unfinished}
    and not exists (select 1 from sync_jobs as next where next.previous_job_id = sync_jobs.id)`,
  sql`select max(id) as id from sync_jobs where ${didSomething} and (network, entity_id, bounds) in (
    select network, entity_id, bounds from sync_jobs where ${unfinished}) group by network, entity_id, bounds`,
  sql`select max(id) as id from sync_jobs where ${didSomething} and (network, entity_id, bounds) in (
    select network, entity_id, bounds from sync_jobs join sync_tasks on sync_tasks.job_id = sync_jobs.id
    where failing_since is not null) group by network, entity_id, bounds`,
  sql`select max(id) as id from sync_jobs where status = 'succeeded' group by network`,
  sql`select lock_job_id as id from entities where lock_job_id is not null`,
  ...[
    'profiles',
    'posts',
    'media',
    'comments',
    'likes',
    'collections',
    'collection_items',
    'relations',
    'rejects',
  ].map(table => sql`select distinct job_id as id from ${sql.table(table)}`),
  ...['raw_pages', 'rejects'].flatMap(table => {
    const walks = sql`(select walk_id from ${sql.table(table)})`
    return [
      sql`select job_id as id from sync_walks where id in ${walks}`,
      sql`select job_id as id from sync_tasks where walk_id in ${walks}`,
    ]
  }),
]

/** All jobs that a kept one goes on from, or that go on from it. */
const restOfChains = sql`
  with recursive linked (id, previous) as (
    select id, previous_job_id from sync_jobs where id in (select id from kept_jobs)
    union select other.id, other.previous_job_id from linked join sync_jobs as other
      on other.id = linked.previous or other.previous_job_id = linked.id)
  select id from linked`

const notePruned = sql`
  update entities set pruned_until = ${larger(sql`coalesce(pruned_until, '')`, sql`gone.until`)}
  from (
    select network, entity_id, max(finished_at) as until from sync_jobs
    where id in (select id from old_jobs) and ${didSomething} group by 1, 2) as gone
  where gone.network = entities.network and gone.entity_id = entities.entity_id`

/** Walks that are shared with a job which stays do so too, and the one that a line of them began with. */
const removeTasks = async ({ db }: Tx, remove: Remove): Promise<void> => {
  const mine = sql`job_id in (select id from old_jobs)`
  await sql`create table ${ownTable('old_walks')} (id bigint primary key)`.execute(db)
  await sql`insert into old_walks
    select id from sync_walks where ${mine}
    union select walk_id from sync_tasks where ${mine} and walk_id is not null`.execute(db)
  await remove('sync_tasks', mine)
  await sql`delete from old_walks where exists (select 1 from sync_tasks where walk_id = old_walks.id)`.execute(
    db,
  )
  await sql`delete from old_walks where id in (select root_id from sync_walks
    where not exists (select 1 from old_walks as old where old.id = sync_walks.id))`.execute(db)
  const old = sql`in (select id from old_walks)`
  await remove('walk_cursors', sql`walk_id ${old}`)
  await remove('sync_walks', sql`id ${old}`)
  await sql`update sync_walks set job_id = coalesce(
      (select min(job_id) from sync_tasks where walk_id = sync_walks.id),
      (select min(task.job_id) from sync_walks as later join sync_tasks as task on task.walk_id = later.id
        where later.root_id = sync_walks.id))
    where ${mine}`.execute(db)
  await sql`drop table ${ownTable('old_walks')}`.execute(db)
}
