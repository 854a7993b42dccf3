import { sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { LedgerEntry, LedgerPool, Refusal, TurnRequest } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { larger } from '../database/words.ts'

/**
 * Charges units to a pool's window, or returns the moment (epoch ms) until which nothing is left: the network said
 * so before, or the allowance would be passed. A refusal outlives its window's row: it is looked for in all of them.
 */
export const charge = async (tx: Tx, entry: LedgerEntry, now: number): Promise<Refusal | null> => {
  const pool = { network: entry.network, owner: entry.owner, pool: entry.pool, now: instant(now) }
  const { allowance, units } = entry
  const refused = await tx.get<PoolRow, RefusalRow>(refusal, pool)
  if (refused !== undefined && !isRaised(refused, allowance)) return refusalOf(refused)
  // A refusal that a raised allowance has overtaken is over, whatever is counted from now on.
  if (refused !== undefined) tx.send(reopen, pool)
  const row = { ...pool, window_start: instant(entry.window.start), units, allowance }
  // Counted and compared in one statement: whoever else charges the pool meanwhile waits for this one.
  const isLeft = (allowance === null || units <= allowance) && (await tx.run(add, row)) > 0
  return isLeft ? null : { until: entry.window.end, kind: 'quota-exhausted' }
}

/** Takes units that were charged out of their window, and the call out of what its run costs. */
export const uncharge = (tx: Tx, { runId, network, owner, pool, units, window }: LedgerEntry): void => {
  tx.send(subtract, { network, owner, pool, window_start: instant(window.start), units })
  if (runId === null) return
  const cost = { run_id: runId, network, pool, calls: 1, units }
  tx.send(subtractCost, cost)
  tx.send(dropCost, cost)
}

/** Writes what was charged to its runs, an attempt at a time, by their key. */
export const addCosts = async (tx: Tx, entries: readonly LedgerEntry[]): Promise<void> => {
  const costs = new Map<string, Cost>()
  for (const { runId: run_id, network, pool, units } of entries) {
    if (run_id === null) continue
    const key = JSON.stringify([run_id, network, pool])
    const { calls, units: before } = costs.get(key) ?? { calls: 0, units: 0 }
    costs.set(key, { run_id, network, pool, calls: calls + 1, units: before + units })
  }
  tx.sendEach(
    addCost,
    [...costs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cost]) => cost),
  )
}

/** When an owner's next call may start, epoch ms: so far behind the one before, and not before now and its lead. */
export const takeTurn = async (
  tx: Tx,
  { network, owner, gapMs: gap, leadMs }: TurnRequest,
  at: number,
): Promise<number> => {
  const now = at + leadMs
  const turn = await tx.get<PaceRow, { next_at: number }>(nextTurn, { network, owner, now, gap })
  return (turn?.next_at ?? now + gap) - gap
}

/** Whether more is allowed than when it was found to be used up. */
const isRaised = (row: RefusalRow, allowance: number | null): boolean =>
  row.refused_as === 'quota-exhausted' && (allowance ?? 0) > (row.allowance ?? Number.POSITIVE_INFINITY)

const refusalOf = ({ exhausted_until, refused_as }: RefusalRow): Refusal => ({
  until: Date.parse(exhausted_until),
  kind: refused_as === RESTING ? 'rate-limited' : refused_as,
})

/** What is waited for, and no reason to leave work for another day. */
const RESTING = 'resting'

interface RefusalRow {
  readonly exhausted_until: string
  readonly refused_as: Refusal['kind'] | typeof RESTING
  readonly allowance: number | null
}

/** Until when an owner gives nothing at all, epoch ms: one of its pools is refused; null = all are open, or only rest. */
export const closedUntil = async (
  queries: Queries,
  network: string,
  owner: string,
  pools: readonly { readonly name: string; readonly allowance: number | null }[],
  now: number,
): Promise<number | null> => {
  const ends: number[] = []
  for (const { name: pool, allowance } of pools) {
    const of = { network, owner, pool, now: instant(now) }
    const refused = await queries.get<PoolRow, RefusalRow>(refusal, of)
    if (refused === undefined || refused.refused_as === RESTING) continue
    if (!isRaised(refused, allowance)) ends.push(refusalOf(refused).until)
  }
  return ends.length === 0 ? null : Math.max(...ends)
}

/** Marks a pool as closed until a moment, epoch ms, and why: a limit that passes, or an allowance that is gone. */
export const exhaust = async (tx: Tx, entry: LedgerPool, { until, kind }: Refusal): Promise<void> => {
  const row = nothingOf(entry)
  tx.send(add, row)
  tx.send(refuse, { ...row, until: instant(until), kind })
}

/** Has everybody wait for a pool until a moment; one that is closed for longer stays so. */
export const rest = async (tx: Tx, entry: LedgerPool, until: Instant): Promise<void> => {
  const row = nothingOf(entry)
  tx.send(add, row)
  tx.send(refuseForLonger, { ...row, until, kind: RESTING })
}

/** Makes a window's row, and charges nothing. */
const nothingOf = (entry: LedgerPool): WindowRow => ({
  network: entry.network,
  owner: entry.owner,
  pool: entry.pool,
  now: '',
  window_start: instant(entry.window.start),
  units: 0,
  allowance: entry.allowance,
})

