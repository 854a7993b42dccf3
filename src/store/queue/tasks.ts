import type { Instant } from '../../core/instant.ts'
import type { Ending } from '../../core/ports.ts'
import { jobStatus, mayMove, type Reason, type Status, type TaskKind } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import { unlockEntity } from './entities.ts'

/** The stream of the one task per job and kind that only counts what needed no call of its own. */
export const COUNTING = ''

export interface NewTask {
  readonly job_id: number
  readonly kind: TaskKind
  readonly stream: string
  readonly external_id: string
  /** Of a list's rest: whose it is. */
  readonly part?: string
  readonly profile_id: string | null
  readonly post_id: string | null
  readonly walk_id: number | null
  readonly expected: number | null
  readonly from_at: string | null
}

/** Adds a task that needs calls. False where the job has it already. */
export const addTask = async (tx: Tx, task: NewTask): Promise<boolean> => {
  if ((await tx.run(insert, { ...task, part: task.part ?? '' })) === 0) return false
  await tx.run(moreOpen, { job_id: task.job_id })
  return true
}

export interface JobEnd {
  readonly id: number
  readonly entityId: string
  readonly status: Status
  readonly errorType: string | null
}

/**
 * Moves open tasks to their end and returns the jobs that ended with them: nothing of them fails any more, unless that is
 * noted afterwards (`failing.ts`). An illegal move is a bug and throws.
 */
export const endTasks = async (
  tx: Tx,
  tasks: readonly { readonly id: number; readonly jobId: number }[],
  ending: Ending,
  at: Instant,
): Promise<JobEnd[]> => {
  const touched = new Set<number>()
  for (const task of tasks) {
    const now = await tx.get<{ id: number }, { status: Status }>(statusOf, { id: task.id })
    if (now === undefined) continue
    if (!mayMove(now.status, ending.status)) {
      throw new Error(`task ${task.id} may not go from ${now.status} to ${ending.status}`)
    }
    await tx.run(end, {
      id: task.id,
      status: ending.status,
      reason: ending.reason,
      error_type: ending.errorType,
      last_error: ending.message,
      last_synced_at:
        ending.isRead || ending.status === 'succeeded' || ending.status === 'partial' ? at : null,
    })
    await tx.run(lessOpen, { job_id: task.jobId })
    touched.add(task.jobId)
  }
  const ended: JobEnd[] = []
  for (const jobId of touched) ended.push(...[await endJob(tx, jobId, at)].filter(end => end !== null))
  return ended
}

/** Counts what the page settled without a call: on the job's one counting task of that kind. */
export const countSettled = async (
  tx: Tx,
  job: { readonly id: number; readonly entityId: string },
  kind: TaskKind,
  reasons: ReadonlyMap<Reason, number>,
  came: { readonly items: number; readonly new: number },
): Promise<void> => {
  const key: CountingKey = { job_id: job.id, kind, external_id: job.entityId }
  await tx.run(insertCounting, key)
  const stored = await tx.get<CountingKey, { id: number; reasons: string | null }>(counting, key)
  if (stored === undefined) return
  const sum: Record<string, number> = stored.reasons === null ? {} : decodeJson(stored.reasons)
  for (const [reason, count] of reasons) sum[reason] = (sum[reason] ?? 0) + count
  await tx.run(updateCounting, {
    id: stored.id,
    reasons: encodeJson(sum),
    items: came.items,
    new: came.new,
  })
}

/**
 * Ends a job whose tasks are all done: its status follows from theirs (docs/design.md §4), its lock is freed.
 * Null while tasks are open.
 */
export const endJob = async (tx: Tx, jobId: number, at: Instant): Promise<JobEnd | null> => {
  const job = await tx.get<{ id: number }, JobRow>(jobRow, { id: jobId })
  if (job === undefined || job.open_tasks > 0 || job.status === 'skipped') return null
  await endCounting(tx, jobId)
  const tasks = await tx.all<{ job_id: number }, TaskSummary>(summary, { job_id: jobId })
  const counts: Partial<Record<Status, number>> = {}
  let stored = job.stored === 1
  for (const task of tasks) {
    counts[task.status] = (counts[task.status] ?? 0) + task.count
    if (task.items > 0) stored = true
  }
  const status = jobStatus(counts, stored)
  const bad = tasks.find(task => task.status === 'failed') ?? tasks.find(task => task.status === 'partial')
  const profile = tasks.find(task => task.kind === 'profile')
  const end = {
    id: jobId,
    status,
    stored: stored ? 1 : 0,
    error_type: bad?.error_type ?? bad?.reason ?? null,
    error_message: bad?.last_error ?? null,
    reason: job.reason ?? (status === 'skipped' ? (profile ?? tasks[0])?.reason : null) ?? null,
    finished_at: at,
  }
  await tx.run(finishJob, end)
  await unlockEntity(tx, { network: job.network, entity_id: job.entity_id, job_id: jobId })
  return { id: jobId, entityId: job.entity_id, status, errorType: end.error_type }
}

