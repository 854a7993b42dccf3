import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { builder } from '../../../../src/store/database/builder.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { params, type Statement, statement } from '../../../../src/store/database/statement.ts'
import { remember } from '../../../../src/store/queue/memory.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const NESTED = 'a transaction was asked for within another one'
/** Fails where the key is there. */
const noteAnew: Statement<NewKey> = statement(
  builder.insertInto('memory').values(params<NewKey>(['network', 'key', 'value', 'learned_at'])),
)
type NewKey = { network: string; key: string; value: string; learned_at: string }
const newKey = (key: string): NewKey => ({ network: 'tiny', key, value: '1', learned_at: AT })

const note = (tx: Tx, key: string): Promise<void> => remember(tx, { network: 'tiny', key, value: 1, at: AT })

describe.each(STORES)('transactions on $name', ({ open }) => {
  const store = perTest(open)
  const noted = async () =>
    (await store().rows('select key from memory order by key')).map(({ key }) => String(key))
  const write = <T>(work: (tx: Tx) => T | Promise<T>, weight?: 'full' | 'light'): Promise<T> =>
    store().database.write(work, weight)

  it('give what their work gives, and are there for everybody', async () => {
    for (const weight of ['full', 'light'] as const) {
      const given = await write(async tx => {
        await note(tx, weight)
        return `wrote ${weight}`
      }, weight)
      expect(given).toBe(`wrote ${weight}`)
    }
    expect(await noted()).toEqual(['full', 'light'])
  })

  it('are undone whole by whatever is thrown', async () => {
    const failing = write(async tx => {
      await note(tx, 'a')
      await note(tx, 'b')
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect(await noted()).toEqual([])
    await write(tx => note(tx, 'next'))
    expect(await noted()).toEqual(['next'])
  })

  it('send what nobody waits for in the order in which it was asked for', async () => {
    await write(async tx => {
      tx.send(noteAnew, newKey('a'))
      tx.sendEach(noteAnew, [newKey('b'), newKey('c')])
      const all = tx.db.selectFrom('memory').select('key').orderBy('key').execute()
      await tx.db.deleteFrom('memory').where('key', '=', 'b').execute()
      tx.send(noteAnew, newKey('d'))
      expect((await all).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    })
    expect(await noted()).toEqual(['a', 'c', 'd'])
  })

  it('are undone whole by what was sent and failed, whoever asks next, and tell what that was', async () => {
    const others: ((tx: Tx) => unknown)[] = [
      () => {},
      tx => tx.db.selectFrom('memory').select('key').execute(),
      tx => tx.sendEach(noteAnew, [newKey('c'), newKey('d')]),
      tx =>
        tx.db
          .selectFrom('memory')
          .select('key')
          .execute()
          .catch(() => {}),
    ]
    for (const other of others) {
      const failing = write(async tx => {
        tx.send(noteAnew, newKey('a'))
        tx.send(noteAnew, newKey('a'))
        await other(tx)
      })
      await expect(failing).rejects.toThrow(/unique/i)
      expect(await noted()).toEqual([])
    }
    await write(tx => tx.send(noteAnew, newKey('next')))
    expect(await noted()).toEqual(['next'])
  })

  it('are not seen before their commit, but by themselves', async () => {
    await write(async tx => {
      await note(tx, 'own')
      expect(await tx.db.selectFrom('memory').select('key').execute()).toEqual([{ key: 'own' }])
      expect(await store().database.committed.db.selectFrom('memory').select('key').execute()).toEqual([])
    })
    expect(await noted()).toEqual(['own'])
  })

  it('are refused within another one, which can go on', async () => {
    const nested = async (): Promise<void> => write(tx => note(tx, 'inner'))
    await write(async tx => {
      await note(tx, 'outer')
      await expect(nested()).rejects.toThrow(NESTED)
      await new Promise(resume => setTimeout(resume, 1))
      await expect(Promise.resolve().then(nested)).rejects.toThrow(NESTED)
      await note(tx, 'later')
    })
    expect(await noted()).toEqual(['later', 'outer'])
  })

  it('that are asked for by a timer of one that is over are no part of it', async () => {
    const later = Promise.withResolvers<void>()
    await write(async tx => {
      await note(tx, 'outer')
      setTimeout(() => write(inner => note(inner, 'later')).then(later.resolve, later.reject), 20)
    })
    await later.promise
    expect(await noted()).toEqual(['later', 'outer'])
  })

  it('at once on one row lose nothing', async () => {
    const counter = { network: 'tiny', owner: 'o', pool: 'p', window_start: 'w' }
    await write(tx =>
      tx.db
        .insertInto('quota')
        .values({ ...counter, used: 0 })
        .execute(),
    )
    const raise = () =>
      write(async tx => {
        const changed = await tx.db
          .updateTable('quota')
          .set(eb => ({ used: eb('used', '+', 1) }))
          .execute()
        return changed[0]?.numUpdatedRows
      })
    const raised = await Promise.all(Array.from({ length: 60 }, raise))
    expect(raised).toEqual(new Array(60).fill(1n))
    expect(await store().rows('select used from quota')).toEqual([{ used: 60 }])
  })

  it('that wait for each other both come through', async () => {
    const key = { network: 'tiny', pool: 'p', window_start: 'w' }
    await write(async tx => {
      for (const owner of ['a', 'b'])
        await tx.db
          .insertInto('quota')
          .values({ ...key, owner, used: 0 })
          .execute()
    })
    let began = 0
    const both = Promise.withResolvers<void>()
    const raise = (tx: Tx, owner: string) =>
      tx.db
        .updateTable('quota')
        .set(eb => ({ used: eb('used', '+', 1) }))
        .where('owner', '=', owner)
        .execute()
    const inOrder = (owners: readonly [string, string]) =>
      write(async tx => {
        await raise(tx, owners[0])
        began++
        if (began === 2) both.resolve()
        // On SQLite the other one only begins when this one is over.
        await Promise.race([both.promise, new Promise(resume => setTimeout(resume, 300))])
        await raise(tx, owners[1])
      })
    await Promise.all([inOrder(['a', 'b']), inOrder(['b', 'a'])])
    expect(await store().rows('select owner, used from quota order by owner')).toEqual([
      { owner: 'a', used: 2 },
      { owner: 'b', used: 2 },
    ])
  })

  it('go by a clock that moves', async () => {
    const [first, second] = await write(async tx => {
      const first = await tx.now()
      await new Promise(resume => setTimeout(resume, 5))
      return [first, await tx.now()]
    })
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(60_000)
    expect(second > first).toBe(true)
  })

  it('are not to be had once it is closed', async () => {
    await store().database.close()
    await expect((async () => write(() => {}))()).rejects.toThrow()
  })
})
