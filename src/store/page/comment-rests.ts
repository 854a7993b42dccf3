import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { isOpenRest } from '../queue/open-rest.ts'

/** Which list, in which job. */
export interface ListKey {
  readonly job_id: number
  readonly stream: string
  readonly external_id: string
}

/** The list that a stream reads of something, in a job. */
export const listKey = (job_id: number, stream: string, external_id: string): ListKey => ({
  job_id,
  stream,
  external_id,
})

/** The rest of a list of comments that was begun in an earlier job and is read apart from its head (docs/design.md §5.11). */
export interface CommentRest {
  /** Until when what stands above it was read. */
  readonly above: Instant
  /** The number that was declared then. */
  readonly declared: number | null
  readonly failing: 0 | 1
}

/** The open rest of a list of comments in a job; undefined = it has none. */
export const commentRestOf = (tx: Tx, list: ListKey): Promise<CommentRest | undefined> =>
  tx.get<ListKey, CommentRest>(rest, list)

/** Notes that the head of a list was read, by a walk that began then. False: there is no rest, the list is read whole. */
export const noteCommentHead = async (
  tx: Tx,
  list: ListKey,
  head: { readonly startedAt: Instant; readonly declared: number | null },
): Promise<boolean> => {
  const { startedAt: head_at, declared } = head
  return (await tx.run(noteHead, { ...list, head_at, declared })) > 0
}

/** The same of several lists. */
export const commentRestsOf = (tx: Tx, lists: readonly ListKey[]): Promise<(CommentRest | undefined)[]> =>
  tx.getEach<ListKey, CommentRest>(rest, lists)

const rest: Statement<ListKey> = statement(
  builder
    .selectFrom('sync_tasks')
    .innerJoin('sync_walks', 'sync_walks.id', 'sync_tasks.walk_id')
    .select(eb => [
      eb.fn.coalesce('sync_tasks.head_at', 'sync_walks.started_at').as('above'),
      'sync_tasks.expected as declared',
      sql<0 | 1>`case when sync_tasks.failing_since is null then 0 else 1 end`.as('failing'),
    ])
    .where('sync_tasks.job_id', '=', param<number>('job_id'))
    .where('sync_tasks.stream', '=', param<string>('stream'))
    .where('sync_tasks.external_id', '=', param<string>('external_id'))
    .where(isOpenRest('comments'))
    .orderBy('above', 'desc')
    .limit(1),
)

const noteHead: Statement<ListKey & { head_at: string; declared: number | null }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ head_at: param<string>('head_at'), expected: param<number | null>('declared') })
    .where('job_id', '=', param<number>('job_id'))
    .where('stream', '=', param<string>('stream'))
    .where('external_id', '=', param<string>('external_id'))
    .where(isOpenRest('comments')),
)
