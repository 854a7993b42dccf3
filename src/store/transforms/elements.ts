import { createHash, randomUUID } from 'node:crypto'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { SocialRecord } from '../../core/records.ts'
import {
  ELEMENTS,
  type ElementKind,
  type ElementName,
  type TransformDefinition,
} from '../../core/transform.ts'
import { builder } from '../database/builder.ts'
import type { Database, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inList } from '../database/words.ts'
import type { Schema, TransformTable } from '../schema/tables.ts'

/** Elements are queued this many in a transaction, so that other processes have their turns. */
const BATCH = 1_000

/** Where elements of one name lie: the table, and what of a row, here called `of`, is sent. */
interface ElementSource {
  readonly table: 'posts' | 'media' | 'profiles' | 'comments'
  readonly key: readonly string[]
  readonly input: RawBuilder<unknown>
  readonly only?: RawBuilder<unknown>
  /** The post that it hangs on. Null = the profile, which hangs on none. */
  readonly post: RawBuilder<unknown> | null
  readonly createdAt: RawBuilder<unknown>
}

const picture = {
  table: 'media',
  key: ['network', 'post_id', 'position'],
  post: sql`of.post_id`,
  createdAt: sql`post.created_at`,
} as const
const text = { key: ['network', 'id'], createdAt: sql`of.created_at` } as const

const ELEMENT_SOURCES: Readonly<Record<ElementName, ElementSource>> = {
  'posts.caption': { ...text, table: 'posts', input: sql`of.caption`, post: sql`of.id` },
  'media.image': { ...picture, input: sql`of.url`, only: sql`of.kind = 'photo'` },
  'media.video': { ...picture, input: sql`of.thumbnail_url`, only: sql`of.kind = 'video'` },
  'profiles.bio': { ...text, table: 'profiles', input: sql`of.bio`, post: null },
  'comments.content': { ...text, table: 'comments', input: sql`of.content`, post: sql`of.post_id` },
}

/** What an input is told by. A medium's address is signed anew at each reading, so its id stands for it. */
export const hashOf = (kind: ElementKind, elementId: string, input: string): string =>
  createHash('sha256')
    .update(kind === 'media' ? elementId : input)
    .digest('base64')

/** Of a row of `transforms`: what it is about is stored. */
export const elementStored = sql`case element_kind
  when 'profile' then exists (
    select 1 from profiles where profiles.network = transforms.network and profiles.id = element_id)
  when 'post' then exists (select 1 from posts where posts.network = transforms.network and posts.id = element_id)
  when 'comment' then exists (
    select 1 from comments where comments.network = transforms.network and comments.id = element_id)
  when 'media' then exists (
    select 1 from media where media.network = transforms.network and media.post_id = transforms.post_id
      and media.id = element_id) end`

/** Queues all stored elements of a definition that are new, or whose text has changed; returns how many. */
export const queueElements = async (
  writer: Pick<Database, 'write'>,
  committed: Kysely<Schema>,
  definition: TransformDefinition,
  at: Instant,
  stop: AbortSignal,
): Promise<number> => {
  const { transform, version } = definition
  const message = `version ${version} has taken its place`
  await writer.write(tx => tx.run(supersede, { transform, version, at, message }))
  let queued = 0
  for (const name of definition.elements) {
    let which: RawBuilder<unknown> | null = sql`true`
    while (which !== null && !stop.aborted) {
      // Looked for outside of the transaction: going through a million comments must not hold up other writers.
      const found: readonly Candidate[] = await findCandidates(
        committed,
        definition,
        name,
        which,
        sql`limit ${BATCH}`,
      )
      queued += await writer.write(tx => queue(tx, definition, name, found, at))
      const last = found.at(-1)
      which = found.length < BATCH || last === undefined ? null : isAfter(name, last)
    }
  }
  return queued
}

const isAfter = (name: ElementName, last: Candidate): RawBuilder<unknown> => {
  const { key } = ELEMENT_SOURCES[name]
  const columns = sql.join(key.map(column => sql.ref(`of.${column}`)))
  return sql`(${columns}) > (${sql.join(key.map(column => last[column as keyof Candidate]))})`
}

/** What a page wrote is queued with it, in its transaction. */
export const queueLanded = async (
  tx: Tx,
  definitions: readonly TransformDefinition[],
  page: { readonly network: string; readonly records: readonly SocialRecord[]; readonly at: Instant },
): Promise<void> => {
  for (const definition of definitions) {
    for (const name of definition.elements) {
      const ids = page.records.flatMap(record => (record.type === ELEMENTS[name].kind ? keyOf(record) : []))
      if (ids.length === 0) continue
      const key = ELEMENTS[name].kind === 'media' ? sql`of.post_id` : sql`of.id`
      const which = sql`of.network = ${page.network} and ${key} in ${inList([...new Set(ids)])}`
      await queue(tx, definition, name, await findCandidates(tx.db, definition, name, which, sql``), page.at)
    }
  }
}

/** Media are found by their post, along their key. */
const keyOf = (record: SocialRecord): string[] =>
  record.type === 'media' ? [record.postId] : 'id' in record ? [record.id] : []

interface Candidate {
  readonly network: string
  readonly id: string
  readonly post_id: string | null
  /** Of a medium. */
  readonly position?: number
  readonly input: string
  readonly fetched_at: string
  /** The row that the element has in this version already. */
  readonly row: number | null
  readonly seq: number | null
  readonly input_hash: string | null
}

