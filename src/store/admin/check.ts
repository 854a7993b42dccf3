import { type Kysely, sql } from 'kysely'
import { jobStatus, STATUSES, type Status } from '../../core/task.ts'
import type { Damage, Reading } from '../database/database.ts'
import { COUNTING } from '../queue/tasks.ts'
import type { Schema } from '../schema/tables.ts'
import { RULES, type Rule } from './check-rules.ts'
import { activeWorkers, type ListedWorker } from './workers-alive.ts'

/** A rule that a file breaks: how often, and some of the places. */
export interface Violation {
  readonly rule: string
  /** What should hold. */
  readonly holds: string
  readonly count: number
  readonly examples: readonly string[]
}

/** What a file was held against, and what it breaks of it. */
export interface CheckReport {
  readonly rules: number
  readonly violations: readonly Violation[]
  /** Processes that ended without saying so: no damage, the next run takes over what they held. */
  readonly dead: readonly ListedWorker[]
}

type Db = Kysely<Schema>

const EXAMPLES = 3
const DAMAGES: Readonly<Record<Damage['rule'], string>> = {
  integrity: 'the database finds itself whole',
  'foreign-key': 'what a row points to is there',
}
const JOB_STATUS = { rule: 'job-status', holds: "a job's status follows from its tasks" }

/**
 * Holds a database, as it is at one moment, against its own rules and ours. Where it finds itself damaged nothing
 * more is asked of it.
 */
export const check = async (reader: Pick<Reading, 'moment' | 'findDamage'>): Promise<CheckReport> => {
  const rules = Object.keys(DAMAGES).length + 1 + RULES.length
  const damage = await reader.findDamage()
  const violations = damage.map(({ rule, count, examples }) =>
    violation({ rule, holds: DAMAGES[rule] }, count, examples),
  )
  if (damage.some(({ rule }) => rule === 'integrity')) return { rules, violations, dead: [] }
  return reader.moment(async at => {
    violations.push(...(await checkJobs(at.db)))
    for (const rule of RULES) violations.push(...(await checkRule(at.db, rule)))
    const { dead } = await activeWorkers(at)
    return { rules, violations, dead }
  })
}

const checkRule = async (db: Db, { name, holds, broken }: Rule): Promise<Violation[]> => {
  const { rows } = await sql<{ example: string; count: number }>`
    select example, count(*) over () as count from (${broken}) as broken limit ${EXAMPLES}`.execute(db)
  const [first] = rows
  return first === undefined
    ? []
    : [
        violation(
          { rule: name, holds },
          first.count,
          rows.map(({ example }) => example),
        ),
      ]
}

interface JobsAlike extends Record<Status, number> {
  readonly status: Status
  readonly stored: number
  readonly calling: number
  readonly jobs: number
  readonly first: number
}

/**
 * docs/design.md §4: while a job is worked on a task of it is open; from its end on `jobStatus` says what it is. Jobs are taken
 * together whose tasks have the same statuses, however many of each: more does not matter to it.
 */
const checkJobs = async (db: Db): Promise<Violation[]> => {
  const has = (status: Status) =>
    sql`max(case when task.status = ${sql.lit(status)} then 1 else 0 end) as ${sql.ref(status)}`
  const { rows } = await sql<JobsAlike>`
    with alike as (
      select job.id, job.status as is_now,
        case when job.stored <> 0 or max(task.items) > 0 then 1 else 0 end as stored,
        ${sql.join(STATUSES.map(has))},
        max(case when task.status in ('pending', 'running') and task.stream <> ${COUNTING} then 1 else 0 end) as calling
      from sync_jobs as job left join sync_tasks as task on task.job_id = job.id group by job.id)
    select is_now as status, stored, ${sql.join(STATUSES.map(status => sql.ref(status)))}, calling,
      count(*) as jobs, min(id) as first
    from alike group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9`.execute(db)
  const wrong = rows.filter(row => row.status !== follows(row))
  const count = wrong.reduce((sum, { jobs }) => sum + jobs, 0)
  const examples = wrong.map(
    row => `job ${row.first}: ${row.status}, should be ${follows(row) ?? 'at an end'}`,
  )
  return count === 0 ? [] : [violation(JOB_STATUS, count, examples)]
}

/** Null = the job is pending or running, and nothing of it is left to do. */
const follows = (row: JobsAlike): Status | null => {
  if (row.status !== 'pending' && row.status !== 'running') return jobStatus(row, row.stored === 1)
  return row.calling === 1 ? row.status : null
}

const violation = (
  rule: Pick<Violation, 'rule' | 'holds'>,
  count: number,
  examples: readonly string[],
): Violation => ({ ...rule, count, examples: examples.slice(0, EXAMPLES) })
