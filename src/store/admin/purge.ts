import { zstdDecompressSync } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Database, Tx } from '../database/database.ts'
import { inList, inNumbers } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { type Erased, erase, type Remove } from './erase.ts'

/** Whom a purge is of. */
export interface PurgeTarget {
  readonly network: string
  readonly id: string
  /** As whom a profile wrote elsewhere, beside its id: its pseudonym. */
  authorOf(profileId: string): readonly string[]
}

/** Everything that the file knows a profile by. */
interface Whose {
  readonly network: string
  /** Keys in lists of the user: names, handles, and what they turned out to be. */
  readonly keys: readonly string[]
  /** The profile, and whoever had the name before. */
  readonly profiles: readonly string[]
  readonly jobs: readonly number[]
}

interface WhoseRecords extends Whose {
  /** The author of what it wrote. */
  readonly authors: readonly string[]
}

/**
 * Deletes all that the file holds of a profile: its rows and their history, what hangs on its posts, what it wrote and
 * liked elsewhere, its jobs, and every answer as received that was fetched for it or names its id. The ledger of calls stays. `id` is its key in a
 * list, another name of it, or the profile's own id. `really` false: it is only counted.
 */
export const purge = (
  database: Database,
  { network, id, authorOf }: PurgeTarget,
  really: boolean,
): Promise<Erased> =>
  erase(database, 'purge', really, async (tx, remove) => {
    const found = await find(tx.db, network, id)
    const whose = { ...found, authors: [...found.profiles, ...found.profiles.flatMap(authorOf)] }
    await removeRaw(tx, remove, whose)
    await removeRecords(remove, whose)
    await removeJobs(tx, remove, whose)
    const mine = sql`network = ${network} and entity_id in ${inList(whose.keys)}`
    await remove('entity_aliases', mine)
    await remove('entities', mine)
  })

const find = async (db: Kysely<Schema>, network: string, id: string): Promise<Whose> => {
  const ids = async (query: ReturnType<typeof sql<{ id: string }>>): Promise<string[]> =>
    (await query.execute(db)).rows.map(row => row.id)
  const known = await ids(sql`
    select entity_id as id from entities where network = ${network} and (entity_id = ${id} or profile_id = ${id})
    union select entity_id from entity_aliases where network = ${network} and alias = ${id}`)
  const names = await ids(sql`
    select alias as id from entity_aliases where network = ${network} and entity_id in ${inList(known)}`)
  const keys = [...new Set([id, ...known, ...names])]
  const mine = sql`network = ${network} and entity_id in ${inList(keys)}`
  const profiles = await ids(sql`
    select id from profiles where network = ${network} and id = ${id}
    union select profile_id from entities where ${mine} and profile_id is not null
    union select profile_id from sync_tasks where profile_id is not null
      and job_id in (select id from sync_jobs where ${mine})`)
  const { rows: jobs } = await sql<{ id: number }>`select id from sync_jobs where ${mine}`.execute(db)
  if (profiles.length === 0 && jobs.length === 0) {
    throw new BadInput(`there is no ${network} profile "${id}"`, { hint: '`socsync jobs` lists them' })
  }
  return { network, keys, profiles, jobs: jobs.map(job => job.id) }
}

/** Answers of the walks that were made for it, and of others that name it. */
const removeRaw = async ({ db }: Tx, remove: Remove, { profiles, jobs }: Whose): Promise<void> => {
  const hashes: string[] = []
  for (let bodies = await bodiesAfter(db, ''); bodies.length > 0; ) {
    for (const { hash, body } of bodies) {
      const text = zstdDecompressSync(body)
      if (profiles.some(profile => text.includes(profile))) hashes.push(hash)
    }
    bodies = await bodiesAfter(db, bodies.at(-1)?.hash ?? '')
  }
  await remove('raw_pages', sql`walk_id in ${walksOf(jobs)} or body_hash in ${inList(hashes)}`)
  await remove('rejects', sql`walk_id in ${walksOf(jobs)}`)
}

const bodiesAfter = (db: Kysely<Schema>, hash: string) =>
  db.selectFrom('raw_bodies').selectAll().where('hash', '>', hash).orderBy('hash').limit(BODIES).execute()

/** Bodies that are held at a time. */
const BODIES = 100

const removeRecords = async (remove: Remove, { network, profiles, authors }: WhoseRecords): Promise<void> => {
  const ids = inList(profiles)
  const posts = sql`(select id from posts where network = ${network} and profile_id in ${ids})`
  const written = sql`network = ${network} and (post_id in ${posts} or author_id in ${inList(authors)})`
  const comments = sql`(select id from comments where ${written})`
  for (const history of ['metrics', 'revisions'] as const) {
    await remove(
      history,
      sql`network = ${network} and case subject when 'profile' then subject_id in ${ids}
        when 'post' then subject_id in ${posts} when 'comment' then subject_id in ${comments} end`,
    )
  }
  await remove(
    'transforms',
    sql`network = ${network} and (post_id in ${posts}
      or (element_kind = 'profile' and element_id in ${ids})
      or (element_kind = 'comment' and element_id in ${comments}))`,
  )
  await remove('comments', written)
  await remove('likes', written)
  await remove(
    'relations',
    sql`network = ${network} and (profile_id in ${ids} or person_id in ${inList(authors)})`,
  )
  const kept = sql`(select id from collections where network = ${network} and profile_id in ${ids})`
  await remove(
    'collection_items',
    sql`network = ${network} and (post_id in ${posts} or collection_id in ${kept})`,
  )
  await remove('collections', sql`network = ${network} and profile_id in ${ids}`)
  await remove('media', sql`network = ${network} and post_id in ${posts}`)
  await remove('posts', sql`network = ${network} and profile_id in ${ids}`)
  await remove('profiles', sql`network = ${network} and id in ${ids}`)
}

/** Walks that it shared with others stay theirs. */
const removeJobs = async ({ db }: Tx, remove: Remove, { jobs }: Whose): Promise<void> => {
  const { rows } = await sql<{ id: number }>`
    select id from sync_walks where id in ${walksOf(jobs)}`.execute(db)
  const walks = inNumbers(rows.map(row => row.id))
  await remove('sync_tasks', sql`job_id in ${inNumbers(jobs)}`)
  const alone = sql`${walks} and not exists (select 1 from sync_tasks where walk_id = `
  await remove('walk_cursors', sql`walk_id in ${alone} walk_cursors.walk_id)`)
  await remove('sync_walks', sql`id in ${alone} sync_walks.id)`)
  await sql`update sync_walks set job_id = (select min(job_id) from sync_tasks where walk_id = sync_walks.id)
    where id in ${walks} and job_id in ${inNumbers(jobs)}`.execute(db)
  await sql`update sync_jobs set previous_job_id = null
    where previous_job_id in ${inNumbers(jobs)} and id not in ${inNumbers(jobs)}`.execute(db)
  await remove('sync_jobs', sql`id in ${inNumbers(jobs)}`)
}

const walksOf = (jobs: readonly number[]) => sql`(
  select id from sync_walks where job_id in ${inNumbers(jobs)}
  union select walk_id from sync_tasks where walk_id is not null and job_id in ${inNumbers(jobs)})`
