import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../src/core/clock.ts'
import type { TransformDefinition } from '../../../../src/core/transform.ts'
import { openDatabase } from '../../../../src/store/connect.ts'
import { Worker } from '../../../../src/store/queue/worker.ts'
import { queueElements } from '../../../../src/store/transforms/elements.ts'
import { requeueFailed } from '../../../../src/store/transforms/requeue.ts'
import { openSubmissions } from '../../../../src/store/transforms/submissions.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const AT = '2026-01-01T00:00:00.000Z'
const NOW = Date.parse(AT)
const clock: Clock = { now: () => NOW, sleep: async () => {} }
const definition: TransformDefinition = {
  transform: 'mood',
  version: '1',
  elements: ['posts.caption'],
  filter: { networks: null, kinds: null, since: null },
}
const request = { transform: 'mood', version: '1', count: 5, deadlineMs: 60_000, polls: true }
const POSTS = 40

describe.each(STORES)('elements of a transform on $name', ({ open }) => {
  const store = perTest(open)
  const post = (n: number, caption: string | null) => ({
    ...{ network: 'tiny', id: String(n).padStart(3, '0'), profile_id: 'P', caption },
    ...{ first_seen_at: AT, fetched_at: AT, job_id: 1, walk_id: 1 },
  })
  const fill = async (): Promise<void> => {
    const posts = Array.from({ length: POSTS }, (_, n) => post(n, `caption ${n}`))
    await store().database.write(tx => tx.db.insertInto('posts').values(posts).execute())
  }
  const queueAll = (database = store().database) =>
    queueElements(database, database.committed.db, definition, AT, new AbortController().signal)
  const rows = (columns: string, where = 'true') =>
    store().rows(`select ${columns} from transforms where ${where} order by element_id`)

  it('are queued once, by however many at once', async () => {
    await fill()
    const others = await Promise.all([1, 2, 3].map(() => openDatabase(store().where)))
    const queued = await Promise.all(others.map(queueAll))
    expect(queued.reduce((sum, count) => sum + count, 0)).toBe(POSTS)
    expect(await rows('element_id, status')).toHaveLength(POSTS)
    expect(await queueAll()).toBe(0)
    for (const other of others) await other.close()
  })

  it('are claimed by one, by however many at once', async () => {
    await fill()
    await queueAll()
    const databases = await Promise.all(Array.from({ length: 8 }, () => openDatabase(store().where)))
    const workers = await Promise.all(databases.map(database => Worker.start(database)))
    const claims = await Promise.all(
      databases.map(async (database, at) => {
        const worker = workers[at] as Worker
        const claimed = await openSubmissions(database, worker, clock).claim(request)
        return claimed.map(({ elementId, input }) => ({ elementId, input, worker: worker.id }))
      }),
    )
    const claimed = claims.flat().toSorted((a, b) => (a.elementId < b.elementId ? -1 : 1))
    expect(claimed.map(({ elementId }) => elementId)).toEqual([
      ...new Set(claimed.map(({ elementId }) => elementId)),
    ])
    expect(claimed).toHaveLength(POSTS)
    expect(claimed.every(({ elementId, input }) => input === `caption ${Number(elementId)}`)).toBe(true)
    expect(await rows('element_id, worker, attempts')).toEqual(
      claimed.map(({ elementId, worker }) => ({ element_id: elementId, worker, attempts: 1 })),
    )
    for (const worker of workers) await worker.stop(AT)
    for (const database of databases) await database.close()
  })

  it('of which the text is gone or another one are not sent as they were', async () => {
    await fill()
    await queueAll()
    const { database } = store()
    await database.write(async ({ db }) => {
      await db.updateTable('posts').set({ caption: null }).where('id', '=', '000').execute()
      await db.deleteFrom('posts').where('id', '=', '001').execute()
      await db.updateTable('posts').set({ caption: 'another' }).where('id', '=', '002').execute()
    })
    const worker = await Worker.start(database)
    const submissions = openSubmissions(database, worker, clock)
    const all = { ...request, count: 100 }
    const first = await submissions.claim(all)
    expect(first).toHaveLength(POSTS - 3)
    expect(await rows('element_id', `element_id <= '001'`)).toEqual([])
    expect(await submissions.claim(all)).toMatchObject([{ elementId: '002', input: 'another', seq: 1 }])
    await worker.stop(AT)
  })

  it('that failed are queued again, one that was never heard of under its key', async () => {
    await fill()
    await queueAll()
    const { database } = store()
    const worker = await Worker.start(database)
    const submissions = openSubmissions(database, worker, clock)
    const [heard, unheard] = await submissions.claim({ ...request, count: 2 })
    if (heard === undefined || unheard === undefined) throw new Error('nothing was claimed')
    const end = { status: 'failed', nextPollAt: null, message: 'no' } as const
    expect(await submissions.settle(heard, { ...end, errorType: 'rejected', jobId: 'j' })).toBe(true)
    expect(await submissions.settle(unheard, { ...end, errorType: 'deadline' })).toBe(true)
    expect(await submissions.settle(heard, { ...end, errorType: 'rejected' })).toBe(false)
    expect(await requeueFailed(database, definition, AT)).toBe(2)
    expect(await requeueFailed(database, definition, AT)).toBe(0)
    const keys = await rows('id, idempotency_key as key', 'seq > 0')
    const keyOf = (id: number) => keys.find(row => row.id === id)?.key
    expect(keyOf(unheard.id)).toBe(unheard.key)
    expect(keyOf(heard.id)).not.toBe(heard.key)
    expect(await submissions.nextDue('mood', '1')).toBe(AT)
    await worker.stop(AT)
  })
})
