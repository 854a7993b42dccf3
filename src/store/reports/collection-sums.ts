import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { HoldingKind } from '../../core/entity.ts'
import { inList } from '../database/words.ts'
import { isOf } from '../queue/entity-kinds.ts'
import { IDLE } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { isAsked, type ProfilesOf } from './profiles-of.ts'

/** What the playlists hold that lists name, or the tags, or the searches. */
export interface CollectionSums {
  readonly asked: number
  /** As the network declares; null = it declares of none, as of tags and searches. */
  readonly items_declared: number | null
  /** Listed, and not taken out since. */
  readonly items: number
  /** Of these, whose posts are stored and still there. */
  readonly posts_stored: number
}

/** Null = none of the kind is named. An item that is in two of them is one of each. */
export const sumCollections = async (
  db: Kysely<Schema>,
  kind: HoldingKind,
  of: ProfilesOf,
): Promise<CollectionSums | null> => {
  const { rows } = await sql<CollectionSums>`
    select count(*) as asked, cast(sum(items_count) as bigint) as items_declared,
      coalesce(cast(sum(items) as bigint), 0) as items, coalesce(cast(sum(stored) as bigint), 0) as posts_stored
    from (
      select collections.items_count,
        (select count(*) from collection_items as item
          where item.network = asked.network and item.collection_id = asked.entity_id and item.missing_since is null) as items,
        (select count(*) from collection_items as item join posts on posts.network = item.network and posts.id = item.post_id
          where item.network = asked.network and item.collection_id = asked.entity_id and item.missing_since is null
            and posts.missing_since is null) as stored
      from ${askedFor(kind, of)} as asked
      left join collections on collections.network = asked.network and collections.id = asked.entity_id) as collection`.execute(
    db,
  )
  const [sums] = rows
  return sums === undefined || sums.asked === 0 ? null : sums
}

const askedFor = (kind: HoldingKind, of: ProfilesOf): RawBuilder<unknown> => {
  const isOfKind = isOf(kind, sql`entity_id`)
  if ('run' in of)
    return sql`(
      select network, entity_id from sync_jobs
      where run_id = ${of.run} and ${isOfKind} and coalesce(reason, '') not in ${inList(IDLE)})`
  return sql`(select network, entity_id from entities where ${isOfKind} and ${isAsked(of)})`
}
