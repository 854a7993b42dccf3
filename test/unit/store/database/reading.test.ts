import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { builder } from '../../../../src/store/database/builder.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { param, type Statement, statement } from '../../../../src/store/database/statement.ts'
import { remember } from '../../../../src/store/queue/memory.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const note = (tx: Tx, key: string): Promise<void> => remember(tx, { network: 'tiny', key, value: 1, at: AT })

const forgetting: Statement<{ key: string }> = statement(
  builder.deleteFrom('memory').where('key', '=', param<string>('key')).returning('key'),
)

describe.each(STORES)('reading from $name', ({ open }) => {
  const store = perTest(open)
  const noteAll = (keys: readonly string[]): Promise<void> =>
    store().database.write(async tx => {
      for (const key of keys) await note(tx, key)
    })

  it('cannot write', async () => {
    await noteAll(['a'])
    const { committed } = store().database
    await expect(committed.db.deleteFrom('memory').execute()).rejects.toThrow(/cannot be written/)
    expect(await store().rows('select key from memory')).toEqual([{ key: 'a' }])
  })

  it('cannot write where it was opened for reading, in whichever way it is asked', async () => {
    await noteAll(['a'])
    const reader = await store().openReader()
    const refused = async (work: Promise<unknown>) =>
      expect(work).rejects.toThrow(/cannot be written|read.?only/)
    const stray = (db: typeof reader.db) => sql.raw("delete from memory where key = 'a'").execute(db)
    await refused(reader.db.deleteFrom('memory').execute())
    await refused(stray(reader.db))
    await refused(reader.moment(at => stray(at.db)))
    await refused(reader.all(forgetting, { key: 'a' }))
    await refused(sql.raw('create table stray (id bigint)').execute(reader.db))
    // What was refused leaves nothing behind: connections are used again, side by side.
    const found = await Promise.all(
      Array.from({ length: 20 }, () => reader.db.selectFrom('memory').select('key').execute()),
    )
    expect(found).toEqual(new Array(20).fill([{ key: 'a' }]))
    await reader.close()
    expect(await store().rows('select key from memory')).toEqual([{ key: 'a' }])
  })

  it('finds nothing by a text with U+0000, which nothing has that is stored, and fails by none', async () => {
    await noteAll(['a'])
    const reader = await store().openReader()
    for (const key of ['\0', 'a\0']) {
      const asked = reader.db.selectFrom('memory').select('key').where('key', '=', key)
      expect(await asked.execute()).toEqual([])
      for await (const row of asked.stream()) expect(row).toBeUndefined()
    }
    await reader.close()
  })

  it('in one moment sees nothing that comes later', async () => {
    await noteAll(['before'])
    const reader = await store().openReader()
    const keys = (db: typeof reader.db) => db.selectFrom('memory').select('key').orderBy('key').execute()
    await reader.moment(async at => {
      expect(await keys(at.db)).toEqual([{ key: 'before' }])
      await noteAll(['later'])
      expect(await keys(at.db)).toEqual([{ key: 'before' }])
    })
    expect(await keys(reader.db)).toEqual([{ key: 'before' }, { key: 'later' }])
    await reader.close()
  })

  it('streams all rows in order, and may be left early', async () => {
    const keys = Array.from({ length: 2_500 }, (_, at) => `key ${String(at).padStart(5, '0')}`)
    await noteAll(keys)
    const reader = await store().openReader()
    const stream = (db: typeof reader.db) =>
      db.selectFrom('memory').select('key').where('network', '=', 'tiny').orderBy('key').stream()
    const read = async (db: typeof reader.db, most: number): Promise<string[]> => {
      const found: string[] = []
      for await (const { key } of stream(db)) {
        found.push(key)
        if (found.length === most) break
      }
      return found
    }
    expect(await read(reader.db, 10_000)).toEqual(keys)
    expect(await read(reader.db, 700)).toEqual(keys.slice(0, 700))
    await reader.moment(async ({ db }) => {
      expect(await read(db, 700)).toEqual(keys.slice(0, 700))
      expect(await read(db, 10_000)).toEqual(keys)
    })
    expect(await read(store().database.committed.db, 10_000)).toEqual(keys)
    await reader.close()
  })

  it('orders texts by their bytes, and nulls where it is said', async () => {
    const keys = ['B', 'a', 'Z', 'ä', 'z', '10', '9', '_', '-', 'é', '🎈', '～']
    await noteAll(keys)
    const { committed } = store().database
    const found = await committed.db.selectFrom('memory').select('key').orderBy('key').execute()
    const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(found.map(({ key }) => key)).toEqual(byBytes)
    const later = await committed.db.selectFrom('memory').select('key').where('key', '>', 'Z').execute()
    expect(later.map(({ key }) => key).toSorted()).toEqual(byBytes.slice(byBytes.indexOf('Z') + 1).toSorted())
    const { rows } = await sql<{ x: string | null }>`
      select x from (select 'a' as x union all select null union all select 'b') as given
      order by x desc nulls last`.execute(committed.db)
    expect(rows.map(({ x }) => x)).toEqual(['b', 'a', null])
  })

  it('tells a flaw of a statement', async () => {
    const failing = sql`select 1 from nowhere`.execute(store().database.committed.db)
    await expect(failing).rejects.toThrow(/nowhere/)
    expect(await sql`select 1 as one`.execute(store().database.committed.db)).toMatchObject({
      rows: [{ one: 1 }],
    })
  })
})
