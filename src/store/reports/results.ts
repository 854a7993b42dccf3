import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { inNumbers } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { EXPORTS } from './export-rows.ts'
import type { ExportColumn, ExportTable } from './export-table.ts'

/** What a job brings, one list each. */
export const RESULT_KINDS = ['profiles', 'posts', 'media', 'comments', 'likes', 'metrics'] as const
export type ResultKind = (typeof RESULT_KINDS)[number]

/** Values of a list's key in the order of the list: where a page ended. */
export type ResultPosition = readonly (string | number)[]

export interface ResultRequest {
  readonly network: string
  /** Whose rows they are; null = of a playlist. */
  readonly profileId: string | null
  /** The key of the playlist whose posts they are; null = of a profile. */
  readonly collectionId: string | null
  /** Jobs that wrote the row last; counters have no writer and are not told apart by it. */
  readonly jobs: readonly number[]
  /** Only of this post, or null: of all. */
  readonly postId: string | null
  /** Fetched, or for counters observed, at or after this moment; null = whenever. */
  readonly since: string | null
  /** Counters only: of this name, of a profile or of posts. */
  readonly name: string | null
  readonly subject: 'profile' | 'post' | null
  /** The place of the last row of the page before; null = from the beginning. */
  readonly after: ResultPosition | null
  readonly limit: number
}

export interface ResultPage {
  readonly rows: readonly Row[]
  /** Where the next page begins, or null: there is none. */
  readonly next: ResultPosition | null
}

type Row = Readonly<Record<string, string | number | null>>
type Tables = Record<string, Row>
type Query = SelectQueryBuilder<Tables, string, Row>

interface List {
  /** Columns that say where a row stands in its list; they never change, so no row comes twice or is passed over. */
  readonly key: readonly string[]
  read(db: Kysely<Tables>, request: ResultRequest): Promise<readonly Row[]>
}

/** The columns of a list as exports have them, but for what they work out; what numbers a row is an id here, and so a text. */
export const resultColumns = (kind: ResultKind): readonly ExportColumn[] =>
  storedColumns(kind).map(column => (column.name === 'job_id' ? { ...column, type: 'id' } : column))

const storedColumns = (kind: ResultKind): readonly ExportColumn[] => {
  const table: ExportTable = EXPORTS[kind]
  return table.stored ?? table.columns
}

/** One page of what a job brought of its profile, along an index: its price does not grow with the place. */
export const readResults = async (
  db: Kysely<Schema>,
  kind: ResultKind,
  request: ResultRequest,
): Promise<ResultPage> => {
  const { key, read } = LISTS[kind]
  // One more than asked for tells whether there are more, without counting.
  const found = await read(db as unknown as Kysely<Tables>, { ...request, limit: request.limit + 1 })
  const rows = found.slice(0, request.limit)
  const last = rows.at(-1)
  const next = found.length > request.limit && last !== undefined ? key.map(name => last[name] ?? '') : null
  return { rows, next }
}

/** How many values a place in this list has. */
export const placeLength = (kind: ResultKind): number => LISTS[kind].key.length

const columnsOf = (kind: ResultKind, table: string): string[] =>
  storedColumns(kind).map(({ name }) => `${table}.${name}`)

const written = (query: Query, table: string, { jobs, since }: ResultRequest): Query =>
  query
    .where(sql<boolean>`${sql.ref(`${table}.job_id`)} in ${inNumbers(jobs)}`)
    .$if(since !== null, of => of.where(`${table}.fetched_at`, '>=', since))

/** The posts of the profile, or of the playlist, that is asked about. */
const ownPosts = ({ network, profileId, collectionId }: Whose): RawBuilder<boolean> =>
  collectionId === null
    ? sql<boolean>`posts.profile_id = ${profileId}`
    : sql<boolean>`posts.id in (
        select post_id from collection_items where network = ${network} and collection_id = ${collectionId})`

type Whose = Pick<ResultRequest, 'network' | 'profileId' | 'collectionId'>

