import { sql } from 'kysely'
import { inNumbers } from '../database/words.ts'
import { isOf, isOfProfile, kindOfKey, postOfKey } from '../queue/entity-kinds.ts'
import { keysOfProfile, newestJobOf } from '../queue/find-jobs.ts'
import { column, type ExportTable, untyped } from './export-table.ts'

const KEY = sql`entities.entity_id`

/** A row for each id of the lists, with what became of it: how its newest job that did something ended. */
export const IDS: ExportTable = {
  columns: [
    column('network'),
    column('id', 'id'),
    column('kind'),
    column('profile_id', 'id'),
    column('profile_username'),
    column('profile_name'),
    column('post_id', 'id'),
    column('post_permalink'),
    column('collection_title'),
    column('status'),
    column('reason'),
    column('error_type'),
    column('error_message'),
    column('missing_since', 'instant'),
    column('job_id', 'counter'),
    column('run_id', 'counter'),
    column('first_asked_at', 'instant'),
    column('asked_at', 'instant'),
  ],
  key: ['network', 'id'],
  bookmark: null,
  rows: (db, filter) => {
    const ofJobs = filter.jobs === null ? sql`true` : sql`newest.id in ${inNumbers(filter.jobs)}`
    let query = untyped(db)
      .selectFrom('entities')
      .innerJoin('sync_jobs as job', join =>
        join.on(sql<boolean>`job.id = ${newestJobOf('entities', ofJobs)}`),
      )
      .leftJoin('profiles', join =>
        join
          .onRef('profiles.network', '=', 'entities.network')
          .onRef('profiles.id', '=', 'entities.profile_id'),
      )
      .leftJoin('collections', join =>
        join
          .onRef('collections.network', '=', 'entities.network')
          .onRef('collections.id', '=', 'entities.entity_id'),
      )
      .leftJoin('posts', join =>
        join
          .on(isOf('post', KEY))
          .onRef('posts.network', '=', 'entities.network')
          .on(sql<boolean>`posts.id = ${postOfKey(KEY)}`),
      )
      .select([
        'entities.network',
        'entities.entity_id as id',
        'entities.profile_id',
        'profiles.username as profile_username',
        'profiles.name as profile_name',
        'posts.permalink as post_permalink',
        'collections.title as collection_title',
        'job.status',
        'job.reason',
        'job.error_type',
        'job.error_message',
        'job.id as job_id',
        'job.run_id',
        'entities.first_seen_at as first_asked_at',
        'job.created_at as asked_at',
        kindOfKey(KEY).as('kind'),
        sql<string | null>`case when ${isOf('post', KEY)} then ${postOfKey(KEY)} end`.as('post_id'),
        sql<
          string | null
        >`case when ${isOfProfile(KEY)} then profiles.missing_since else coalesce(posts.missing_since, collections.missing_since) end`.as(
          'missing_since',
        ),
      ])
      .orderBy('entities.network')
      .orderBy('entities.entity_id')
    if (filter.network !== null) query = query.where('entities.network', '=', filter.network)
    if (filter.since !== null) query = query.where('job.created_at', '>=', filter.since)
    if (filter.entity !== null) query = query.where(sql<boolean>`${KEY} in ${keysOfProfile(filter.entity)}`)
    return query.stream()
  },
}
