import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { Overlay } from '../database/database.ts'
import { ownTable, rowsOf } from '../database/words.ts'
import { SHAPES, type Shape } from '../schema/shapes.ts'
import type { Schema } from '../schema/tables.ts'
import { DERIVED } from './rebuild-tables.ts'

type Db = Kysely<Schema>

interface Gap {
  readonly network: string
  readonly entity_id: string
  readonly until: Instant
}
const GAP = { network: 'text', entity_id: 'text', until: 'text' } as const

/**
 * For profiles whose answers are not all in the file (`--raw off`, pruned, unreadable): the moment from which they are.
 * What was stored before stays as it is, and what came since is read over it.
 */
export class Gaps {
  readonly #until = new Map<string, Gap>()

  /** True where that is news. */
  add(network: string, entityId: string, until: Instant): boolean {
    const key = `${network} ${entityId}`
    const known = this.#until.get(key)
    if (known !== undefined && known.until >= until) return false
    this.#until.set(key, { network, entity_id: entityId, until })
    return true
  }

  /** Whether an answer of this moment lies before the last one that is missing. */
  covers(network: string, entityId: string, at: Instant): boolean {
    return at < (this.#until.get(`${network} ${entityId}`)?.until ?? '')
  }

  *[Symbol.iterator]() {
    yield* this.#until.values()
  }
}

/** The first moment after one. */
export const after = (at: Instant): Instant => instant(Date.parse(at) + 1)

/** Later than any moment. */
const NEVER = '9999-12-31T23:59:59.999Z'

/** Which walks brought more pages than there are answers of them, and whose they were. */
export const findGaps = async (db: Db): Promise<Gaps> => {
  const { rows } = await sql<{
    network: string
    entity_id: string
    until: Instant | null
    finished_at: Instant | null
  }>`
    with line as (
      select id, network, job_id, seq, coalesce(answered, seq - coalesce(max(seq) over (
        partition by root_id order by id rows between unbounded preceding and 1 preceding), 0)) as answered
      from sync_walks),
    had as (select walk_id, count(*) as pages from raw_pages where part = 0 group by walk_id),
    gap as (
      select line.id, line.network, line.job_id, line.seq from line left join had on had.walk_id = line.id
      where line.answered > coalesce(had.pages, 0)),
    tail as (
      select walk_id, min(fetched_at) as until from (
        select page.walk_id, page.fetched_at, gap.seq - page.seq as back,
          row_number() over (partition by page.walk_id order by page.seq desc) as nth
        from gap join raw_pages as page on page.walk_id = gap.id and page.part = 0) as last_first
      where back = nth group by walk_id),
    served as (
      select id, job_id from gap
      union select walk_id, job_id from sync_tasks where walk_id in (select id from gap))
    select gap.network, job.entity_id, tail.until, job.finished_at
    from gap join served on served.id = gap.id join sync_jobs as job on job.id = served.job_id
      left join tail on tail.walk_id = gap.id`.execute(db)
  const gaps = new Gaps()
  for (const { network, entity_id, until, finished_at } of rows) {
    gaps.add(network, entity_id, until ?? (finished_at === null ? NEVER : after(finished_at)))
  }
  // Of these the walks went too, and with them how many pages they had brought.
  const pruned = await db
    .selectFrom('entities')
    .select(['network', 'entity_id', 'pruned_until'])
    .where('pruned_until', 'is not', null)
    .$narrowType<{ pruned_until: Instant }>()
    .execute()
  for (const { network, entity_id, pruned_until } of pruned) gaps.add(network, entity_id, after(pruned_until))
  return gaps
}

/**
 * Puts into the fresh tables what stands there before the first answer is read: of each profile with a gap its rows as
 * they were at its end, by their history, and that history. Rows that an answer since then has written come without
 * `fetched_at`. Returns how many rows of each table no answer will write.
 */
export const seed = async (db: Db, overlay: Overlay, gaps: Gaps): Promise<ReadonlyMap<string, number>> => {
  const { stored, fresh } = overlay
  await sql`
    create table ${ownTable('gaps')} (
      network text, entity_id text, until text, primary key (network, entity_id))`.execute(db)
  await sql`
    insert into gaps (network, entity_id, until)
    select network, entity_id, until from ${rowsOf(GAP, [...gaps])} as given`.execute(db)
  for (const shape of Object.values(SHAPES)) {
    await sql`
      insert into ${fresh(shape.table)} select o.* from ${stored(shape.table)} as o ${gapOf(sql`o`)}
      where job.id is null or o.first_seen_at < gap.until`.execute(db)
    await goBack(db, overlay, shape)
    if (shape.others.includes('missing_since')) {
      await sql`update ${fresh(shape.table)} set missing_since = null`.execute(db)
    }
    if (shape.subject !== null) await seedHistory(db, overlay, shape)
  }
  await sql`
    insert into ${fresh('rejects')} select r.* from ${stored('rejects')} as r
      left join sync_jobs as job on job.id = r.job_id
      left join gaps as gap on gap.network = job.network and gap.entity_id = job.entity_id
    where job.id is null or r.seen_at < gap.until`.execute(db)
  const kept = new Map<string, number>()
  for (const { name } of DERIVED) {
    const unwritten = HISTORIES.has(name) ? sql`true` : sql`fetched_at <> ''`
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from ${fresh(name)} where ${unwritten}`.execute(db)
    kept.set(name, rows[0]?.n ?? 0)
  }
  // That something was gone for a while is what walks found out: no answer says it.
  await sql`
    insert into ${fresh('revisions')} select * from ${stored('revisions')} where field = ${GONE}
    on conflict do nothing`.execute(db)
  return kept
}

const HISTORIES: ReadonlySet<string> = new Set(['metrics', 'revisions', 'rejects'])

const GONE = 'missing_since'

/** After the last answer: rows that no answer speaks of any more go, and so does history from before a gap's end that was not there. */
export const settle = async (db: Db, { stored, fresh }: Overlay): Promise<void> => {
  for (const { table, subject } of Object.values(SHAPES)) {
    await sql`delete from ${fresh(table)} where fetched_at = ''`.execute(db)
    if (subject === null) continue
    await sql`
      delete from ${fresh('metrics')} where (network, subject, subject_id, name, observed_at) in (
        select m.network, m.subject, m.subject_id, m.name, m.observed_at from ${fresh('metrics')} as m
          join ${stored(table)} as o on o.network = m.network and o.id = m.subject_id ${gapOf(sql`o`)}
        where m.subject = ${subject} and m.observed_at < gap.until and not exists (
          select 1 from ${stored('metrics')} as old
          where old.network = m.network and old.subject = m.subject and old.subject_id = m.subject_id
            and old.name = m.name and old.observed_at = m.observed_at))`.execute(db)
  }
}

/** Takes away what {@link seed} and {@link settle} worked with. */
export const endSeed = async (db: Db): Promise<void> => {
  await sql`drop table ${ownTable('gaps')}`.execute(db)
}

/** The job that wrote a row last, and the gap of its profile. */
const gapOf = (row: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  left join sync_jobs as job on job.id = ${row}.job_id
  left join gaps as gap on gap.network = ${row}.network and gap.entity_id = job.entity_id`

/** Rows that were written since the gap's end, as they were at it: counters and texts by their history, all else as now. */
const goBack = async (
  db: Db,
  { stored, fresh }: Overlay,
  { table, subject, fields }: Shape,
): Promise<void> => {
  const then = fields.flatMap(({ column, history }) => {
    if (history === undefined || subject === null) return []
    const of = sql`network = n.network and subject = ${subject} and subject_id = n.id`
    const before = sql`(
      select value from ${stored('metrics')} where ${of} and name = ${column} and observed_at < gap.until
      order by observed_at desc limit 1)`
    const since = sql`(
      select value from ${stored('metrics')} where ${of} and name = ${column} and observed_at >= gap.until
      order by observed_at limit 1)`
    const text = sql`(
      select text from ${stored('revisions')} where ${of} and field = ${column} and seen_at >= gap.until
      order by seen_at limit 1)`
    const now = sql`n.${sql.ref(column)}`
    const value =
      history === 'revision'
        ? sql`coalesce(${text}, ${now})`
        : // A comment's counter has no history before it first moves.
          subject === 'comment'
          ? sql`coalesce(${before}, ${since}, ${now})`
          : before
    return [sql`${sql.ref(column)} = ${value}`]
  })
  await sql`
    update ${fresh(table)} as n set ${sql.join([...then, sql`fetched_at = ''`])}
    from sync_jobs as job join gaps as gap on gap.network = job.network and gap.entity_id = job.entity_id
    where job.id = n.job_id and n.fetched_at >= gap.until`.execute(db)
}

/** The history from before the gap's end; where there is any gap, that of rows which are not there, since nobody says whose it is. */
const seedHistory = async (db: Db, { stored, fresh }: Overlay, { table, subject }: Shape): Promise<void> => {
  for (const [history, moment] of [
    ['metrics', 'observed_at'],
    ['revisions', 'seen_at'],
  ] as const) {
    await sql`
      insert into ${fresh(history)} select h.* from ${stored(history)} as h
        left join ${stored(table)} as o on o.network = h.network and o.id = h.subject_id ${gapOf(sql`o`)}
      where h.subject = ${subject} and (h.${sql.ref(moment)} < gap.until or case
        when o.id is null then exists (select 1 from gaps where gaps.network = h.network)
        else job.id is null end)`.execute(db)
  }
}
