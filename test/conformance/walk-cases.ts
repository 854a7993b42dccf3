import { expect } from 'vitest'
import type { Snapshot } from '../../src/core/records.ts'
import { page } from '../../src/core/stream.ts'
import { answer, claimOf, commitOptions, endOptions } from '../support/tiny-source.ts'
import { after, commitNext, had, NOW, type Scene } from './scene.ts'

const FAILED = { status: 'failed', reason: null, errorType: 'network_error', message: 'no' } as const

/** What is promised of each method that a walk or a call is made with. */
export const WALK_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'Store.claim': async at => {
    const { network, runId } = await at.begin(['ada', 'bob'], { streams: ['comments', 'posts'] })
    const claim = claimOf(network, runId)
    expect(await at.store.claim({ ...claim, streams: ['profile'] })).toEqual([])
    expect(await at.store.claim({ ...claim, network: 'none' })).toEqual([])
    const [first] = await at.store.claim(claim)
    expect(first).toMatchObject({ stream: 'posts', cursor: null, seq: 0, restarts: 0, whole: true })
    expect(first?.tasks).toMatchObject([{ externalId: 'ada', kind: 'posts', items: 0, part: '' }])
    const others = await at.store.claim({ ...claim, count: 10 })
    expect(others.map(({ stream, tasks }) => `${stream} ${tasks[0]?.entityId}`)).toEqual([
      'posts bob',
      'comments ada',
      'comments bob',
    ])
    expect(await at.store.claim(claim)).toEqual([])
    const held = `select distinct worker as n from sync_walks where run_id = ${runId} and state = 'running'`
    expect(await at.rows(held)).toEqual([{ n: at.store.worker.id }])
    expect(await at.rows(`select distinct status as n from sync_jobs where run_id = ${runId}`)).toEqual([
      { n: 'running' },
    ])
  },

  'Store.isDue': async at => {
    const run = await at.begin(['ada'])
    const claim = claimOf(run.network, run.runId)
    expect(await at.store.isDue(claim)).toBe(true)
    expect(await at.store.isDue({ ...claim, streams: ['profile'] })).toBe(false)
    expect(await at.store.isDue({ ...claim, network: 'none' })).toBe(false)
    const walk = had(await run.claim())
    expect(await at.store.isDue(claim)).toBe(false)
    await at.store.postpone(walk, { until: after(1), errorType: 'quota_exhausted', message: 'tomorrow' })
    expect(await at.store.isDue(claim)).toBe(false)
    const later = await at.open({ clock: { now: () => NOW + 1, sleep: async () => {} } })
    expect(await later.isDue(claim)).toBe(true)
  },

  'Store.commit': async at => {
    const run = await at.begin(['ada'])
    const first = had(await run.claim())
    const one = await commitNext(at.store, first)
    expect(one).toMatchObject({ items: 3, jobs: [], walk: { seq: 1, cursor: { n: 1 } } })
    // What was committed is refused from then on, and leaves nothing.
    expect(await commitNext(at.store, first, 'late')).toBeNull()
    const pages = `select seq, part from raw_pages where walk_id = ${first.id} order by seq, part`
    expect(await at.rows(pages)).toEqual([{ seq: 0, part: 0 }])
    const posts = `select id, caption from posts where network = '${run.network}' order by id`
    expect(await at.rows(posts)).toEqual([0, 1, 2].map(n => ({ id: `ada-0-${n}`, caption: 'tiny' })))
    // Given back: any worker goes on with it where it stood.
    expect(await commitNext(at.store, had(one?.walk), 'tiny', false)).toMatchObject({ walk: { seq: 2 } })
    const again = had(await run.claim())
    expect(again).toMatchObject({ id: first.id, seq: 2, cursor: { n: 2 } })
    const three = await commitNext(at.store, again)
    const last = await commitNext(at.store, had(three?.walk))
    expect(last).toMatchObject({ walk: null, jobs: [{ entityId: 'ada', status: 'succeeded' }] })
    expect(await at.one(`select count(*) as n from posts where network = '${run.network}'`)).toBe(12)
    expect(await at.one(`select state as n from sync_walks where id = ${first.id}`)).toBe('done')
    expect(await at.one(`select lock_worker as n from entities where network = '${run.network}'`)).toBeNull()
  },

  'Store.end': async at => {
    const run = await at.begin(['ada'])
    const walk = had(await run.claim())
    expect(await at.store.end(walk, FAILED, endOptions)).toMatchObject({
      jobs: [{ entityId: 'ada', status: 'failed', errorType: 'network_error' }],
    })
    expect(await at.store.end(walk, FAILED, endOptions)).toBeNull()
    expect(await at.rows(`select state, worker from sync_walks where id = ${walk.id}`)).toEqual([
      { state: 'done', worker: null },
    ])
  },

  'Store.postpone': async at => {
    const run = await at.begin(['ada'])
    const walk = had((await commitNext(at.store, had(await run.claim())))?.walk)
    const why = { until: after(1), errorType: 'quota_exhausted', message: 'tomorrow' }
    await at.store.postpone(walk, why)
    expect(await run.claim()).toBeUndefined()
    expect(
      await at.rows(`select status, not_before, error_type from sync_tasks where walk_id = ${walk.id}`),
    ).toEqual([{ status: 'pending', not_before: after(1), error_type: 'quota_exhausted' }])
    // It is due at its moment, by the clock of whoever claims.
    const later = await at.open({ clock: { now: () => NOW + 1, sleep: async () => {} } })
    const due = had(await run.claim(later))
    expect(due).toMatchObject({ id: walk.id, seq: 1, cursor: { n: 1 } })
    await later.postpone(due, null)
    expect(await run.claim()).toMatchObject({ id: walk.id, seq: 1 })
  },

  'Store.ungrouped': async at => {
    const run = await at.begin(['ada', 'bob'], { streams: ['comments'], shared: ['comments'] })
    expect(await run.claim()).toBeUndefined()
    const waiting = await at.store.ungrouped(run.runId, run.network, 'comments', 10)
    expect(waiting.map(({ entityId }) => entityId)).toEqual(['ada', 'bob'])
    expect(await at.store.ungrouped(run.runId, run.network, 'comments', 1)).toHaveLength(1)
    expect(await at.store.ungrouped(run.runId, run.network, 'posts', 10)).toEqual([])
  },

  'Store.group': async at => {
    const run = await at.begin(['ada', 'bob'], { streams: ['comments'], shared: ['comments'] })
    const waiting = await at.store.ungrouped(run.runId, run.network, 'comments', 10)
    // Two lanes that looked at the same moment: each task is in one walk.
    await Promise.all([0, 1].map(() => at.store.group(run.runId, run.network, [waiting], 0, null)))
    expect(had(await run.claim()).tasks.map(({ entityId }) => entityId)).toEqual(['ada', 'bob'])
    expect(await run.claim()).toBeUndefined()
    expect(await at.store.ungrouped(run.runId, run.network, 'comments', 10)).toEqual([])
  },

  'Store.divide': async at => {
    const run = await at.begin(['ada', 'bob', 'cy'], { streams: ['comments'], shared: ['comments'] })
    const waiting = await at.store.ungrouped(run.runId, run.network, 'comments', 10)
    await at.store.group(run.runId, run.network, [waiting], 0, null)
    const whole = had(await run.claim())
    await at.store.divide(whole)
    // It is nobody's any more.
    await at.store.divide(whole)
    const halves = await at.store.claim(claimOf(run.network, run.runId, 10))
    // The turn was the first job's.
    expect(halves.map(({ tasks }) => tasks.map(({ entityId }) => entityId))).toEqual([['cy'], ['ada', 'bob']])
  },

  'Store.restart': async at => {
    const run = await at.begin(['ada'])
    const walk = had((await commitNext(at.store, had(await run.claim())))?.walk)
    await at.store.restart(walk, 'the cursor was refused')
    await at.store.restart(walk, 'once more')
    const anew = had(await run.claim())
    expect(anew).toMatchObject({ cursor: null, seq: 0, restarts: 1, whole: false })
    expect(anew.id).not.toBe(walk.id)
    expect(await run.claim()).toBeUndefined()
    expect(await at.one(`select state as n from sync_walks where id = ${walk.id}`)).toBe('done')
  },

  'Store.known': async at => {
    const run = await at.begin(['ada'])
    await commitNext(at.store, had(await run.claim()))
    expect(await at.store.known(run.network, ['ada-0-0', 'ada-9-9'])).toEqual(new Set(['ada-0-0']))
    expect(await at.store.known('none', ['ada-0-0'])).toEqual(new Set())
    expect(await at.store.known(run.network, [])).toEqual(new Set())
  },

  'Store.there': async at => {
    const run = await at.begin(['ada'])
    await commitNext(at.store, had(await run.claim()))
    await at.change(
      `update posts set missing_since = '${after(0)}' where network = '${run.network}' and id = 'ada-0-1'`,
    )
    expect(await at.store.there(run.network, 'post', ['ada-0-0', 'ada-0-1', 'x'])).toEqual(
      new Set(['ada-0-0']),
    )
    expect(await at.store.there(run.network, 'profile', ['ada'])).toEqual(new Set())
  },

  'Store.counters': async at => {
    const run = await at.begin(['ada'])
    await commitNext(at.store, had(await run.claim()))
    const of = `where network = '${run.network}' and id`
    await at.change(`update posts set like_count = 7, comments_count = 3 ${of} = 'ada-0-0'`)
    await at.change(`update posts set like_count = null, comments_count = null ${of} = 'ada-0-1'`)
    expect(await at.store.counters(run.network, ['ada-0-0', 'ada-0-1', 'x'])).toEqual(
      new Map([
        ['ada-0-0', { likeCount: 7, commentsCount: 3 }],
        ['ada-0-1', { likeCount: null, commentsCount: null }],
      ]),
    )
    expect(await at.store.counters('none', ['ada-0-0'])).toEqual(new Map())
  },

  'Store.observed': async at => {
    const run = await at.begin(['ada'])
    const of = { subject: 'profile', subjectId: 'ada' } as const
    const told = [
      { ...of, name: 'day.reach', value: 3, observedAt: after(-2) },
      { ...of, name: 'day.reach', value: 4, observedAt: after(-1) },
      { ...of, name: 'day.views', value: null, observedAt: after(-1) },
      { ...of, name: 'day.views', value: null, observedAt: after(-3) },
    ]
    let walk = had(await run.claim())
    const commit = async (snapshots: readonly Snapshot[]): Promise<void> => {
      const next = page({ snapshots, next: `${walk.seq}` })
      const committed = await at.store.commit(walk, { parts: [] }, next, commitOptions(walk, true))
      walk = had(committed?.walk ?? undefined)
    }
    await commit(told)
    const since = (from: string, names = ['day.reach']) =>
      at.store.observed(run.network, { ...of, names, since: from })
    expect(await since(after(-9))).toEqual([after(-2), after(-1)])
    expect(await since(after(-1))).toEqual([after(-1)])
    expect(await since(after(-9), ['day.views', 'day.reach'])).toEqual([after(-3), after(-2), after(-1)])
    expect(await since(after(-9), [])).toEqual([])
    // Told anew it is one row still, with what was told last, be it the same as of another day.
    await commit([{ ...of, name: 'day.reach', value: 3, observedAt: after(-1) }])
    expect(
      await at.rows(
        `select observed_at, value from metrics where network = '${run.network}' and name = 'day.reach' order by 1`,
      ),
    ).toEqual([
      { observed_at: after(-2), value: 3 },
      { observed_at: after(-1), value: 3 },
    ])
  },

  'Store.lookUp': async at => {
    const run = await at.begin(['ada'], { streams: ['posts', 'profile'] })
    let walk = had(await run.claim())
    if (walk.stream !== 'posts') walk = had(await run.claim())
    await commitNext(at.store, walk)
    // As if an earlier job had read them: what this one has read is not asked about.
    await at.change(`update posts set job_id = 0 where network = '${run.network}'`)
    const profile = { ...walk, cursor: null, tasks: walk.tasks.map(task => ({ ...task, profileId: 'ada' })) }
    const size = { after: ['posts'], subject: 'post', asks: 'stale', size: 2 } as const
    const first = await at.store.lookUp(profile, size)
    expect(first.ids).toEqual(['ada-0-0', 'ada-0-1'])
    const rest = await at.store.lookUp({ ...profile, cursor: first.next }, size)
    expect(rest).toEqual({ ids: ['ada-0-2'], next: null })
  },

  'Store.untilOthers': async at => {
    const run = await at.begin(['ada', 'bob'])
    await run.claim()
    expect(await at.store.untilOthers(run.runId, run.network)).toBe(false)
    const other = await at.open()
    await run.claim(other)
    // On a file nobody helps: what another process holds is waited for elsewhere.
    expect(await at.store.untilOthers(run.runId, run.network)).toBe(at.isShared)
  },

  'Store.resolveAliases': async at => {
    const run = await at.begin(['@ada'], { streams: ['profile'] })
    const walk = had(await run.claim())
    const identities = [{ externalId: '@ada', entityId: '1', profileId: '1' }]
    const found = page({ records: [{ type: 'profile', id: '1', username: 'ada' }], identities })
    await at.store.commit(walk, answer('@ada', 0), found, commitOptions(walk))
    const asked = ['@ada', '1', 'bob'].map(id => ({ network: run.network, id }))
    expect(await at.store.resolveAliases(asked)).toEqual(['1', '1', 'bob'])
    expect(await at.store.resolveAliases([])).toEqual([])
  },
}
