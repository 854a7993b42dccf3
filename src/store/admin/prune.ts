import { type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Database, Tx } from '../database/database.ts'
import { ownTable } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { elementStored } from '../transforms/elements.ts'
import { type Erased, erase } from './erase.ts'
import { pruneRuns } from './prune-runs.ts'

/**
 * Deletes what was not fetched since a moment: records with their counters and earlier texts, answers as received, and
 * what could not be read. What something younger hangs on stays with it: the post of a younger comment, the profile of
 * a younger post. Then the jobs of runs that ended before it, unless they still say something ({@link pruneRuns}).
 * `really` false: it is only counted.
 */
export const prune = (database: Database, before: Instant, really: boolean): Promise<Erased> =>
  erase(database, 'prune', really, async (tx, remove) => {
    await noteYoungParents(tx, before)
    for (const [table, which] of oldRows(before)) await remove(table, which)
    await sql`drop table ${ownTable('young_parents')}`.execute(tx.db)
    await pruneRuns(tx, remove, before)
  })

/** Comments that have a younger answer, as one list: looked up comment by comment, a post with a million of them takes hours. */
const noteYoungParents = async ({ db }: Tx, before: Instant): Promise<void> => {
  await sql`create table ${ownTable('young_parents')} (network text, id text, primary key (network, id))`.execute(
    db,
  )
  await sql`
    insert into young_parents select distinct network, parent_id from comments
    where parent_id is not null and fetched_at >= ${before}`.execute(db)
}

/** In this order, so that each sees what the ones before it left. */
const oldRows = (before: Instant): readonly (readonly [keyof Schema, RawBuilder<unknown>])[] => {
  const old = sql`fetched_at < ${before}`
  const counted = (subject: string, table: string) => sql`exists (
    select 1 from metrics where metrics.network = ${sql.table(table)}.network and subject = ${subject}
      and subject_id = ${sql.table(table)}.id and observed_at >= ${before})`
  return [
    ['likes', old],
    ['media', old],
    ['collection_items', old],
    ['relations', old],
    [
      'collections',
      sql`${old} and not exists (select 1 from collection_items as item
        where item.network = collections.network and item.collection_id = collections.id)`,
    ],
    [
      'comments',
      sql`${old} and not exists (select 1 from young_parents as young
        where young.network = comments.network and young.id = comments.id)`,
    ],
    [
      'posts',
      sql`${old} and not ${counted('post', 'posts')}
        and not exists (select 1 from comments where comments.network = posts.network and post_id = posts.id)
        and not exists (select 1 from media where media.network = posts.network and post_id = posts.id)`,
    ],
    [
      'profiles',
      sql`${old} and not ${counted('profile', 'profiles')}
        and not exists (select 1 from posts where posts.network = profiles.network and profile_id = profiles.id)
        and not exists (select 1 from likes where likes.network = profiles.network and author_id = profiles.id)`,
    ],
    ['transforms', sql`not ${elementStored}`],
    ['metrics', sql`observed_at < ${before} and ${withoutSubject('metrics')}`],
    ['revisions', sql`seen_at < ${before} and ${withoutSubject('revisions')}`],
    ['rejects', sql`seen_at < ${before}`],
    ['raw_pages', old],
  ]
}

/** Of a row of history: what it was about is not stored any more. */
const withoutSubject = (history: 'metrics' | 'revisions'): RawBuilder<unknown> => {
  const gone = (table: string) => sql`not exists (select 1 from ${sql.table(table)} as kept
    where kept.network = ${sql.table(history)}.network and kept.id = subject_id)`
  return sql`case subject when 'profile' then ${gone('profiles')} when 'post' then ${gone('posts')}
    when 'comment' then ${gone('comments')} end`
}
