import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { PostgresDatabase } from '../../../../src/store/postgres/database.ts'
import { reap, Worker } from '../../../../src/store/queue/worker.ts'
import { openCutter } from '../../../support/cut.ts'
import { openTestDatabase } from '../../../support/postgres.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const LISTED = 'select id from workers'

describe('a worker on a server', { tags: ['long'] }, () => {
  it('that loses its connections for a moment is not taken for dead, though its lease is over too', async () => {
    await using there = await openTestDatabase()
    await using cutter = await openCutter(there.url)
    const [cut, other] = await Promise.all([cutter.url, there.url].map(url => PostgresDatabase.open(url)))
    if (cut === undefined || other === undefined) throw new Error('there are two')
    const worker = await Worker.start(cut)
    await cutter.refuse()
    await there.rows(`update workers set lease_expires_at = '2000-01-01T00:00:00.000Z'`)
    const reaped = reap(other, null, AT)
    await new Promise(resume => setTimeout(resume, 200))
    await cutter.open()
    expect(await reaped).toBe(0)
    expect(await there.rows(LISTED)).toEqual([{ id: worker.id }])
    await worker.stop(AT)
    await Promise.all([cut.close(), other.close()])
  })

  it('that does not come back is', async () => {
    await using there = await openTestDatabase()
    await using cutter = await openCutter(there.url)
    const [cut, other] = await Promise.all([cutter.url, there.url].map(url => PostgresDatabase.open(url)))
    if (cut === undefined || other === undefined) throw new Error('there are two')
    const worker = await Worker.start(cut)
    await cutter.refuse()
    // Until the server has noticed.
    while ((await there.rows(LISTED)).length > 0) await reap(other, null, AT)
    await cutter.open()
    expect(await worker.isListed()).toBe(false)
    await worker.stop(AT)
    await Promise.all([cut.close(), other.close()])
  })
})
