import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/** What external services make of elements, and their answers beside posts, media, profiles and comments. */
export const transforms = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('transforms'))
  await table
    .addColumn('id', type.serial, type.primary)
    .addColumn('network', type.text, column => column.notNull())
    .addColumn('element_kind', type.text, column => column.notNull())
    .addColumn('element_id', type.id, column => column.notNull())
    .addColumn('transform', type.text, column => column.notNull())
    .addColumn('version', type.text, column => column.notNull())
    .addColumn('post_id', type.id)
    .addColumn('status', type.text, column => column.notNull())
    .addColumn('external_job_id', type.id)
    .addColumn('result', type.json)
    .addColumn('error_type', type.text)
    .addColumn('error_message', type.text)
    .addColumn('attempts', type.counter, column => column.notNull())
    .addColumn('polls', type.counter, column => column.notNull())
    .addColumn('lost', type.counter, column => column.notNull())
    .addColumn('misses', type.counter, column => column.notNull())
    .addColumn('idempotency_key', type.text, column => column.notNull())
    .addColumn('input_hash', type.text, column => column.notNull())
    .addColumn('input_fetched_at', type.instant, column => column.notNull())
    .addColumn('seq', type.counter, column => column.notNull())
    .addColumn('worker', type.id)
    .addColumn('next_poll_at', type.instant)
    .addColumn('deadline_at', type.instant)
    .addColumn('queued_at', type.instant, column => column.notNull())
    .addColumn('submitted_at', type.instant)
    .addColumn('finished_at', type.instant)
    .addUniqueConstraint('transforms_key', ['network', 'element_kind', 'element_id', 'transform', 'version'])
    .execute()
  await db.schema
    .createIndex('transforms_by_turn')
    .on('transforms')
    .columns(['transform', 'version', 'next_poll_at'])
    .where('next_poll_at', 'is not', null)
    .execute()
  await db.schema.createIndex('transforms_in_order').on('transforms').columns(['transform', 'id']).execute()
  // All that a report counts, so that it reads the index alone.
  await db.schema
    .createIndex('transforms_by_state')
    .on('transforms')
    .columns(['transform', 'version', 'status', 'error_type', 'polls', 'next_poll_at', 'external_job_id'])
    .execute()
  await db.schema
    .createIndex('transforms_by_worker')
    .on('transforms')
    .column('worker')
    .where('worker', 'is not', null)
    .execute()

  const answer = sql`transforms.transform, transforms.version, transforms.status, transforms.result,
    transforms.error_type, transforms.error_message, transforms.submitted_at, transforms.finished_at`
  await sql`
    create view post_transforms as
    select posts.network, posts.id as post_id, posts.profile_id, posts.kind, posts.caption, posts.permalink,
      posts.created_at, ${answer}
    from transforms join posts on posts.network = transforms.network and posts.id = transforms.element_id
    where transforms.element_kind = 'post'
  `.execute(db)
  await sql`
    create view media_transforms as
    select media.network, media.id as media_id, media.post_id, media.position, media.kind, media.url,
      media.thumbnail_url, ${answer}
    from transforms join media on media.network = transforms.network and media.post_id = transforms.post_id
      and media.id = transforms.element_id
    where transforms.element_kind = 'media'
  `.execute(db)
  await sql`
    create view profile_transforms as
    select profiles.network, profiles.id as profile_id, profiles.username, profiles.bio, ${answer}
    from transforms join profiles on profiles.network = transforms.network and profiles.id = transforms.element_id
    where transforms.element_kind = 'profile'
  `.execute(db)
  await sql`
    create view comment_transforms as
    select comments.network, comments.id as comment_id, comments.post_id, comments.parent_id, comments.author_id,
      comments.content, comments.created_at, ${answer}
    from transforms join comments on comments.network = transforms.network and comments.id = transforms.element_id
    where transforms.element_kind = 'comment'
  `.execute(db)
}