/** Counting tasks end with their job: succeeded where something came or was whole already, else skipped by their main reason. */
const endCounting = async (tx: Tx, jobId: number): Promise<void> => {
  for (const task of await tx.all<{ job_id: number }, { id: number; reasons: string; items: number }>(
    openCounting,
    {
      job_id: jobId,
    },
  )) {
    const reasons = Object.entries(decodeJson<Record<string, number>>(task.reasons)).sort(
      (a, b) => b[1] - a[1],
    )
    const main = reasons[0]?.[0] ?? null
    const came = task.items > 0 || main === 'inline'
    await tx.run(endOne, {
      id: task.id,
      status: came ? 'succeeded' : 'skipped',
      reason: came ? null : main,
    })
  }
}

interface JobRow {
  readonly network: string
  readonly entity_id: string
  readonly status: Status
  readonly open_tasks: number
  readonly stored: number
  readonly reason: string | null
}

interface TaskSummary {
  readonly kind: TaskKind
  readonly status: Status
  readonly reason: string | null
  readonly error_type: string | null
  readonly last_error: string | null
  readonly count: number
  readonly items: number
}

const insert: Statement<NewTask & { part: string }> = statement(
  builder
    .insertInto('sync_tasks')
    .values({
      job_id: param<number>('job_id'),
      kind: param<string>('kind'),
      stream: param<string>('stream'),
      external_id: param<string>('external_id'),
      part: param<string>('part'),
      profile_id: param<string | null>('profile_id'),
      post_id: param<string | null>('post_id'),
      walk_id: param<number | null>('walk_id'),
      expected: param<number | null>('expected'),
      from_at: param<string | null>('from_at'),
      status: 'pending',
      attempts: 0,
      pages: 0,
      items: 0,
    })
    .onConflict(conflict => conflict.doNothing()),
)

const moreOpen: Statement<{ job_id: number }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({ open_tasks: eb('open_tasks', '+', 1) }))
    .where('id', '=', param<number>('job_id')),
)

const lessOpen: Statement<{ job_id: number }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({ open_tasks: eb('open_tasks', '-', 1) }))
    .where('id', '=', param<number>('job_id')),
)

const statusOf: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_tasks').select('status').where('id', '=', param<number>('id')),
)

const end: Statement<{
  id: number
  status: string
  reason: string | null
  error_type: string | null
  last_error: string | null
  last_synced_at: string | null
}> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({
      status: param<string>('status'),
      reason: param<string | null>('reason'),
      error_type: param<string | null>('error_type'),
      last_error: param<string | null>('last_error'),
      last_synced_at: eb.fn.coalesce(eb.val(param<string | null>('last_synced_at')), 'last_synced_at'),
      not_before: null,
      failing_since: null,
      failed_runs: 0,
    }))
    .where('id', '=', param<number>('id')),
)

type CountingKey = { job_id: number; kind: string; external_id: string }

const insertCounting: Statement<CountingKey> = statement(
  builder
    .insertInto('sync_tasks')
    .values({
      job_id: param<number>('job_id'),
      kind: param<string>('kind'),
      stream: COUNTING,
      external_id: param<string>('external_id'),
      status: 'pending',
      attempts: 0,
      pages: 0,
      items: 0,
      reasons: '{}',
    })
    .onConflict(conflict => conflict.doNothing()),
)

const counting: Statement<CountingKey> = statement(
  builder
    .selectFrom('sync_tasks')
    .select(['id', 'reasons'])
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', COUNTING)
    .where('external_id', '=', param<string>('external_id'))
    .where('kind', '=', param<string>('kind')),
)

const updateCounting: Statement<{ id: number; reasons: string; items: number; new: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({
      reasons: param<string>('reasons'),
      items: eb('items', '+', param<number>('items')),
      new_items: eb('new_items', '+', param<number>('new')),
    }))
    .where('id', '=', param<number>('id')),
)

const openCounting: Statement<{ job_id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select(['id', 'reasons', 'items'])
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', COUNTING)
    .where('status', '=', 'pending'),
)

const endOne: Statement<{ id: number; status: string; reason: string | null }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ status: param<string>('status'), reason: param<string | null>('reason') })
    .where('id', '=', param<number>('id')),
)

const jobRow: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_jobs')
    .select(['network', 'entity_id', 'status', 'open_tasks', 'stored', 'reason'])
    .where('id', '=', param<number>('id')),
)

const summary: Statement<{ job_id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select(['kind', 'status', 'reason', 'error_type', 'last_error'])
    .select(eb => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number>('items').as('items')])
    .where('job_id', '=', param<number>('job_id'))
    .groupBy(['kind', 'status', 'reason', 'error_type', 'last_error']),
)

const finishJob: Statement<{
  id: number
  status: string
  stored: number
  error_type: string | null
  error_message: string | null
  reason: string | null
  finished_at: string
}> = statement(
  builder
    .updateTable('sync_jobs')
    .set({
      status: param<string>('status'),
      stored: param<number>('stored'),
      error_type: param<string | null>('error_type'),
      error_message: param<string | null>('error_message'),
      reason: param<string | null>('reason'),
      finished_at: param<string>('finished_at'),
      not_before: null,
    })
    .where('id', '=', param<number>('id')),
)
