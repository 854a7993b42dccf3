import type { Kysely } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What making the tables anew from the answers needs: what a page was asked with beside its walk (cursor, tasks, room),
 * and how many pages of a walk had an answer, so that a missing one is noticed.
 */
export const rebuildable = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('raw_pages').addColumn('step', type.json).execute()
  await db.schema.alterTable('sync_walks').addColumn('answered', type.counter).execute()
}
