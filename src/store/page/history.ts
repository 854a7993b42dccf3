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

/**
 * Appends a counter's value where it is the first, where it moved, or where the last entry is older than the
 * heartbeat. A comment's counter has no entry until it first moves; then both values are written, the earlier
 * one at the time it was seen, so that a million comments cost nothing until they change.
 */
export const appendMetric = async (
  tx: Tx,
  metric: Metric,
  at: Instant,
  seen: { readonly value: number | null; readonly at: Instant } | null,
): Promise<void> => {
  const quiet = metric.subject === 'comment'
  if (seen === null) {
    if (metric.value !== null && !quiet) await tx.run(insert, { ...metric, observed_at: at })
    return
  }
  if (seen.value !== metric.value) {
    if (quiet && seen.value !== null)
      await tx.run(insert, { ...metric, value: seen.value, observed_at: seen.at })
    await tx.run(insert, { ...metric, observed_at: at })
    return
  }
  if (metric.value === null || quiet) return
  const last = await tx.get<Metric, { observed_at: string }>(latest, metric)
  if (last === undefined || Date.parse(at) - Date.parse(last.observed_at) >= HEARTBEAT_MS) {
    await tx.run(insert, { ...metric, observed_at: at })
  }
}

/** A counter without a column: compared with its last entry. */
export const appendSnapshot = async (tx: Tx, metric: Metric, at: Instant): Promise<void> => {
  const last = await tx.get<Metric, { observed_at: string; value: number | null }>(latest, metric)
  await appendMetric(tx, metric, at, last === undefined ? null : { value: last.value, at: last.observed_at })
}

export const keepRevision = async (tx: Tx, revision: Revision): Promise<void> => {
  await tx.run(keep, revision)
}

interface Revision {
  readonly network: string
  readonly subject: string
  readonly subject_id: string
  readonly seen_at: string
  readonly field: string
  readonly text: string
}

const insert: Statement<Metric & { observed_at: string }> = statement(
  builder
    .insertInto('metrics')
    .values(
      params<Metric & { observed_at: string }>([
        'network',
        'subject',
        'subject_id',
        'name',
        'observed_at',
        'value',
      ]),
    )
    .onConflict(conflict => conflict.doNothing()),
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
