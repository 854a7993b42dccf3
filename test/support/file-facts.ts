import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Queries } from '../../src/store/database/database.ts'
import type { Schema } from '../../src/store/schema/tables.ts'
import { query } from './tables.ts'

export type Db = Kysely<Schema>

/** Something that is asked of a database, with all that it is asked with. */
export type Call = (at: Queries) => Promise<unknown>

/** Ids in a file, each with some that are not in it. */
export interface Facts {
  readonly networks: readonly string[]
  readonly runs: readonly number[]
  readonly jobs: readonly number[]
  readonly entities: readonly Entity[]
  /** Those of which posts are stored. */
  readonly busy: readonly Entity[]
  /** Keys, aliases and ids of profiles. */
  readonly names: readonly string[]
  readonly posts: readonly string[]
  /** Those of which comments are stored, one of each network. */
  readonly commented: readonly { readonly network: string; readonly postId: string }[]
  readonly bounds: readonly string[]
  /** Keys of playlists. */
  readonly playlists: readonly string[]
}

interface Entity {
  readonly network: string
  readonly entityId: string
  readonly profileId: string
}

export const factsOf = (path: string): Facts => {
  const values = <T>(sql: string): T[] => query(path, sql).map(({ value }) => value as T)
  const entities = query(
    path,
    'select network, entity_id as entityId, profile_id as profileId from entities where profile_id is not null',
  ) as unknown as Entity[]
  const withPosts = new Set(values<string>('select distinct profile_id as value from posts'))
  return {
    networks: [...values<string>('select distinct network as value from sync_jobs'), 'nowhere'],
    runs: [...values<number>('select id as value from sync_runs'), 999_999],
    jobs: [...values<number>('select id as value from sync_jobs where id <= 110 and id % 3 <> 1'), 999_999],
    entities: [...entities, { network: 'nowhere', entityId: '@nobody', profileId: 'P0' }],
    busy: entities.filter(({ profileId }) => withPosts.has(profileId)),
    names: [
      ...values<string>(`select alias as value from entity_aliases
        union select entity_id from entities where rowid % 20 = 0 or entity_id in (select entity_id from entity_aliases)
        union select profile_id from entities where profile_id is not null and rowid % 40 = 0`),
      '@nobody',
    ],
    posts: values<string>('select id as value from posts where rowid % 99 = 0'),
    commented: query(
      path,
      'select network, min(post_id) as postId from comments group by network',
    ) as unknown as Facts['commented'],
    bounds: values<string>('select distinct bounds as value from sync_jobs'),
    playlists: values<string>('select id as value from collections'),
  }
}

/** The moment at which all is asked, and some before it. */
export const NOW = '2026-10-05T12:00:00.000Z'
export const MOMENTS = [
  '2026-10-01T00:00:00.000Z',
  '2026-10-02T06:00:00.000Z',
  '2026-10-03T18:00:00.000Z',
  NOW,
]

/** A call with each of these. */
export const each = <T>(of: readonly T[], call: (db: Db, one: T) => Promise<unknown>): Call[] =>
  of.map(
    (one): Call =>
      ({ db }) =>
        call(db, one),
  )

/** Each of some with each of others. */
export const pairs = <A, B>(as: readonly A[], bs: readonly B[]): (readonly [A, B])[] =>
  as.flatMap(a => bs.map(b => [a, b] as const))

export const collect = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

/** The rows of which a condition holds that other statements have in them. */
export const idsWhere = async (
  db: Db,
  table: 'sync_jobs' | 'sync_tasks',
  condition: RawBuilder<unknown>,
): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select id from ${sql.table(table)} as task where ${condition} order by id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Every page of a list, one behind the other. */
export const pagesOf = async <Place>(
  read: (after: Place | null) => Promise<{ readonly next: Place | null }>,
): Promise<unknown[]> => {
  const pages: unknown[] = []
  for (let after: Place | null = null; ; ) {
    const page = await read(after)
    pages.push(page)
    if (page.next === null) return pages
    after = page.next
  }
}
