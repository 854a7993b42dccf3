import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { BadInput, Locked } from '../../src/core/errors.ts'
import * as connecting from '../../src/store/connect.ts'
import * as tending from '../../src/store/maintenance.ts'
import { OrderStore } from '../../src/store/order-store.ts'
import * as reading from '../../src/store/reader.ts'
import { Store } from '../../src/store/store.ts'
import { chargeOf, postsOf } from '../support/tiny-source.ts'
import { after, CLOCK, commitNext, had, NOW, openStore, type Scene } from './scene.ts'

const counts = (at: Scene) => at.rows('select network, id, caption from posts order by network, id')

/** A database whose only worker has read a page of one profile and gone. */
const filled = async (at: Scene): Promise<string> => {
  const run = await at.begin(['ada'])
  await commitNext(at.store, had(await run.claim()))
  await at.change(`insert into profiles (network, id, username, first_seen_at, fetched_at, job_id, walk_id)
    values ('${run.network}', 'ada', 'ada', '${after(0)}', '${after(0)}', 1, 1)`)
  await at.change(`update entities set profile_id = 'ada' where network = '${run.network}'`)
  await at.end(at.store)
  return run.network
}

/** What is promised of each function that reads a database, or tends it while others work on it. */
export const READING_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  openDatabase: async at => {
    const database = await connecting.openDatabase(at.where)
    expect(database.isShared).toBe(at.isShared)
    await database.close()
    if (!at.isShared) await expect(connecting.openDatabase(`${at.where}/in`)).rejects.toThrow()
  },

  openReading: async at => {
    const reading = await connecting.openReading(at.where)
    const own = reading.db.selectFrom('workers').select('id').where('id', '=', at.store.worker.id)
    expect(await own.execute()).toEqual([{ id: at.store.worker.id }])
    await reading.close()
    await expect(connecting.openReading(`${at.where}-none`)).rejects.toBeInstanceOf(BadInput)
  },

  isShared: async at => {
    expect(connecting.isShared(at.where)).toBe(at.isShared)
  },

  isThere: async at => {
    expect(await connecting.isThere(at.where)).toBe(true)
    const none = `${at.where}-none`
    // On a server somebody else makes databases: one that is not there is no empty one.
    if (at.isShared) await expect(connecting.isThere(none)).rejects.toBeInstanceOf(BadInput)
    else expect(await connecting.isThere(none)).toBe(false)
  },

  refuseOther: async at => {
    await at.begin(['ada'])
    const enter = async (origin: 'networks' | 'stand-in'): Promise<void> =>
      (await Store.open({ path: at.where, clock: CLOCK, crash: () => {}, keepRaw: false, origin })).close()
    // Filled, and nobody has said by whom: it goes on for the networks.
    await expect(connecting.refuseOther(at.where, 'sandbox')).rejects.toBeInstanceOf(BadInput)
    await connecting.refuseOther(at.where, 'stand-in')
    await enter('stand-in')
    await connecting.refuseOther(at.where, 'networks')
    await enter('networks')
    expect(await at.rows('select origin from data_origin')).toEqual([{ origin: 'networks' }])
    for (const other of ['sandbox', 'stand-in'] as const)
      await expect(connecting.refuseOther(at.where, other)).rejects.toBeInstanceOf(BadInput)
    await expect(enter('stand-in')).rejects.toBeInstanceOf(BadInput)
    await connecting.refuseOther(`${at.where}-none`, 'sandbox')
  },

  peopleAt: async at => {
    const run = await at.begin(['ada'])
    await commitNext(at.store, had(await run.claim()))
    const enter = async (people: string | null): Promise<void> =>
      (await Store.open({ path: at.where, clock: CLOCK, crash: () => {}, keepRaw: false, people })).close()
    expect(await connecting.peopleAt(`${at.where}-none`)).toEqual({ as: 'nobody' })
    await enter(null)
    expect(await connecting.peopleAt(at.where)).toEqual({ as: 'names' })
    await expect(enter('one')).rejects.toBeInstanceOf(BadInput)
  },

  nameOfDatabase: async at => {
    expect(connecting.nameOfDatabase(at.where)).toBe(at.store.path)
  },

  secretsOfDatabase: async at => {
    const secrets = connecting.secretsOfDatabase(at.where, { PGPASSWORD: 'word' })
    expect(secrets).toContain('word')
    expect(secrets.some(secret => at.store.path.includes(secret))).toBe(false)
    expect(secrets.length > 1).toBe(at.isShared)
  },

  openReader: async at => {
    const reader = await reading.openReader(at.where)
    expect(reader.path).toBe(at.where)
    const own = reader.db.selectFrom('workers').select('id').where('id', '=', at.store.worker.id)
    expect(await own.execute()).toEqual([{ id: at.store.worker.id }])
    await reader[Symbol.asyncDispose]()
  },

  requireDatabase: async at => {
    await reading.requireDatabase(at.where)
    await expect(reading.requireDatabase(`${at.where}-none`)).rejects.toBeInstanceOf(BadInput)
  },

  withReader: async at => {
    expect(await reading.withReader(at.where, async (_, reader) => reader.path)).toBe(at.where)
  },

  withReadTransaction: async at => {
    await reading.withReadTransaction(at.where, async db => {
      const runs = () => db.selectFrom('sync_runs').select('id').execute()
      const before = await runs()
      await at.begin(['ada'])
      expect(await runs()).toEqual(before)
    })
    expect(await at.rows(`select id from sync_runs where trace_id = 'trace'`)).not.toEqual([])
  },

  readTransaction: async at => {
    await using reader = await reading.openReader(at.where)
    await reading.readTransaction(reader, async one => {
      const runs = () => one.db.selectFrom('sync_runs').select('id').execute()
      const before = await runs()
      await at.begin(['ada'])
      expect(await runs()).toEqual(before)
    })
  },

  isAlive: async at => {
    await using reader = await reading.openReader(at.where)
    const worker = at.store.worker.id
    const isAlive = (finished_at: string | null) => reading.isAlive(reader, { worker, finished_at })
    expect([await isAlive(null), await isAlive(after(0))]).toEqual([true, false])
    expect(await reading.isAlive(reader, { worker: null, finished_at: null })).toBe(false)
  },

  backUpStore: async at => {
    if (at.isShared) {
      await expect(tending.backUpStore(at.where, '/nowhere', false)).rejects.toThrow('lies on a server')
      return
    }
    const to = `${at.where}.copy`
    expect(await tending.backUpStore(at.where, to, false)).toMatchObject({ file: to })
    expect(existsSync(to)).toBe(true)
    await expect(tending.backUpStore(at.where, to, false)).rejects.toBeInstanceOf(BadInput)
    await tending.backUpStore(at.where, to, true)
  },

  backupName: async at => {
    expect(tending.backupName(at.where, NOW)).toBe(`${at.where}.2026-03-01T12-00-00.000Z.bak`)
  },

  reopenPools: async at => {
    const network = at.newNetwork()
    const entry = chargeOf(network, null)
    await at.store.exhaust(entry, { until: NOW + 5, kind: 'quota-exhausted' })
    expect(await tending.reopenPools(at.where, network)).toEqual({ pools: 1, jobs: 0 })
    expect(await at.store.charge(entry)).toBeNull()
    expect(await tending.reopenPools(at.where, network)).toEqual({ pools: 0, jobs: 0 })
  },
}

