import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { jsonEntries } from '../database/words.ts'
import { UNFINISHED } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { COUNTED_AS, type FailingReport, openFailing, WHAT } from './failing-tasks.ts'
import { taskSlices } from './slices.ts'

/** What the tasks of a run or job came to. */
export interface TaskTally {
  /** By kind, then by status. */
  readonly counts: readonly TaskCount[]
  /** Most first. */
  readonly gaps: readonly Gap[]
  readonly failing: FailingReport
  /** Where all that is unfinished failed and waits for the day of its next try: the first of them. Null = something can be tried. */
  readonly put_off_until: Instant | null
}

/** Tasks that stand alike. */
export interface TaskCount {
  /** As tasks have it, or the name of a list that profiles show. */
  readonly kind: string
  readonly status: string
  readonly count: number
  readonly items: number
  /** Of these, how many were not stored before. */
  readonly new_items: number
  readonly pages: number
  /** Of these, how many keep failing. */
  readonly failing: number
}

/** Something that is missing or was left out, and why. */
export interface Gap {
  readonly network: string
  /** What would have been read: `comments`, `insights`, `stories` … */
  readonly what: string
  readonly reason: string
  /** Profiles for a profile's own lists, posts for what hangs on posts. */
  readonly count: number
  /** Some of them, to begin looking. */
  readonly examples: readonly string[]
}

/** How many examples of a gap are named. */
export const EXAMPLES = 3

/** Where a task stands among those of a slice. */
const KEY = sql`task.job_id, task.stream, task.external_id`

/** Reasons that leave no gap. */
const EXPECTED = sql.join(['inline', 'none', 'up-to-date'].map(reason => sql.lit(reason)))

/**
 * Sums up the tasks of a run or a job in the database, slice by slice: a million of them take the memory of their
 * groups, and whoever shares the thread has turns in between.
 */
export const tallyTasks = async (
  db: Kysely<Schema>,
  of: { readonly run: number } | { readonly job: number },
): Promise<TaskTally> => {
  const counts = new Map<string, { -readonly [Key in keyof TaskCount]: TaskCount[Key] }>()
  const gaps = new Map<string, Gap & { count: number; examples: string[] }>()
  const jobs = 'run' in of ? await spanOf(db, of.run) : { first: of.job, last: of.job }
  const failing = openFailing()
  if (jobs === null) return { counts: [], gaps: [], failing: failing.report(), put_off_until: null }
  const mine = 'run' in of ? sql`job.run_id = ${of.run}` : sql`job.id = ${of.job}`
  for await (const keys of taskSlices(db, jobs)) {
    const slice = sql`job.id = task.job_id and ${mine} and ${keys}`
    const tasks = sql`sync_tasks as task cross join sync_jobs as job`
    const { rows: alike } = await sql<TaskCount>`
      select ${COUNTED_AS} as kind, task.status, count(*) as count, sum(task.items) as items,
        sum(task.new_items) as new_items, sum(task.pages) as pages, count(task.failing_since) as failing
      from ${tasks} where ${slice} group by 1, 2`.execute(db)
    for (const row of alike) {
      const sum = counts.get(`${row.kind} ${row.status}`)
      if (sum === undefined) counts.set(`${row.kind} ${row.status}`, { ...row })
      else
        for (const name of ['count', 'items', 'new_items', 'pages', 'failing'] as const)
          sum[name] += row[name]
    }
    if (alike.some(row => row.failing > 0)) await failing.add(db, tasks, slice)
    // The posts that a counting task settled are added to the tasks that ended for the same reason.
    const missing = sql`(
      select 1 as half, ${KEY}, job.network, ${WHAT} as what, task.reason, 1 as count
      from ${tasks} where ${slice} and task.reasons is null and task.reason not in (${EXPECTED})
      union all
      select 2, ${KEY}, job.network, task.kind, settled.key, cast(settled.value as bigint)
      from ${tasks} cross join ${jsonEntries(sql`task.reasons`)} as settled
      where ${slice} and task.reasons is not null and settled.key not in (${EXPECTED})) as missing`
    const { rows } = await sql<Omit<Gap, 'examples'>>`
      select network, what, reason, sum(count) as count from ${missing} group by 1, 2, 3 order by 1, 2, 3`.execute(
      db,
    )
    for (const { count, ...row } of rows) {
      const key = `${row.network} ${row.what} ${row.reason}`
      const gap = gaps.get(key) ?? { ...row, count: 0, examples: [] }
      gaps.set(key, gap)
      gap.count += count
      if (gap.examples.length === EXAMPLES) continue
      const { rows: some } = await sql<{ external_id: string }>`
        select external_id from ${missing}
        where network = ${row.network} and what = ${row.what} and reason = ${row.reason}
        order by half, job_id, stream, external_id limit ${EXAMPLES - gap.examples.length}`.execute(db)
      gap.examples.push(...some.map(({ external_id }) => external_id))
    }
  }
  const byName = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
  const byCount = [...gaps.values()].sort((a, b) => b.count - a.count)
  return {
    counts: byName,
    gaps: byCount,
    failing: failing.report(),
    put_off_until: putOff(byName, failing.report()),
  }
}

const putOff = (counts: readonly TaskCount[], { groups }: FailingReport): Instant | null => {
  const open = counts.filter(({ status }) => UNFINISHED.includes(status))
  if (open.length === 0 || open.some(({ count, failing }) => failing < count)) return null
  const days = groups.flatMap(({ next_try_at }) => next_try_at ?? [])
  return days.length < groups.length ? null : (days.toSorted()[0] ?? null)
}

/** The first and the last job of a run; null = it has none. */
const spanOf = async (
  db: Kysely<Schema>,
  runId: number,
): Promise<{ readonly first: number; readonly last: number } | null> => {
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    select min(id) as first, max(id) as last from sync_jobs where run_id = ${runId}`.execute(db)
  const [span] = rows
  return span?.first == null || span.last === null ? null : { first: span.first, last: span.last }
}
