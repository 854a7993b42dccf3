import type { Kysely } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { tablesOf } from './unfinished-copy.ts'

/**
 * Whom a process asks, so that a database never holds what both tell:
 *
 *   networks   the real ones
 *   sandbox    the built-in sandbox
 *   stand-in   servers on this machine in the place of all networks: as a sandbox, but for an older database, of which nobody
 *              knows what filled it
 */
export type Origin = 'networks' | 'sandbox' | 'stand-in'

/** The one row of its table. */
const ROW = 1

/** Notes in a database who fills it, the first time. BadInput where that is another one. */
export const enterOrigin = async (database: Database, origin: Origin): Promise<void> => {
  const { name, committed } = database
  if ((await look(name, committed.db, origin)) !== 'new') return
  await database.write(async tx => {
    await tx.db
      .insertInto('data_origin')
      .values({ id: ROW, origin: wordOf(origin) })
      .onConflict(conflict => conflict.column('id').doNothing())
      .execute()
  })
  // Another process may have been first, and another one's.
  await look(name, committed.db, origin)
}

/** BadInput where a database, of whatever version, was filled by another one. */
export const refuseOtherOrigin = async (name: string, db: Kysely<Schema>, origin: Origin): Promise<void> => {
  await look(name, db, origin)
}

const look = async (
  name: string,
  db: Kysely<Schema>,
  origin: Origin,
): Promise<'known' | 'new' | 'left as it is'> => {
  const tables = await tablesOf(db)
  if (!tables.has('sync_runs')) return 'new'
  const noted = tables.has('data_origin')
    ? await db.selectFrom('data_origin').select('origin').executeTakeFirst()
    : undefined
  const known = noted?.origin ?? ((await isFilled(db)) ? 'unknown' : null)
  if (known === wordOf(origin)) return 'known'
  if (known === null || (known === 'unknown' && origin === 'networks')) return 'new'
  if (known === 'unknown' && origin === 'stand-in') return 'left as it is'
  throw refusal(name, origin)
}

const isFilled = async (db: Kysely<Schema>): Promise<boolean> =>
  (await db.selectFrom('sync_runs').select('id').limit(1).executeTakeFirst()) !== undefined

const wordOf = (origin: Origin): string => (origin === 'stand-in' ? 'sandbox' : origin)

const refusal = (name: string, origin: Origin): BadInput =>
  origin === 'networks'
    ? new BadInput(`${name} was filled by a sandbox: what the real networks tell is not put beside it`, {
        hint: 'name another database with --db or SOCSYNC_DB',
      })
    : new BadInput(`${name} holds what the real networks told: a sandbox is not let into it`, {
        hint: 'leave out --db and SOCSYNC_DB: --sandbox has a file of its own, ./sandbox.db',
      })
