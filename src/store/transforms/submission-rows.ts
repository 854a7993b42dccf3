import type { ElementKind } from '../../core/transform.ts'
import { builder } from '../database/builder.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { toClaim } from '../database/words.ts'
import type { TransformTable } from '../schema/tables.ts'

/** What a claim reads of a row. */
export type Row = Pick<
  TransformTable,
  | 'network'
  | 'element_kind'
  | 'element_id'
  | 'post_id'
  | 'status'
  | 'external_job_id'
  | 'polls'
  | 'lost'
  | 'misses'
  | 'idempotency_key'
  | 'input_hash'
  | 'seq'
  | 'deadline_at'
> & { readonly id: number }

/** What is sent of an element, and when it was fetched. None where it is missing on its network. */
export interface Input {
  readonly input: string | null
  readonly fetched_at: string
}

/** Due, held by nobody and claimed by nobody at this moment, the longest due first; `polls` 0 = only what was never submitted. */
export const nextDue: Statement<{
  transform: string
  version: string
  now: string
  polls: number
  count: number
}> = statement(
  builder
    .selectFrom('transforms')
    .select(['id', 'network', 'element_kind', 'element_id', 'post_id', 'status', 'external_job_id', 'polls'])
    .select(['lost', 'misses', 'idempotency_key', 'input_hash', 'seq', 'deadline_at'])
    .where('transform', '=', param<string>('transform'))
    .where('version', '=', param<string>('version'))
    .where('next_poll_at', '<=', param<string>('now'))
    .where('worker', 'is', null)
    .where(eb => eb.or([eb(eb.val(param<number>('polls')), '=', 1), eb('external_job_id', 'is', null)]))
    .orderBy('next_poll_at')
    .limit(param<number>('count'))
    .modifyEnd(toClaim),
)

export const take: Statement<{ id: number; worker: string; deadline_at: string; attempts: number }> =
  statement(
    builder
      .updateTable('transforms')
      .set(eb => ({
        worker: param<string>('worker'),
        deadline_at: param<string>('deadline_at'),
        attempts: eb('attempts', '+', param<number>('attempts')),
      }))
      .where('id', '=', param<number>('id')),
  )

export const drop: Statement<{ id: number }> = statement(
  builder.deleteFrom('transforms').where('id', '=', param<number>('id')),
)

/** A row as it is given back, fenced by `seq` and `worker`. */
export interface Settled {
  readonly id: number
  readonly seq: number
  readonly worker: string
  readonly status: string
  readonly external_job_id: string | null
  readonly result: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly polls: number
  readonly lost: number
  readonly misses: number
  readonly idempotency_key: string
  readonly next_poll_at: string | null
  /** Null = stays as it is. */
  readonly submitted_at: string | null
  readonly finished_at: string | null
}

export const settle: Statement<Settled> = statement(
  builder
    .updateTable('transforms')
    .set(eb => ({
      status: param<string>('status'),
      external_job_id: param<string | null>('external_job_id'),
      result: param<string | null>('result'),
      error_type: param<string | null>('error_type'),
      error_message: param<string | null>('error_message'),
      polls: param<number>('polls'),
      lost: param<number>('lost'),
      misses: param<number>('misses'),
      idempotency_key: param<string>('idempotency_key'),
      next_poll_at: param<string | null>('next_poll_at'),
      submitted_at: eb.fn.coalesce(eb.val(param<string | null>('submitted_at')), 'submitted_at'),
      finished_at: param<string | null>('finished_at'),
      worker: null,
      seq: eb('seq', '+', 1),
    }))
    .where('id', '=', param<number>('id'))
    .where('seq', '=', param<number>('seq'))
    .where('worker', '=', param<string>('worker')),
)

/** Where the input of a row lies. */
export type Place = { network: string; id: string; post_id: string | null }

export const INPUTS: Readonly<Record<ElementKind, Statement<Place>>> = {
  post: statement(
    builder
      .selectFrom('posts')
      .select(['caption as input', 'fetched_at'])
      .where('network', '=', param<string>('network'))
      .where('id', '=', param<string>('id'))
      .where('missing_since', 'is', null),
  ),
  media: statement(
    builder
      .selectFrom('media')
      .select('fetched_at')
      .select(eb =>
        eb
          .case()
          .when('kind', '=', 'video')
          .then(eb.ref('thumbnail_url'))
          .else(eb.ref('url'))
          .end()
          .as('input'),
      )
      .where('network', '=', param<string>('network'))
      .where('post_id', '=', param<string>('post_id'))
      .where('id', '=', param<string>('id'))
      .where('missing_since', 'is', null)
      .limit(1),
  ),
  profile: statement(
    builder
      .selectFrom('profiles')
      .select(['bio as input', 'fetched_at'])
      .where('network', '=', param<string>('network'))
      .where('id', '=', param<string>('id'))
      .where('missing_since', 'is', null),
  ),
  comment: statement(
    builder
      .selectFrom('comments')
      .select(['content as input', 'fetched_at'])
      .where('network', '=', param<string>('network'))
      .where('id', '=', param<string>('id'))
      .where('missing_since', 'is', null),
  ),
}
