import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Overtaken } from '../../../src/core/errors.ts'
import type { JobFacts, JobRequest } from '../../../src/store/queue/add-jobs.ts'
import { Store } from '../../../src/store/store.ts'
import { tempFolder } from '../../support/cli.ts'
import { EVERYTHING } from '../../support/params.ts'
import { openWrite, query } from '../../support/tables.ts'

let folder: ReturnType<typeof tempFolder>
let path: string
let store: Store
beforeEach(async () => {
  folder = tempFolder()
  path = folder.file('socsync.db')
  const clock = { now: () => Date.now(), sleep: async () => {} }
  store = await Store.open({ path, clock, crash: () => {}, keepRaw: true })
})
afterEach(async () => {
  await store.close()
  folder[Symbol.dispose]()
})

const RUN = { trigger: 'cli', scopes: ['posts'], params: {}, traceId: 'trace' } as const
const POOL = { network: 'tiny', owner: 'me', pool: 'calls', window: { start: 0, end: 1 }, allowance: null }
const TRANSFORM = {
  transform: 'demo',
  version: '1',
  elements: ['posts.caption'],
  filter: { networks: null, kinds: null, since: null },
} as const
const FACTS: JobFacts = {
  runId: 1,
  network: 'tiny',
  entityId: 'one',
  scopes: ['posts'],
  params: EVERYTHING,
  traceId: 'trace',
  credential: null,
  kindOf: () => 'posts',
  headedList: () => 'posts',
  rank: () => 0,
  shared: new Set<string>(),
  retry: false,
  closedUntil: null,
}
const JOB: Extract<JobRequest, { how: 'open' }> = {
  how: 'open',
  job: FACTS,
  carries: null,
  isFresh: false,
  overlapMs: 0,
  start: () => null,
  onward: () => [],
  opening: { tasks: [{ stream: 'posts', externalId: 'one' }], skipped: [], exclusive: false },
}

const WRITES: Readonly<Record<string, () => Promise<unknown>>> = {
  claim: () =>
    store.claim({
      runId: 1,
      network: 'tiny',
      credential: 'key',
      streams: ['posts'],
      failing: true,
      count: 1,
    }),
  group: () => store.group(1, 'tiny', [], 0, null),
  charge: () => store.charge({ ...POOL, runId: 1, units: 1 }),
  exhaust: () => store.exhaust(POOL, { until: 1, kind: 'rate-limited' }),
  createRun: () => store.createRun(RUN),
  adoptRun: () => store.adoptRun(1, { budget: 1, transforms: [] }),
  markPlanned: () => store.markPlanned(1),
  addJobs: () => store.addJobs([JOB], new Map()),
  park: () => store.park(1, new Map()),
  remember: () => {
    store.remember('tiny', 'key', 1)
    return store.learned()
  },
  queueElements: () => store.transforms.queueElements(TRANSFORM, new AbortController().signal),
  requeueFailed: () => store.transforms.requeueFailed(TRANSFORM),
  submissions: () =>
    store.transforms
      .submissions()
      .claim({ transform: 'demo', version: '1', count: 1, deadlineMs: 1, polls: true }),
}

/** All that a write could have changed. */
const contents = (): unknown =>
  ['sync_runs', 'sync_jobs', 'sync_tasks', 'sync_walks', 'entities', 'quota', 'memory', 'transforms'].map(
    table => query(path, `select * from ${table}`),
  )

describe('a worker that was struck off', () => {
  it.each(Object.keys(WRITES))('is overtaken at %s, which writes nothing', async name => {
    await store.createRun(RUN)
    const file = openWrite(path)
    file.exec('delete from workers')
    file.close()
    const before = contents()
    await expect(WRITES[name]?.()).rejects.toBeInstanceOf(Overtaken)
    expect(contents()).toEqual(before)
  })
})

it('a profile whose lock belongs to a worker that is not there is free', async () => {
  await store.createRun(RUN)
  const file = openWrite(path)
  file.exec(`insert into entities (network, entity_id, watermarks, first_seen_at, lock_job_id, lock_worker, locked_at)
    values ('tiny', 'one', '{}', '2026-01-01T00:00:00.000Z', 77, 'nobody', '2026-01-01T00:00:00.000Z')`)
  file.close()
  expect(await store.addJobs([JOB], new Map())).toEqual({ created: 1, ended: [] })
  expect(query(path, 'select lock_worker from entities')).toEqual([{ lock_worker: store.worker.id }])
})

it('jobs are put aside with what stopped their own network, and else as interrupted', async () => {
  const runId = await store.createRun(RUN)
  await store.addJobs([JOB, { ...JOB, job: { ...FACTS, network: 'other' } }], new Map())
  const stopped = { errorType: 'unauthorised', message: 'a dead token', notBefore: null }
  expect(await store.park(runId, new Map([['tiny', stopped]]))).toBe(2)
  expect(query(path, 'select network, status, error_type, error_message from sync_jobs order by id')).toEqual(
    [
      { network: 'tiny', status: 'partial', error_type: 'unauthorised', error_message: 'a dead token' },
      {
        network: 'other',
        status: 'partial',
        error_type: 'interrupted',
        error_message: 'the process that ran it ended',
      },
    ],
  )
})

describe('what is learned', () => {
  const fail = (): void => {
    const file = openWrite(path)
    file.exec(`create trigger fails before insert on memory begin select raise(abort, 'no room'); end`)
    file.close()
  }
  const claim = () =>
    store.claim({ runId: 1, network: 'tiny', credential: 'key', streams: ['posts'], failing: true, count: 1 })

  it('is in the file once that was waited for', async () => {
    store.remember('tiny', 'key', [1])
    await store.learned()
    expect([...(await store.recall('tiny'))]).toEqual([['key', [1]]])
  })

  it('and cannot be kept is told once: where it is waited for, or by the next claim', async () => {
    fail()
    store.remember('tiny', 'key', 1)
    store.remember('tiny', 'other', 2)
    await expect(store.learned()).rejects.toThrow('no room')
    await store.learned()
    store.remember('tiny', 'key', 1)
    await expect(claim()).rejects.toThrow('no room')
    expect(await claim()).toEqual([])
  })
})
