import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import type { ClaimRequest } from '../../../../src/core/ports.ts'
import { claimWalks } from '../../../../src/store/queue/claims.ts'
import { isAnyDue } from '../../../../src/store/queue/due.ts'
import type { Turn } from '../../../../src/store/queue/next-walks.ts'
import { areOthersAt, networksOf } from '../../../../src/store/queue/sharing.ts'
import { AT, NETWORK, openReport, type Report } from '../../../support/report-file.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'
import type { Row } from '../../../support/tables.ts'

const NOW = instant(Date.parse('2026-10-01T12:00:00.000Z'))
const LATER = instant(Date.parse(NOW) + 3_600_000)

/** Walks of a run that is not over; each says what is not usual in it, and has a task. */
const openQueue = async (open: () => Promise<TestStore>, walks: readonly Row[]) => {
  let store: TestStore | undefined
  const report = await openReport(async () => {
    store = await open()
    return store
  })
  if (store === undefined) throw new Error('no store was opened')
  const { database } = store
  await report.run('update sync_runs set finished_at = null')
  for (const id of new Set(walks.map(walk => Number(walk.job_id ?? 1))))
    if (id > 1) await report.add('sync_jobs', { id, entity_id: `@${id}`, status: 'pending', reading_id: id })
  for (const [index, walk] of walks.entries()) await addWalk(report, index + 1, walk)
  const turn: Turn = { job: 0 }
  const claimAt = (now: typeof NOW, request: Partial<ClaimRequest> = {}, worker = 'ada', by = turn) => {
    const usual = {
      runId: 1,
      network: NETWORK,
      credential: 'key',
      streams: ['uploads'],
      failing: false,
      count: 1,
    }
    return database.write(async tx => {
      const claimed = await claimWalks(tx, { ...usual, ...request }, by, worker, now)
      return claimed?.walks
    })
  }
  return {
    ...report,
    database,
    rows: store.rows,
    claimAt,
    claim: async (request: Partial<ClaimRequest> = {}, worker = 'ada') =>
      (await claimAt(NOW, request, worker))?.map(({ id }) => id),
    [Symbol.asyncDispose]: () => report[Symbol.asyncDispose](),
  }
}

const addWalk = async (report: Report, id: number, walk: Row): Promise<void> => {
  const { job_id = 1, stream = 'uploads' } = walk
  await report.add('sync_walks', { id, state: 'ready', root_id: id, ...walk })
  await report.add('sync_tasks', { job_id, stream, walk_id: id, status: 'pending', external_id: `T${id}` })
}

