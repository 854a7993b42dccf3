import { Locked } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Queries, Tx } from '../database/database.ts'
import { lifeOf } from '../queue/life.ts'

/** A process that works on a file, or ended without saying so. */
export interface ListedWorker {
  readonly id: string
  readonly host: string
  readonly started_at: Instant
}

/** Who is at work on a file, and who died over it: what those held is taken over by the next run. */
export const activeWorkers = async (
  queries: Queries,
): Promise<{ readonly alive: readonly ListedWorker[]; readonly dead: readonly ListedWorker[] }> => {
  const workers = await queries.db
    .selectFrom('workers')
    .select(['id', 'host', 'started_at', 'lease_expires_at'])
    .orderBy('started_at')
    .execute()
  const alive: ListedWorker[] = []
  const dead: ListedWorker[] = []
  for (const { lease_expires_at, ...worker } of workers) {
    const life = await lifeOf(queries, { id: worker.id, lease_expires_at })
    if (life === 'gone') dead.push(worker)
    else if (life !== 'unknown') alive.push(worker)
  }
  return { alive, dead }
}

/** Throws Locked while somebody is at work on the file: `what` needs it for itself. */
export const refuseWhileWorked = async (name: string, queries: Queries, what: string): Promise<void> => {
  const [first] = (await activeWorkers(queries)).alive
  if (first === undefined) return
  throw new Locked(
    `a run is at work on ${name} since ${first.started_at} on ${first.host}: ${what} waits for its end`,
    {
      hint: '`socsync status` shows it; do this again when it has ended',
    },
  )
}

/** The same for the length of a transaction: until its end nobody begins to work or orders a run. */
export const takeAlone = async (tx: Tx, name: string, what: string): Promise<void> => {
  await tx.lockTables(['workers', 'run_orders'])
  await refuseWhileWorked(name, tx, what)
}
