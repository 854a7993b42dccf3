import { Store } from '../../src/store/store.ts'
import { rowsAt } from '../support/postgres.ts'
import { stillClock } from '../support/still-clock.ts'
import type { Row } from '../support/tables.ts'
import { NETWORK, type QueueShape, STREAM } from './postgres-queue.ts'

/** What something took when it was done many times, ms. */
export interface Took {
  readonly median: number
  readonly p95: number
  readonly most: number
}

export const tookOf = (times: readonly number[]): Took => {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return { median: at(0.5), p95: at(0.95), most: at(1) }
}

export const timed = async (times: number, act: (turn: number) => Promise<unknown>): Promise<Took> => {
  const took: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const began = performance.now()
    await act(turn)
    took.push(performance.now() - began)
  }
  return tookOf(took)
}

/** What a claim takes, and what an idle worker asks, on a queue that is filled (`fillQueue`). Walks are claimed of all runs in turn. */
export const measureClaims = async (
  path: string,
  { runs, credentials }: Pick<QueueShape, 'runs' | 'credentials'>,
  { claims, count }: { readonly claims: number; readonly count: number },
): Promise<Readonly<Record<string, Took>>> => {
  const store = await Store.open({
    path,
    clock: stillClock(Date.now()),
    crash: () => {},
    keepRaw: true,
    purpose: 'worker',
  })
  try {
    let claimed = 0
    const claim = async (turn: number): Promise<void> => {
      const walks = await store.claim({
        runId: (turn % runs) + 1,
        network: NETWORK,
        credential: `key-${(turn % Math.max(1, credentials)) + 1}`,
        streams: [STREAM, 'uploads', 'channels', 'replies', 'videos'],
        failing: false,
        count,
      })
      claimed += walks.length
    }
    await timed(10, claim)
    const took = await timed(claims, claim)
    if (claimed !== (claims + 10) * count) throw new Error(`${claimed} walks were claimed`)
    return {
      claim: took,
      isDue: await timed(100, turn => store.shared.isDue((turn % runs) + 1, NETWORK)),
      networks: await timed(100, turn => store.shared.networks((turn % runs) + 1)),
      open: await timed(100, () => store.shared.open()),
      reap: await timed(20, () => store.shared.reap()),
    }
  } finally {
    await store.close()
  }
}

/** What a queue on a server is like after many claims, each walk of them ended. */
export interface Churned {
  readonly claimed: number
  /** Of the last claims. */
  readonly claim: Took
  readonly tables: readonly Row[]
}

/**
 * Claims so many walks, 16 at a time, and ends them a thousand at a time, as fast as can be: with no pages between them claims are as
 * near to each other as they ever come.
 */
export const measureChurn = async (path: string, walks: number): Promise<Churned> => {
  const store = await Store.open({
    path,
    clock: stillClock(Date.now()),
    crash: () => {},
    keepRaw: true,
    purpose: 'worker',
  })
  try {
    await rowsAt(path, `update sync_runs set finished_at = null, worker = '${store.worker.id}'`)
    let claimed = 0
    let ended = 0
    const claim = async (): Promise<void> => {
      const request = { runId: 1, network: NETWORK, credential: 'key-1', streams: [STREAM], failing: false }
      claimed += (await store.claim({ ...request, count: 16 })).length
      if (claimed - ended < 1_000) return
      ended = claimed
      await rowsAt(path, END)
    }
    while (claimed < walks) await claim()
    const took = await timed(200, claim)
    return { claimed, claim: took, tables: await rowsAt(path, TABLES) }
  } finally {
    await store.close()
  }
}

const END = `
  with ended as (update sync_walks set state = 'done', worker = null, lease_expires_at = null where state = 'running' returning id)
  update sync_tasks set status = 'succeeded' from ended where walk_id = ended.id`

const TABLES = `
  select relname as name, n_live_tup as live, n_dead_tup as dead, n_tup_upd as updated, n_tup_hot_upd as hot,
    autovacuum_count as vacuums, pg_total_relation_size(relid) as bytes
  from pg_stat_user_tables where relname in ('sync_walks', 'sync_tasks', 'sync_jobs', 'sync_runs', 'workers', 'commits') order by 1`
