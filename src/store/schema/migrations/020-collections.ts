import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/** Playlists and their like, with the posts that they hold (docs/design.md §4). */
export const collections = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table = (name: string): CreateTableBuilder<string, string> =>
    (type.table(db.schema.createTable(name)) as CreateTableBuilder<string, string>)
      .addColumn('network', type.text, column => column.notNull())
      .addColumn('first_seen_at', type.instant, column => column.notNull())
      .addColumn('fetched_at', type.instant, column => column.notNull())
      .addColumn('job_id', type.counter, column => column.notNull())
      .addColumn('walk_id', type.counter, column => column.notNull())
      .addColumn('missing_since', type.instant)
  await table('collections')
    .addColumn('id', type.id, column => column.notNull())
    .addColumn('kind', type.text, column => column.notNull())
    .addColumn('profile_id', type.id)
    .addColumn('title', type.text)
    .addColumn('description', type.text)
    .addColumn('url', type.text)
    .addColumn('created_at', type.instant)
    .addColumn('items_count', type.counter)
    .addColumn('extra', type.json)
    .addPrimaryKeyConstraint('collections_key', ['network', 'id'])
    .execute()
  await table('collection_items')
    .addColumn('collection_id', type.id, column => column.notNull())
    .addColumn('post_id', type.id, column => column.notNull())
    .addColumn('position', type.counter)
    .addColumn('added_at', type.instant)
    .addPrimaryKeyConstraint('collection_items_key', ['network', 'collection_id', 'post_id'])
    .execute()
  await db.schema
    .createIndex('collection_items_by_post')
    .on('collection_items')
    .columns(['network', 'post_id'])
    .execute()
}
