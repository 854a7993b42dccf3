import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { inNumbers } from '../database/words.ts'
import { keysOfProfile, profileIds } from '../queue/find-jobs.ts'
import type { Encoding } from '../schema/rows.ts'
import { SHAPES, type Shape } from '../schema/shapes.ts'
import { gapReason, STORED_COMMENTS } from './comment-gaps.ts'
import { type AnyTables, column, type ExportColumn, type ExportTable, untyped } from './export-table.ts'
import { FLAT } from './flat-rows.ts'
import { IDS } from './id-rows.ts'
import { nameOfProfile } from './names.ts'
import { POSTS_REASON, STORED_POSTS } from './post-gaps.ts'

const TYPES: Readonly<Record<Encoding, ExportColumn['type']>> = {
  id: 'id',
  text: 'text',
  counter: 'counter',
  flag: 'flag',
  json: 'json',
}

const columnsOf = (shape: Shape): ExportColumn[] => [
  column('network'),
  ...shape.fields.map(field =>
    column(field.column, field.column.endsWith('_at') ? 'instant' : TYPES[field.encoding]),
  ),
  ...shape.others.filter(name => !INTERNAL.has(name)).map(name => column(name, typeOfOther(name))),
  column('first_seen_at', 'instant'),
  column('fetched_at', 'instant'),
  column('job_id', 'counter'),
]

/** What a later run goes on from, and nobody else. */
const INTERNAL: ReadonlySet<string> = new Set([
  'comments_stored',
  'comments_job_id',
  'absent_since',
  'absent_walks',
])

const typeOfOther = (name: string): ExportColumn['type'] =>
  /_(at|since)$/.test(name) ? 'instant' : /_declared$/.test(name) ? 'counter' : 'text'

/** What is worked out, not stored, and goes over a column of the same name. */
type Derived = Readonly<
  Record<string, { type: ExportColumn['type']; value: RawBuilder<string | number | null> }>
>

type Query = SelectQueryBuilder<AnyTables, string, Record<string, string | number | null>>

/** A table whose rows belong to a profile; `mine` = the profile's id, `beside` joins what derived columns are read from. */
const recordTable = (
  shape: Shape,
  mine: string,
  derived: Derived = {},
  beside: (query: Query) => Query = query => query,
): ExportTable => {
  const stored = columnsOf(shape)
  const added = Object.entries(derived).filter(([name]) => !stored.some(known => known.name === name))
  const columns = [...stored, ...added.map(([name, { type }]) => column(name, type))]
  return {
    columns,
    key: ['network', ...shape.key],
    bookmark: 'fetched_at',
    stored: stored.filter(({ name }) => derived[name] === undefined),
    rows: (db, filter) => {
      const own = (name: string): string => `${shape.table}.${name}`
      let query: Query = beside(untyped(db).selectFrom(shape.table)).select(
        columns.map(({ name }) => derived[name]?.value.as(name) ?? own(name)),
      )
      if (filter.network !== null) query = query.where(own('network'), '=', filter.network)
      if (filter.since !== null) query = query.where(own('fetched_at'), '>=', filter.since)
      if (filter.jobs !== null)
        query = query.where(sql<boolean>`${sql.ref(own('job_id'))} in ${inNumbers(filter.jobs)}`)
      if (filter.entity !== null)
        query = query.where(sql<boolean>`${sql.raw(mine)} in ${profileIds(filter.entity)}`)
      for (const key of ['network', ...shape.key]) query = query.orderBy(own(key))
      return query.stream()
    },
  }
}

/** The post that a row of this table is about and the profile `whose`, each looked up once; both as SQL. */
const withPost =
  (network: string, post: string, whose = 'post.profile_id') =>
  (query: Query): Query =>
    query
      .leftJoin('posts as post', join =>
        join.onRef('post.network', '=', network).on('post.id', '=', sql.raw(post)),
      )
      .leftJoin('profiles as profile', join =>
        join.onRef('profile.network', '=', network).on('profile.id', '=', sql.raw(whose)),
      )

const withPostOf = (table: string, whose?: string) => withPost(`${table}.network`, `${table}.post_id`, whose)

/** What a row is about, as people know it. */
const NAMES = {
  post_permalink: { type: 'text', value: sql<string | null>`post.permalink` },
  profile_username: { type: 'text', value: sql<string | null>`profile.username` },
  profile_name: { type: 'text', value: sql<string | null>`profile.name` },
} as const satisfies Derived

const NAME_COLUMNS: readonly ExportColumn[] = Object.entries(NAMES).map(([name, { type }]) =>
  column(name, type),
)
const NAME_VALUES = Object.entries(NAMES).map(([name, { value }]) => value.as(name))

/** The post of a counter, and its profile: of a comment those that it stands below. */
const withSubject = (query: Query): Query =>
  withPost(
    'metrics.network',
    `case metrics.subject when 'post' then metrics.subject_id when 'comment' then comment.post_id end`,
    `case metrics.subject when 'profile' then metrics.subject_id else post.profile_id end`,
  )(
    query.leftJoin('comments as comment', join =>
      join
        .on('metrics.subject', '=', 'comment')
        .onRef('comment.network', '=', 'metrics.network')
        .onRef('comment.id', '=', 'metrics.subject_id'),
    ),
  )

