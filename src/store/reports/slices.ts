import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from '../schema/tables.ts'

/** So many rows are summed up at once: some 10 ms (`npm run bench -- --only large`). */
const SLICE = 5_000

/** The event loop has a turn wherever what others wait for has taken so long. */
const TURN_MS = 10

/**
 * Gives the event loop a turn where the last one lies far enough back: whoever reads much on the thread of a server asks
 * for it between two pieces.
 */
export const openTurns = (): (() => Promise<void>) => {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < TURN_MS) return
    await new Promise(resume => setImmediate(resume))
    last = performance.now()
  }
}

/** Rows as they come, with turns of the event loop between them. */
export async function* withTurns<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  const turn = openTurns()
  for await (const row of rows) {
    yield row
    await turn()
  }
}

type Condition = RawBuilder<boolean>

/** How many jobs there are of which something holds that an index tells, in the order of their ids. */
export const countInSlices = async (db: Kysely<Schema>, holds: Condition): Promise<number> => {
  const turn = openTurns()
  for (let count = 0, after = 0; ; count += SLICE) {
    const rest = sql`from sync_jobs where ${holds} and id > ${after}`
    const end = await first<{ id: number }>(
      db,
      sql`select id ${rest} order by id limit 1 offset ${SLICE - 1}`,
    )
    if (end === null)
      return count + ((await first<{ n: number }>(db, sql`select count(*) as n ${rest}`))?.n ?? 0)
    after = end.id
    await turn()
  }
}

/**
 * Conditions on `sync_jobs` that together hold for the jobs of a run in one status, each once, and each for few enough
 * to be summed up at once.
 */
export async function* jobSlices(
  db: Kysely<Schema>,
  runId: number,
  status: string,
): AsyncGenerator<Condition> {
  const turn = openTurns()
  for (let after = 0; ; ) {
    const rest = sql<boolean>`run_id = ${runId} and status = ${status} and id > ${after}`
    const end = await first<{ id: number }>(
      db,
      sql`select id from sync_jobs where ${rest} order by id limit 1 offset ${SLICE - 1}`,
    )
    yield sql`${rest} and id <= ${end?.id ?? Number.MAX_SAFE_INTEGER}`
    if (end === null) return
    after = end.id
    await turn()
  }
}

/** The same for the tasks, here called `task`, of all jobs from one id to another, however many of them one job has. */
export async function* taskSlices(
  db: Kysely<Schema>,
  jobs: { readonly first: number; readonly last: number },
): AsyncGenerator<Condition> {
  const turn = openTurns()
  // Before all tasks of the first job, and behind all of the last one: no key is empty.
  const beyond = { ...START, job_id: jobs.last + 1 }
  for (let after: TaskKey = { ...START, job_id: jobs.first }; ; ) {
    const end = await first<TaskKey>(
      db,
      sql`select ${TASK_KEY} from sync_tasks as task where (${TASK_KEY}) > ${tuple(after)} and (${TASK_KEY}) < ${tuple(beyond)}
        order by ${TASK_KEY} limit 1 offset ${SLICE - 1}`,
    )
    yield sql`(${TASK_KEY}) > ${tuple(after)} and (${TASK_KEY}) <= ${tuple(end ?? beyond)}`
    if (end === null) return
    after = end
    await turn()
  }
}

interface TaskKey {
  readonly job_id: number
  readonly stream: string
  readonly external_id: string
  readonly kind: string
}

/** The columns of the unique index, in its order. */
const TASK_KEY = sql`task.job_id, task.stream, task.external_id, task.kind`
const START = { stream: '', external_id: '', kind: '' }

const tuple = ({ job_id, stream, external_id, kind }: TaskKey): RawBuilder<unknown> =>
  sql`(${job_id}, ${stream}, ${external_id}, ${kind})`

const first = async <Row>(db: Kysely<Schema>, query: RawBuilder<unknown>): Promise<Row | null> => {
  const [row] = (await sql<Row>`${query}`.execute(db)).rows
  return row ?? null
}
