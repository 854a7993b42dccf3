import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'

/** What could not be read at one path of one stream's answers. */
export interface RejectLine {
  readonly network: string
  readonly stream: string
  readonly path: string
  readonly reason: string
  readonly count: number
  readonly first_seen_at: Instant
  readonly last_seen_at: Instant
}

/** All that could not be read, by stream, path and reason; what stood there is left out. */
export const listRejects = async (db: Kysely<Schema>): Promise<RejectLine[]> => {
  const { rows } = await sql<RejectLine>`
    select sync_walks.network, stream, path, reason, count(*) as count,
      min(seen_at) as first_seen_at, max(seen_at) as last_seen_at
    from rejects join sync_walks on sync_walks.id = walk_id
    group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(db)
  return rows
}