/** Posts from one on, in the order of their ids: the outer loop of every list that hangs on posts. */
const alongPosts = (
  db: Kysely<Tables>,
  kind: ResultKind,
  { postId, after, ...whose }: Whose & Pick<ResultRequest, 'postId' | 'after'>,
  join: { readonly post: string; readonly order: readonly string[] },
): Query => {
  const [from, ...rest] = after ?? []
  const table: string = kind
  let query: Query = db
    .selectFrom('posts')
    .innerJoin(table, on =>
      on.onRef(`${table}.network`, '=', 'posts.network').onRef(`${table}.${join.post}`, '=', 'posts.id'),
    )
    .select(columnsOf(kind, kind))
    .where('posts.network', '=', whose.network)
    .where(ownPosts(whose))
    .orderBy('posts.id')
  if (postId !== null) query = query.where('posts.id', '=', postId)
  if (from !== undefined) {
    const order = sql.join(join.order.map(column => sql.ref(`${kind}.${column}`)))
    query = query
      .where('posts.id', '>=', from)
      .where(sql<boolean>`(posts.id > ${from} or (${order}) > (${sql.join(rest)}))`)
  }
  for (const column of join.order) query = query.orderBy(`${kind}.${column}`)
  return query
}

const ofPosts = (kind: 'media' | 'comments', order: readonly string[]): List => ({
  key: ['post_id', ...order],
  read: (db, request) =>
    written(alongPosts(db, kind, request, { post: 'post_id', order }), kind, request)
      .limit(request.limit)
      .execute(),
})

const LISTS: Readonly<Record<ResultKind, List>> = {
  profiles: {
    key: ['id'],
    read: (db, request) => {
      const query = db
        .selectFrom('profiles')
        .select(columnsOf('profiles', 'profiles'))
        .where('network', '=', request.network)
        .where(
          request.collectionId === null
            ? sql<boolean>`id = ${request.profileId}`
            : sql<boolean>`id in (select profile_id from posts where network = ${request.network} and ${ownPosts(request)})`,
        )
        .orderBy('id')
        .$if(request.after !== null, of => of.where('id', '>', request.after?.[0] ?? ''))
      return written(query, 'profiles', request).limit(request.limit).execute()
    },
  },
  posts: {
    key: ['id'],
    read: (db, request) => {
      const query = db
        .selectFrom('posts')
        .select(columnsOf('posts', 'posts'))
        .where('network', '=', request.network)
        .where(ownPosts(request))
        .$if(request.postId !== null, of => of.where('id', '=', request.postId))
        .$if(request.after !== null, of => of.where('id', '>', request.after?.[0] ?? ''))
        .orderBy('id')
      return written(query, 'posts', request).limit(request.limit).execute()
    },
  },
  media: ofPosts('media', ['position']),
  comments: ofPosts('comments', ['id']),
  likes: {
    key: ['post_id'],
    read: (db, request) => {
      const query = db
        .selectFrom('likes')
        .select(columnsOf('likes', 'likes'))
        .where('network', '=', request.network)
        .where('author_id', '=', request.profileId)
        .$if(request.postId !== null, of => of.where('post_id', '=', request.postId))
        .$if(request.after !== null, of => of.where('post_id', '>', request.after?.[0] ?? ''))
        .orderBy('post_id')
      return written(query, 'likes', request).limit(request.limit).execute()
    },
  },
  metrics: {
    key: ['subject', 'subject_id', 'name', 'observed_at'],
    read: async (db, request) => {
      const [subject] = request.after ?? []
      const own = subject === 'post' || request.subject === 'post' || request.postId !== null
      const profile = own ? [] : await profileMetrics(db, request)
      const left = request.limit - profile.length
      if (left === 0 || request.subject === 'profile') return profile
      return [...profile, ...(await postMetrics(db, { ...request, limit: left }))]
    },
  },
}

const observed = (query: Query, { name, since, limit }: ResultRequest): Promise<readonly Row[]> =>
  query
    .$if(name !== null, of => of.where('metrics.name', '=', name))
    .$if(since !== null, of => of.where('observed_at', '>=', since))
    .limit(limit)
    .execute()

const profileMetrics = (db: Kysely<Tables>, request: ResultRequest): Promise<readonly Row[]> => {
  const [, , name, at] = request.after ?? []
  const query = db
    .selectFrom('metrics')
    .select(columnsOf('metrics', 'metrics'))
    .where('network', '=', request.network)
    .where('subject', '=', 'profile')
    .where('subject_id', '=', request.profileId)
    .$if(name !== undefined, of => of.where(sql<boolean>`(name, observed_at) > (${name}, ${at})`))
    .orderBy('name')
    .orderBy('observed_at')
  return observed(query, request)
}

const postMetrics = (db: Kysely<Tables>, request: ResultRequest): Promise<readonly Row[]> => {
  const [subject, ...place] = request.after ?? []
  const query = alongPosts(
    db,
    'metrics',
    { ...request, after: subject === 'post' ? place : null },
    { post: 'subject_id', order: ['name', 'observed_at'] },
  ).where('metrics.subject', '=', 'post')
  return observed(query, request)
}
