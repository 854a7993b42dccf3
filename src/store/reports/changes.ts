import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { collectedInRun, postsOfRun, profileIds, profilesOfRun } from '../queue/find-jobs.ts'
import { SHAPES } from '../schema/shapes.ts'
import type { Schema } from '../schema/tables.ts'

/** Which changes are wanted; all conditions hold together. */
export interface ChangeFilter {
  /** The first moment that counts; what held before it is what changes are told against. */
  readonly since: Instant
  /** The last one; null = up to now. */
  readonly until: Instant | null
  /** Only profiles that this run worked on. */
  readonly run: number | null
  readonly network: string | null
  /** The profile's key in the user's list, or its id. */
  readonly entity: string | null
}

export type ChangeWord = 'new' | 'edited' | 'gone' | 'back' | 'moved'

/** One change of one profile, post or comment, as text and as counters: what does not apply is null. */
export interface Change {
  readonly change: ChangeWord
  readonly network: string
  readonly subject: 'profile' | 'post' | 'media' | 'comment'
  readonly subject_id: string
  readonly profile_id: string
  /** What the profile is called: by the name in its address, else as `profile_name`. */
  readonly profile: string | null
  /** The name that it shows. */
  readonly profile_name: string | null
  readonly post_id: string | null
  /** When it was seen. */
  readonly at: Instant
  /** What it says now: a profile's name, a post's title or caption, a comment's content. */
  readonly text: string | null
  /** The text that was edited, or the counter that moved. */
  readonly field: string | null
  /** The earlier text; for what is back, since when it had been gone. */
  readonly before: string | null
  readonly after: string | null
  /** Null = hidden, or not told. */
  readonly from: number | null
  readonly to: number | null
  readonly difference: number | null
  readonly percent: number | null
}

/** Profiles first, then posts, media, and comments, each in the order of its moments; no list is held in memory. */
export const streamChanges = async function* (
  db: Kysely<Schema>,
  word: ChangeWord,
  filter: ChangeFilter,
  subjects: readonly Change['subject'][] = ['profile', 'post', 'media', 'comment'],
): AsyncGenerator<Change> {
  for (const subject of subjects) {
    const query = QUERIES[word](SOURCES[subject], filter)
    if (query === null) continue
    const rows = db
      .selectFrom(query.as('changes'))
      .selectAll()
      .orderBy('at')
      .orderBy('network')
      .orderBy('subject_id')
      .orderBy('field')
      .stream()
    for await (const row of rows) yield { ...row, ...step(row) }
  }
}

/** By how much a counter moved; worked out here, since databases round in ways of their own. */
const step = ({ from, to }: Stored): Pick<Change, 'difference' | 'percent'> => {
  if (from === null || to === null) return { difference: null, percent: null }
  const difference = to - from
  if (from === 0) return { difference, percent: null }
  const hundredths = Math.round((10_000 * Math.abs(difference)) / Math.abs(from))
  return { difference, percent: hundredths === 0 ? 0 : (Math.sign(difference * from) * hundredths) / 100 }
}

/** Posts that got comments. */
export interface NewComments {
  readonly network: string
  readonly post_id: string
  readonly profile_id: string
  readonly profile: string | null
  readonly profile_name: string | null
  readonly text: string | null
  readonly comments: number
}

/** New comments by post, without a row for each. */
export const streamNewComments = (db: Kysely<Schema>, filter: ChangeFilter): AsyncIterable<NewComments> => {
  // Counted first: a post is looked up once, not for each of its comments.
  const query = sql<NewComments>`(
    select post.network, post.id as post_id, post.profile_id, ${PROFILE_NAME} as profile, owner.name as profile_name,
      coalesce(post.title, post.caption) as text, counted.comments
    from (
      select post.network, post.id, count(*) as comments
      from comments as it join posts as post on post.network = it.network and post.id = it.post_id
      where ${within(sql`it.first_seen_at`, filter)} and ${mine(SOURCES.comment, filter)}
      group by post.network, post.id) as counted
    join posts as post on post.network = counted.network and post.id = counted.id ${OWNER_OF(sql`post`)})`
  return db.selectFrom(query.as('counted')).selectAll().orderBy('network').orderBy('post_id').stream()
}

