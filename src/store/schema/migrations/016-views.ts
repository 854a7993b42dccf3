import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What is asked of a file again and again, as views whose columns keep name and meaning (docs/database.md). Each reads along indexes
 * that stand, so that a condition on a profile, a post or a counter is one leap; none reads another, so that they can be made in any order.
 */
export const views = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const count = wholeOf(type)
  /** Made of whole numbers, which all databases add up alike. */
  const mean = (of: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`cast(sum(${of}) as ${type.fraction}) / count(${of})`

  await sql`
    create view newest_posts as
    select dated.network, dated.profile_id, profiles.username as profile_username, profiles.name as profile_name, dated.place,
      dated.id as post_id, dated.kind, dated.title, dated.caption, dated.permalink, dated.created_at,
      dated.like_count, dated.comments_count, dated.view_count, dated.share_count, dated.save_count,
      (select count(*) from media where media.network = dated.network and media.post_id = dated.id
        and media.missing_since is null) as media_count,
      dated.fetched_at
    from (
      select network, profile_id, id, kind, title, caption, permalink, created_at,
        like_count, comments_count, view_count, share_count, save_count, fetched_at,
        row_number() over (partition by network, profile_id order by created_at desc, id desc) as place
      from posts where created_at is not null and missing_since is null) as dated
    left join profiles on profiles.network = dated.network and profiles.id = dated.profile_id
  `.execute(db)

  const profileOfSubject = (of: string): RawBuilder<unknown> => sql`
    left join posts on ${sql.ref(`${of}.subject`)} = 'post' and posts.network = ${sql.ref(`${of}.network`)}
      and posts.id = ${sql.ref(`${of}.subject_id`)}
    left join profiles on profiles.network = ${sql.ref(`${of}.network`)}
      and profiles.id = case when ${sql.ref(`${of}.subject`)} = 'profile' then ${sql.ref(`${of}.subject_id`)} else posts.profile_id end`

  await sql`
    create view daily_growth as
    select daily.network, daily.subject, daily.subject_id, profiles.id as profile_id,
      profiles.username as profile_username, daily.name, daily.day, daily.value, daily.previous_day, daily.previous_value,
      daily.value - daily.previous_value as change
    from (
      select network, subject, subject_id, name, day, value,
        lag(day) over (partition by network, subject, subject_id, name order by day) as previous_day,
        lag(value) over (partition by network, subject, subject_id, name order by day) as previous_value
      from (
        select network, subject, subject_id, name, substr(observed_at, 1, 10) as day, value,
          lead(substr(observed_at, 1, 10))
            over (partition by network, subject, subject_id, name order by observed_at) as next_day
        from metrics) as observed
      where next_day is null or next_day <> day) as daily
    ${profileOfSubject('daily')}
  `.execute(db)

  await completenessByProfile(db, type, sql`max(profiles.posts_count)`)

  await sql`
    create view comment_threads as
    select threads.network, threads.post_id, threads.profile_id, threads.thread_id, opening.author_id, opening.author_name,
      opening.content, opening.created_at, opening.like_count, opening.reply_count as replies_declared,
      threads.replies_stored, threads.people, threads.first_reply_at, threads.last_reply_at, opening.missing_since
    from (
      select posts.network, posts.profile_id, posts.id as post_id, coalesce(comments.parent_id, comments.id) as thread_id,
        count(comments.parent_id) as replies_stored, count(distinct comments.author_id) as people,
        min(case when comments.parent_id is not null then comments.created_at end) as first_reply_at,
        max(case when comments.parent_id is not null then comments.created_at end) as last_reply_at
      from posts cross join comments
      where comments.network = posts.network and comments.post_id = posts.id and comments.missing_since is null
      group by posts.network, posts.profile_id, posts.id, coalesce(comments.parent_id, comments.id)) as threads
    left join comments as opening on opening.network = threads.network and opening.id = threads.thread_id
  `.execute(db)

  await sql`
    create view posting_rhythm as
    select rhythm.network, rhythm.profile_id, profiles.username as profile_username, rhythm.weekday, rhythm.hour, rhythm.posts,
      rhythm.mean_likes, rhythm.mean_comments, rhythm.mean_views
    from (
      select network, profile_id, weekday, hour, count(*) as posts, ${mean(sql`like_count`)} as mean_likes,
        ${mean(sql`comments_count`)} as mean_comments, ${mean(sql`view_count`)} as mean_views
      from (
        select network, profile_id, ${type.weekday(sql`created_at`)} as weekday,
          ${count(sql`substr(created_at, 12, 2)`)} as hour, like_count, comments_count, view_count
        from posts where created_at is not null and missing_since is null) as dated
      group by network, profile_id, weekday, hour) as rhythm
    left join profiles on profiles.network = rhythm.network and profiles.id = rhythm.profile_id
  `.execute(db)

  const isOf = (table: string): RawBuilder<unknown> => sql`${sql.ref(`${table}.network`)} = span.network
    and ${sql.ref(`${table}.subject`)} = span.subject and ${sql.ref(`${table}.subject_id`)} = span.subject_id
    and ${sql.ref(`${table}.name`)} = span.name`
  await sql`
    create view top_movers as
    select moved.network, moved.subject, moved.subject_id, profiles.id as profile_id, profiles.username as profile_username,
      moved.name, moved.place, moved.from_at, moved.from_value, moved.to_at, moved.to_value, moved.change,
      cast(moved.change as ${type.fraction}) / nullif(moved.from_value, 0) as ratio
    from (
      select network, subject, subject_id, name, from_at, from_value, to_at, to_value, to_value - from_value as change,
        row_number() over (
          partition by network, subject, name order by abs(to_value - from_value) desc, subject_id) as place
      from (
        select span.network, span.subject, span.subject_id, span.name, began.observed_at as from_at, began.value as from_value,
          span.to_at, ended.value as to_value
        from (
          select network, subject, subject_id, name, min(observed_at) as first_at, max(observed_at) as to_at
          from metrics group by network, subject, subject_id, name) as span
        join metrics as began on ${isOf('began')} and began.observed_at = coalesce(
          (select max(earlier.observed_at) from metrics as earlier
            where ${isOf('earlier')} and earlier.observed_at <= ${type.weekBefore(sql`span.to_at`)}), span.first_at)
        join metrics as ended on ${isOf('ended')} and ended.observed_at = span.to_at
        where began.value is not null and ended.value is not null and began.observed_at < span.to_at) as known) as moved
    ${profileOfSubject('moved')}
  `.execute(db)
}

