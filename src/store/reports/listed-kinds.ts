import { type Kysely, sql } from 'kysely'
import { ENTITY_KINDS, type Listed, PLURALS } from '../../core/entity.ts'
import { isOf } from '../queue/entity-kinds.ts'
import type { Schema } from '../schema/tables.ts'

/** What the jobs of a run are about; `total` = how many it has on these networks. What is no profile stands together in an index. */
export const countListedKinds = async (
  db: Kysely<Schema>,
  runId: number,
  networks: readonly string[],
  total: number,
): Promise<Listed> => {
  const listed = { profiles: total, posts: 0, playlists: 0, tags: 0, searches: 0 }
  for (const kind of ENTITY_KINDS) {
    if (kind === 'profile') continue
    for (const network of networks) {
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from sync_jobs
        where run_id = ${runId} and network = ${network} and ${isOf(kind, sql`entity_id`)}`.execute(db)
      const count = rows[0]?.count ?? 0
      listed[PLURALS[kind]] += count
      listed.profiles -= count
    }
  }
  return listed
}
