import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Ending } from '../../core/ports.ts'
import { jobStatus, mayMove, type Reason, type Status, TASK_KINDS, type TaskKind } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inNumbers } from '../database/words.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import { unlockEntities } from './entities.ts'

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
  const [fresh] = await newOnes(tx, [task])
  if (fresh === undefined) return false
  await addTasks(tx, [fresh])
  return true
}

/** Those of these tasks that their jobs have not yet, each once. */
export const newOnes = async <Task extends Omit<NewTask, 'walk_id'>>(
  tx: Tx,
  tasks: readonly Task[],
): Promise<Task[]> => {
  const once = new Map<string, Task>()
  for (const task of tasks) {
    const key = JSON.stringify(keyOf(task))
    if (!once.has(key)) once.set(key, task)
  }
  const asked = [...once.values()]
  const there = await tx.getEach(taskAt, asked.map(keyOf))
  return asked.filter((_, index) => there[index] === undefined)
}

/** Adds tasks that their jobs have not yet. */
export const addTasks = async (tx: Tx, tasks: readonly NewTask[]): Promise<void> => {
  await addCounted(tx, tasks)
  const opened = new Map<number, number>()
  for (const { job_id } of tasks) opened.set(job_id, (opened.get(job_id) ?? 0) + 1)
  tx.sendEach(moreOpen, countedByJob(opened))
}

/** The same of tasks that their jobs' `open_tasks` count already. */
export const addCounted = async (tx: Tx, tasks: readonly NewTask[]): Promise<void> => {
  const rows = tasks.map(task => ({ ...task, part: task.part ?? '' }))
  tx.sendEach(insert, rows)
}

type TaskKey = Required<Pick<NewTask, 'job_id' | 'stream' | 'external_id' | 'kind' | 'part'>>

const keyOf = ({ job_id, stream, external_id, kind, part = '' }: Omit<NewTask, 'walk_id'>): TaskKey => ({
  job_id,
  stream,
  external_id,
  kind,
  part,
})

/** By id: the order in which jobs are locked. */
const countedByJob = (counts: ReadonlyMap<number, number>): readonly { job_id: number; count: number }[] =>
  [...counts].map(([job_id, count]) => ({ job_id, count })).sort((a, b) => a.job_id - b.job_id)

export interface JobEnd {
  readonly id: number
  readonly entityId: string
  readonly status: Status
  readonly errorType: string | null
}

/** Moves open tasks to their end, and returns the jobs that ended with them; nothing of them fails any more, unless that is noted afterwards (`failing.ts`). An illegal move is a bug and throws. */
export const endTasks = async (
  tx: Tx,
  tasks: readonly { readonly id: number; readonly jobId: number }[],
  ending: Ending,
  at: Instant,
): Promise<JobEnd[]> => {
  const found = await tx.getEach<{ id: number }, { status: Status }>(statusOf, tasks)
  const open = tasks.filter((task, index) => {
    const now = found[index]
    if (now !== undefined && !mayMove(now.status, ending.status))
      throw new Error(`task ${task.id} may not go from ${now.status} to ${ending.status}`)
    return now !== undefined
  })
  const isRead = ending.isRead || ending.status === 'succeeded' || ending.status === 'partial'
  const ends = open.map(({ id }) => ({
    id,
    status: ending.status,
    reason: ending.reason,
    error_type: ending.errorType,
    last_error: ending.message,
    last_synced_at: isRead ? at : null,
  }))
  tx.sendEach(end, ends)
  const closed = new Map<number, number>()
  for (const { jobId } of open) closed.set(jobId, (closed.get(jobId) ?? 0) + 1)
  tx.sendEach(lessOpen, countedByJob(closed))
  return endJobs(tx, [...closed.keys()], at)
}

/** What a page settled of one kind without a call, and the records of that kind that came with it. */
export interface Settled {
  readonly job: { readonly id: number; readonly entityId: string }
  readonly kind: TaskKind
  readonly reasons: ReadonlyMap<Reason, number>
  readonly came: { readonly items: number; readonly new: number }
}

/** Counts what was settled: each on its job's one counting task of that kind. */
export const countSettled = async (tx: Tx, settled: readonly Settled[]): Promise<void> => {
  const keys = settled.map(({ job, kind }) => ({ job_id: job.id, kind, external_id: job.entityId }))
  tx.sendEach(insertCounting, keys)
  const stored = await tx.getEach<CountingKey, { id: number; reasons: string | null }>(counting, keys)
  const sums = settled.flatMap(({ reasons, came }, index) => {
    const row = stored[index]
    if (row === undefined) return []
    const sum: Record<string, number> = row.reasons === null ? {} : decodeJson(row.reasons)
    for (const [reason, count] of reasons) sum[reason] = (sum[reason] ?? 0) + count
    return [{ id: row.id, reasons: encodeJson(sum), items: came.items, new: came.new }]
  })
  tx.sendEach(updateCounting, sums)
}

/** Ends a job whose tasks are all done. Null while tasks are open. */
export const endJob = async (tx: Tx, jobId: number, at: Instant): Promise<JobEnd | null> => {
  const [end = null] = await endJobs(tx, [jobId], at)
  return end
}

