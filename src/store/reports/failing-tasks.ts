import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { LISTS } from '../../core/params.ts'
import { COUNTING } from '../queue/tasks.ts'
import type { Schema } from '../schema/tables.ts'

/** What keeps failing, run after run, and when it is tried again. */
export interface FailingReport {
  readonly count: number
  /** Alike: of one network, about the same kind of thing, met by the same error. Most first. */
  readonly groups: readonly FailingGroup[]
  /** Each by itself, at most {@link LISTED}; oldest trouble first. */
  readonly tasks: readonly FailingTask[]
}

export interface FailingGroup {
  readonly network: string
  /** What would have been read: `profile`, `comments`, `insights` … */
  readonly what: string
  readonly error_type: string | null
  readonly count: number
  readonly failing_since: Instant
  /** The earliest of their next tries. */
  readonly next_try_at: Instant | null
  /** The network's words about one of them. */
  readonly message: string | null
}

export interface FailingTask {
  readonly network: string
  readonly entity_id: string
  readonly job_id: number
  readonly what: string
  /** What it is read from: profile, post, comment, or a part of a list such as days. */
  readonly external_id: string
  readonly post_id: string | null
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
  readonly message: string | null
  readonly failing_since: Instant
  /** In how many runs it failed. */
  readonly failed_runs: number
  readonly next_try_at: Instant | null
}

/** So many failing tasks are listed one by one. */
export const LISTED = 100

/** Lists that a profile shows beside its posts are called by their own names, of which streams of theirs have them. */
const IS_LIST = sql<boolean>`task.stream in (${sql.join(LISTS.map(name => sql.lit(name)))})`

/** What is read of a profile beside itself: a list, or insights, which come after it. */
const isBeside = sql<boolean>`(${IS_LIST} or exists (
  select 1 from sync_tasks as first
  where first.job_id = task.job_id and first.kind = 'profile' and first.stream <> task.stream and first.id < task.id))`

/** The kind of a task as what it brings is counted: a profile's lists by their names. */
export const COUNTED_AS = sql<string>`case when task.kind = 'profile' and ${IS_LIST} then task.stream else task.kind end`

/** Of a task the word for what it would have read. */
export const WHAT = sql<string>`
  case when task.kind = 'profile' and ${isBeside} then task.stream
    when task.kind = 'profile' or task.stream = ${sql.lit(COUNTING)} then task.kind
    when task.post_id is null and job.entity_id = 'post:' || task.external_id then 'post' else task.stream end`

/** Sums up failing tasks slice by slice. */
export const openFailing = () => {
  const groups = new Map<string, { -readonly [Key in keyof FailingGroup]: FailingGroup[Key] }>()
  const listed: FailingTask[] = []
  let count = 0
  return {
    /** `tasks` = a join of `task` and `job`, `slice` = a condition on its rows. */
    add: async (
      db: Kysely<Schema>,
      tasks: RawBuilder<unknown>,
      slice: RawBuilder<unknown>,
    ): Promise<void> => {
      const failing = sql`from ${tasks} where ${slice} and task.failing_since is not null`
      const { rows: alike } = await sql<FailingGroup>`
        select job.network, ${WHAT} as what, task.error_type, count(*) as count, min(task.failing_since) as failing_since,
          min(task.not_before) as next_try_at, max(task.last_error) as message
        ${failing} group by 1, 2, 3 order by 1, 2, 3 nulls first`.execute(db)
      for (const row of alike) {
        count += row.count
        const key = `${row.network} ${row.what} ${row.error_type}`
        const group = groups.get(key)
        if (group === undefined) groups.set(key, { ...row })
        else join(group, row)
      }
      if (alike.length === 0 || listed.length === LISTED) return
      const { rows } = await sql<FailingTask>`
        select job.network, job.entity_id, task.job_id, ${WHAT} as what, task.external_id, task.post_id, task.status,
          task.reason, task.error_type, task.last_error as message, task.failing_since, task.failed_runs,
          task.not_before as next_try_at
        ${failing} order by task.failing_since, task.id limit ${LISTED - listed.length}`.execute(db)
      listed.push(...rows)
    },
    report: (): FailingReport => ({
      count,
      groups: [...groups.values()].sort((a, b) => b.count - a.count),
      tasks: listed.toSorted((a, b) => (a.failing_since < b.failing_since ? -1 : 1)),
    }),
  }
}

const join = (
  group: { -readonly [Key in keyof FailingGroup]: FailingGroup[Key] },
  row: FailingGroup,
): void => {
  group.count += row.count
  if (row.failing_since < group.failing_since) group.failing_since = row.failing_since
  if (group.next_try_at === null || (row.next_try_at !== null && row.next_try_at < group.next_try_at))
    group.next_try_at = row.next_try_at
  group.message ??= row.message
}
