import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { type Params, paramsOf } from '../../core/params.ts'
import type { WalkTask } from '../../core/ports.ts'
import { coveredSince, moved, movesWatermark, type Watermark, type Watermarks } from '../../core/watermark.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inList, rowsOf } from '../database/words.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { IDLE } from './find-jobs.ts'
import { isOpenRest } from './open-rest.ts'
import { noteReached } from './place.ts'

type Key = { readonly network: string; readonly entity_id: string }

/** How far profiles are covered; nothing of one that is not known. */
export const watermarksOf = async (tx: Tx, keys: readonly Key[]): Promise<Watermarks[]> => {
  const rows = await tx.getEach<Key, { watermarks: string }>(get, keys)
  return rows.map(row => (row === undefined ? {} : readWatermarks(row.watermarks)))
}

/**
 * Notes in profile and job that the profile's posts were read, back to the task's `from`, by a walk that began then.
 * While a rest of the list is open what was read above it is noted there instead; with the last one all of it counts.
 */
export const moveWatermarks = async (
  tx: Tx,
  network: string,
  task: Pick<WalkTask, 'id' | 'entityId' | 'from' | 'jobId' | 'part'>,
  params: Params,
  walk: { readonly startedAt: Instant; readonly lagMs: number },
): Promise<void> => {
  const key = { network, entity_id: task.entityId }
  const others = { id: task.id, job_id: task.jobId, head_at: walk.startedAt }
  if (task.part === '' && (await tx.run(noteHead, others)) > 0) return
  const [before = {}] = await watermarksOf(tx, [key])
  const own = moved(before, params, { ...walk, from: task.from }, walk.lagMs)
  const head =
    task.part === '' || (await tx.get(anyRest, others)) !== undefined
      ? undefined
      : (await tx.get<{ id: number }, { head_at: Instant | null }>(headOf, { id: task.id }))?.head_at
  const next = head == null ? own : moved(own, params, { startedAt: head, from: head }, walk.lagMs)
  tx.send(set, { ...key, watermarks: writeWatermarks(next) })
  await noteReached(tx, task.jobId, next.posts?.to ?? null)
}

/**
 * Where `--since last` begins for each of these profiles, by the id that is asked about: where it is covered from, and before it is, where its
 * newest job began. Null = with the first post.
 */
export const lastSince = async (
  db: Kysely<Schema>,
  network: string,
  ids: readonly string[],
  kinds: Params['kinds'],
): Promise<ReadonlyMap<string, Instant | null>> => {
  const given = ids.map(id => ({ id }))
  const { rows } = await sql<{ id: string; watermarks: string | null; params: string | null }>`
    with asked as (
      select given.id, coalesce(alias.entity_id, given.id) as entity_id
      from ${rowsOf({ id: 'text' }, given)} as given
      left join entity_aliases as alias on alias.network = ${network} and alias.alias = given.id
    )
    select asked.id, entities.watermarks, (
      select params from sync_jobs where network = ${network} and entity_id = asked.entity_id
        and coalesce(reason, '') not in ${inList(IDLE)} order by id desc limit 1) as params
    from asked left join entities on entities.network = ${network} and entities.entity_id = asked.entity_id`.execute(
    db,
  )
  return new Map(
    rows.map(({ id, watermarks, params }) => {
      const covered = coveredSince(watermarks === null ? {} : readWatermarks(watermarks), kinds)
      return [id, covered === undefined ? begunSince(params) : covered]
    }),
  )
}

/** Where a job began that has covered nothing yet; one within bounds at the new end says nothing of what is older. */
const begunSince = (stored: string | null): Instant | null => {
  const params = stored === null ? null : paramsOf<Params>(decodeJson(stored))
  return params !== null && movesWatermark(params) ? params.since : null
}

interface Stored {
  readonly from: Instant | null
  readonly to: Instant
  readonly last_full_at: Instant
  readonly replies: Watermark['replies']
  readonly older?: Pick<Stored, 'last_full_at' | 'replies'> & { readonly before: Instant }
}

export const readWatermarks = (text: string): Watermarks => {
  const stored = decodeJson<Partial<Record<keyof Watermarks, Stored>>>(text)
  const read = (mark: Stored): Watermark => ({
    from: mark.from,
    to: mark.to,
    lastFullAt: mark.last_full_at,
    replies: mark.replies,
    ...(mark.older !== undefined && { older: partOf(mark.older) }),
  })
  return Object.fromEntries(Object.entries(stored).map(([list, mark]) => [list, read(mark)]))
}

const partOf = ({ before, last_full_at: lastFullAt, replies }: NonNullable<Stored['older']>) => ({
  before,
  lastFullAt,
  replies,
})

const writeWatermarks = (marks: Watermarks): string =>
  encodeJson(
    Object.fromEntries(
      Object.entries(marks).map(([list, { from, to, lastFullAt, replies, older }]: [string, Watermark]) => [
        list,
        {
          ...{ from, to, last_full_at: lastFullAt, replies },
          ...(older !== undefined && {
            older: { before: older.before, last_full_at: older.lastFullAt, replies: older.replies },
          }),
        },
      ]),
    ),
  )

const get: Statement<Key> = statement(
  builder
    .selectFrom('entities')
    .select('watermarks')
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

const set: Statement<Key & { watermarks: string }> = statement(
  builder
    .updateTable('entities')
    .set({ watermarks: param<string>('watermarks') })
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

type Rests = { id: number; job_id: number }

/** The list was read anew down to where its open rests begin. */
const noteHead: Statement<Rests & { head_at: string }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ head_at: param<string>('head_at') })
    .where('job_id', '=', param<number>('job_id'))
    .where('id', '!=', param<number>('id'))
    .where(isOpenRest('posts')),
)

const anyRest: Statement<Rests> = statement(
  builder
    .selectFrom('sync_tasks')
    .select('id')
    .where('job_id', '=', param<number>('job_id'))
    .where('id', '!=', param<number>('id'))
    .where(isOpenRest('posts'))
    .limit(1),
)

const headOf: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_tasks').select('head_at').where('id', '=', param<number>('id')),
)
