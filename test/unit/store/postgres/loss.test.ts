import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { PostgresDatabase } from '../../../../src/store/postgres/database.ts'
import { remember } from '../../../../src/store/queue/memory.ts'
import { openCutter } from '../../../support/cut.ts'
import { perTest } from '../../../support/fresh.ts'
import { openTestDatabase, rowsAt } from '../../../support/postgres.ts'
import { startServer } from '../../../support/postgres-server.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const raise = (tx: Tx, key: string, by = 1): Promise<unknown> =>
  tx.db
    .insertInto('quota')
    .values({ network: 'tiny', owner: key, pool: 'p', window_start: AT, used: by })
    .onConflict(conflict =>
      conflict
        .columns(['network', 'owner', 'pool', 'window_start'])
        .doUpdateSet(eb => ({ used: eb('quota.used', '+', by) })),
    )
    .execute()
const USED = 'select owner, used from quota order by owner'
const pidOf = async (tx: Tx): Promise<number> =>
  Number((await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx.db)).rows[0]?.pid)

describe('a connection that is lost', () => {
  const there = perTest(openTestDatabase)
  const end = (pid: number) => there().rows(`select pg_terminate_backend(${pid})`)

  it('in the middle of a transaction: the work is done again, once', async () => {
    await using database = disposable(await PostgresDatabase.open(there().url))
    let tries = 0
    const given = await database.write(async tx => {
      tries++
      await raise(tx, 'a')
      if (tries < 3) await end(await pidOf(tx))
      await raise(tx, 'b')
      return tries
    })
    expect(given).toBe(3)
    expect(await there().rows(USED)).toEqual([
      { owner: 'a', used: 1 },
      { owner: 'b', used: 1 },
    ])
  })

  it('while nobody used it: the next transaction has another one', async () => {
    await using database = disposable(await PostgresDatabase.open(there().url))
    await end(await database.write(pidOf))
    await database.write(tx => raise(tx, 'a'))
    const reading = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.committed.db)
    await end(Number(reading.rows[0]?.pid))
    expect(await database.committed.db.selectFrom('quota').select('used').execute()).toEqual([{ used: 1 }])
  })

  it('where the work fails by itself: that is told, and nothing is written', async () => {
    await using database = disposable(await PostgresDatabase.open(there().url))
    let tries = 0
    const failing = database.write(async tx => {
      tries++
      await raise(tx, 'a')
      await end(await pidOf(tx))
      throw new Error('its own')
    })
    await expect(failing).rejects.toThrow('its own')
    expect(tries).toBe(1)
    expect(await there().rows(USED)).toEqual([])
  })

  it.each(['before', 'after', 'silent'] as const)(
    'at a commit, cut %s it: once, whatever it came to',
    async how => {
      await using cutter = await openCutter(there().url)
      await using database = disposable(await PostgresDatabase.open(cutter.url))
      for (const weight of ['full', 'light'] as const) {
        let tries = 0
        cutter.cutAt('commit\0', how)
        await database.write(async tx => {
          tries++
          await raise(tx, weight)
        }, weight)
        // What arrived is not done again.
        expect(tries).toBe(how === 'after' ? 1 : 2)
      }
      expect(cutter.cuts).toBe(2)
      expect(await there().rows(USED)).toEqual([
        { owner: 'full', used: 1 },
        { owner: 'light', used: 1 },
      ])
    },
  )

  it('by a network that says nothing: it is noticed, and the work done again', {
    tags: ['long'],
  }, async () => {
    await using cutter = await openCutter(there().url)
    await using database = disposable(await PostgresDatabase.open(cutter.url))
    let tries = 0
    await database.write(async tx => {
      tries++
      await raise(tx, 'a')
      if (tries === 1) cutter.cutAt('insert', 'frozen')
      await raise(tx, 'b')
    })
    expect(tries).toBe(2)
    expect(cutter.cuts).toBe(1)
    expect(await there().rows(USED)).toEqual([
      { owner: 'a', used: 1 },
      { owner: 'b', used: 1 },
    ])
  })

  it('of a name: it is taken again', async () => {
    await using database = disposable(await PostgresDatabase.open(there().url))
    await using held = await database.hold('a')
    expect(held).not.toBeNull()
    const holders = `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
    const [before] = await there().rows(holders)
    await end(Number(before?.pid))
    let now = await there().rows(holders)
    while (now.length === 0 || now[0]?.pid === before?.pid) now = await there().rows(holders)
    expect(await database.committed.isHeld('a')).toBe(true)
    expect(await database.hold('a')).toBeNull()
  })
})

it('a statement that failed undoes its transaction, though its work goes on', async () => {
  await using there = await openTestDatabase()
  await using database = disposable(await PostgresDatabase.open(there.url))
  const failing = database.write(async tx => {
    await raise(tx, 'a')
    await sql`select 1 / 0`.execute(tx.db).catch(() => {})
    return 'done'
  })
  await expect(failing).rejects.toThrow('division by zero')
  expect(await there.rows(USED)).toEqual([])
  expect(await database.write(() => 'next')).toBe('next')
})

describe('a server', () => {
  it('that is stopped and started again under transactions loses none and doubles none', async () => {
    await using server = await startServer()
    await using database = disposable(await PostgresDatabase.open(server.url))
    await migrate(database)
    let done = 0
    let isOver = false
    const work = async (at: number): Promise<void> => {
      while (!isOver) {
        await database.write(async tx => {
          await raise(tx, `worker ${at}`)
          await remember(tx, { network: 'tiny', key: `${at}`, value: 1, at: AT })
        })
        done++
      }
    }
    const workers = [0, 1, 2].map(work)
    for (const signal of ['SIGINT', 'SIGKILL', 'SIGKILL'] as const) {
      const before = done
      while (done < before + 30) await new Promise(resume => setTimeout(resume, 5))
      await server.stop(signal)
      await server.start()
    }
    const before = done
    while (done < before + 30) await new Promise(resume => setTimeout(resume, 5))
    isOver = true
    await Promise.all(workers)
    const [sum] = await rowsAt(server.url, 'select sum(used) as used from quota')
    expect(sum?.used).toBe(done)
  })
})

const disposable = (database: PostgresDatabase): PostgresDatabase & AsyncDisposable =>
  Object.assign(database, { [Symbol.asyncDispose]: () => database.close() })