/** A table of subjects as `it`, and what is told of each. */
interface Source {
  readonly subject: Change['subject']
  readonly from: RawBuilder<unknown>
  readonly network: RawBuilder<unknown>
  readonly profileId: RawBuilder<unknown>
  readonly postId: RawBuilder<unknown>
  readonly text: RawBuilder<unknown>
}

const PROFILE_NAME = sql`coalesce(owner.username, owner.name)`
const OWNER_OF = (child: RawBuilder<unknown>) =>
  sql`left join profiles as owner on owner.network = ${child}.network and owner.id = ${child}.profile_id`
const POST_OF_IT = sql`
  join posts as post on post.network = it.network and post.id = it.post_id ${OWNER_OF(sql`post`)}`

const SOURCES: Readonly<Record<Change['subject'], Source>> = {
  profile: {
    subject: 'profile',
    from: sql`profiles as it join profiles as owner on owner.network = it.network and owner.id = it.id`,
    network: sql`it.network`,
    profileId: sql`it.id`,
    postId: sql`null`,
    text: sql`it.name`,
  },
  post: {
    subject: 'post',
    from: sql`posts as it ${OWNER_OF(sql`it`)}`,
    network: sql`it.network`,
    profileId: sql`it.profile_id`,
    postId: sql`it.id`,
    text: sql`coalesce(it.title, it.caption)`,
  },
  media: {
    subject: 'media',
    from: sql`media as it ${POST_OF_IT}`,
    network: sql`post.network`,
    profileId: sql`post.profile_id`,
    postId: sql`it.post_id`,
    text: sql`coalesce(post.title, post.caption)`,
  },
  comment: {
    subject: 'comment',
    from: sql`comments as it ${POST_OF_IT}`,
    network: sql`post.network`,
    profileId: sql`post.profile_id`,
    postId: sql`it.post_id`,
    text: sql`it.content`,
  },
}

type Stored = Omit<Change, 'difference' | 'percent'>
type Query = RawBuilder<Stored>
const NOTHING = sql`null`
const NO_NUMBER = sql`cast(null as bigint)`

/** The columns of a change, but for what is worked out. */
const told = (
  word: ChangeWord,
  { subject, profileId, postId, text }: Source,
  at: RawBuilder<unknown>,
  of: Partial<Record<'field' | 'before' | 'after' | 'from' | 'to', RawBuilder<unknown>>> = {},
): RawBuilder<unknown> => {
  const { field = NOTHING, before = NOTHING, after = NOTHING, from = NO_NUMBER, to = NO_NUMBER } = of
  return sql`${sql.lit(word)} as change, it.network, ${sql.lit(subject)} as subject, it.id as subject_id,
    ${profileId} as profile_id, ${PROFILE_NAME} as profile, owner.name as profile_name, ${postId} as post_id, ${at} as at, ${text} as text,
    ${field} as field, ${before} as before, ${after} as after, ${from} as "from", ${to} as "to"`
}

const QUERIES: Readonly<Record<ChangeWord, (source: Source, filter: ChangeFilter) => Query | null>> = {
  new: (source, filter) =>
    // Media come with their posts.
    source.subject === 'media'
      ? null
      : sql`(
    select ${told('new', source, sql`it.first_seen_at`)} from ${source.from}
    where ${within(sql`it.first_seen_at`, filter)} and ${mine(source, filter)})`,

  gone: (source, filter) => {
    // What has come back since then was gone all the same.
    const returned = sql`union all
      select ${told('gone', source, sql`r.text`)} from ${revisionsOf(source)}
      where ${ofRevision(source)} and r.field = 'missing_since' and r.seen_at > ${filter.until} and ${within(sql`r.text`, filter)}
        and ${mine(source, filter)}`
    return sql`(
      select ${told('gone', source, sql`it.missing_since`)} from ${source.from}
      where ${within(sql`it.missing_since`, filter)} and ${mine(source, filter)}
      ${filter.until === null ? sql`` : returned})`
  },

  back: (source, filter) => sql`(
    select ${told('back', source, sql`r.seen_at`, { field: sql`r.field`, before: sql`r.text` })}
    from ${revisionsOf(source)}
    where ${ofRevision(source)} and r.field = 'missing_since' and ${within(sql`r.seen_at`, filter)} and ${mine(source, filter)})`,

  edited: (source, filter) => {
    const edit = { field: sql`r.field`, before: sql`r.text`, after: textAfter(source.subject) }
    return sql`(
      select ${told('edited', source, sql`r.seen_at`, edit)} from ${revisionsOf(source)}
      where ${ofRevision(source)} and r.field <> 'missing_since' and ${within(sql`r.seen_at`, filter)} and ${mine(source, filter)})`
  },

  // A comment's counters have no entry before they first move, so that there is nothing to tell most of them against.
  moved: (source, filter) =>
    source.subject === 'profile' || source.subject === 'post' ? movedCounters(source, filter) : null,
}

