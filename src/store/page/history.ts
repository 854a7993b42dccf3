import type { Instant } from '../../core/instant.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, params, type Statement, statement } from '../database/statement.ts'

/**
 * An unchanged counter is appended again after a week, so that a flat line is told from no line; half a day is spared,
 * since cron does not start to the second.
 */
const HEARTBEAT_MS = 6.5 * 86_400_000

export interface Metric {
  readonly network: string
  readonly subject: string
  readonly subject_id: string
  readonly name: string
  readonly value: number | null
}

/** A counter as it was when it was last looked at. */
export interface Seen {
  readonly value: number | null
  readonly at: Instant
}

/** What a page adds to the history of what it tells of: counters that moved and earlier texts. */
export class History {
  readonly #tx: Tx
  readonly #metrics: DatedMetric[] = []
  readonly #unmoved: (Metric & { readonly at: Instant })[] = []
  readonly #revisions: Revision[] = []

  constructor(tx: Tx) {
    this.#tx = tx
  }

  /**
   * Appends a counter's value where it is the first, where it moved, or where the last entry is older than the
   * heartbeat. A comment's counter has no entry until it first moves; then both values are written, the earlier
   * one at the time it was seen, so that a million comments cost nothing until they change.
   */
  count(metric: Metric, at: Instant, seen: Seen | null): void {
    const quiet = metric.subject === 'comment'
    if (seen === null) {
      if (metric.value !== null && !quiet) this.#metrics.push({ ...metric, observed_at: at })
    } else if (seen.value !== metric.value) {
      if (quiet && seen.value !== null)
        this.#metrics.push({ ...metric, value: seen.value, observed_at: seen.at })
      this.#metrics.push({ ...metric, observed_at: at })
    } else if (metric.value !== null && !quiet) this.#unmoved.push({ ...metric, at })
  }

  /** Keeps an earlier text. */
  keep(revision: Revision): void {
    this.#revisions.push(revision)
  }

  async write(): Promise<void> {
    const last = await this.#tx.getEach<Metric, Entry>(latest, this.#unmoved)
    this.#unmoved.forEach(({ at, ...metric }, index) => {
      const before = last[index]
      if (before === undefined || Date.parse(at) - Date.parse(before.observed_at) >= HEARTBEAT_MS)
        this.#metrics.push({ ...metric, observed_at: at })
    })
    this.#tx.sendEach(insert, this.#metrics)
    this.#tx.sendEach(keep, this.#revisions)
  }
}

/** Counters without a column: compared with their last entries. */
export const appendSnapshots = async (tx: Tx, metrics: readonly Metric[], at: Instant): Promise<void> => {
  const history = new History(tx)
  const last = await tx.getEach<Metric, Entry>(latest, metrics)
  metrics.forEach((metric, index) => {
    const before = last[index]
    history.count(metric, at, before === undefined ? null : { value: before.value, at: before.observed_at })
  })
  await history.write()
}

/** Counters of days that are past, each at its own moment: what is told last is what counts. */
export const writeDated = (tx: Tx, metrics: readonly DatedMetric[]): void =>
  tx.sendEach(
    put,
    // A statement must not touch a row twice.
    [
      ...new Map(
        metrics.map(metric => [`${metric.subject_id} ${metric.name} ${metric.observed_at}`, metric]),
      ).values(),
    ],
  )

type DatedMetric = Metric & { readonly observed_at: string }

interface Entry {
  readonly observed_at: string
  readonly value: number | null
}

interface Revision {
  readonly network: string
  readonly subject: string
  readonly subject_id: string
  readonly seen_at: string
  readonly field: string
  readonly text: string
}

const inserted = builder
  .insertInto('metrics')
  .values(params<DatedMetric>(['network', 'subject', 'subject_id', 'name', 'observed_at', 'value']))

const insert: Statement<DatedMetric> = statement(inserted.onConflict(conflict => conflict.doNothing()))

const put: Statement<DatedMetric> = statement(
  inserted.onConflict(conflict =>
    conflict
      .columns(['network', 'subject', 'subject_id', 'name', 'observed_at'])
      .doUpdateSet({ value: build => build.ref('excluded.value') }),
  ),
)

const latest: Statement<Metric> = statement(
  builder
    .selectFrom('metrics')
    .select(['observed_at', 'value'])
    .where('network', '=', param<string>('network'))
    .where('subject', '=', param<string>('subject'))
    .where('subject_id', '=', param<string>('subject_id'))
    .where('name', '=', param<string>('name'))
    .orderBy('observed_at', 'desc')
    .limit(1),
)

const keep: Statement<Revision> = statement(
  builder
    .insertInto('revisions')
    .values(params<Revision>(['network', 'subject', 'subject_id', 'seen_at', 'field', 'text']))
    .onConflict(conflict => conflict.doNothing()),
)
