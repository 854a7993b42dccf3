import { sql } from 'kysely'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'

/** Gives a run a budget, in units, unless it has one. */
export const openBudget = async (tx: Tx, runId: number, units: number): Promise<void> => {
  await tx.db
    .insertInto('budgets')
    .values({ run_id: runId, units, spent: 0 })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Gives a run that goes on with another one what that has left of its budget, if it had any. */
export const inheritBudget = async (tx: Tx, from: number, to: number): Promise<void> => {
  await tx.db
    .insertInto('budgets')
    .columns(['run_id', 'units', 'spent'])
    .expression(eb =>
      eb
        .selectFrom('budgets')
        .select([sql<number>`${to}`.as('run_id'), eb('units', '-', eb.ref('spent')).as('units')])
        .select(sql<number>`0`.as('spent'))
        .where('run_id', '=', from),
    )
    .execute()
}

/** Whether a run has a budget. */
export const hasBudget = async (tx: Tx, runId: number): Promise<boolean> =>
  (await tx.get(budgetOf, { run_id: runId })) !== undefined

/** Takes units from a run's budget, whoever works on it. False: so much is not left, and nothing was taken. */
export const spend = async (tx: Tx, run_id: number, units: number): Promise<boolean> =>
  (await tx.run(take, { run_id, units })) > 0

/** What was taken in this transaction and not spent. */
export const giveBack = async (tx: Tx, run_id: number, units: number): Promise<void> => {
  tx.send(take, { run_id, units: -units })
}

const budgetOf: Statement<{ run_id: number }> = statement(
  builder.selectFrom('budgets').select('units').where('run_id', '=', param<number>('run_id')),
)

const take: Statement<{ run_id: number; units: number }> = statement(
  builder
    .updateTable('budgets')
    .set(eb => ({ spent: eb('spent', '+', param<number>('units')) }))
    .where('run_id', '=', param<number>('run_id'))
    .where(eb => eb(eb('spent', '+', param<number>('units')), '<=', eb.ref('units'))),
)
