import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * Faults that last (docs/design.md §5.11 to §5.16): a job that refreshes also carries along the rest of a list, so a
 * list may be two tasks; a task knows since when it fails; a job knows in which one its reading began; a profile how
 * many posts it declares beyond those it lists; and a post whose credential its comments were refused to.
 */
export const lasting = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  for (const index of ['sync_tasks_by_walk', 'sync_tasks_waiting']) await db.schema.dropIndex(index).execute()
  await type.setAside(db, 'sync_tasks', 'sync_tasks_of_one_part')
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('sync_tasks'))
  await table
    .addColumn('id', type.serial, type.primary)
    .addColumn('job_id', type.counter, column => column.notNull().references('sync_jobs.id'))
    .addColumn('kind', type.text, column => column.notNull())
    .addColumn('stream', type.text, column => column.notNull())
    .addColumn('external_id', type.id, column => column.notNull())
    .addColumn('part', type.text, column => column.notNull().defaultTo(''))
    .addColumn('profile_id', type.id)
    .addColumn('post_id', type.id)
    .addColumn('status', type.text, column => column.notNull())
    .addColumn('attempts', type.counter, column => column.notNull().defaultTo(0))
    .addColumn('error_type', type.text)
    .addColumn('last_error', type.text)
    .addColumn('last_synced_at', type.instant)
    .addColumn('walk_id', type.counter, column => column.references('sync_walks.id'))
    .addColumn('pages', type.counter, column => column.notNull().defaultTo(0))
    .addColumn('items', type.counter, column => column.notNull().defaultTo(0))
    .addColumn('new_items', type.counter, column => column.notNull().defaultTo(0))
    .addColumn('expected', type.counter)
    .addColumn('reason', type.text)
    .addColumn('reasons', type.json)
    .addColumn('not_before', type.instant)
    .addColumn('from_at', type.instant)
    .addColumn('head_at', type.instant)
    .addColumn('failing_since', type.instant)
    .addColumn('failed_runs', type.counter, column => column.notNull().defaultTo(0))
    .addUniqueConstraint('sync_tasks_once_per_job_and_part', [
      'job_id',
      'stream',
      'external_id',
      'kind',
      'part',
    ])
    .execute()
  const columns = sql.raw(
    `id, job_id, kind, stream, external_id, profile_id, post_id, status, attempts, error_type, last_error,
    last_synced_at, walk_id, pages, items, expected, reason, reasons, not_before, from_at`,
  )
  await sql`
    insert into sync_tasks (${columns}) select ${columns} from sync_tasks_of_one_part order by id`.execute(db)
  await type.countOn(db, 'sync_tasks')
  await db.schema.dropTable('sync_tasks_of_one_part').execute()
  await db.schema.createIndex('sync_tasks_by_walk').on('sync_tasks').column('walk_id').execute()
  await db.schema
    .createIndex('sync_tasks_waiting')
    .on('sync_tasks')
    .columns(['stream', 'job_id'])
    .where(sql.ref('walk_id'), 'is', null)
    .where(sql.ref('status'), '=', sql.lit('pending'))
    .execute()

  await db.schema
    .createIndex('sync_tasks_failing')
    .on('sync_tasks')
    .column('job_id')
    .where(sql.ref('failing_since'), 'is not', null)
    .execute()

  await db.schema
    .alterTable('sync_jobs')
    .addColumn('reading_id', type.counter, column => column.references('sync_jobs.id'))
    .execute()
  await sql`
    with recursive reading (id, began) as (
      select id, id from sync_jobs where previous_job_id is null
      union all
      select next.id, reading.began from sync_jobs as next join reading on next.previous_job_id = reading.id
    )
    update sync_jobs set reading_id = reading.began from reading where reading.id = sync_jobs.id`.execute(db)
  await db.schema.createIndex('sync_jobs_by_reading').on('sync_jobs').column('reading_id').execute()

  await db.schema.createIndex('rejects_by_job').on('rejects').column('job_id').execute()

  await db.schema.alterTable('entities').addColumn('posts_unlisted', type.counter).execute()
  await db.schema.alterTable('posts').addColumn('comments_refused_to', type.text).execute()
}
