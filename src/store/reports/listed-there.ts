import { type Kysely, sql } from 'kysely'
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