/** Read along the revisions, of which there are few, and never along the subjects. */
const revisionsOf = ({ from }: Source) => sql`revisions as r cross join ${from}`

const ofRevision = ({ subject }: Source) =>
  sql`r.subject = ${sql.lit(subject)} and it.network = r.network and it.id = r.subject_id`

/** What a text became: the next earlier text of the same field, or the one of now. */
const textAfter = (subject: Change['subject']) => {
  const fields = SHAPES[subject].fields.filter(field => field.history === 'revision')
  if (fields.length === 0) return sql`null`
  const now = sql.join(
    fields.map(({ column }) => sql`when ${sql.lit(column)} then ${sql.ref(`it.${column}`)}`),
    sql` `,
  )
  return sql`coalesce((
    select later.text from revisions as later
    where later.network = r.network and later.subject = r.subject and later.subject_id = r.subject_id
      and later.field = r.field and later.seen_at > r.seen_at
    order by later.seen_at limit 1), case r.field ${now} end)`
}

/**
 * Counters that stand elsewhere at the end than before the beginning, of what was known then. Each series costs three
 * seeks however long it is: its names are skipped through one by one, since they stand behind the id in the key.
 */
const movedCounters = (source: Source, filter: ChangeFilter): Query => {
  const series = sql`metrics.network = series.network and metrics.subject = ${sql.lit(source.subject)}
    and metrics.subject_id = series.id`
  const newest = (column: string, bound: RawBuilder<unknown>) => sql`(
    select ${sql.ref(column)} from metrics where ${series} and metrics.name = series.name and ${bound}
    order by observed_at desc limit 1)`
  const before = sql`observed_at < ${filter.since}`
  const after = filter.until === null ? sql`true` : sql`observed_at <= ${filter.until}`
  return sql`(
    with recursive series (network, id, name) as (
      select it.network, it.id, (
        select min(name) from metrics
        where metrics.network = it.network and metrics.subject = ${sql.lit(source.subject)} and metrics.subject_id = it.id)
      from ${source.from}
      where it.fetched_at >= ${filter.since} and it.first_seen_at < ${filter.since} and ${mine(source, filter)}
      union all
      select network, id, (select min(name) from metrics where ${series} and metrics.name > series.name)
      from series where name is not null
    ), counters as materialized (
      select network, id, name, ${newest('value', before)} as was, ${newest('value', after)} as value,
        ${newest('observed_at', after)} as at
      from series where name is not null
    )
    select ${told('moved', source, sql`counters.at`, { field: sql`counters.name`, from: sql`counters.was`, to: sql`counters.value` })}
    from counters cross join ${source.from}
    where it.network = counters.network and it.id = counters.id and counters.was is distinct from counters.value)`
}

const within = (at: RawBuilder<unknown>, { since, until }: ChangeFilter): RawBuilder<unknown> =>
  until === null ? sql`${at} >= ${since}` : sql`${at} between ${since} and ${until}`

/** Condition on a source: its profile, or its post, is among those that are asked about. */
const mine = (
  { network, profileId, postId }: Pick<Source, 'network' | 'profileId' | 'postId'>,
  filter: ChangeFilter,
): RawBuilder<unknown> => {
  const ofRun = (run: number) => sql`((${network}, ${profileId}) in ${profilesOfRun(run)}
    or (${network}, ${postId}) in ${postsOfRun(run)}
    or (${network}, ${postId}) in ${collectedInRun(run)})`
  const conditions = [
    sql`true`,
    ...(filter.network === null ? [] : [sql`${network} = ${filter.network}`]),
    ...(filter.entity === null ? [] : [sql`${profileId} in ${profileIds(filter.entity)}`]),
    ...(filter.run === null ? [] : [ofRun(filter.run)]),
  ]
  return sql.join(conditions, sql` and `)
}
