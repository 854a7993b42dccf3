import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/** Who stands in which relation to a profile of the list (docs/design.md §4). */
export const relations = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await (type.table(db.schema.createTable('relations')) as CreateTableBuilder<string, string>)
    .addColumn('network', type.text, column => column.notNull())
    .addColumn('id', type.id, column => column.notNull())
    .addColumn('kind', type.text, column => column.notNull())
    .addColumn('profile_id', type.id, column => column.notNull())
    .addColumn('person_id', type.id, column => column.notNull())
    .addColumn('person_name', type.text)
    .addColumn('post_id', type.id)
    .addColumn('created_at', type.instant)
    .addColumn('first_seen_at', type.instant, column => column.notNull())
    .addColumn('fetched_at', type.instant, column => column.notNull())
    .addColumn('job_id', type.counter, column => column.notNull())
    .addColumn('walk_id', type.counter, column => column.notNull())
    .addColumn('missing_since', type.instant)
    .addPrimaryKeyConstraint('relations_key', ['network', 'id'])
    .execute()
  await db.schema
    .createIndex('relations_by_profile')
    .on('relations')
    .columns(['network', 'profile_id', 'kind'])
    .execute()
}
