import { type Kysely, sql } from 'kysely'
import type { KnownItem } from '../../core/price.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

type Db = Kysely<Schema>

/** Of playlists, tags and searches, by their keys, which are stored, how many items they declare, and whether they are gone. */
export const readCollectionsThere = async (
  db: Db,
  network: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, { readonly items: number | null; readonly gone: boolean }>> => {
  const rows = await db
    .selectFrom('collections')
    .select(['id', 'items_count', 'missing_since'])
    .where('network', '=', network)
    .where(sql<boolean>`id in ${inList(keys)}`)
    .execute()
  return new Map(rows.map(row => [row.id, { items: row.items_count, gone: row.missing_since !== null }]))
}

/** What playlists hold, by their keys, each in its order. */
export const readItems = async (
  db: Db,
  network: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly KnownItem[]>> => {
  const { rows } = await sql<{ key: string; id: string; is_stored: number }>`
    select item.collection_id as key, item.post_id as id, case when posts.id is null then 0 else 1 end as is_stored
    from collection_items as item
    left join posts on posts.network = item.network and posts.id = item.post_id and posts.missing_since is null
    where item.network = ${network} and item.collection_id in ${inList(keys)} and item.missing_since is null
    order by 1, item.position nulls first, 2`.execute(db)
  const byKey = Map.groupBy(rows, ({ key }) => key)
  return new Map(
    [...byKey].map(([key, of]) => [key, of.map(({ id, is_stored }) => ({ id, isStored: is_stored === 1 }))]),
  )
}

/** Of single posts, which are stored and whether they are gone. */
export const readPostsThere = async (
  db: Db,
  network: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly gone: boolean }>> => {
  const rows = await db
    .selectFrom('posts')
    .select(['id', 'missing_since'])
    .where('network', '=', network)
    .where(sql<boolean>`id in ${inList(ids)}`)
    .execute()
  return new Map(rows.map(({ id, missing_since }) => [id, { gone: missing_since !== null }]))
}
