import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { mentionsOf } from '../../core/marks.ts'
import { inNumbers } from '../database/words.ts'
import { profileIds } from '../queue/find-jobs.ts'
import { decodeJson } from '../schema/rows.ts'
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

/** Whom a post or comment mentions, and who wrote it. */
export interface GraphMentions {
  readonly network: string
  readonly author_id: string | null
  readonly author_name: string | null
  /** Without `@`. */
  readonly handles: readonly string[]
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

/** Whom posts mention, as their column has it, by the profiles that wrote them. */
export async function* listPostMentions(db: Db, filter: ExportFilter): AsyncGenerator<GraphMentions> {
  const rows = untyped(db)
    .selectFrom('posts')
    .select(['network', 'profile_id as author_id', 'mentions', 'created_at as at'])
    .where(wanted('posts', filter))
    .where('mentions', 'is not', null)
    .orderBy('network')
    .orderBy('id')
    .$castTo<{ network: string; author_id: string; mentions: string; at: Instant | null }>()
    .stream()
  for await (const { mentions, ...row } of rows)
    yield { ...row, author_name: null, handles: decodeJson<string[]>(mentions) }
}

/** Whom comments mention of which an author is told. */
export async function* listCommentMentions(db: Db, filter: ExportFilter): AsyncGenerator<GraphMentions> {
  const rows = authored(db, filter)
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
    .$castTo<Omit<GraphMentions, 'handles'> & { text: string }>()
    .stream()
  for await (const { text, ...row } of rows) yield { ...row, handles: mentionsOf(text) }
}
