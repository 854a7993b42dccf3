import type { Kysely } from 'kysely'
import { Locked } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../database/database.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { hasBudget, inheritBudget } from './budgets.ts'
import { isChainEnd } from './find-jobs.ts'
import { decodeTransforms, setTerms, type Terms } from './terms.ts'

/**
 * The life of an order, a run that was asked for and waits for whoever does it:
 *
 *   queued ──▶ planning ──▶ working ──▶ ended
 *      │           │           │          ▲
 *      │           └─ stopping ┴──────────┤   (somebody cancelled it)
 *      └──────────────────────────────────┘
 *
 * A process that dies leaves it where it was; the next one goes on from there, by another run.
 */
export type OrderState = 'queued' | 'planning' | 'working' | 'stopping' | 'ended'

/** Who asked for a run: a command, the REST API, or a set time. */
export type Trigger = 'cli' | 'api' | 'schedule'

export interface NewOrder {
  /** Who ordered it. */
  readonly trigger: Trigger
  readonly request: Json
  readonly scopes: readonly Scope[]
  readonly params: JsonObject
  readonly traceId: string
  /** Null = asked without one. */
  readonly idempotencyKey: string | null
  readonly terms: Terms
  /** Tells whether the same key came with the same request. */
  readonly fingerprint: string
  readonly time: Instant
  /** The schedule that it is a run of; left out = none. */
  readonly schedule?: string | null
}

/** An order that has not ended. */
export interface OpenOrder {
  readonly runId: number
  readonly state: OrderState
  readonly request: Json
  readonly attempt: number
}

/** The order that a key made, or null. */
export const findOrder = async (
  db: Kysely<Schema>,
  key: string,
): Promise<{ readonly runId: number; readonly fingerprint: string } | null> => {
  const row = await db
    .selectFrom('run_orders')
    .select(['run_id as runId', 'fingerprint'])
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  return row ?? null
}

/** Makes an order and its run; returns the run's number. */
export const placeOrder = (tx: Tx, order: NewOrder): Promise<number> => insertOrder(tx, order, 1)

const insertOrder = async (tx: Tx, order: NewOrder, attempt: number): Promise<number> => {
  const { id } = await tx.db
    .insertInto('sync_runs')
    .values({
      trigger: order.trigger,
      scopes: encodeJson(order.scopes),
      params: encodeJson(order.params),
      trace_id: order.traceId,
      created_at: order.time,
      schedule: order.schedule ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx.db
    .insertInto('run_orders')
    .values({
      run_id: id,
      wish: encodeJson(order.request),
      state: 'queued',
      idempotency_key: order.idempotencyKey,
      fingerprint: order.fingerprint,
      attempt,
    })
    .execute()
  await setTerms(tx, id, order.terms)
  return id
}

/**
 * Makes this worker the one that works on a run that was ordered; `terms` hold where its order said nothing of them. Returns its
 * trace, and whether it has a budget. Locked where it is no longer queued.
 */
export const adoptRun = async (
  tx: Tx,
  runId: number,
  worker: string,
  terms: Terms,
): Promise<{ readonly traceId: string; readonly isLimited: boolean }> => {
  if (!(await moveOrder(tx, runId, 'queued', 'planning'))) throw new Locked(`run ${runId} waits no more`)
  const { trace_id } = await tx.db
    .updateTable('sync_runs')
    .set({ worker })
    .where('id', '=', runId)
    .returning('trace_id')
    .executeTakeFirstOrThrow()
  await setTerms(tx, runId, terms)
  return { traceId: trace_id, isLimited: await hasBudget(tx, runId) }
}

/** False: it was not in that state, and stays as it is. */
export const moveOrder = async (
  tx: Tx,
  runId: number,
  from: OrderState,
  to: OrderState,
): Promise<boolean> => {
  const { numUpdatedRows } = await tx.db
    .updateTable('run_orders')
    .set({ state: to })
    .where('run_id', '=', runId)
    .where('state', '=', from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Whether an order was cancelled and has not ended yet. */
export const isStopping = async (db: Kysely<Schema>, runId: number): Promise<boolean> => {
  const order = await db
    .selectFrom('run_orders')
    .select('run_id')
    .where('run_id', '=', runId)
    .where('state', '=', 'stopping')
    .executeTakeFirst()
  return order !== undefined
}

/** Ends an order, and its run where no worker did; why = what ended it too early. */
export const endOrder = async (
  tx: Tx,
  runId: number,
  why: { readonly errorType: string; readonly message: string } | null,
  at: Instant,
): Promise<void> => {
  await tx.db
    .updateTable('run_orders')
    .set({
      state: 'ended',
      wish: null,
      // Two may end it at once: what one of them knows stays.
      ...(why !== null && { error_type: why.errorType, error_message: why.message }),
    })
    .where('run_id', '=', runId)
    .execute()
  await tx.db
    .updateTable('sync_runs')
    .set({ finished_at: at })
    .where('id', '=', runId)
    .where('finished_at', 'is', null)
    .execute()
}

/** A run of its own for an order that a dead process left; the old one says which run that is. Null = somebody else goes on with it. */
export const continueOrder = async (
  tx: Tx,
  old: OpenOrder,
  request: Json,
  next: Pick<NewOrder, 'traceId' | 'time'>,
): Promise<number | null> => {
  const run = await tx.db
    .selectFrom('sync_runs')
    .select(['trigger', 'schedule', 'scopes', 'params', 'transforms'])
    .where('id', '=', old.runId)
    .executeTakeFirstOrThrow()
  const order: NewOrder = {
    ...next,
    // There are no other words than these.
    trigger: run.trigger as Trigger,
    request,
    scopes: decodeJson(run.scopes),
    params: decodeJson(run.params),
    schedule: run.schedule,
    idempotencyKey: null,
    terms: { budget: null, transforms: decodeTransforms(run.transforms) },
    fingerprint: '',
  }
  if (!(await moveOrder(tx, old.runId, old.state, 'ended'))) return null
  const runId = await insertOrder(tx, order, old.attempt + 1)
  await inheritBudget(tx, old.runId, runId)
  await endOrder(tx, old.runId, null, next.time)
  await tx.db.updateTable('run_orders').set({ continued_by: runId }).where('run_id', '=', old.runId).execute()
  return runId
}

/** The orders that have not ended and that nobody is at work on, oldest first. */
export const openOrders = async (db: Kysely<Schema>): Promise<OpenOrder[]> => {
  const rows = await db
    .selectFrom('run_orders')
    .innerJoin('sync_runs', 'sync_runs.id', 'run_orders.run_id')
    .select(['run_id', 'state', 'wish', 'attempt'])
    .where('state', '!=', 'ended')
    .where(eb => eb.or([eb('state', '=', 'queued'), eb('sync_runs.finished_at', 'is not', null)]))
    .orderBy('run_id')
    .execute()
  return rows.map(row => ({
    runId: row.run_id,
    state: row.state as OrderState,
    request: decodeJson<Json>(row.wish ?? 'null'),
    attempt: row.attempt,
  }))
}

/** Whether a run holds jobs that a process left in the middle, and that no later job went on with. */
export const wasInterrupted = async (db: Kysely<Schema>, runId: number): Promise<boolean> => {
  const job = await db
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', '=', runId)
    .where(eb => eb.or([eb('status', 'in', ['pending', 'running']), eb('error_type', '=', 'interrupted')]))
    .where(isChainEnd)
    .limit(1)
    .executeTakeFirst()
  return job !== undefined
}
