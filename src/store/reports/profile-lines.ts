import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { holds, inList } from '../database/words.ts'
import { isOf, isOfProfile, postOfKey } from '../queue/entity-kinds.ts'
import { newestJobOf } from '../queue/find-jobs.ts'
import type { Schema } from '../schema/tables.ts'

type Db = Kysely<Schema>

/** What profiles can be put in order by: the job that is newest, what they are called, what has to be looked at first, when they were read, how many follow. */
export const PROFILE_ORDERS = ['newest', 'name', 'status', 'done', 'followers'] as const
export type ProfileOrder = (typeof PROFILE_ORDERS)[number]

export interface ProfileFilter {
  readonly statuses: readonly string[]
  readonly network: string | null
  /** A part of its key, its id, the name in its address or the one that is shown; letter case does not count. */
  readonly text: string | null
}

/** Where a page of the list ended: what it is ordered by, and the job's number. */
export type ProfilePlace = readonly [key: string | number, jobId: number]

export interface ProfileSlice {
  readonly order: ProfileOrder
  readonly descending: boolean
  readonly after: ProfilePlace | null
  readonly limit: number
}

/** A profile that was asked for: what it is called, and how its newest job stands. */
export interface ProfileLine {
  readonly network: string
  readonly entity_id: string
  /** Null = the network has not said yet which profile it is. */
  readonly profile_id: string | null
  readonly username: string | null
  readonly name: string | null
  readonly url: string | null
  readonly followers_count: number | null
  readonly posts_count: number | null
  readonly last_synced_at: Instant | null
  readonly id: number
  readonly run_id: number
  readonly status: string
  readonly reason: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly previous_job_id: number | null
  readonly created_at: Instant
  readonly started_at: Instant | null
  readonly finished_at: Instant | null
  readonly not_before: Instant | null
  /** 1 = no later job went on with it. */
  readonly newest: number
  /** Tasks of it that keep failing, and since when the first does. */
  readonly failing: number
  readonly failing_since: Instant | null
}

export interface ProfileLines {
  readonly lines: readonly ProfileLine[]
  readonly next: ProfilePlace | null
  /** How many match, whatever the page shows. */
  readonly total: number
  /** The earliest moment at which one of these can be gone on with; null = none waits. */
  readonly notBefore: Instant | null
}

/**
 * A page of the profiles that were asked for, each with the newest job that did something about it. Each is one leap along an
 * index, but all that match are put in order, so that a server asks for it apart.
 */
export const listProfiles = async (
  db: Db,
  filter: ProfileFilter,
  { order, descending, after, limit }: ProfileSlice,
): Promise<ProfileLines> => {
  const matching = sql`
    select entity.network, entity.entity_id, entity.profile_id, profile.username,
      case when ${isOfProfile(KEY)} then profile.name else coalesce(${TITLE}, profile.name) end as name,
      profile.url, profile.followers_count, profile.posts_count, profile.last_synced_at, job.id, job.not_before, ${KEYS[order]} as sorted
    from entities as entity
    join sync_jobs as job on job.id = ${newestJobOf('entity')}
    left join profiles as profile on profile.network = entity.network and profile.id = entity.profile_id
    where ${conditionOf(filter)}`
  const [all] = (
    await sql<{ total: number; first: Instant | null }>`
      select count(*) as total, min(not_before) as first from (${matching}) as matching`.execute(db)
  ).rows
  const beyond = descending ? sql`<` : sql`>`
  const way = descending ? sql`desc` : sql`asc`
  const { rows } = await sql<ProfileLine & { sorted: string | number }>`
    select line.*, job.run_id, job.status, job.reason, job.error_type, job.error_message, job.previous_job_id,
      job.created_at, job.started_at, job.finished_at,
      case when exists (select 1 from sync_jobs as later where later.previous_job_id = job.id) then 0 else 1 end as newest,
      (select count(*) from sync_tasks where job_id = job.id and failing_since is not null) as failing,
      (select min(failing_since) from sync_tasks where job_id = job.id and failing_since is not null) as failing_since
    from (
      select * from (${matching}) as matching
      where ${after === null ? sql`true` : sql`(sorted, id) ${beyond} (${after[0]}, ${after[1]})`}
      order by sorted ${way}, id ${way} limit ${limit + 1}) as line
    join sync_jobs as job on job.id = line.id
    order by line.sorted ${way}, line.id ${way}`.execute(db)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    lines: shown.map(({ sorted: _sorted, ...line }) => line),
    next: rows.length > limit && last !== undefined ? [last.sorted, last.id] : null,
    total: all?.total ?? 0,
    notBefore: all?.first ?? null,
  }
}

const KEY = sql`entity.entity_id`

/** What a post, or a playlist, that a list names is called. */
const TITLE = sql`case when ${isOf('post', KEY)} then (
    select coalesce(title, substr(caption, 1, 60)) from posts
    where posts.network = entity.network and posts.id = ${postOfKey(KEY)})
  else (select title from collections where collections.network = entity.network and collections.id = ${KEY}) end`

/** What is not known stands at the end of what is small. */
const KEYS: Readonly<Record<ProfileOrder, RawBuilder<string | number>>> = {
  newest: sql`job.id`,
  name: sql`lower(ltrim(coalesce(profile.username, profile.name, entity.entity_id), '@'))`,
  status: sql`case job.status when 'failed' then 1 when 'partial' then 2 when 'running' then 3 when 'pending' then 4
    when 'skipped' then 5 else 6 end`,
  done: sql`coalesce(job.finished_at, '')`,
  followers: sql`coalesce(profile.followers_count, -1)`,
}

const NAMES = ['entity.entity_id', 'entity.profile_id', 'profile.username', 'profile.name']

const conditionOf = ({ statuses, network, text }: ProfileFilter): RawBuilder<unknown> => {
  // As databases lower it, which is A to Z alone.
  const part = (text ?? '').replace(/^@/, '').replaceAll(/[A-Z]+/g, letters => letters.toLowerCase())
  const named = NAMES.map(column => holds(sql`lower(coalesce(${sql.ref(column)}, ''))`, part))
  return sql.join(
    [
      sql`true`,
      ...(statuses.length === 0 ? [] : [sql`job.status in ${inList(statuses)}`]),
      ...(network === null ? [] : [sql`entity.network = ${network}`]),
      ...(part === '' ? [] : [sql`(${sql.join(named, sql` or `)})`]),
    ],
    sql` and `,
  )
}
