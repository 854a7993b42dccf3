import type { Kysely } from 'kysely'
import type { Types } from '../types.ts'

/**
 * The line of walks that listed a thread last and left its further replies unread, since nothing had moved: that it did not bring
 * them says nothing of them (docs/design.md §5.5).
 */
export const threads = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('comments').addColumn('replies_left_by', type.counter).execute()
}
