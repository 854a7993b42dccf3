import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Tx } from '../database/database.ts'
import type { Schema, TransformOrderTable } from '../schema/tables.ts'

/**
 * A transform that was asked for and is not through. Asked for again it is not a second one: `asked` counts, and all that is new
 * is queued once `queued` has come so far.
 */
export interface TransformOrder {
  readonly transform: string
  readonly asked: number
  readonly queued: number
  /** What its service stopped a worker by last; null = by nothing. */
  readonly stop: TransformStop | null
}

export interface TransformStop {
  readonly errorType: string
  readonly message: string
  /** When it is tried again; null = a person must act. */
  readonly notBefore: Instant | null
}

const NO_STOP = { error_type: null, error_message: null, not_before: null }

/** Notes that a transform is to be worked on until nothing of it is open. */
export const placeTransformOrder = async (tx: Tx, transform: string): Promise<void> => {
  await tx.db
    .insertInto('transform_orders')
    .values({ transform, asked: 1 })
    .onConflict(conflict =>
      conflict
        .column('transform')
        .doUpdateSet({ asked: sql<number>`${sql.ref('transform_orders.asked')} + 1`, ...NO_STOP }),
    )
    .execute()
}

/** False: nobody had asked for it. */
export const endTransformOrder = async (tx: Tx, transform: string): Promise<boolean> => {
  const { numDeletedRows } = await tx.db
    .deleteFrom('transform_orders')
    .where('transform', '=', transform)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Ends it unless it was asked for again since it was looked at. */
export const closeTransformOrder = async (tx: Tx, { transform, asked }: TransformOrder): Promise<void> => {
  await tx.db
    .deleteFrom('transform_orders')
    .where('transform', '=', transform)
    .where('asked', '=', asked)
    .where('queued', '>=', asked)
    .execute()
}

/** The transforms that were asked for and are not through. */
export const openTransformOrders = async (db: Kysely<Schema>): Promise<TransformOrder[]> => {
  const rows = await db.selectFrom('transform_orders').selectAll().orderBy('transform').execute()
  return rows.map(({ transform, asked, queued, ...row }) => ({ transform, asked, queued, stop: stopOf(row) }))
}

const stopOf = ({
  error_type,
  error_message,
  not_before,
}: Pick<TransformOrderTable, keyof typeof NO_STOP>): TransformStop | null =>
  error_type === null ? null : { errorType: error_type, message: error_message ?? '', notBefore: not_before }

/** Makes a worker the one that goes through what is stored. False: another one that is there does so, or has done. */
export const beginQueueing = async (tx: Tx, transform: string, worker: string): Promise<boolean> => {
  const { numUpdatedRows } = await tx.db
    .updateTable('transform_orders')
    .set({ queuer: worker })
    .where('transform', '=', transform)
    .whereRef('queued', '<', 'asked')
    .where(eb =>
      eb.or([
        eb('queuer', 'is', null),
        eb('queuer', 'not in', eb.selectFrom('workers').select('workers.id')),
      ]),
    )
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** All that was new when it was looked at is queued. */
export const endQueueing = async (
  tx: Tx,
  { transform, asked }: TransformOrder,
  worker: string,
): Promise<void> => {
  await tx.db
    .updateTable('transform_orders')
    .set({ queued: asked, queuer: null })
    .where('transform', '=', transform)
    .where('queuer', '=', worker)
    .execute()
}

/** Says of an order what its service stopped a worker by; null = it is worked on again. */
export const noteTransformStop = async (
  tx: Tx,
  transform: string,
  stop: TransformStop | null,
): Promise<void> => {
  const said =
    stop === null
      ? NO_STOP
      : { error_type: stop.errorType, error_message: stop.message, not_before: stop.notBefore }
  await tx.db.updateTable('transform_orders').set(said).where('transform', '=', transform).execute()
}
