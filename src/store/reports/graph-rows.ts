import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { inNumbers } from '../database/words.ts'
import { profileIds } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'
import { type ExportFilter, untyped } from './export-table.ts'

type Db = Kysely<Schema>

/** A stored profile, as it is called. */
export interface GraphProfile {
  readonly network: string
  readonly id: string
  readonly username: string | null
  readonly name: string | null
  readonly followers_count: number | null
}

/** What one author wrote below the posts of one profile. */
export interface GraphComments {
  readonly network: string
  /** Null = the network tells a name alone. */
  readonly author_id: string | null
  readonly author_name: string | null
  readonly profile_id: string
  readonly comments: number
  /** Null = the network tells no moment of any. */
  readonly first_at: Instant | null
  readonly last_at: Instant | null
}

/** A text that may name somebody, and who wrote it. */
export interface GraphText {
  readonly network: string
  readonly author_id: string | null
  readonly author_name: string | null
  readonly text: string
  readonly at: Instant | null
}

/** The profiles that are meant, without which a filter of jobs and moments is about posts and comments alone. */
export const listGraphProfiles = (db: Db, { network, entity }: ExportFilter): AsyncIterable<GraphProfile> => {
  let query = db
    .selectFrom('profiles')
    .select(['network', 'id', 'username', 'name', 'followers_count'])
    .orderBy('network')
    .orderBy('id')
  if (network !== null) query = query.where('network', '=', network)
  if (entity !== null) query = query.where(sql<boolean>`id in ${profileIds(entity)}`)
  return query.stream()
}

/** Rows of posts or comments that a filter means; those that are gone are left out. */
const wanted = (table: 'posts' | 'comments', filter: ExportFilter): RawBuilder<boolean> => {
  const of = sql.raw(table)
  const conditions = [sql`${of}.missing_since is null`]
  if (filter.network !== null) conditions.push(sql`${of}.network = ${filter.network}`)
  if (filter.since !== null) conditions.push(sql`${of}.fetched_at >= ${filter.since}`)
  if (filter.jobs !== null) conditions.push(sql`${of}.job_id in ${inNumbers(filter.jobs)}`)
  if (filter.entity !== null) conditions.push(sql`posts.profile_id in ${profileIds(filter.entity)}`)
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** Comments of which an author is told, with their posts. */
const authored = (db: Db, filter: ExportFilter) =>
  untyped(db)
    .selectFrom('comments')
    .innerJoin('posts', join =>
      join.onRef('posts.network', '=', 'comments.network').onRef('posts.id', '=', 'comments.post_id'),
    )
    .where(wanted('comments', filter))
    .where(sql<boolean>`coalesce(comments.author_id, comments.author_name) is not null`)

/** Who commented on whose posts, how often, and from when to when; comments of which no author is told are left out. */
export const listGraphComments = (db: Db, filter: ExportFilter): AsyncIterable<GraphComments> =>
  authored(db, filter)
    .select([
      'comments.network',
      'comments.author_id',
      sql<string | null>`max(comments.author_name)`.as('author_name'),
      'posts.profile_id',
      sql<number>`count(*)`.as('comments'),
      sql<string | null>`min(comments.created_at)`.as('first_at'),
      sql<string | null>`max(comments.created_at)`.as('last_at'),
    ])
    .groupBy(['comments.network', 'comments.author_id', BY_NAME, 'posts.profile_id'])
    .orderBy('comments.network')
    .orderBy(sql`coalesce(comments.author_id, '')`)
    .orderBy(sql`coalesce(${BY_NAME}, '')`)
    .orderBy('posts.profile_id')
    .$castTo<GraphComments>()
    .stream()

/** Who has no id is told apart by the name. */
const BY_NAME = sql<string | null>`case when comments.author_id is null then comments.author_name end`

/** Captions with an `@` in them, of the profiles that wrote them. */
export const listGraphCaptions = (db: Db, filter: ExportFilter): AsyncIterable<GraphText> =>
  untyped(db)
    .selectFrom('posts')
    .select([
      'network',
      'profile_id as author_id',
      sql<null>`null`.as('author_name'),
      'caption as text',
      'created_at as at',
    ])
    .where(wanted('posts', filter))
    .where('caption', 'like', '%@%')
    .orderBy('network')
    .orderBy('id')
    .$castTo<GraphText>()
    .stream()

/** Comments with an `@` in them of which an author is told. */
export const listGraphReplies = (db: Db, filter: ExportFilter): AsyncIterable<GraphText> =>
  authored(db, filter)
    .select([
      'comments.network',
      'comments.author_id',
      'comments.author_name',
      'comments.content as text',
      'comments.created_at as at',
    ])
    .where('comments.content', 'like', '%@%')
    .orderBy('comments.network')
    .orderBy('comments.id')
    .$castTo<GraphText>()
    .stream()
