import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

/** Of each of these profiles the end of the newest day whose counters (`day.…`) are stored; left out = there is none. */
export const readNewestDays = async (
  db: Kysely<Schema>,
  network: string,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, Instant>> => {
  const rows = await db
    .selectFrom('metrics')
    .select(['subject_id', db.fn.max('observed_at').as('until')])
    .where('network', '=', network)
    .where('subject', '=', 'profile')
    .where(sql<boolean>`subject_id in ${inList(profileIds)}`)
    .where('name', 'like', 'day.%')
    .groupBy('subject_id')
    .execute()
  return new Map(rows.map(({ subject_id, until }) => [subject_id, until]))
}