type PaceRow = { network: string; owner: string; now: number; gap: number }

const nextTurn: Statement<PaceRow> = statement(
  builder
    .insertInto('paces')
    .values({
      network: param<string>('network'),
      owner: param<string>('owner'),
      next_at: sql<number>`${param<number>('now')} + ${param<number>('gap')}`,
    })
    .onConflict(conflict =>
      conflict.columns(['network', 'owner']).doUpdateSet({
        next_at: sql<number>`${larger(sql.ref('paces.next_at'), sql`${param<number>('now')}`)} + ${param<number>('gap')}`,
      }),
    )
    .returning('next_at'),
)

type PoolRow = { network: string; owner: string; pool: string; now: string }
type WindowRow = PoolRow & { window_start: string; units: number; allowance: number | null }

const refusal: Statement<PoolRow> = statement(
  builder
    .selectFrom('quota')
    .select(['exhausted_until', 'refused_as', 'allowance'])
    .where('network', '=', param<string>('network'))
    .where('owner', '=', param<string>('owner'))
    .where('pool', '=', param<string>('pool'))
    .where('exhausted_until', '>', param<string>('now'))
    .orderBy('exhausted_until', 'desc')
    .limit(1),
)

const add: Statement<WindowRow> = statement(
  builder
    .insertInto('quota')
    .values({
      network: param<string>('network'),
      owner: param<string>('owner'),
      pool: param<string>('pool'),
      window_start: param<string>('window_start'),
      used: param<number>('units'),
      allowance: param<number | null>('allowance'),
    })
    .onConflict(conflict =>
      conflict
        .columns(['network', 'owner', 'pool', 'window_start'])
        .doUpdateSet(eb => ({
          used: eb('quota.used', '+', eb.ref('excluded.used')),
          allowance: eb.ref('excluded.allowance'),
        }))
        .where(eb =>
          eb.or([
            eb('excluded.allowance', 'is', null),
            eb(eb('quota.used', '+', eb.ref('excluded.used')), '<=', eb.ref('excluded.allowance')),
            // What only makes the row, so that something can be noted in it.
            eb('excluded.used', '=', 0),
          ]),
        ),
    ),
)

const reopen: Statement<PoolRow> = statement(
  builder
    .updateTable('quota')
    .set({ exhausted_until: null, refused_as: null })
    .where('network', '=', param<string>('network'))
    .where('owner', '=', param<string>('owner'))
    .where('pool', '=', param<string>('pool'))
    .where('exhausted_until', '>', param<string>('now')),
)

type RefusedRow = WindowRow & { until: string; kind: string }

const refusing = builder
  .updateTable('quota')
  .set({ exhausted_until: param<string>('until'), refused_as: param<string>('kind') })
  .where('network', '=', param<string>('network'))
  .where('owner', '=', param<string>('owner'))
  .where('pool', '=', param<string>('pool'))
  .where('window_start', '=', param<string>('window_start'))

const refuse: Statement<RefusedRow> = statement(refusing)

const refuseForLonger: Statement<RefusedRow> = statement(
  refusing.where(eb =>
    eb.or([eb('exhausted_until', 'is', null), eb('exhausted_until', '<', param<string>('until'))]),
  ),
)

type Cost = { run_id: number; network: string; pool: string; calls: number; units: number }

/** What each run has cost. */
const addCost: Statement<Cost> = statement(
  builder
    .insertInto('run_costs')
    .values({
      run_id: param<number>('run_id'),
      network: param<string>('network'),
      pool: param<string>('pool'),
      calls: param<number>('calls'),
      units: param<number>('units'),
    })
    .onConflict(conflict =>
      conflict.columns(['run_id', 'network', 'pool']).doUpdateSet(eb => ({
        calls: eb('run_costs.calls', '+', eb.ref('excluded.calls')),
        units: eb('run_costs.units', '+', eb.ref('excluded.units')),
      })),
    ),
)

type Charged = { network: string; owner: string; pool: string; window_start: string; units: number }

const subtract: Statement<Charged> = statement(
  builder
    .updateTable('quota')
    .set(eb => ({ used: eb('used', '-', param<number>('units')) }))
    .where('network', '=', param<string>('network'))
    .where('owner', '=', param<string>('owner'))
    .where('pool', '=', param<string>('pool'))
    .where('window_start', '=', param<string>('window_start'))
    // A usage header may have told less meanwhile.
    .where('used', '>=', param<number>('units')),
)

const subtractCost: Statement<Cost> = statement(
  builder
    .updateTable('run_costs')
    .set(eb => ({
      calls: eb('calls', '-', param<number>('calls')),
      units: eb('units', '-', param<number>('units')),
    }))
    .where('run_id', '=', param<number>('run_id'))
    .where('network', '=', param<string>('network'))
    .where('pool', '=', param<string>('pool')),
)

/** A pool of which no call was made costs nothing, and is not told. */
const dropCost: Statement<Cost> = statement(
  builder
    .deleteFrom('run_costs')
    .where('run_id', '=', param<number>('run_id'))
    .where('network', '=', param<string>('network'))
    .where('pool', '=', param<string>('pool'))
    .where('calls', '<=', 0),
)
