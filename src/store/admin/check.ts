import { type Kysely, sql } from 'kysely'
import { StoreBroken } from '../../core/errors.ts'
import { jobStatus, STATUSES, type Status } from '../../core/task.ts'
import type { Reading } from '../database/database.ts'
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
const INTEGRITY = { rule: 'integrity', holds: 'SQLite finds the file whole' }
const FOREIGN_KEY = { rule: 'foreign-key', holds: 'what a row points to is there' }
const JOB_STATUS = { rule: 'job-status', holds: "a job's status follows from its tasks" }

/**
 * Holds a file, as it is at one moment, against SQLite's own rules and ours. Where SQLite finds it damaged nothing
 * more is asked of it.
 */
export const check = async (reader: Pick<Reading, 'db' | 'moment'>): Promise<CheckReport> => {
  const { db } = reader
  const rules = 3 + RULES.length
  const integrity = await checkIntegrity(db)
  if (integrity.length > 0) return { rules, violations: integrity, dead: [] }
  return reader.moment(async at => {
    const violations = [...(await checkForeignKeys(at.db)), ...(await checkJobs(at.db))]
    for (const rule of RULES) violations.push(...(await checkRule(at.db, rule)))
    const { dead } = await activeWorkers(at)
    return { rules, violations, dead }
  })
}

const checkIntegrity = async (db: Db): Promise<Violation[]> => {
  try {
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(100)`.execute(db)
    const found = rows.map(row => row.integrity_check).filter(line => line !== 'ok')
    return found.length === 0 ? [] : [violation(INTEGRITY, found.length, found)]
  } catch (error) {
    if (!(error instanceof StoreBroken)) throw error
    return [violation(INTEGRITY, 1, [error.cause instanceof Error ? error.cause.message : error.message])]
  }
}

const checkForeignKeys = async (db: Db): Promise<Violation[]> => {
  const { rows } = await sql<{ table: string; parent: string; rows: number; first: number | null }>`
    select "table", parent, count(*) as rows, min(rowid) as first
    from pragma_foreign_key_check group by "table", parent`.execute(db)
  const count = rows.reduce((sum, row) => sum + row.rows, 0)
  const examples = rows.map(row => `${row.table}: no ${row.parent}, first in row ${row.first ?? '?'}`)
  return count === 0 ? [] : [violation(FOREIGN_KEY, count, examples)]
}

const checkRule = async (db: Db, { name, holds, broken }: Rule): Promise<Violation[]> => {
  const { rows } = await sql<{ example: string; count: number }>`
    select example, count(*) over () as count from (${broken}) limit ${EXAMPLES}`.execute(db)
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
    sql`coalesce(max(task.status = ${sql.lit(status)}), 0) as ${sql.ref(status)}`
  const { rows } = await sql<JobsAlike>`
    with alike as (
      select job.id, job.status as is_now, job.stored or coalesce(max(task.items), 0) > 0 as stored,
        ${sql.join(STATUSES.map(has))},
        coalesce(max(task.status in ('pending', 'running') and task.stream <> ${COUNTING}), 0) as calling
      from sync_jobs as job left join sync_tasks as task on task.job_id = job.id group by job.id)
    select is_now as status, stored, ${sql.join(STATUSES.map(status => sql.ref(status)))}, calling,
      count(*) as jobs, min(id) as first
    from alike group by 1, 2, 3, 4, 5, 6, 7, 8, 9`.execute(db)
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
