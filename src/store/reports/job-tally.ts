import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { STATUSES } from '../../core/task.ts'
import { isChainEnd, UNFINISHED } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { countInSlices, jobSlices } from './slices.ts'

/** How the jobs of a run stand. */
export interface JobTally {
  /** By status. */
  readonly jobs: Readonly<Record<string, number>>
  readonly networks: readonly string[]
  readonly errors: readonly ErrorCount[]
  /** When the first of what was put off goes on; null = nothing was. */
  readonly not_before: Instant | null
  /** Unfinished jobs that no later one went on with. */
  readonly resumable: number
}

export interface ErrorCount {
  readonly network: string
  readonly error_type: string
  readonly message: string | null
  readonly jobs: number
  readonly not_before: Instant | null
}

/** Sums up the jobs of a run along indexes, those that are not finished slice by slice, with turns of the event loop between. */
export const tallyJobs = async (db: Kysely<Schema>, runId: number): Promise<JobTally> => {
  const errors = new Map<string, { -readonly [Key in keyof ErrorCount]: ErrorCount[Key] }>()
  let resumable = 0
  let notBefore: Instant | null = null
  const jobs = await countJobsByStatus(db, runId)
  for (const status of UNFINISHED) {
    if (jobs[status] === undefined) continue
    for await (const slice of jobSlices(db, runId, status)) {
      const rows = await db
        .selectFrom('sync_jobs')
        .select(['network', 'error_type'])
        .select(eb => [
          eb.fn.countAll<number>().as('jobs'),
          eb.fn.max('error_message').as('message'),
          eb.fn.min('not_before').as('not_before'),
          eb.fn.countAll<number>().filterWhere(isChainEnd).as('resumable'),
        ])
        .where(slice)
        .groupBy(['network', 'error_type'])
        .orderBy('network')
        .orderBy('error_type')
        .execute()
      for (const { resumable: more, error_type, ...row } of rows) {
        resumable += more
        notBefore = earlier(notBefore, row.not_before)
        if (error_type === null || !HAS_ENDED.has(status)) continue
        const key = `${row.network} ${error_type}`
        const sum = errors.get(key)
        if (sum === undefined) errors.set(key, { ...row, error_type })
        else {
          sum.jobs += row.jobs
          sum.message ??= row.message
          sum.not_before = earlier(sum.not_before, row.not_before)
        }
      }
    }
  }
  return {
    jobs,
    networks: await networksOf(db, runId),
    errors: [...errors.values()],
    not_before: notBefore,
    resumable,
  }
}

const HAS_ENDED: ReadonlySet<string> = new Set(['partial', 'failed'])

const earlier = (a: Instant | null, b: string | null): Instant | null =>
  a === null || (b !== null && b < a) ? b : a

/** A run's jobs by status, along an index: cheap enough to be asked often. */
export const countJobsByStatus = async (
  db: Kysely<Schema>,
  runId: number,
): Promise<Record<string, number>> => {
  const jobs: Record<string, number> = {}
  for (const status of STATUSES.toSorted()) {
    const count = await countInSlices(db, sql`run_id = ${runId} and status = ${status}`)
    if (count > 0) jobs[status] = count
  }
  return jobs
}

/** The networks of a run's jobs, or of all: a seek each, however many jobs there are. */
export const networksOf = async (db: Kysely<Schema>, runId: number | null): Promise<string[]> => {
  const mine = runId === null ? sql`true` : sql`run_id = ${runId}`
  const { rows } = await sql<{ network: string }>`
    with recursive named (network) as (
      select min(network) from sync_jobs where ${mine}
      union all
      select (select min(network) from sync_jobs where ${mine} and network > named.network)
      from named where network is not null)
    select network from named where network is not null order by network`.execute(db)
  return rows.map(({ network }) => network)
}
