import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { builder } from '../../../../src/store/database/builder.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { param, params, type Statement, statement } from '../../../../src/store/database/statement.ts'
import { ownTable } from '../../../../src/store/database/words.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

interface Entry {
  readonly network: string
  readonly key: string
  readonly value: string
  readonly learned_at: string
}
const add: Statement<Entry> = statement(
  builder
    .insertInto('memory')
    .values(params<Entry>(['network', 'key', 'value', 'learned_at']))
    .onConflict(conflict =>
      conflict.columns(['network', 'key']).doUpdateSet({ value: param<string>('value') }),
    ),
)
const find: Statement<{ key: string }> = statement(
  builder.selectFrom('memory').select('value').where('key', '=', param<string>('key')),
)

describe.each(STORES)('what tends a database, on $name', ({ open }) => {
  const store = perTest(open)
  const write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => store().database.write(work)
  const put = (tx: Tx, key: string, value: string) =>
    tx.run(add, { network: 'tiny', key, value, learned_at: instant(0) })
  const get = async (tx: Tx, key: string) => (await tx.get<object, { value: string }>(find, { key }))?.value
  const stored = async () =>
    (await store().rows('select key, value from memory order by key')).map(
      ({ key, value }) => `${key} ${value}`,
    )
  /** Often enough that a connection has both statements prepared. */
  const useOften = async (tx: Tx): Promise<void> => {
    for (let n = 0; n < 8; n++) {
      await put(tx, 'a', 'below')
      expect(await get(tx, 'a')).toBe('below')
    }
  }

  describe('tables laid over others', () => {
    it('are meant by statements that were prepared before, until they are taken away', async () => {
      await write(async tx => {
        await useOften(tx)
        for (let round = 0; round < 3; round++) {
          const over = await tx.layOver(['memory'])
          expect(await get(tx, 'a')).toBeUndefined()
          for (let n = 0; n < 8; n++) await put(tx, 'a', `over ${round}`)
          expect(await get(tx, 'a')).toBe(`over ${round}`)
          const { rows } = await sql`
            select below.value as below, above.value as above
            from ${over.stored('memory')} as below join ${over.fresh('memory')} as above on above.key = below.key`.execute(
            tx.db,
          )
          expect(rows).toEqual([{ below: 'below', above: `over ${round}` }])
          await over.takeAway()
          expect(await get(tx, 'a')).toBe('below')
        }
        await put(tx, 'b', 'after')
      })
      expect(await stored()).toEqual(['a below', 'b after'])
    })

    it('go with a transaction that is undone', async () => {
      await write(useOften)
      const failing = write(async tx => {
        await useOften(tx)
        await tx.layOver(['memory'])
        await put(tx, 'c', 'over')
        throw new Error('undone')
      })
      await expect(failing).rejects.toThrow('undone')
      await write(async tx => {
        await useOften(tx)
        await put(tx, 'd', 'after')
      })
      expect(await stored()).toEqual(['a below', 'd after'])
    })

    it('have the keys of those below, and point to nothing', async () => {
      await write(async tx => {
        await tx.layOver(['rejects', 'posts'])
        const row = {
          walk_id: 99,
          seq: 1,
          path: '$',
          reason: 'r',
          value: '{}',
          job_id: 99,
          seen_at: instant(0),
        }
        await tx.db.insertInto('rejects').values(row).execute()
        const again = tx.db.insertInto('rejects').values(row)
        await again.onConflict(on => on.columns(['walk_id', 'seq', 'path']).doNothing()).execute()
        expect(await tx.db.selectFrom('rejects').select('walk_id').execute()).toHaveLength(1)
      })
    })
  })

  it('an own table is meant by its bare name, and others do not see it', async () => {
    await write(async tx => {
      await sql`create table ${ownTable('memory')} (id bigint primary key)`.execute(tx.db)
      await sql`insert into memory (id) values (7)`.execute(tx.db)
      expect((await sql`select id from ${ownTable('memory')}`.execute(tx.db)).rows).toEqual([{ id: 7 }])
      expect(await store().database.committed.db.selectFrom('memory').selectAll().execute()).toEqual([])
      await sql`drop table ${ownTable('memory')}`.execute(tx.db)
      expect(await get(tx, 'a')).toBeUndefined()
    })
  })

  it('reclaims what deleted rows left, whatever else is read meanwhile', async () => {
    await write(useOften)
    await write(tx => tx.db.deleteFrom('memory').execute())
    await store().database.reclaim(['memory', 'quota'])
    await write(useOften)
    expect(await stored()).toEqual(['a below'])
  })

  it('a new one is found whole', async () => {
    const reader = await store().openReader()
    expect(await reader.findDamage()).toEqual([])
    await reader.close()
  })
})

describe('what PostgreSQL finds broken', () => {
  const store = perTest(STORES.find(({ name }) => name === 'PostgreSQL')?.open ?? (() => Promise.reject()))
  const found = async () => {
    const reader = await store().openReader()
    try {
      return await reader.findDamage()
    } finally {
      await reader.close()
    }
  }

  it('is an index that it does not trust', async () => {
    await store().rows(`insert into memory values ('tiny', 'a', '1', ''), ('tiny', 'b', '1', '')`)
    const making = store().rows('create unique index concurrently twice on memory (value)')
    await expect(making).rejects.toThrow(/could not create unique index/)
    expect(await found()).toEqual([{ rule: 'integrity', count: 1, examples: ['index twice is not valid'] }])
  })

  it('is a row that points to nothing', async () => {
    await store().rows(`
      alter table walk_cursors drop constraint walk_cursors_walk_id_fkey;
      insert into walk_cursors values (7, 'x'), (8, 'x'), (7, 'y');
      alter table walk_cursors add foreign key (walk_id) references sync_walks (id) not valid`)
    expect(await found()).toEqual([
      { rule: 'foreign-key', count: 3, examples: ['walk_cursors: no sync_walks, first walk_id 7'] },
    ])
  })
})
