import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../../../src/store/database/database.ts'
import { readersOf, reportWorkers } from '../../../../src/store/reports/worker-rows.ts'
import { perTest } from '../../../support/fresh.ts'
import { AT, ENTITY, NETWORK, openReport } from '../../../support/report-file.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'

const EARLIER = '2026-09-30T00:00:00.000Z'
const NEVER = '9999-01-01T00:00:00.000Z'

/** Rows of workers, of a run that one of them sees to, and of what they read. */
const fill = async (open: () => Promise<TestStore>) => {
  const store = await open()
  await using report = await openReport(async () => ({ ...store, [Symbol.asyncDispose]: async () => {} }))
  await report.run(`
    insert into workers (id, host, pid, started_at, lease_expires_at, purpose) values
      ('reads', 'one', 11, '${EARLIER}', '${NEVER}', 'worker'), ('still', 'two', 22, '${AT}', '${AT}', 'server'),
      ('dead', 'two', 23, '${AT}', '${NEVER}', null)`)
  await report.run(`update sync_runs set worker = 'still', finished_at = null where id = 1`)
  await report.add('sync_runs', { id: 2, worker: 'dead' })
  await report.add('sync_jobs', { id: 2, entity_id: '@south', status: 'running' })
  const reading = { state: 'running', worker: 'reads' }
  await report.add('sync_walks', { id: 101, ...reading, stream: 'details', started_at: AT })
  await report.add('sync_walks', {
    id: 102,
    ...reading,
    stream: 'uploads',
    credential: 'key-1',
    started_at: EARLIER,
  })
  // What waits, and what is over, nobody reads.
  await report.add('sync_walks', { id: 103, state: 'ready' })
  await report.add('sync_walks', { id: 104, state: 'done', worker: 'reads' })
  const task = { kind: 'profile', stream: 'details', status: 'running' }
  await report.add('sync_tasks', { ...task, external_id: 'a', walk_id: 101 })
  await report.add('sync_tasks', { ...task, external_id: 'b', walk_id: 101, job_id: 2 })
  await report.add('sync_tasks', { ...task, external_id: 'c', walk_id: 102, stream: 'uploads' })
  await report.add('sync_tasks', { ...task, external_id: 'd', walk_id: 103, status: 'pending' })
  await report.add('sync_tasks', { ...task, external_id: 'e', walk_id: 104, status: 'succeeded' })
  return store
}

/** A server that has just started takes every name for held. */
const untilFree = async ({ committed }: Database, name: string): Promise<void> => {
  while (await committed.isHeld(name)) await new Promise(resume => setTimeout(resume, 20))
}

describe.each(STORES)('who is at work on $name', ({ open }) => {
  const store = perTest(() => fill(open))

  it('is told with how each is and what it holds', async () => {
    const { database } = store()
    await untilFree(database, 'dead')
    await using reads = await database.hold('reads')
    await using still = await database.hold('still')
    expect([reads, still]).not.toContain(null)
    const walk = { run_id: 1, job_id: 1, network: NETWORK, entity_id: ENTITY }
    expect(await reportWorkers(database.committed)).toEqual([
      {
        ...{
          id: 'reads',
          ids: ['reads'],
          host: 'one',
          pid: 11,
          purpose: 'worker',
          state: 'lives',
          runs: [],
          walk_count: 2,
        },
        ...{ started_at: EARLIER, lease_expires_at: NEVER },
        walks: [
          { ...walk, stream: 'uploads', profiles: 1, credential: 'key-1', started_at: EARLIER },
          { ...walk, stream: 'details', profiles: 2, credential: null, started_at: AT },
        ],
      },
      {
        ...{
          id: 'dead',
          ids: ['dead'],
          host: 'two',
          pid: 23,
          purpose: 'run',
          state: 'gone',
          runs: [],
          walk_count: 0,
        },
        ...{ started_at: AT, lease_expires_at: NEVER, walks: [] },
      },
      {
        ...{
          id: 'still',
          ids: ['still'],
          host: 'two',
          pid: 22,
          purpose: 'server',
          state: 'frozen',
          runs: [1],
          walk_count: 0,
        },
        ...{ started_at: AT, lease_expires_at: AT, walks: [] },
      },
    ])
  })

  it('tells a process as one, whatever it is known by, and two of one name as two', async () => {
    const { database } = store()
    await untilFree(database, 'dead')
    await database.write(({ db }) =>
      sql`insert into workers (id, host, pid, started_at, lease_expires_at, purpose) values
        ('does', 'two', 23, ${EARLIER}, ${NEVER}, 'run'), ('takes', 'two', 23, ${AT}, ${NEVER}, 'worker')`.execute(
        db,
      ),
    )
    await database.write(({ db }) =>
      sql`update sync_walks set worker = case id when 102 then 'does' else 'takes' end where id < 103`.execute(
        db,
      ),
    )
    await database.write(({ db }) => sql`update sync_runs set worker = 'does' where id = 1`.execute(db))
    const gone = async () =>
      (await reportWorkers(database.committed))
        .filter(({ host, pid }) => host === 'two' && pid === 23)
        .map(({ ids, purpose, runs, walks }) => ({
          ids,
          purpose,
          runs,
          walks: walks.map(({ stream }) => stream),
        }))
    expect(await gone()).toEqual([
      { ids: ['takes', 'does', 'dead'], purpose: 'worker', runs: [1], walks: ['uploads', 'details'] },
    ])
    await database.write(({ db }) => sql`update workers set purpose = 'worker' where id = 'dead'`.execute(db))
    expect((await gone()).map(({ ids }) => ids)).toEqual([['does'], ['dead'], ['takes']])
  })

  it('tells at most twenty walks of a worker, and how many there are', async () => {
    const { database } = store()
    await database.write(({ db }) =>
      sql`insert into sync_walks (run_id, network, job_id, stream, kind, rank, state, seq, root_id, restarts, streak, whole, started_at, worker)
        select run_id, network, job_id, stream, kind, rank, state, seq, root_id, restarts, streak, whole, started_at, worker
        from (select * from sync_walks where id = 101) as walk
        cross join (select id from sync_jobs union all select id + 10 from sync_jobs union all select id + 20 from sync_jobs) as six
        cross join (select id from sync_jobs union all select id + 10 from sync_jobs) as four`.execute(db),
    )
    const [reads] = await reportWorkers(database.committed)
    expect(reads).toMatchObject({ id: 'reads', walk_count: 26 })
    expect(reads?.walks).toHaveLength(20)
  })

  it('is told of a job: each part of it with who reads that', async () => {
    const { db } = store().database.committed
    const reads = { worker: 'reads', host: 'one', pid: 11 }
    const details = { ...reads, stream: 'details', credential: null, started_at: AT }
    expect(await readersOf(db, [1, 2, 3])).toEqual([
      { job_id: 1, ...reads, stream: 'uploads', credential: 'key-1', started_at: EARLIER },
      { job_id: 1, ...details },
      { job_id: 2, ...details },
    ])
    expect(await readersOf(db, [2])).toEqual([{ job_id: 2, ...details }])
    expect(await readersOf(db, [])).toEqual([])
  })
})
