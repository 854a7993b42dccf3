import type { Kysely } from 'kysely'
import type { Tx } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'

/** Notes that a transform is to be worked on until nothing of it is open. */
export const placeTransformOrder = async (tx: Tx, transform: string): Promise<void> => {
  await tx.db
    .insertInto('transform_orders')
    .values({ transform })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

export const endTransformOrder = async (tx: Tx, transform: string): Promise<void> => {
  await tx.db.deleteFrom('transform_orders').where('transform', '=', transform).execute()
}

/** The transforms that were asked for and are not through. */
export const openTransformOrders = async (db: Kysely<Schema>): Promise<string[]> => {
  const rows = await db.selectFrom('transform_orders').select('transform').orderBy('transform').execute()
  return rows.map(({ transform }) => transform)
}