/** Ends those of these jobs whose tasks are all done: a job's status follows from theirs (docs/design.md §4), its lock is freed. */
export const endJobs = async (tx: Tx, jobIds: readonly number[], at: Instant): Promise<JobEnd[]> => {
  const found = await tx.getEach<{ id: number }, JobRow>(
    jobRow,
    jobIds.map(id => ({ id })),
  )
  const done = found.filter(job => job !== undefined && job.open_tasks === 0 && job.status !== 'skipped')
  const jobs = done as readonly JobRow[]
  if (jobs.length === 0) return []
  const ids = jobs.map(job => job.id)
  await endCounting(tx, ids)
  const tasks = await tx.all<{ jobs: readonly number[] }, TaskSummary>(summary, { jobs: ids })
  const byJob = Map.groupBy(tasks, task => task.job_id)
  const ends = jobs.map(job => ({ ...endOf(job, byJob.get(job.id) ?? []), finished_at: at }))
  tx.sendEach(finishJob, ends)
  await unlockEntities(
    tx,
    jobs.map(({ id: job_id, network, entity_id }) => ({ network, entity_id, job_id })),
  )
  return jobs.map(({ id, entity_id: entityId }, index) => {
    const { status, error_type: errorType } = ends[index] as JobFinish
    return { id, entityId, status, errorType }
  })
}

const endOf = (job: JobRow, tasks: readonly TaskSummary[]): Omit<JobFinish, 'finished_at'> => {
  const counts: Partial<Record<Status, number>> = {}
  for (const task of tasks) counts[task.status] = (counts[task.status] ?? 0) + task.count
  const stored = job.stored === 1 || tasks.some(task => task.items > 0)
  const status = jobStatus(counts, stored)
  const bad = tasks.find(task => task.status === 'failed') ?? tasks.find(task => task.status === 'partial')
  /** Why it is not there is why the rest is not. */
  const [first] = tasks.toSorted((a, b) => TASK_KINDS.indexOf(a.kind) - TASK_KINDS.indexOf(b.kind))
  return {
    id: job.id,
    status,
    stored: stored ? 1 : 0,
    error_type: bad?.error_type ?? bad?.reason ?? null,
    error_message: bad?.last_error ?? null,
    reason: job.reason ?? (status === 'skipped' ? first?.reason : null) ?? null,
  }
}

/** Counting tasks end with their job: succeeded where something came or was whole already, else skipped by their main reason. */
const endCounting = async (tx: Tx, jobs: readonly number[]): Promise<void> => {
  type Counting = { id: number; reasons: string; items: number }
  const tasks = await tx.all<{ jobs: readonly number[] }, Counting>(openCounting, { jobs })
  const ends = tasks.map(({ id, reasons, items }) => {
    const counts = Object.entries(decodeJson<Record<string, number>>(reasons)).sort((a, b) => b[1] - a[1])
    const main = counts[0]?.[0] ?? null
    const came = items > 0 || main === 'inline'
    return { id, status: came ? 'succeeded' : 'skipped', reason: came ? null : main }
  })
  tx.sendEach(endOne, ends)
}

interface JobRow {
  readonly id: number
  readonly network: string
  readonly entity_id: string
  readonly status: Status
  readonly open_tasks: number
  readonly stored: number
  readonly reason: string | null
}

interface TaskSummary {
  readonly job_id: number
  readonly kind: TaskKind
  readonly status: Status
  readonly reason: string | null
  readonly error_type: string | null
  readonly last_error: string | null
  readonly count: number
  readonly items: number
}

const insert: Statement<NewTask & { part: string }> = statement(
  builder.insertInto('sync_tasks').values({
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
  }),
)

const taskAt: Statement<TaskKey> = statement(
  builder
    .selectFrom('sync_tasks')
    .select('id')
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', param<string>('stream'))
    .where('external_id', '=', param<string>('external_id'))
    .where('kind', '=', param<TaskKind>('kind'))
    .where('part', '=', param<string>('part')),
)

const moreOpen: Statement<{ job_id: number; count: number }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({ open_tasks: eb('open_tasks', '+', param<number>('count')) }))
    .where('id', '=', param<number>('job_id')),
)

/** So many of a job's tasks are open no more. */
export const lessOpen: Statement<{ job_id: number; count: number }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({ open_tasks: eb('open_tasks', '-', param<number>('count')) }))
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

const ofThese = sql<boolean>`job_id in ${inNumbers(param<readonly number[]>('jobs'))}`

const openCounting: Statement<{ jobs: readonly number[] }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select(['id', 'reasons', 'items'])
    .where(ofThese)
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
    .select(['id', 'network', 'entity_id', 'status', 'open_tasks', 'stored', 'reason'])
    .where('id', '=', param<number>('id')),
)

/** In one order whatever the database: the first that went wrong is what is told of the job. */
const summary: Statement<{ jobs: readonly number[] }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select(['job_id', 'kind', 'status', 'reason', 'error_type', 'last_error'])
    .select(eb => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number>('items').as('items')])
    .where(ofThese)
    .groupBy(['job_id', 'kind', 'status', 'reason', 'error_type', 'last_error'])
    .orderBy('kind')
    .orderBy('status')
    .orderBy('reason', order => order.nullsFirst())
    .orderBy('error_type', order => order.nullsFirst())
    .orderBy('last_error', order => order.nullsFirst()),
)

interface JobFinish {
  readonly id: number
  readonly status: Status
  readonly stored: number
  readonly error_type: string | null
  readonly error_message: string | null
  readonly reason: string | null
  readonly finished_at: string
}

const finishJob: Statement<JobFinish> = statement(
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
