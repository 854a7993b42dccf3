import { zstdDecompressSync } from 'node:zlib'
import type { Instant } from '../../core/instant.ts'
import type { JsonObject } from '../../core/json.ts'
import { paramsOf } from '../../core/params.ts'
import type { Walk } from '../../core/ports.ts'
import type { RawPart } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Queries } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inNumbers } from '../database/words.ts'
import type { StoredStep } from '../page/raw.ts'
import { type TaskRow, type WalkRow, walkOf } from '../queue/walk-rows.ts'
import { decodeJson } from '../schema/rows.ts'

/** One page of the raw zone with what it was asked with: it can be normalised again. */
export interface StoredPage {
  /** The walk as it stood when the page was asked for; its cursor is null where that was not recorded. */
  readonly walk: Walk
  readonly room: number | null
  /** False: the page was stored before cursor, tasks and room were kept with it. */
  readonly recorded: boolean
  readonly fetchedAt: Instant
  /** The profiles it was asked for, by their keys. */
  readonly entityIds: readonly string[]
  /** Tasks that ended as duplicates of another's profile: what the page says of them was not stored. */
  readonly duplicates: ReadonlySet<number>
  /** The answers; throws where one is not what was once compressed. */
  answers(): readonly Omit<RawPart, 'json'>[]
}

/** How many pages there are. */
export const countPages = async (queries: Queries): Promise<number> =>
  (await queries.get<object, { pages: number }>(count, {}))?.pages ?? 0

/**
 * All pages in the order in which they were committed, each as it is asked for: nothing stays open in between, so that
 * the connection may write meanwhile, and no more than one page is held.
 */
export async function* storedPages(queries: Queries): AsyncGenerator<StoredPage> {
  const walks = new Map<number, WalkLine>()
  const walkAt = async (id: number): Promise<WalkLine> => {
    const known = walks.get(id)
    if (known !== undefined) return known
    const line = await queries.get<{ id: number }, WalkLine>(walkLine, { id })
    if (line === undefined) throw new Error(`an answer of a walk that is not there: ${id}`)
    if (walks.size >= MOST_WALKS) walks.clear()
    walks.set(id, line)
    return line
  }
  for (let after = 0; ; ) {
    const heads = await queries.all<{ after: number }, Head>(nextHeads, { after })
    for (const head of heads) yield await pageOf(queries, head, await walkAt(head.walk_id))
    const last = heads.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

/** Pages of walks that go on together come in turns. */
const MOST_WALKS = 1_000
const HEADS = 500

interface Head {
  readonly id: number
  readonly walk_id: number
  readonly seq: number
  readonly fetched_at: Instant
  readonly step: string | null
}

type WalkLine = WalkRow & { readonly params: string; readonly entity_id: string }

const pageOf = async (queries: Queries, head: Head, line: WalkLine): Promise<StoredPage> => {
  const step = head.step === null ? null : decodeJson<StoredStep>(head.step)
  const rows =
    step === null
      ? await queries.all<{ walk_id: number }, TaskRow>(tasksOfWalk, { walk_id: head.walk_id })
      : await queries.all<{ ids: readonly number[] }, TaskRow>(tasksById, { ids: step.tasks })
  const key = { walk_id: head.walk_id, seq: head.seq }
  const parts = await queries.all<typeof key, PartRow>(partsOf, key)
  const walk = walkOf(line, rows, paramsOf(decodeJson(line.params)))
  return {
    walk: { ...walk, seq: head.seq, cursor: step?.cursor ?? null },
    room: step?.room ?? null,
    recorded: step !== null,
    fetchedAt: head.fetched_at,
    entityIds: rows.length === 0 ? [line.entity_id] : rows.map(row => row.entity_id),
    duplicates: new Set(rows.filter(row => row.reason === 'duplicate').map(row => row.id)),
    answers: () =>
      parts.map(part => ({
        request: decodeJson<JsonObject>(part.request),
        status: part.status,
        fetchedAt: part.fetched_at,
        text: zstdDecompressSync(part.body).toString(),
      })),
  }
}

interface PartRow {
  readonly request: string
  readonly status: number
  readonly fetched_at: Instant
  readonly body: Uint8Array
}

const count: Statement<object> = statement(
  builder
    .selectFrom('raw_pages')
    .select(eb => eb.fn.countAll<number>().as('pages'))
    .where('part', '=', 0),
)

/** Pages are only ever added at the end: their ids are the order of their commits. */
const nextHeads: Statement<{ after: number }> = statement(
  builder
    .selectFrom('raw_pages')
    .select(['id', 'walk_id', 'seq', 'fetched_at', 'step'])
    .where('part', '=', 0)
    .where('id', '>', param<number>('after'))
    .orderBy('id')
    .limit(HEADS),
)

const partsOf: Statement<{ walk_id: number; seq: number }> = statement(
  builder
    .selectFrom('raw_pages')
    .innerJoin('raw_bodies', 'raw_bodies.hash', 'raw_pages.body_hash')
    .select(['request', 'status', 'fetched_at', 'body'])
    .where('walk_id', '=', param<number>('walk_id'))
    .where('seq', '=', param<number>('seq'))
    .orderBy('part'),
)

const walkLine: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_walks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_walks.job_id')
    .selectAll('sync_walks')
    .select(['sync_jobs.params', 'sync_jobs.entity_id'])
    .where('sync_walks.id', '=', param<number>('id')),
)

const tasks = builder
  .selectFrom('sync_tasks')
  .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
  .selectAll('sync_tasks')
  .select('sync_jobs.entity_id')
  .orderBy('sync_tasks.id')

const tasksOfWalk: Statement<{ walk_id: number }> = statement(
  tasks.where('sync_tasks.walk_id', '=', param<number>('walk_id')),
)

const tasksById: Statement<{ ids: readonly number[] }> = statement(
  tasks.where('sync_tasks.id', 'in', inNumbers(param<readonly number[]>('ids'))),
)
