import type { Kysely } from 'kysely'
import { Locked } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import { isDead } from '../queue/worker.ts'
import type { Schema } from '../schema/tables.ts'

/** A process that works on a file, or ended without saying so. */
export interface ListedWorker {
  readonly id: string
  readonly host: string
  readonly started_at: Instant
}

/** Who is at work on a file, and who died over it: what those held is taken over by the next run. */
export const activeWorkers = async (
  path: string,
  db: Kysely<Schema>,
): Promise<{ readonly alive: readonly ListedWorker[]; readonly dead: readonly ListedWorker[] }> => {
  const workers = await db
    .selectFrom('workers')
    .select(['id', 'host', 'started_at'])
    .orderBy('started_at')
    .execute()
  const { alive = [], dead = [] } = Object.groupBy(workers, ({ id }) => (isDead(path, id) ? 'dead' : 'alive'))
  return { alive, dead }
}

/** Throws Locked while somebody is at work on the file: `what` needs it for itself. */
export const refuseWhileWorked = async (path: string, db: Kysely<Schema>, what: string): Promise<void> => {
  const [first] = (await activeWorkers(path, db)).alive
  if (first === undefined) return
  throw new Locked(
    `a run is at work on ${path} since ${first.started_at} on ${first.host}: ${what} waits for its end`,
    {
      hint: '`socsync status` shows it; do this again when it has ended',
    },
  )
}