/** Whose a job is; null = its profile has not come yet. */
const PROFILE_ID_OF_JOB = `(select profile_id from entities
  where entities.network = sync_jobs.network and entities.entity_id = sync_jobs.entity_id)`
const PROFILE_OF_JOB = sql<string | null>`${sql.raw(PROFILE_ID_OF_JOB)}`

const METRIC_COLUMNS: readonly ExportColumn[] = [
  column('network'),
  column('subject'),
  column('subject_id', 'id'),
  column('name'),
  column('observed_at', 'instant'),
  column('value', 'counter'),
]

/** Not taken out of it. */
const STORED_ITEMS = sql<number>`(
  select count(*) from collection_items as held
  where held.network = collections.network and held.collection_id = collections.id and held.missing_since is null)`

const TITLE_OF_COLLECTION = sql<string | null>`(
  select held.title from collections as held
  where held.network = collection_items.network and held.id = collection_items.collection_id)`

export const EXPORTS = {
  profiles: recordTable(SHAPES.profile, 'profiles.id', {
    stored_posts_count: { type: 'counter', value: STORED_POSTS },
    posts_reason: { type: 'text', value: POSTS_REASON },
  }),
  posts: recordTable(SHAPES.post, 'posts.profile_id', {
    comments_reason: { type: 'text', value: gapReason(STORED_COMMENTS) },
    stored_comments_count: { type: 'counter', value: STORED_COMMENTS },
    profile_username: { type: 'text', value: nameOfProfile('username', 'posts.network', 'posts.profile_id') },
    profile_name: { type: 'text', value: nameOfProfile('name', 'posts.network', 'posts.profile_id') },
  }),
  media: recordTable(SHAPES.media, 'post.profile_id', NAMES, withPostOf('media')),
  comments: recordTable(SHAPES.comment, 'post.profile_id', NAMES, withPostOf('comments')),
  likes: recordTable(SHAPES.like, 'likes.author_id', NAMES, withPostOf('likes', 'likes.author_id')),
  collections: recordTable(SHAPES.collection, 'collections.profile_id', {
    profile_username: {
      type: 'text',
      value: nameOfProfile('username', 'collections.network', 'collections.profile_id'),
    },
    profile_name: {
      type: 'text',
      value: nameOfProfile('name', 'collections.network', 'collections.profile_id'),
    },
    stored_items_count: { type: 'counter', value: STORED_ITEMS },
  }),
  items: recordTable(
    SHAPES.item,
    'post.profile_id',
    { ...NAMES, collection_title: { type: 'text', value: TITLE_OF_COLLECTION } },
    withPostOf('collection_items'),
  ),
  relations: recordTable(
    SHAPES.relation,
    'relations.profile_id',
    NAMES,
    withPostOf('relations', 'relations.profile_id'),
  ),
  metrics: {
    columns: [...METRIC_COLUMNS, ...NAME_COLUMNS],
    stored: METRIC_COLUMNS,
    key: ['network', 'subject', 'subject_id', 'name', 'observed_at'],
    bookmark: 'observed_at',
    rows: (db, filter) => {
      let query = withSubject(untyped(db).selectFrom('metrics')).selectAll('metrics').select(NAME_VALUES)
      if (filter.network !== null) query = query.where('metrics.network', '=', filter.network)
      if (filter.since !== null) query = query.where('observed_at', '>=', filter.since)
      if (filter.entity !== null) {
        const mine = profileIds(filter.entity)
        query = query.where(
          sql<boolean>`((subject = 'profile' and subject_id in ${mine})
            or (subject = 'post' and subject_id in (select id from posts where posts.network = metrics.network and profile_id in ${mine})))`,
        )
      }
      for (const key of ['network', 'subject', 'subject_id', 'name', 'observed_at'])
        query = query.orderBy(`metrics.${key}`)
      return query.stream()
    },
  },
  engagement: {
    columns: [
      column('network'),
      column('post_id', 'id'),
      column('profile_id', 'id'),
      column('profile_username'),
      column('profile_name'),
      column('observed_at', 'instant'),
      column('followers_count', 'counter'),
      column('engagement', 'ratio'),
      column('parts'),
    ],
    key: ['network', 'post_id'],
    bookmark: 'observed_at',
    rows: (db, filter) => {
      let query = untyped(db)
        .selectFrom('engagement')
        .selectAll()
        .select([
          nameOfProfile('username', 'engagement.network', 'engagement.profile_id').as('profile_username'),
          nameOfProfile('name', 'engagement.network', 'engagement.profile_id').as('profile_name'),
        ])
        .orderBy('network')
        .orderBy('post_id')
      if (filter.network !== null) query = query.where('network', '=', filter.network)
      if (filter.since !== null) query = query.where('observed_at', '>=', filter.since)
      if (filter.entity !== null)
        query = query.where(sql<boolean>`profile_id in ${profileIds(filter.entity)}`)
      if (filter.jobs !== null) {
        const jobs = inNumbers(filter.jobs)
        query = query.where(
          sql<boolean>`(network, post_id) in (select network, id from posts where job_id in ${jobs})`,
        )
      }
      return query.stream()
    },
  },
  flat: FLAT,
  ids: IDS,
  transforms: {
    columns: [
      column('network'),
      column('element_kind'),
      column('element_id', 'id'),
      column('post_id', 'id'),
      column('transform'),
      column('version'),
      column('status'),
      column('external_job_id', 'id'),
      column('result', 'json'),
      column('error_type'),
      column('error_message'),
      column('attempts', 'counter'),
      column('polls', 'counter'),
      column('next_poll_at', 'instant'),
      column('queued_at', 'instant'),
      column('submitted_at', 'instant'),
      column('finished_at', 'instant'),
    ],
    key: ['network', 'element_kind', 'element_id', 'transform', 'version'],
    bookmark: null,
    rows: (db, filter) => {
      let query = untyped(db).selectFrom('transforms').selectAll()
      if (filter.network !== null) query = query.where('network', '=', filter.network)
      if (filter.since !== null)
        query = query.where(sql<boolean>`coalesce(finished_at, submitted_at, queued_at) >= ${filter.since}`)
      if (filter.entity !== null) {
        const mine = profileIds(filter.entity)
        query = query.where(
          sql<boolean>`case when post_id is null then element_id in ${mine} else
            post_id in (select id from posts where posts.network = transforms.network and profile_id in ${mine}) end`,
        )
      }
      for (const key of ['network', 'element_kind', 'element_id', 'transform', 'version'])
        query = query.orderBy(key)
      return query.stream()
    },
  },
  jobs: {
    columns: [
      column('id', 'counter'),
      column('run_id', 'counter'),
      column('network'),
      column('entity_id', 'id'),
      column('profile_id', 'id'),
      column('profile_username'),
      column('profile_name'),
      column('status'),
      column('reason'),
      column('error_type'),
      column('error_message'),
      column('previous_job_id', 'counter'),
      column('reading_id', 'counter'),
      column('cursor', 'json'),
      column('scopes', 'json'),
      column('created_at', 'instant'),
      column('started_at', 'instant'),
      column('finished_at', 'instant'),
      column('not_before', 'instant'),
      column('trace_id'),
    ],
    key: ['id'],
    bookmark: null,
    rows: (db, filter) => {
      let query = untyped(db)
        .selectFrom('sync_jobs')
        .selectAll()
        .select([
          PROFILE_OF_JOB.as('profile_id'),
          nameOfProfile('username', 'sync_jobs.network', PROFILE_ID_OF_JOB).as('profile_username'),
          nameOfProfile('name', 'sync_jobs.network', PROFILE_ID_OF_JOB).as('profile_name'),
        ])
        .orderBy('id')
      if (filter.network !== null) query = query.where('network', '=', filter.network)
      if (filter.since !== null) query = query.where('created_at', '>=', filter.since)
      if (filter.entity !== null)
        query = query.where(sql<boolean>`entity_id in ${keysOfProfile(filter.entity)}`)
      if (filter.jobs !== null) query = query.where(sql<boolean>`id in ${inNumbers(filter.jobs)}`)
      return query.stream()
    },
  },
  tasks: {
    columns: [
      column('id', 'counter'),
      column('job_id', 'counter'),
      column('network'),
      column('kind'),
      column('external_id', 'id'),
      column('post_id', 'id'),
      column('part'),
      column('status'),
      column('reason'),
      column('reasons', 'json'),
      column('attempts', 'counter'),
      column('pages', 'counter'),
      column('items', 'counter'),
      column('new_items', 'counter'),
      column('expected', 'counter'),
      column('error_type'),
      column('last_error'),
      column('last_synced_at', 'instant'),
      column('not_before', 'instant'),
      column('failing_since', 'instant'),
      column('failed_runs', 'counter'),
      ...NAME_COLUMNS,
    ],
    key: ['id'],
    bookmark: null,
    rows: (db, filter) => {
      let query = withPost(
        'sync_jobs.network',
        'sync_tasks.post_id',
        'entities.profile_id',
      )(
        untyped(db)
          .selectFrom('sync_tasks')
          .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
          .leftJoin('entities', join =>
            join
              .onRef('entities.network', '=', 'sync_jobs.network')
              .onRef('entities.entity_id', '=', 'sync_jobs.entity_id'),
          ),
      )
        .selectAll('sync_tasks')
        .select(['sync_jobs.network', ...NAME_VALUES])
        .orderBy('sync_tasks.id')
      if (filter.network !== null) query = query.where('sync_jobs.network', '=', filter.network)
      if (filter.since !== null) query = query.where('sync_jobs.created_at', '>=', filter.since)
      if (filter.entity !== null)
        query = query.where(sql<boolean>`sync_jobs.entity_id in ${keysOfProfile(filter.entity)}`)
      if (filter.jobs !== null)
        query = query.where(sql<boolean>`sync_tasks.job_id in ${inNumbers(filter.jobs)}`)
      return query.stream()
    },
  },
} as const satisfies Record<string, ExportTable>
