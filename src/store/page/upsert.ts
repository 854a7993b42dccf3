import type { Instant } from '../../core/instant.ts'
import type { RelationRecord, SocialRecord } from '../../core/records.ts'
import { type Builder, builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { encode, type SqlValue } from '../schema/rows.ts'
import { SHAPES, type Shape } from '../schema/shapes.ts'
import { History } from './history.ts'

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

/** A record to be written. */
export interface Writing {
  readonly record: SocialRecord
  readonly writer: Writer
  /** Nothing of it can be stored yet: it is not looked for. */
  readonly isNew: boolean
}

/**
 * Writes records of one type over what is stored: null overwrites, an absent key keeps, an older answer never goes over
 * a newer one. Counters that moved are appended to `metrics`, edited texts kept in `revisions`. What was found of each,
 * in their order; one that comes twice finds the second time what the first wrote.
 */
export const writeEach = async (
  tx: Tx,
  type: SocialRecord['type'],
  writings: readonly Writing[],
): Promise<readonly Written[]> => {
  const plan = PLANS[type]
  const written: Written[] = []
  let left = writings.map(({ record, writer, isNew }, index): Answer => {
    const values: Row = { network: writer.network, ...valuesOf(record, plan.shape) }
    return { index, values, key: plan.key.map(column => values[column]).join(), writer, isNew }
  })
  while (left.length > 0) {
    const round = new Map<string, Answer>()
    const again: Answer[] = []
    for (const answer of left) {
      if (round.has(answer.key)) again.push({ ...answer, isNew: false })
      else round.set(answer.key, answer)
    }
    // By key: who writes the same rows waits for them in the same order.
    const answers = [...round.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
    const found = await writeOnce(tx, plan, answers)
    for (const [at, { index }] of answers.entries()) written[index] = found[at] as Written
    left = again
  }
  return written
}

/** What a record says of its row. */
interface Answer {
  readonly index: number
  readonly key: string
  readonly values: Row
  readonly writer: Writer
  readonly isNew: boolean
}

/** The same of records of which no two are the same. */
const writeOnce = async (tx: Tx, plan: Plan, answers: readonly Answer[]): Promise<readonly Written[]> => {
  const { shape } = plan
  const asked = answers.filter(({ isNew }) => !isNew)
  const found = await tx.lockEach<Row, Row>(
    plan.get,
    asked.map(({ values }) => values),
  )
  const storedOf = new Map(asked.map((answer, at) => [answer, found[at]]))
  const history = new History(tx)
  const touched: Row[] = []
  const rows: Row[] = []
  const returned: Row[] = []
  const written = answers.map((answer): Written => {
    const { values, writer } = answer
    const stored = storedOf.get(answer)
    const by = { job_id: writer.jobId, walk_id: writer.rootId }
    const unseen = stored?.walk_id !== writer.rootId
    const fresh = stored?.job_id !== writer.jobId
    if (stored !== undefined && String(stored.fetched_at) > writer.fetchedAt) {
      touched.push({ ...stored, ...by })
      return { unseen, fresh, known: true, isNew: false }
    }
    const at = writer.fetchedAt
    const row: Row = { ...(stored ?? plan.blank), ...values, ...by, fetched_at: at }
    row.first_seen_at ??= at
    if ('last_synced_at' in row) row.last_synced_at = at
    rows.push(row)
    writeHistory(history, shape, stored, row)
    if (stored?.missing_since != null || stored?.absent_since != null) {
      returned.push(row)
      noteReturn(history, shape, stored, row)
    }
    return { unseen, fresh, known: stored !== undefined && unseen, isNew: stored === undefined }
  })
  tx.sendEach(plan.touch, touched)
  tx.sendEach(plan.upsert, rows)
  if (plan.welcomeBack !== null) tx.sendEach(plan.welcomeBack, returned)
  await history.write()
  return written
}

/** That what is there again was missing is kept, as an earlier state of it. */
const noteReturn = (history: History, { subject }: Shape, stored: Row, row: Row): void => {
  if (stored.missing_since == null || subject === null) return
  const of = { network: String(row.network), subject, subject_id: String(row.id) }
  const seen = { field: 'missing_since', text: String(stored.missing_since), seen_at: String(row.fetched_at) }
  history.keep({ ...of, ...seen })
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
  if (record.type === 'relation') values.id = idOfRelation(record)
  return values
}

const idOfRelation = ({ kind, profileId, personId, postId }: RelationRecord): string =>
  [kind, profileId, personId, ...(postId === undefined ? [] : [postId])].join(':')

const writeHistory = (history: History, shape: Shape, stored: Row | undefined, row: Row): void => {
  if (shape.subject === null) return
  const at = String(row.fetched_at)
  const of = { network: String(row.network), subject: shape.subject, subject_id: String(row.id) }
  for (const { column, history: how } of shape.fields) {
    if (how === undefined) continue
    const before = stored?.[column] ?? null
    const now = row[column] ?? null
    if (how === 'metric') {
      const seen = stored && { value: before as number | null, at: String(stored.fetched_at) }
      history.count({ ...of, name: column, value: now as number | null }, at, seen ?? null)
    } else if (stored !== undefined && before !== null && before !== now) {
      history.keep({ ...of, field: column, text: String(before), seen_at: at })
    }
  }
}

interface Plan {
  readonly shape: Shape
  readonly key: readonly string[]
  readonly get: Statement<Row>
  readonly upsert: Statement<Row>
  /** Says who has brought it, and nothing of what it says. */
  readonly touch: Statement<Row>
  /** It is missing no more, nor absent. */
  readonly welcomeBack: Statement<Row> | null
  /** A row with every column null. */
  readonly blank: Row
}

/** Columns that tell whether it is there: set by whoever finds that, and not by what is said of it. */
const PRESENCE: readonly string[] = ['missing_since', 'absent_since', 'absent_walks']

const planOf = (shape: Shape): Plan => {
  const own = shape.fields.map(field => field.column)
  const written = ['first_seen_at', 'fetched_at', 'job_id', 'walk_id']
  const columns = ['network', ...own, ...shape.others, ...written]
  const key = ['network', ...shape.key]
  // The tables of this loop differ in their columns, so the builder is used without them.
  const anyTable = builder as unknown as Builder<Record<string, Row>>
  const values = Object.fromEntries(columns.map(column => [column, param<SqlValue>(column)]))
  const told = [...own, 'last_synced_at', ...written].filter(column => columns.includes(column))
  const updated = told.filter(column => !key.includes(column) && column !== 'first_seen_at')
  const presence = PRESENCE.filter(column => columns.includes(column))
  let get = anyTable.selectFrom(shape.table).selectAll()
  let update = anyTable.updateTable(shape.table)
  for (const column of key) {
    get = get.where(column, '=', param<SqlValue>(column))
    update = update.where(column, '=', param<SqlValue>(column))
  }
  const upsert = anyTable
    .insertInto(shape.table)
    .values(values)
    .onConflict(conflict =>
      conflict
        .columns(key)
        .doUpdateSet(eb => Object.fromEntries(updated.map(column => [column, eb.ref(`excluded.${column}`)]))),
    )
  const by = { job_id: param<SqlValue>('job_id'), walk_id: param<SqlValue>('walk_id') }
  const there = Object.fromEntries(presence.map(column => [column, null]))
  return {
    shape,
    key,
    get: statement(get),
    upsert: statement(upsert),
    touch: statement(update.set(by)),
    welcomeBack: presence.length === 0 ? null : statement(update.set(there)),
    blank: Object.fromEntries(columns.map(column => [column, null])),
  }
}

const PLANS: Readonly<Record<SocialRecord['type'], Plan>> = {
  profile: planOf(SHAPES.profile),
  post: planOf(SHAPES.post),
  media: planOf(SHAPES.media),
  comment: planOf(SHAPES.comment),
  like: planOf(SHAPES.like),
  collection: planOf(SHAPES.collection),
  item: planOf(SHAPES.item),
  relation: planOf(SHAPES.relation),
}
