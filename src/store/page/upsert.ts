import type { Instant } from '../../core/instant.ts'
import type { SocialRecord } from '../../core/records.ts'
import { type Builder, builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { encode, type SqlValue } from '../schema/rows.ts'
import { SHAPES, type Shape } from '../schema/shapes.ts'
import { appendMetric, keepRevision } from './history.ts'

/** Who writes a record, and when its answer was fetched. */
export interface Writer {
  readonly network: string
  readonly fetchedAt: Instant
  readonly jobId: number
  readonly rootId: number
}

/** What writing a record found: whether this walk had not brought it before. */
export interface Written {
  readonly unseen: boolean
  /** Whether this job had not written it before: what "came" counts, however often it is told. */
  readonly fresh: boolean
  /** Whether it was stored before this walk began. */
  readonly known: boolean
  /** Whether nothing was stored of it before. */
  readonly isNew: boolean
}

type Row = Record<string, SqlValue>

/**
 * Writes one record over what is stored: null overwrites, an absent key keeps, an older answer never goes over
 * a newer one. Counters that moved are appended to `metrics`, edited texts kept in `revisions`. `isNew` = nothing of it
 * can be stored yet: it is not looked for.
 */
export const writeRecord = async (
  tx: Tx,
  record: SocialRecord,
  writer: Writer,
  isNew = false,
): Promise<Written> => {
  const plan = PLANS[record.type]
  const values = valuesOf(record, plan.shape)
  const stored = isNew ? undefined : await tx.get<Row, Row>(plan.get, { network: writer.network, ...values })
  if (stored !== undefined && String(stored.fetched_at) > writer.fetchedAt) {
    await tx.run(plan.touch, { ...stored, job_id: writer.jobId, walk_id: writer.rootId })
    return { unseen: false, fresh: false, known: true, isNew: false }
  }
  const row: Row = {
    ...(stored ?? plan.blank),
    ...values,
    network: writer.network,
    first_seen_at: stored?.first_seen_at ?? writer.fetchedAt,
    fetched_at: writer.fetchedAt,
    job_id: writer.jobId,
    walk_id: writer.rootId,
  }
  if (stored !== undefined) await welcomeBack(tx, plan.shape, stored, row)
  if (record.type === 'profile') row.last_synced_at = writer.fetchedAt
  await writeHistory(tx, plan.shape, stored, row)
  await tx.run(plan.upsert, row)
  return {
    unseen: stored === undefined || stored.walk_id !== writer.rootId,
    fresh: stored === undefined || stored.job_id !== writer.jobId,
    known: stored !== undefined && stored.walk_id !== writer.rootId,
    isNew: stored === undefined,
  }
}

/** What was missing is there again; that it was not is kept, as an earlier state of it. */
const welcomeBack = async (tx: Tx, { subject }: Shape, stored: Row, row: Row): Promise<void> => {
  if ('absent_since' in row) row.absent_since = row.absent_walks = null
  if (row.missing_since == null) return
  row.missing_since = null
  if (subject === null) return
  const of = { network: String(row.network), subject, subject_id: String(row.id) }
  const seen = { field: 'missing_since', text: String(stored.missing_since), seen_at: String(row.fetched_at) }
  await keepRevision(tx, { ...of, ...seen })
}

/** The columns that this answer speaks of. */
const valuesOf = (record: SocialRecord, shape: Shape): Row => {
  const values: Row = {}
  const source = record as unknown as Record<string, unknown>
  for (const field of shape.fields) {
    const value = source[field.name]
    if (value !== undefined) values[field.column] = encode(value, field.encoding)
  }
  if (record.type === 'like') values.id = `${record.postId}:${record.authorId}`
  return values
}

const writeHistory = async (tx: Tx, shape: Shape, stored: Row | undefined, row: Row): Promise<void> => {
  if (shape.subject === null) return
  for (const field of shape.fields) {
    if (field.history === undefined) continue
    const subject = { network: String(row.network), subject: shape.subject, subject_id: String(row.id) }
    const before = stored?.[field.column] ?? null
    const now = row[field.column] ?? null
    if (field.history === 'metric') {
      const seen =
        stored === undefined ? null : { value: before as number | null, at: String(stored.fetched_at) }
      await appendMetric(
        tx,
        { ...subject, name: field.column, value: now as number | null },
        String(row.fetched_at),
        seen,
      )
    } else if (stored !== undefined && before !== null && before !== now) {
      await keepRevision(tx, {
        ...subject,
        field: field.column,
        text: String(before),
        seen_at: String(row.fetched_at),
      })
    }
  }
}

interface Plan {
  readonly shape: Shape
  readonly get: Statement<Row>
  readonly upsert: Statement<Row>
  /** Says who has brought it, and nothing of what it says. */
  readonly touch: Statement<Row>
  /** A row with every column null. */
  readonly blank: Row
}

const planOf = (shape: Shape): Plan => {
  const own = shape.fields.map(field => field.column)
  const written = ['first_seen_at', 'fetched_at', 'job_id', 'walk_id']
  const columns = ['network', ...own, ...shape.others, ...written]
  const key = ['network', ...shape.key]
  // The tables of this loop differ in their columns, so the builder is used without them.
  const anyTable = builder as unknown as Builder<Record<string, Row>>
  const values = Object.fromEntries(columns.map(column => [column, param<SqlValue>(column)]))
  const updated = columns.filter(column => !key.includes(column) && column !== 'first_seen_at')
  let get = anyTable.selectFrom(shape.table).selectAll()
  for (const column of key) get = get.where(column, '=', param<SqlValue>(column))
  const upsert = anyTable
    .insertInto(shape.table)
    .values(values)
    .onConflict(conflict =>
      conflict
        .columns(key)
        .doUpdateSet(eb => Object.fromEntries(updated.map(column => [column, eb.ref(`excluded.${column}`)]))),
    )
  let touch = anyTable
    .updateTable(shape.table)
    .set({ job_id: param<SqlValue>('job_id'), walk_id: param<SqlValue>('walk_id') })
  for (const column of key) touch = touch.where(column, '=', param<SqlValue>(column))
  return {
    shape,
    get: statement(get),
    upsert: statement(upsert),
    touch: statement(touch),
    blank: Object.fromEntries(columns.map(column => [column, null])),
  }
}

const PLANS: Readonly<Record<SocialRecord['type'], Plan>> = {
  profile: planOf(SHAPES.profile),
  post: planOf(SHAPES.post),
  media: planOf(SHAPES.media),
  comment: planOf(SHAPES.comment),
  like: planOf(SHAPES.like),
}
