import { expect } from 'vitest'
import { Locked } from '../../src/core/errors.ts'
import { OrderStore } from '../../src/store/order-store.ts'
import { boundsOf } from '../../src/store/queue/jobs.ts'
import { EVERYTHING } from '../support/params.ts'
import { withoutPause } from '../support/second-look.ts'
import { jobsOn, RUN } from '../support/tiny-source.ts'
import { after, CLOCK, commitNext, had, letLeaseEnd, NO_TERMS, reap, type Scene } from './scene.ts'

const STOP = new AbortController().signal
const POST_BOUNDS = boundsOf(['all'], EVERYTHING)

/** What is promised of each method that runs and jobs are made, seen and ended with. */
export const RUN_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'Store.open': async at => {
    const store = await at.open({ purpose: 'worker' })
    expect(store.interrupted).toBe(0)
    expect(await at.rows(`select pid, purpose from workers where id = '${store.worker.id}'`)).toEqual([
      { pid: process.pid, purpose: 'worker' },
    ])
    await at.end(store)
  },

  'Store.path': async at => {
    expect(at.isShared ? at.store.path.startsWith('postgres://') : at.store.path).toBe(
      at.isShared ? true : at.where,
    )
  },

  'Store.close': async at => {
    const store = await at.open()
    const run = await at.begin(['ada'], { by: store })
    await run.claim()
    await at.end(store)
    expect(await at.rows(`select id from workers where id = '${store.worker.id}'`)).toEqual([])
    expect(await at.rows(`select status, error_type from sync_jobs where run_id = ${run.runId}`)).toEqual([
      { status: 'partial', error_type: 'interrupted' },
    ])
    expect(await at.rows(`select state, worker from sync_walks where run_id = ${run.runId}`)).toEqual([
      { state: 'ready', worker: null },
    ])
    await expect(store.createRun(RUN)).rejects.toThrow()
  },

  'Store.createRun': async at => {
    const [one, two] = await Promise.all([at.store.createRun(RUN), at.store.createRun(RUN)])
    expect(one).not.toBe(two)
    expect(await at.rows(`select worker, trace_id, planned_at from sync_runs where id = ${one}`)).toEqual([
      { worker: at.store.worker.id, trace_id: 'trace', planned_at: null },
    ])
  },

  'Store.adoptRun': async at => {
    await using orders = await OrderStore.open(at.where, CLOCK, () => {})
    const placed = await orders?.place({
      ...{ request: {}, scopes: ['all'], params: {}, traceId: 'ordered' },
      ...{ trigger: 'cli', terms: NO_TERMS, idempotencyKey: null, fingerprint: '', time: after(0) },
    })
    const runId = placed?.runId ?? 0
    const other = await at.open()
    const taken = await Promise.allSettled([
      at.store.adoptRun(runId, NO_TERMS),
      other.adoptRun(runId, NO_TERMS),
    ])
    expect(taken.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: { traceId: 'ordered', isLimited: false } },
    ])
    const [refused] = taken.filter(one => one.status === 'rejected')
    expect(refused?.reason).toBeInstanceOf(Locked)
    await orders?.end(runId, null, after(0))
  },

  'Store.markPlanned': async at => {
    const runId = await at.store.createRun(RUN)
    const planned = `select planned_at as n from sync_runs where id = ${runId}`
    expect(await at.one(planned)).toBeNull()
    await at.store.markPlanned(runId)
    expect(await at.one(planned)).toBe(after(0))
  },

  'Store.addJobs': async at => {
    const run = await at.begin(['ada'])
    const jobs = jobsOn(run.network, run.runId, ['ada', 'bob', 'bob'])
    // A run has each profile once.
    expect(await at.store.addJobs(jobs, new Map())).toEqual({ created: 1, ended: [] })
    const other = await at.open()
    const runId = await other.createRun(RUN)
    const locked = await other.addJobs(jobsOn(run.network, runId, ['ada', 'cy']), new Map())
    expect(locked).toMatchObject({ created: 2, ended: [{ entityId: 'ada', status: 'skipped' }] })
    expect(
      await at.rows(`select entity_id, status, reason from sync_jobs where run_id = ${runId} order by id`),
    ).toEqual([
      { entity_id: 'ada', status: 'skipped', reason: 'locked' },
      { entity_id: 'cy', status: 'pending', reason: null },
    ])
  },

  'Store.untilFree': async at => {
    const holder = await at.open()
    const run = await at.begin(['ada'], { by: holder })
    const jobs = [{ network: run.network, entityId: 'ada' }]
    const abort = new AbortController()
    const stopped = at.store.untilFree(jobs, abort.signal)
    abort.abort()
    await stopped
    expect(await at.one(`select lock_worker as n from entities where network = '${run.network}'`)).toBe(
      holder.worker.id,
    )
    const free = at.store.untilFree(jobs, STOP)
    await at.end(holder)
    await free
    expect(await at.one(`select lock_worker as n from entities where network = '${run.network}'`)).toBeNull()
  },

  'Store.findPrevious': async at => {
    const run = await at.begin(['ada'])
    const asked = [
      { network: run.network, entityId: 'bob', bounds: POST_BOUNDS },
      { network: run.network, entityId: 'ada', bounds: POST_BOUNDS },
    ]
    const [none, found] = await at.store.findPrevious(asked)
    expect(none).toBeNull()
    expect(found).toMatchObject({ entityId: 'ada', lastRunId: run.runId, isUnfinished: true, fails: false })
    const others = asked.map(one => ({ ...one, bounds: 'other bounds' }))
    expect(await at.store.findPrevious(others.slice(1))).toEqual([null])
  },

  'Store.lastSince': async at => {
    const run = await at.begin(['ada'])
    const asked = async () => [
      ...(await at.store.lastSince(run.network, ['bob', 'ada'], ['profile', 'posts'])),
    ]
    expect(await asked()).toEqual([
      ['bob', null],
      ['ada', null],
    ])
    const day = '2026-03-01T00:00:00.000Z'
    await at.change(
      `update sync_jobs set params = '${JSON.stringify({ since: day, until: null, sinceId: null, untilId: null })}'
        where run_id = ${run.runId}`,
    )
    expect(new Map(await asked()).get('ada')).toBe(day)
    const mark = { from: '2026-02-01T00:00:00.000Z', to: day, last_full_at: day, replies: null }
    await at.change(
      `update entities set watermarks = '${JSON.stringify({ posts: mark })}' where network = '${run.network}'`,
    )
    expect(new Map(await asked()).get('ada')).toBe(mark.from)
  },

  'Store.wasCutShort': async at => {
    const run = await at.begin(['ada'])
    expect(await at.store.wasCutShort(run.runId)).toBe(false)
    await at.store.park(run.runId, new Map())
    expect(await at.store.wasCutShort(run.runId)).toBe(true)
  },

  'Store.findChainEnds': async at => {
    const run = await at.begin(['ada', 'bob'])
    const jobs = (await at.rows(`select id from sync_jobs where run_id = ${run.runId} order by id`)).map(
      ({ id }) => Number(id),
    )
    const { unfinished } = await at.store.findChainEnds({ runId: run.runId })
    expect(unfinished.map(({ id, entityId }) => ({ id, entityId }))).toEqual([
      { id: jobs[0], entityId: 'ada' },
      { id: jobs[1], entityId: 'bob' },
    ])
    await at.change(`update sync_jobs set status = 'succeeded' where id = ${jobs[0]}`)
    expect(await at.store.findChainEnds({ jobs: [...jobs, 999_999] })).toMatchObject({
      unfinished: [{ id: jobs[1] }],
      finished: [{ id: jobs[0], status: 'succeeded' }],
      unknown: [999_999],
    })
  },

  'Store.countJobs': async at => {
    const run = await at.begin(['ada', 'bob'])
    expect([...(await at.store.countJobs(run.runId))]).toEqual([[run.network, 2]])
    expect([...(await at.store.countJobs(0))]).toEqual([])
  },

  'Store.countOutcomes': async at => {
    const run = await at.begin(['ada', 'bob'])
    await run.claim()
    expect(await at.store.countOutcomes(run.runId)).toMatchObject([
      { status: 'pending', count: 1, notBefore: null },
      { status: 'running', count: 1 },
    ])
  },

  'Store.park': async at => {
    const run = await at.begin(['ada', 'bob'])
    const walk = had(await run.claim())
    const reason = { errorType: 'quota_exhausted', message: 'tomorrow', notBefore: after(9) }
    expect(await at.store.park(run.runId, new Map([[run.network, reason]]))).toBe(2)
    const jobs = `select distinct status, error_type, not_before from sync_jobs where run_id = ${run.runId}`
    expect(await at.rows(jobs)).toEqual([
      { status: 'partial', error_type: 'quota_exhausted', not_before: after(9) },
    ])
    expect(await at.one(`select finished_at as n from sync_runs where id = ${run.runId}`)).toBe(after(0))
    expect(await at.rows(`select worker from sync_walks where id = ${walk.id}`)).toEqual([{ worker: null }])
    expect(await run.claim()).toBeUndefined()
    expect(await commitNext(at.store, walk)).toBeNull()
    expect(await at.store.park(run.runId, new Map())).toBe(0)
  },

  'Store.remember': async at => {
    const network = at.newNetwork()
    at.store.remember(network, 'key', { a: [1] })
    at.store.remember(network, 'key', { a: [2] })
    await at.store.learned()
    expect(await at.one(`select count(*) as n from memory where network = '${network}'`)).toBe(1)
  },

  'Store.recall': async at => {
    const network = at.newNetwork()
    at.store.remember(network, 'b', 2)
    at.store.remember(network, 'a', { deep: [null] })
    await at.store.learned()
    expect([...(await at.store.recall(network))]).toEqual([
      ['a', { deep: [null] }],
      ['b', 2],
    ])
    expect([...(await at.store.recall('none'))]).toEqual([])
  },

  'Store.learned': async at => {
    const gone = await at.open()
    await at.change(`delete from workers where id = '${gone.worker.id}'`)
    gone.remember(at.newNetwork(), 'key', 1)
    await expect(gone.learned()).rejects.toThrow()
    await gone.learned()
  },

  'SharedRuns.isPossible': async at => {
    expect(at.store.shared.isPossible).toBe(at.isShared)
  },

  'SharedRuns.open': async at => {
    const run = await at.begin(['ada'])
    const open = async () => (await at.store.shared.open()).filter(({ id }) => id === run.runId)
    const begun = {
      id: run.runId,
      worker: at.store.worker.id,
      planned_at: after(0),
      budget: null,
      trace_id: 'trace',
    }
    expect(await open()).toEqual([begun])
    await at.store.park(run.runId, new Map())
    expect(await open()).toEqual([])
  },

  'SharedRuns.isDue': async at => {
    const run = await at.begin(['ada'])
    const isDue = () => at.store.shared.isDue(run.runId, run.network)
    expect(await isDue()).toBe(true)
    const walk = had(await run.claim())
    expect(await isDue()).toBe(false)
    await at.store.postpone(walk, { until: after(1), errorType: 'quota_exhausted', message: '' })
    expect(await isDue()).toBe(false)
  },

  'SharedRuns.networks': async at => {
    const run = await at.begin(['ada'])
    await at.store.addJobs(jobsOn('another', run.runId, ['ada']), new Map())
    expect(await at.store.shared.networks(run.runId)).toEqual(['another', run.network])
  },

  'SharedRuns.untilOthers': async at => {
    expect(await at.store.shared.untilOthers(0, 'none')).toBe(false)
  },

  'SharedRuns.handOver': async at => {
    const leaver = await at.open()
    const run = await at.begin(['ada'], { by: leaver })
    expect(await leaver.shared.handOver(run.runId)).toBe(false)
    const heir = await at.open({ purpose: 'worker' })
    expect(await leaver.shared.handOver(run.runId)).toBe(at.isShared)
    const owner = at.isShared ? heir.worker.id : leaver.worker.id
    expect(await at.one(`select worker as n from sync_runs where id = ${run.runId}`)).toBe(owner)
    expect(await at.one(`select lock_worker as n from entities where network = '${run.network}'`)).toBe(owner)
    await at.end(heir)
  },

  'SharedRuns.reap': async at => {
    const frozen = await at.open()
    const run = await at.begin(['ada'], { by: frozen })
    await run.claim()
    await reap(at.store)
    expect(await at.one(`select status as n from sync_jobs where run_id = ${run.runId}`)).toBe('running')
    await letLeaseEnd(at, frozen.worker.id)
    await reap(at.store)
    expect(await at.rows(`select status, error_type from sync_jobs where run_id = ${run.runId}`)).toEqual([
      { status: 'partial', error_type: 'interrupted' },
    ])
    await expect(frozen.createRun(RUN)).rejects.toThrow()
  },

  'SharedRuns.reap of whoever is back at the second look': async at => {
    // One machine has no server that could have been away.
    if (!at.isShared) return
    const away = await at.open()
    const run = await at.begin(['ada'], { by: away })
    const lease = (ends: string) =>
      at.change(`update workers set lease_expires_at = '${ends}' where id = '${away.worker.id}'`)
    await lease(after(0))
    let looks = 0
    await withoutPause(
      () => at.store.shared.reap(),
      async () => {
        looks++
        await lease('2999-01-01T00:00:00.000Z')
      },
    )
    expect(looks).toBe(1)
    expect(await at.one(`select status as n from sync_jobs where run_id = ${run.runId}`)).toBe('pending')
    expect(await away.createRun(RUN)).toBeGreaterThan(run.runId)
  },
}
