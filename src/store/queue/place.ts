import type { Instant } from '../../core/instant.ts'
import type { Json } from '../../core/json.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'

/** A job's own cursor, readable by itself: bounds, watermarks and the place in the list of posts. */
interface Place {
  readonly since: Instant | null
  readonly until: Instant | null
  readonly since_id: string | null
  readonly until_id: string | null
  /** The watermark that it starts from, `from` null = it reads all, and the one that it has reached. */
  readonly watermark: { readonly from: Instant | null; readonly reached: Instant | null } | null
  readonly page_token: Json
}

/** Where a job stands that has read nothing; `from` = the watermark that it starts from, undefined = that is noted later. */
export const firstPlace = (
  bounds: Pick<Place, 'since' | 'until' | 'since_id' | 'until_id'>,
  from?: Instant | null,
): string => {
  const { since, until, since_id, until_id } = bounds
  const watermark = from === undefined ? null : { from, reached: null }
  return encodeJson({ since, until, since_id, until_id, watermark, page_token: null })
}

/** Notes the watermarks that jobs start from. */
export const noteStarts = (tx: Tx, starts: ReadonlyMap<number, Instant | null>): Promise<void> =>
  movePlaces(tx, [...starts.keys()], (place, id) => ({
    ...place,
    watermark: { from: starts.get(id) ?? null, reached: null },
  }))

/** Notes the watermark that a job has reached. */
export const noteReached = (tx: Tx, jobId: number, reached: Instant | null): Promise<void> =>
  movePlaces(tx, [jobId], place => ({
    ...place,
    watermark: place.watermark === null ? null : { ...place.watermark, reached },
  }))

/** Notes in jobs that share a walk over posts where that stands. */
export const notePageToken = (tx: Tx, jobIds: readonly number[], cursor: Json): Promise<void> =>
  movePlaces(tx, jobIds, place => ({ ...place, page_token: cursor }))

const movePlaces = async (
  tx: Tx,
  jobIds: readonly number[],
  move: (place: Place, jobId: number) => Place,
): Promise<void> => {
  const rows = jobIds.map(id => ({ id }))
  const places = await tx.getEach<{ id: number }, { cursor: string }>(get, rows)
  const moved = rows.flatMap(({ id }, index) => {
    const stored = places[index]
    return stored === undefined
      ? []
      : [{ id, cursor: encodeJson({ ...move(decodeJson<Place>(stored.cursor), id) }) }]
  })
  tx.sendEach(set, moved)
}

const get: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_jobs').select('cursor').where('id', '=', param<number>('id')),
)

const set: Statement<{ id: number; cursor: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ cursor: param<string>('cursor') })
    .where('id', '=', param<number>('id')),
)
