import { type Kysely, sql } from 'kysely'
import { type Params, paramsOf } from '../../core/params.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'

/** The parameters of the newest job of what a list names; null = it has none. */
export const readNewestParams = async (
  db: Kysely<Schema>,
  network: string,
  entityId: string,
): Promise<Params | null> => {
  const { rows } = await sql<{ params: string }>`
    select params from sync_jobs where network = ${network} and entity_id = ${entityId}
    order by id desc limit 1`.execute(db)
  const [newest] = rows
  return newest === undefined ? null : paramsOf<Params>(decodeJson(newest.params))
}
