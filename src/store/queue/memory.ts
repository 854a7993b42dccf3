import type { Kysely } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Json } from '../../core/json.ts'
import type { Tx } from '../database/database.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'

/** What adapters learned about a network, by key. */
export const recall = async (db: Kysely<Schema>, network: string): Promise<Map<string, Json>> => {
  const rows = await db
    .selectFrom('memory')
    .select(['key', 'value'])
    .where('network', '=', network)
    .orderBy('key')
    .execute()
  return new Map(rows.map(row => [row.key, decodeJson<Json>(row.value)]))
}

export const remember = async (
  tx: Tx,
  { network, key, value, at }: { network: string; key: string; value: Json; at: Instant },
): Promise<void> => {
  const row = { network, key, value: encodeJson(value), learned_at: at }
  await tx.db
    .insertInto('memory')
    .values(row)
    .onConflict(conflict =>
      conflict.columns(['network', 'key']).doUpdateSet({ value: row.value, learned_at: row.learned_at }),
    )
    .execute()
}