describe.each(STORES)('A claim: $name', ({ open }) => {
  it('takes the lowest rank first, and in it one job after another', async () => {
    await using queue = await openQueue(open, [
      { job_id: 1, rank: 2 },
      { job_id: 1, rank: 1 },
      { job_id: 1, rank: 1 },
      { job_id: 1, rank: 1 },
      { job_id: 2, rank: 1 },
      { job_id: 3, rank: 1 },
      { job_id: 3, rank: 1 },
    ])
    expect(await queue.claim({ count: 2 })).toEqual([2, 5])
    expect(await queue.claim({ count: 3 })).toEqual([6, 3, 7])
    expect(await queue.claim({ count: 9 })).toEqual([4, 1])
    expect(await queue.claim({ count: 9 })).toEqual([])
    expect(await queue.rows('select distinct state, worker from sync_walks')).toEqual([
      { state: 'running', worker: 'ada' },
    ])
    expect(await queue.rows('select distinct status from sync_tasks')).toEqual([{ status: 'running' }])
  })

  it('takes all of one job where there is no other', async () => {
    await using queue = await openQueue(
      open,
      Array.from({ length: 9 }, () => ({})),
    )
    expect(await queue.claim({ count: 7 })).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await queue.claim({ count: 7 })).toEqual([8, 9])
  })

  it('goes from job to job whatever streams and credentials their walks are of', async () => {
    await using queue = await openQueue(open, [
      { job_id: 1, credential: 'key' },
      { job_id: 2, stream: 'stories' },
      { job_id: 3, credential: 'another' },
      { job_id: 4 },
      { job_id: 5, stream: 'closed' },
      { job_id: 6, stream: 'stories', credential: 'key' },
      { job_id: 1, rank: 100 },
      { job_id: 2, network: 'other' },
    ])
    const streams = ['uploads', 'stories']
    expect(await queue.claim({ streams, count: 3 })).toEqual([1, 2, 4])
    expect(await queue.claim({ streams, count: 3 })).toEqual([6])
    expect(await queue.claim({ streams, count: 3 })).toEqual([])
    expect(await queue.claim({ streams, count: 3, failing: true })).toEqual([7])
    expect(await queue.claim({ streams, count: 3, credential: 'another' })).toEqual([3])
  })

  it('takes what was deferred in its turn once its moment has come, and not before', async () => {
    await using queue = await openQueue(open, [
      { job_id: 1, rank: 1 },
      { job_id: 2, not_before: LATER },
      { job_id: 3, not_before: AT },
      { job_id: 4 },
    ])
    expect(await queue.claim()).toEqual([3])
    expect(await queue.claim({ count: 9 })).toEqual([4, 1])
    const { committed } = queue.database
    const of = { run_id: 1, network: NETWORK }
    expect(await isAnyDue(committed, { ...of, now: NOW })).toBe(false)
    expect(await isAnyDue(committed, { ...of, now: LATER })).toBe(true)
    expect(await queue.claim({ count: 9 })).toEqual([])
    expect((await queue.claimAt(LATER, { count: 9 }))?.map(({ id }) => id)).toEqual([2])
    expect(await isAnyDue(committed, { ...of, now: LATER })).toBe(false)
  })

  it('takes nothing out of its turn where more was deferred than is looked at at a time', async () => {
    await using queue = await openQueue(open, [{ job_id: 2 }])
    await queue.run(`insert into sync_walks (id, run_id, network, job_id, stream, kind, rank, state, seq, root_id, restarts, streak, whole, started_at, not_before)
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 1500)
      select n + 1, 1, '${NETWORK}', 1, 'uploads', 'posts', 1, 'ready', 0, 1, 0, '{}', 1, '${AT}', '${AT}' from numbers`)
    await queue.run(`update sync_walks set rank = 0 where id = (select max(id) from sync_walks)`)
    expect(await queue.claim({ count: 3 })).toBeUndefined()
    expect(await queue.rows(`select count(*) as n from sync_walks where state = 'running'`)).toEqual([
      { n: 0 },
    ])
    const taken = await queue.claimAt(NOW, { count: 3 })
    expect(taken?.map(({ jobId }) => jobId)).toEqual([1, 2, 1])
    expect(await queue.rows('select count(*) as n from sync_walks where not_before is not null')).toEqual([
      { n: 0 },
    ])
  })

  it('knows the networks of a run, and whether another worker reads a walk of one', async () => {
    await using queue = await openQueue(open, [{ job_id: 1 }])
    const { committed } = queue.database
    const of = { run_id: 1, network: NETWORK }
    await queue.add('sync_jobs', { network: 'zeta', entity_id: 'z' })
    await queue.add('sync_jobs', { network: 'alpha', entity_id: 'a' })
    expect(await networksOf(committed, 1)).toEqual(['alpha', NETWORK, 'zeta'])
    expect(await networksOf(committed, 2)).toEqual([])
    expect(await areOthersAt(committed, { ...of, worker: 'bob' })).toBe(false)
    await queue.claim()
    expect(await areOthersAt(committed, { ...of, worker: 'bob' })).toBe(true)
    expect(await areOthersAt(committed, { ...of, worker: 'ada' })).toBe(false)
  })
})

describe('Two workers that claim at the same moment', () => {
  it('take different walks, and wait for nobody', async () => {
    const postgres = STORES.find(({ name }) => name === 'PostgreSQL')
    if (postgres === undefined) throw new Error('there is no such store')
    await using queue = await openQueue(postgres.open, [
      ...Array.from({ length: 6 }, () => ({ job_id: 1 })),
      { job_id: 2 },
    ])
    const held = Promise.withResolvers<void>()
    const began = Promise.withResolvers<number[]>()
    const first = queue.database.write(async tx => {
      const request = {
        runId: 1,
        network: NETWORK,
        credential: 'key',
        streams: ['uploads'],
        failing: false,
        count: 3,
      }
      const claimed = await claimWalks(tx, request, { job: 0 }, 'ada', NOW)
      began.resolve((claimed?.walks ?? []).map(({ id }) => id))
      await held.promise
    })
    expect(await began.promise).toEqual([1, 7, 2])
    const others = await queue.claimAt(NOW, { count: 5 }, 'bob', { job: 0 })
    held.resolve()
    await first
    expect(others?.map(({ id }) => id)).toEqual([3, 4, 5, 6])
  })
})
