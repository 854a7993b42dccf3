import { hostname } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { Locked } from '../../../../src/core/errors.ts'
import { erase } from '../../../../src/store/admin/erase.ts'
import { openDatabase } from '../../../../src/store/connect.ts'
import { Worker } from '../../../../src/store/queue/worker.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const AT = '2026-01-01T00:00:00.000Z'

describe.each(STORES)('who tends a database on $name is alone', ({ open }) => {
  const store = perTest(open)
  /** As another process. */
  const other = () => openDatabase(store().where)

  it('is refused while somebody is at work, and not by one who is dead', async () => {
    await store().database.write(tx =>
      tx.db
        .insertInto('workers')
        .values({ id: 'dead', host: 'h', pid: 1, started_at: AT, lease_expires_at: AT })
        .execute(),
    )
    const theirs = await other()
    const worker = await Worker.start(theirs)
    const refused = () => erase(store().database, 'prune', true, async () => {}).catch(error => error)
    // For a while after a server has started nobody is taken for dead.
    await vi.waitUntil(async () => (await refused()).message.includes(` on ${hostname()}: `), 15_000)
    expect(await refused()).toBeInstanceOf(Locked)
    await worker.stop(AT)
    await theirs.close()
    expect(await erase(store().database, 'prune', true, async () => {})).toEqual({ raw_bodies: 0 })
  })

  it('has those wait who begin to work or order a run meanwhile', async () => {
    const theirs = await other()
    const done: string[] = []
    const waiting: Promise<unknown>[] = []
    const note = (what: string) => () => void done.push(what)
    await erase(store().database, 'prune', true, async () => {
      const started = Worker.start(theirs)
      waiting.push(started.then(note('worker')), started)
      // What the other ones need: on SQLite a commit of this one, which is retried for 5 s.
      await new Promise(resume => setTimeout(resume, 300))
      expect(done).toEqual([])
      done.push('erased')
    })
    await Promise.all(waiting)
    expect(done).toEqual(['erased', 'worker'])
    await ((await waiting[1]) as Worker).stop(AT)
    await theirs.close()
  })

  it('lets others read meanwhile', async () => {
    const reader = await store().openReader()
    await erase(store().database, 'prune', true, async () => {
      expect(await reader.db.selectFrom('workers').selectAll().execute()).toEqual([])
      expect(await reader.db.selectFrom('raw_pages').selectAll().execute()).toEqual([])
    })
    await reader.close()
  })
})
