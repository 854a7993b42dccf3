import type { Kysely } from 'kysely'
import type { Types } from '../dialect.ts'

/** What a stored answer was asked with beside its walk, so that it can be normalised again: cursor, tasks and room. */
export const rebuildable = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('raw_pages').addColumn('step', type.json).execute()
}
