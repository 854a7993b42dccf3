import { type Kysely, sql } from 'kysely'
import type { CollectionKind } from '../../core/records.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

/** How many items each playlist of these profiles declares that is shown, by profile; nothing of one of which none is stored. */
export const readShownPlaylists = async (
  db: Kysely<Schema>,
  network: string,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, readonly (number | null)[]>> => {
  const rows = await db
    .selectFrom('collections')
    .select(['profile_id', 'items_count'])
    .where('network', '=', network)
    .where('kind', '=', 'playlist' satisfies CollectionKind)
    .where('missing_since', 'is', null)
    .where(sql<boolean>`profile_id in ${inList(profileIds)}`)
    .orderBy('id')
    .execute()
  const shown = new Map<string, (number | null)[]>()
  for (const { profile_id, items_count } of rows) {
    if (profile_id !== null) shown.set(profile_id, [...(shown.get(profile_id) ?? []), items_count])
  }
  return shown
}