const wholeOf =
  (type: Types) =>
  (of: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`cast(${of} as ${type.whole})`

/** `declared` = how many posts a profile declares, of its rows grouped. */
export const completenessByProfile = async (
  db: Kysely<unknown>,
  type: Types,
  declared: RawBuilder<unknown>,
): Promise<void> => {
  const count = wholeOf(type)
  const storedComments = sql`(
    select count(*) from comments where comments.network = posts.network and comments.post_id = posts.id
      and comments.missing_since is null)`
  await sql`
    create view completeness_by_profile as
    select network, profile_id, profile_username, profile_name, posts_declared, posts_stored,
      case when posts_declared > posts_stored then posts_declared - posts_stored
        when posts_declared is not null then 0 end as posts_missing,
      comments_declared, comments_stored, comments_missing, posts_unread, posts_gone, last_synced_at, missing_since
    from (
      select profiles.network, profiles.id as profile_id, max(profiles.username) as profile_username,
        max(profiles.name) as profile_name, ${declared} as posts_declared,
        count(case when posts.missing_since is null and coalesce(posts.kind, '') <> 'story' then posts.id end) as posts_stored,
        ${count(sql`sum(case when posts.missing_since is null then posts.comments_count end)`)} as comments_declared,
        ${count(sql`coalesce(sum(case when posts.missing_since is null then ${storedComments} end), 0)`)} as comments_stored,
        ${count(sql`sum(case when posts.missing_since is not null or posts.comments_count is null then null
          when posts.comments_count > ${storedComments} then posts.comments_count - ${storedComments} else 0 end)`)} as comments_missing,
        count(case when posts.missing_since is null and posts.comments_count > 0
          and posts.comments_synced_at is null then posts.id end) as posts_unread,
        count(posts.missing_since) as posts_gone,
        max(profiles.last_synced_at) as last_synced_at, max(profiles.missing_since) as missing_since
      from profiles left join posts on posts.network = profiles.network and posts.profile_id = profiles.id
      group by profiles.network, profiles.id) as counted
  `.execute(db)
}
