import { type Kysely, sql } from 'kysely'
import { isOfPost } from '../queue/entity-kinds.ts'
import type { Schema } from '../schema/tables.ts'

/** What the jobs of a run are about. */
export interface ListedKinds {
  readonly profiles: number
  readonly posts: number
}

/** `total` = how many jobs a run of these networks has. Posts stand beside each other in an index. */
export const countListedKinds = async (
  db: Kysely<Schema>,
  runId: number,
  networks: readonly string[],
  total: number,
): Promise<ListedKinds> => {
  let posts = 0
  for (const network of networks) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from sync_jobs
      where run_id = ${runId} and network = ${network} and ${isOfPost(sql`entity_id`)}`.execute(db)
    posts += rows[0]?.count ?? 0
  }
  return { profiles: total - posts, posts }
}