/** The same of each that needs it for itself: each has one of its own. */
export const TENDING_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  withReaderIfCurrent: async at => {
    expect(await reading.withReaderIfCurrent(at.where, async db => db !== null)).toBe(true)
    await at.change(`delete from kysely_migration where name = (select max(name) from kysely_migration)`)
    expect(await reading.withReaderIfCurrent(at.where, async db => db !== null)).toBe(false)
  },

  migrateStore: async at => {
    const { from, to } = await tending.migrateStore(at.where, { crash: () => {} })
    expect({ from, backup: null }).toEqual({ from: to, backup: null })
    await at.change("insert into kysely_migration (name, timestamp) values ('999-newer', '2030')")
    await expect(tending.migrateStore(at.where, { crash: () => {} })).rejects.toBeInstanceOf(BadInput)
    await expect(openStore(at.where)).rejects.toBeInstanceOf(BadInput)
    await expect(OrderStore.open(at.where, CLOCK, () => {})).rejects.toBeInstanceOf(BadInput)
  },

  pruneStore: async at => {
    await expect(tending.pruneStore(at.where, after(1), true)).rejects.toBeInstanceOf(Locked)
    await filled(at)
    const counted = await tending.pruneStore(at.where, after(1), false)
    expect(counted.posts).toBe(3)
    expect(await counts(at)).toHaveLength(3)
    expect(await tending.pruneStore(at.where, after(1), true)).toEqual(counted)
    expect(await counts(at)).toEqual([])
  },

  purgeStore: async at => {
    const network = await filled(at)
    await expect(
      tending.purgeStore(at.where, { network, id: 'bob', authorOf: () => [] }, true),
    ).rejects.toBeInstanceOf(BadInput)
    const counted = await tending.purgeStore(at.where, { network, id: 'ada', authorOf: () => [] }, false)
    expect(counted).toMatchObject({ profiles: 1, posts: 3, sync_jobs: 1 })
    expect(await counts(at)).toHaveLength(3)
    expect(await tending.purgeStore(at.where, { network, id: 'ada', authorOf: () => [] }, true)).toEqual(
      counted,
    )
    expect(await at.rows('select entity_id from entities')).toEqual([])
  },

  rebuildStore: async at => {
    await filled(at)
    const options = {
      ...{ dryRun: false, backup: `${at.where}.before`, crash: () => {}, progress: () => {} },
      read: () => ({
        page: postsOf('ada', 0, 'told anew'),
        stream: { lists: 'posts', newestFirst: true } as const,
      }),
    }
    const told = await tending.rebuildStore(at.where, { ...options, dryRun: true })
    expect(told.pages).toBe(1)
    expect((await counts(at)).map(({ caption }) => caption)).toEqual(['tiny', 'tiny', 'tiny'])
    const done = await tending.rebuildStore(at.where, options)
    expect(done.tables).toEqual(told.tables)
    expect(done.backup === null).toBe(at.isShared)
    expect((await counts(at)).map(({ caption }) => caption)).toEqual(['told anew', 'told anew', 'told anew'])
  },
}
