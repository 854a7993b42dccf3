import { sql } from 'kysely'
import type { WalkTask } from '../../core/ports.ts'
import type { Child } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import type { PageWrite } from './page-write.ts'

/** The comments of a post that a page found, and the task that found it. */
interface Talk {
  readonly parent: WalkTask
  readonly child: Child
}

/**
 * Which of these lists of comments another job of the run reads, or has read: one post may be a profile's, named by itself, and in playlists,
 * and its comments are paid for once. What is left is noted as read by the job that found it.
 */
export const readElsewhere = async (
  tx: Tx,
  { walk }: PageWrite,
  lists: readonly Talk[],
): Promise<ReadonlySet<Talk>> => {
  const rows = lists.map(({ parent, child }) => ({
    network: walk.network,
    run_id: walk.runId,
    id: child.postId ?? child.externalId,
    stream: child.stream,
    external_id: child.externalId,
    job_id: parent.jobId,
  }))
  const found = await tx.getEach(reader, rows)
  tx.sendEach(
    noteReader,
    rows.filter((_, index) => found[index] === undefined),
  )
  return new Set(lists.filter((_, index) => found[index] !== undefined))
}

type Row = {
  network: string
  run_id: number
  id: string
  stream: string
  external_id: string
  job_id: number
}

const reader: Statement<Row> = statement(
  builder
    .selectFrom('posts')
    .innerJoin('sync_jobs as job', 'job.id', 'posts.comments_job_id')
    .innerJoin('sync_tasks as task', 'task.job_id', 'job.id')
    .select('job.id')
    .where('posts.network', '=', param<string>('network'))
    .where('posts.id', '=', param<string>('id'))
    .where('job.id', '!=', param<number>('job_id'))
    .where('job.run_id', '=', param<number>('run_id'))
    .where('task.kind', '=', sql.lit('comments'))
    .where('task.stream', '=', param<string>('stream'))
    .where('task.external_id', '=', param<string>('external_id'))
    .where('task.part', '=', sql.lit(''))
    .where('task.status', 'in', ['pending', 'running', 'succeeded'].map(sql.lit))
    .limit(1),
)

const noteReader: Statement<Row> = statement(
  builder
    .updateTable('posts')
    .set({ comments_job_id: param<number>('job_id') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
