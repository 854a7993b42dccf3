import { sql } from 'kysely'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { toClaim } from '../database/words.ts'

/**
 * A walk that waits for a moment has `not_before`, and lies outside of what a claim goes through: a million of them cost it
 * nothing. Whoever claims first takes the `not_before` of those off whose moment has come, so that they are in their turn again.
 */
interface OfRun {
  readonly run_id: number
  readonly network: string
}

/** As many at a time: some 20 ms on PostgreSQL (`npm run bench -- postgres`). */
const SLICE = 1_000

/** Puts walks whose moment has come among those that may be claimed. True: there may be more of them. */
export const makeDue = async (tx: Tx, of: OfRun & { readonly now: string }): Promise<boolean> =>
  (await tx.run(takeOff, of)) === SLICE

/** Whether a walk of a run's network waits and is due. Tasks that wait for company are grouped by whoever sees to the run's end. */
export const isAnyDue = async (queries: Queries, of: OfRun & { readonly now: string }): Promise<boolean> =>
  (await queries.get(due, of)) !== undefined || (await isDeferredDue(queries, of))

/** The same of those alone that were deferred. */
export const isDeferredDue = async (
  queries: Queries,
  of: OfRun & { readonly now: string },
): Promise<boolean> => (await queries.get(deferredAndDue, of)) !== undefined

const walks = builder
  .selectFrom('sync_walks')
  .select('id')
  .where('run_id', '=', param<number>('run_id'))
  .where('network', '=', param<string>('network'))
  // In the words of the index.
  .where(sql<boolean>`state = 'ready'`)

// In the order of the index: a server that has counted no rows yet finds the first along it all the same.
const due: Statement<OfRun> = statement(walks.where('not_before', 'is', null).orderBy('stream').limit(1))

const itsMomentHasCome = walks.where('not_before', '<=', param<string>('now')).orderBy('not_before')

const deferredAndDue: Statement<OfRun & { now: string }> = statement(itsMomentHasCome.limit(1))

const takeOff: Statement<OfRun & { now: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({ not_before: null })
    .where('id', 'in', itsMomentHasCome.limit(sql.lit(SLICE)).modifyEnd(toClaim)),
)
