import { type RawBuilder, sql } from 'kysely'
import { inNumbers } from '../database/words.ts'
import { profileIds } from '../queue/find-jobs.ts'
import { STORED_COMMENTS } from './comment-gaps.ts'
import { column, type ExportTable, untyped } from './export-table.ts'

const ofEngagement = (name: 'engagement' | 'parts'): RawBuilder<string | number | null> =>
  sql`(select ${sql.raw(name)} from engagement where engagement.network = posts.network and engagement.post_id = posts.id)`

const MEDIA_COUNT = sql<number>`(
  select count(*) from media
  where media.network = posts.network and media.post_id = posts.id and media.missing_since is null)`

/** A row for each post, with what stands beside it in other tables: whose it is, and what came of it. */
export const FLAT: ExportTable = {
  columns: [
    column('network'),
    column('profile_id', 'id'),
    column('profile_username'),
    column('profile_name'),
    column('profile_url'),
    column('profile_followers_count', 'counter'),
    column('post_id', 'id'),
    column('post_permalink'),
    column('kind'),
    column('title'),
    column('caption'),
    column('created_at', 'instant'),
    column('like_count', 'counter'),
    column('comments_count', 'counter'),
    column('view_count', 'counter'),
    column('share_count', 'counter'),
    column('save_count', 'counter'),
    column('hashtags', 'json'),
    column('mentions', 'json'),
    column('language'),
    column('product_type'),
    column('media_count', 'counter'),
    column('stored_comments_count', 'counter'),
    column('engagement', 'ratio'),
    column('engagement_parts'),
    column('fetched_at', 'instant'),
    column('missing_since', 'instant'),
  ],
  key: ['network', 'post_id'],
  bookmark: 'fetched_at',
  rows: (db, filter) => {
    let query = untyped(db)
      .selectFrom('posts')
      .leftJoin('profiles', join =>
        join.onRef('profiles.network', '=', 'posts.network').onRef('profiles.id', '=', 'posts.profile_id'),
      )
      .select([
        'posts.network',
        'posts.profile_id',
        'profiles.username as profile_username',
        'profiles.name as profile_name',
        'profiles.url as profile_url',
        'profiles.followers_count as profile_followers_count',
        'posts.id as post_id',
        'posts.permalink as post_permalink',
        'posts.kind',
        'posts.title',
        'posts.caption',
        'posts.created_at',
        'posts.like_count',
        'posts.comments_count',
        'posts.view_count',
        'posts.share_count',
        'posts.save_count',
        'posts.hashtags',
        'posts.mentions',
        'posts.language',
        'posts.product_type',
        'posts.fetched_at',
        'posts.missing_since',
        MEDIA_COUNT.as('media_count'),
        STORED_COMMENTS.as('stored_comments_count'),
        ofEngagement('engagement').as('engagement'),
        ofEngagement('parts').as('engagement_parts'),
      ])
      .orderBy('posts.network')
      .orderBy('posts.id')
    if (filter.network !== null) query = query.where('posts.network', '=', filter.network)
    if (filter.since !== null) query = query.where('posts.fetched_at', '>=', filter.since)
    if (filter.jobs !== null) query = query.where(sql<boolean>`posts.job_id in ${inNumbers(filter.jobs)}`)
    if (filter.entity !== null)
      query = query.where(sql<boolean>`posts.profile_id in ${profileIds(filter.entity)}`)
    return query.stream()
  },
}
