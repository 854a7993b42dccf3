import type { Kysely } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import { STATUSES } from '../../core/task.ts'
import type { Schema } from '../schema/tables.ts'
import { networksOf } from './job-tally.ts'

/** When a network last gave what it was asked for, and since when it has not. */
export interface Standing {
  readonly network: string
  /**
   * When its newest job ended that succeeded, found nothing new to ask for, or was cut short by what passes after it had brought
   * something; null = none has.
   */
  readonly last_success: Instant | null
  /** When the first job was made that came after that one and did not succeed; null = there is none. */
  readonly failing_since: Instant | null
  /** In how many runs it has failed since then. */
  readonly failed_runs: number
  /** Of the newest of these jobs. */
  readonly error_type: string | null
  readonly error_message: string | null
}

type Db = Kysely<Schema>

/**
 * How some networks stand. `lasting` = error types that do not pass by themselves: a job that ended with one of these is no
 * success, whatever it brought.
 */
export const reportStandings = async (
  db: Db,
  networks: readonly string[],
  lasting: readonly string[],
): Promise<readonly Standing[]> => {
  const standings: Standing[] = []
  for (const network of networks) {
    const whole = (await newestJob(db, network, 'succeeded')) ?? NONE
    const cut = (await newestCut(db, network, whole.id, lasting)) ?? whole
    const last = (await newestIdle(db, network, cut.id)) ?? cut
    const failed = await failedAfter(db, network, last.id)
    standings.push({ network, last_success: last.finished_at, ...failed })
  }
  return standings
}

const NONE = { id: 0, finished_at: null }

/** The networks that a job was made for within so many days before the newest job of all. */
export const networksAskedLately = async (db: Db, days: number): Promise<readonly string[]> => {
  const newest = new Map<string, Instant>()
  for (const network of await networksOf(db, null)) {
    for (const status of STATUSES) {
      const job = await newestJob(db, network, status)
      if (job !== null && job.created_at > (newest.get(network) ?? '')) newest.set(network, job.created_at)
    }
  }
  const last = [...newest.values()].sort().at(-1)
  if (last === undefined) return []
  const from = instant(Date.parse(last) - days * 86_400_000)
  return [...newest].flatMap(([network, at]) => (at >= from ? [network] : []))
}

/** A leap along an index, however many jobs there are. */
const newestJob = async (db: Db, network: string, status: string) =>
  (await db
    .selectFrom('sync_jobs')
    .select(['id', 'created_at', 'finished_at'])
    .where('network', '=', network)
    .where('status', '=', status)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()) ?? null

const newestCut = (db: Db, network: string, after: number, lasting: readonly string[]) =>
  db
    .selectFrom('sync_jobs')
    .select(['id', 'finished_at'])
    .where('network', '=', network)
    .where('status', '=', 'partial')
    .where('id', '>', after)
    // What it goes on with may have stored something: what counts is what it was given itself.
    .where(eb =>
      eb.exists(
        eb
          .selectFrom('sync_tasks')
          .select('sync_tasks.id')
          .whereRef('sync_tasks.job_id', '=', 'sync_jobs.id')
          .where('sync_tasks.pages', '>', 0),
      ),
    )
    .where(eb => eb.or([eb('error_type', 'is', null), eb('error_type', 'not in', lasting)]))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

const newestIdle = (db: Db, network: string, after: number) =>
  db
    .selectFrom('sync_jobs')
    .select(['id', 'finished_at'])
    .where('network', '=', network)
    .where('status', '=', 'skipped')
    .where('reason', '=', 'up-to-date')
    .where('id', '>', after)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

const failedAfter = async (
  db: Db,
  network: string,
  after: number,
): Promise<Omit<Standing, 'network' | 'last_success'>> => {
  const failed = db
    .selectFrom('sync_jobs')
    .where('network', '=', network)
    .where('status', 'in', ['partial', 'failed'])
    .where('id', '>', after)
  const [sum] = await failed
    .select(eb => [eb.fn.min('created_at').as('since'), eb.fn.count<number>('run_id').distinct().as('runs')])
    .execute()
  const newest = await failed
    .select(['error_type', 'error_message'])
    .where('error_type', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    failing_since: sum?.since ?? null,
    failed_runs: sum?.runs ?? 0,
    error_type: newest?.error_type ?? null,
    error_message: newest?.error_message ?? null,
  }
}
