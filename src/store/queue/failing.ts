import { sql } from 'kysely'
import { type Failing, failAgain, GIVEN_UP_RUNS, isDue } from '../../core/failing.ts'
import type { Instant } from '../../core/instant.ts'
import type { Ending } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { jsonNumber } from '../database/words.ts'
import { endTasks, type JobEnd, lessOpen } from './tasks.ts'

/** The columns of a task that tell of its failing; `not_before` = the day of its next try. */
export interface FailingRow {
  readonly failing_since: string | null
  readonly failed_runs: number
  readonly not_before: string | null
}

/** What a row tells of its task's failing; null = it does not fail. One without a day is due. */
const failingOf = ({ failing_since, failed_runs, not_before }: FailingRow): Failing | null =>
  failing_since === null ? null : { since: failing_since, runs: failed_runs, nextAt: not_before ?? '' }

/** Whether a run that began then leaves it alone. */
export const isPutOff = (row: FailingRow, began: Instant): boolean => {
  const failing = failingOf(row)
  return failing !== null && !isDue(failing, began)
}

/**
 * Ends tasks that failed and remembers it: the next try comes later each time, and from the third failed run on it is
 * `skipped: unavailable` and no longer keeps its job unfinished. Emptiness in the place of what is declared keeps its own
 * reason. Returns the jobs that ended with them.
 */
export const failTasks = (
  tx: Tx,
  tasks: readonly { readonly id: number; readonly jobId: number }[],
  ending: Ending,
  at: Instant,
): Promise<JobEnd[]> => endFailing(tx, tasks, at, null, failing => endingOf(ending, failing))

/**
 * Ends tasks whose list is read as far as the network shows it, and declared to go on: they are whole but for what is
 * not listed, and are asked again more seldom than what was just given up.
 */
export const doubtTasks = (
  tx: Tx,
  tasks: readonly { readonly id: number; readonly jobId: number }[],
  ending: Ending,
  at: Instant,
): Promise<JobEnd[]> =>
  endFailing(tx, tasks, at, { since: at, runs: GIVEN_UP_RUNS - 1, nextAt: '' }, () => ending)

/**
 * Ends tasks, each as what is known of its failing says, and notes that; `gap` = what to take for one that did not fail before
 * where it is whole but for a gap, which is asked for more seldom.
 */
const endFailing = async (
  tx: Tx,
  tasks: readonly { readonly id: number; readonly jobId: number }[],
  at: Instant,
  gap: Failing | null,
  endingFor: (failing: Failing) => Ending,
): Promise<JobEnd[]> => {
  const ended: JobEnd[] = []
  for (const task of tasks) {
    const row = await tx.get<{ id: number }, FailingRow & { began: string }>(taskRow, { id: task.id })
    if (row === undefined) continue
    const failing = failAgain(failingOf(row) ?? gap, row.began, at, { seldom: gap !== null })
    ended.push(...(await endTasks(tx, [task], endingFor(failing), at)))
    const { since, runs, nextAt } = failing
    tx.send(note, { id: task.id, failing_since: since, failed_runs: runs, not_before: nextAt })
  }
  return ended
}

const endingOf = (ending: Ending, { runs }: Failing): Ending =>
  runs < GIVEN_UP_RUNS || ending.status === 'skipped'
    ? ending
    : { ...ending, status: 'skipped', reason: ending.reason ?? 'unavailable' }

const taskRow: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .innerJoin('sync_runs', 'sync_runs.id', 'sync_jobs.run_id')
    .select([
      'sync_tasks.failing_since',
      'sync_tasks.failed_runs',
      'sync_tasks.not_before',
      'sync_runs.created_at as began',
    ])
    .where('sync_tasks.id', '=', param<number>('id')),
)

type Note = { id: number; failing_since: string; failed_runs: number; not_before: string }

const note: Statement<Note> = statement(
  builder
    .updateTable('sync_tasks')
    .set({
      failing_since: param<string>('failing_since'),
      failed_runs: param<number>('failed_runs'),
      not_before: param<string>('not_before'),
    })
    .where('id', '=', param<number>('id')),
)

type Key = { readonly job_id: number; readonly stream: string; readonly external_id: string }

/**
 * What the job before knows of the failing of tasks like these; undefined = it did not fail there. A list that was
 * begun is carried along itself, and says nothing of its head.
 */
export const failedBefore = (tx: Tx, keys: readonly Key[]): Promise<(FailingMemory | undefined)[]> =>
  tx.getEach<Key, FailingMemory>(before, keys)

export interface FailingMemory extends FailingRow {
  readonly failing_since: string
  readonly error_type: string | null
  readonly last_error: string | null
  readonly reason: string | null
}

const before: Statement<Key> = statement(
  builder
    .selectFrom('sync_jobs')
    .innerJoin('sync_tasks', 'sync_tasks.job_id', 'sync_jobs.previous_job_id')
    .leftJoin('sync_walks', 'sync_walks.id', 'sync_tasks.walk_id')
    .select([
      'sync_tasks.failing_since',
      'sync_tasks.failed_runs',
      'sync_tasks.not_before',
      'sync_tasks.error_type',
      'sync_tasks.last_error',
      'sync_tasks.reason',
    ])
    .where('sync_jobs.id', '=', param<number>('job_id'))
    .where('sync_tasks.stream', '=', param<string>('stream'))
    .where('sync_tasks.external_id', '=', param<string>('external_id'))
    .where('sync_tasks.part', '=', sql.lit(''))
    .where('sync_tasks.failing_since', 'is not', null)
    .where(
      sql<boolean>`(sync_tasks.reason = 'unlisted' or coalesce(${jsonNumber(sql.ref('sync_walks.streak'), 'brought')}, 0) = 0)`,
    )
    .where('sync_walks.cursor', 'is', null),
)

/** Makes a new task know of the failing of an earlier one. */
export const remember = async (
  tx: Tx,
  key: Key & { readonly part: string },
  row: FailingRow,
): Promise<void> => {
  const { failing_since, failed_runs, not_before } = row
  tx.send(take, { ...key, failing_since, failed_runs, not_before })
}

const ofKey = builder
  .updateTable('sync_tasks')
  .where('job_id', '=', param<number>('job_id'))
  .where('stream', '=', param<string>('stream'))
  .where('external_id', '=', param<string>('external_id'))
  .where('part', '=', param<string>('part'))

const take: Statement<Key & { part: string } & FailingRow> = statement(
  ofKey.set({
    failing_since: param<string | null>('failing_since'),
    failed_runs: param<number>('failed_runs'),
    not_before: param<string | null>('not_before'),
  }),
)

/** Ends a new task that is left alone in this run: it stands in the job with what is known, and costs nothing. */
export const putOff = async (
  tx: Tx,
  key: Key & { readonly part: string },
  row: Omit<FailingMemory, 'failing_since'> & FailingRow,
): Promise<void> => {
  const isGivenUp = row.failed_runs >= GIVEN_UP_RUNS
  await remember(tx, key, row)
  tx.send(leave, {
    ...key,
    status: isGivenUp ? 'skipped' : 'failed',
    reason: isGivenUp ? (row.reason ?? 'unavailable') : row.reason,
    error_type: row.error_type,
    last_error: row.last_error,
  })
  tx.send(lessOpen, { job_id: key.job_id, count: 1 })
}

const leave: Statement<
  Key & {
    part: string
    status: string
    reason: string | null
    error_type: string | null
    last_error: string | null
  }
> = statement(
  ofKey.set({
    status: param<string>('status'),
    reason: param<string | null>('reason'),
    error_type: param<string | null>('error_type'),
    last_error: param<string | null>('last_error'),
  }),
)
