import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

/** Of each of these profiles the newest moment of which a counter is stored whose name begins so; left out = there is none. */
export const readNewestCounters = async (
  db: Kysely<Schema>,
  network: string,
  profileIds: readonly string[],
  beginning: string,
): Promise<ReadonlyMap<string, Instant>> => {
  const rows = await db
    .selectFrom('metrics')
    .select(['subject_id', db.fn.max('observed_at').as('until')])
    .where('network', '=', network)
    .where('subject', '=', 'profile')
    .where(sql<boolean>`subject_id in ${inList(profileIds)}`)
    .where(sql<boolean>`substr(name, 1, length(${beginning})) = ${beginning}`)
    .groupBy('subject_id')
    .execute()
  return new Map(rows.map(({ subject_id, until }) => [subject_id, until]))
}