/** Elements of a name that have no row yet, or were fetched anew since their input was looked at. */
const findCandidates = async (
  db: Kysely<Schema>,
  { transform, version, filter }: TransformDefinition,
  name: ElementName,
  which: RawBuilder<unknown>,
  limit: RawBuilder<unknown>,
): Promise<readonly Candidate[]> => {
  const { table, key, input, only = sql`true`, post, createdAt } = ELEMENT_SOURCES[name]
  const { kind, type } = ELEMENTS[name]
  const of = (column: RawBuilder<unknown>, allowed: readonly string[] | null) =>
    allowed === null ? sql`true` : sql`${column} in ${inList(allowed)}`
  const onPost =
    post === null ? sql`` : sql`join posts as post on post.network = of.network and post.id = ${post}`
  const postHolds =
    post === null
      ? sql`true`
      : sql`post.missing_since is null and ${of(sql`post.kind`, filter.kinds)}
        and ${filter.since === null ? sql`true` : sql`${createdAt} >= ${filter.since}`}`
  const { rows } = await sql<Candidate>`
    select of.network, of.id, ${post ?? sql`null`} as post_id,
      ${table === 'media' ? sql`of.position,` : sql``} ${input} as input, of.fetched_at, known.id as "row", known.seq,
      known.input_hash
    from ${sql.table(table)} as of ${onPost}
    left join transforms as known on known.network = of.network and known.element_kind = ${kind}
      and known.element_id = of.id and known.transform = ${transform} and known.version = ${version}
    where ${which} and ${input} <> '' and of.missing_since is null and ${only}
      and ${of(sql`of.network`, filter.networks)} and ${postHolds}
      and (known.id is null ${type === 'text' ? sql`or of.fetched_at > known.input_fetched_at` : sql``})
    order by ${sql.join(key.map(column => sql.ref(`of.${column}`)))} ${limit}`.execute(db)
  return rows
}

/** Returns how many; a text that was queued before is not queued again. */
const queue = async (
  tx: Tx,
  { transform, version }: TransformDefinition,
  name: ElementName,
  candidates: readonly Candidate[],
  at: Instant,
): Promise<number> => {
  const element_kind = ELEMENTS[name].kind
  const added: New[] = []
  const changed: Renewal[] = []
  for (const { network, id, post_id, input, fetched_at, row, seq, ...known } of candidates) {
    const input_hash = hashOf(element_kind, id, input)
    const fresh = { input_hash, input_fetched_at: fetched_at, key: randomUUID(), at }
    if (row === null || seq === null) {
      added.push({ network, element_kind, element_id: id, post_id, transform, version, ...fresh })
    } else if (known.input_hash !== input_hash) changed.push({ id: row, seq, ...fresh })
  }
  return (await tx.runEach(insert, added)) + (await tx.runEach(renew, changed))
}

/** What a row is when it waits for its first submission. */
const UNTOUCHED = {
  status: 'pending',
  external_job_id: null,
  result: null,
  error_type: null,
  error_message: null,
  attempts: 0,
  polls: 0,
  lost: 0,
  misses: 0,
  worker: null,
  deadline_at: null,
  submitted_at: null,
  finished_at: null,
} as const

interface Fresh {
  readonly input_hash: string
  readonly input_fetched_at: string
  readonly key: string
  readonly at: string
}

/** Of a row as it was read: where it has changed since, nothing is written. */
export type Renewal = Fresh & { readonly id: number; readonly seq: number }

const fresh = {
  ...UNTOUCHED,
  input_hash: param<string>('input_hash'),
  input_fetched_at: param<string>('input_fetched_at'),
  idempotency_key: param<string>('key'),
  queued_at: param<string>('at'),
  next_poll_at: param<string>('at'),
}

type New = Fresh &
  Pick<TransformTable, 'network' | 'element_kind' | 'element_id' | 'post_id' | 'transform' | 'version'>

const insert: Statement<New> = statement(
  builder
    .insertInto('transforms')
    .values({
      network: param<string>('network'),
      element_kind: param<string>('element_kind'),
      element_id: param<string>('element_id'),
      post_id: param<string | null>('post_id'),
      transform: param<string>('transform'),
      version: param<string>('version'),
      seq: 0,
      ...fresh,
    })
    .onConflict(conflict => conflict.doNothing()),
)

/** The answer to an earlier text is none to this one; whoever was at work on it is fenced off. */
export const renew: Statement<Renewal> = statement(
  builder
    .updateTable('transforms')
    .set(eb => ({ ...fresh, seq: eb('seq', '+', 1) }))
    .where('id', '=', param<number>('id'))
    .where('seq', '=', param<number>('seq')),
)

/** Nobody will ask any more about what an earlier version left unfinished. */
const supersede: Statement<{ transform: string; version: string; at: string; message: string }> = statement(
  builder
    .updateTable('transforms')
    .set(eb => ({
      status: 'failed',
      error_type: 'superseded',
      error_message: param<string>('message'),
      finished_at: param<string>('at'),
      next_poll_at: null,
      worker: null,
      seq: eb('seq', '+', 1),
    }))
    .where('transform', '=', param<string>('transform'))
    .where('version', '!=', param<string>('version'))
    .where('next_poll_at', 'is not', null),
)
