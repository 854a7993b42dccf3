import { sql } from 'kysely'
import { instant } from '../../src/core/instant.ts'
import type { Database, Tx } from '../../src/store/database/database.ts'

/** A queue of many walks, as runs and their jobs leave it. */
export interface QueueShape {
  readonly runs: number
  /** Of each run. */
  readonly jobs: number
  /** Of all runs, to be claimed. */
  readonly waiting: number
  /** Of all runs, which wait for a moment that has not come. */
  readonly deferred: number
  /** Walks are bound to so many credentials in turn; 0 = any may read them. */
  readonly credentials: number
  /** Ranks in turn. */
  readonly ranks: number
}

export const NETWORK = 'youtube'
export const STREAM = 'comments'
/** When deferred walks are due. */
export const LATER = instant(Date.parse('2030-01-01T00:00:00.000Z'))

const AT = '2026-01-01T00:00:00.000Z'

/** Fills an empty database with a queue; each walk has a task. Runs are `owner`'s, and open. */
export const fillQueue = async (database: Database, shape: QueueShape, owner: string): Promise<void> => {
  const { runs, jobs } = shape
  const all = runs * jobs
  await database.write(async tx => {
    await insert(
      tx,
      'sync_runs (id, trigger, scopes, params, trace_id, worker, created_at, planned_at)',
      runs,
      [sql`n, 'cli', '["all"]', '{}', 'trace', ${owner}, ${AT}, ${AT}`],
    )
    await insert(
      tx,
      `sync_jobs (id, network, entity_id, cursor, status, run_id, scopes, params, bounds, open_tasks, stored, trace_id, created_at, reading_id)`,
      all,
      [
        sql`n, ${NETWORK}, 'UC' || n, '{}', 'pending', (n - 1) / ${sql.lit(jobs)} + 1, '["all"]', '{"kinds":["comments"]}', '', 1, 0, 'trace', ${AT}, n`,
      ],
    )
  })
  const ready = sql`null`
  await walks(database, shape, 0, shape.waiting, ready)
  await walks(database, shape, shape.waiting, shape.deferred, sql`${LATER}`)
  await database.write(async tx => {
    for (const table of ['sync_runs', 'sync_jobs', 'sync_walks', 'sync_tasks'] as const)
      await tx.countOn(table, 10 ** 9)
  })
}

const SLICE = 50_000

const walks = async (
  database: Database,
  { runs, jobs, credentials, ranks }: QueueShape,
  from: number,
  count: number,
  notBefore: ReturnType<typeof sql>,
): Promise<void> => {
  const all = runs * jobs
  const job = sql`(n - 1) % ${sql.lit(all)} + 1`
  const credential = credentials === 0 ? sql`null` : sql`'key-' || (n % ${sql.lit(credentials)} + 1)`
  for (let at = from; at < from + count; at += SLICE) {
    const size = Math.min(SLICE, from + count - at)
    await database.write(async tx => {
      await insert(
        tx,
        'sync_walks (id, run_id, network, job_id, stream, kind, rank, credential, state, seq, root_id, restarts, streak, whole, answered, started_at, not_before)',
        size,
        [
          sql`n, (${job} - 1) / ${sql.lit(jobs)} + 1, ${NETWORK}, ${job}, ${STREAM}, 'comments', n % ${sql.lit(ranks)}, ${credential}, 'ready', 0, n, 0, '{"cursorless":0,"unseen":0,"brought":0}', 1, 0, ${AT}, ${notBefore}`,
        ],
        at,
      )
      await insert(
        tx,
        'sync_tasks (id, job_id, kind, stream, external_id, post_id, status, walk_id)',
        size,
        [sql`n, ${job}, 'comments', ${STREAM}, 'V' || n, 'V' || n, 'pending', n`],
        at,
      )
    })
  }
}

/** Rows of numbers from `after + 1` on. */
const insert = async (
  tx: Tx,
  into: string,
  count: number,
  [values]: readonly [ReturnType<typeof sql>],
  after = 0,
): Promise<void> => {
  if (count === 0) return
  await sql`
    insert into ${sql.raw(into)}
    with recursive numbers (n) as (
      select ${sql.lit(after + 1)} union all select n + 1 from numbers where n < ${sql.lit(after + count)}
    )
    select ${values} from numbers`.execute(tx.db)
}
