import { expect, it } from 'vitest'
import { remember } from '../../../src/store/queue/memory.ts'
import { type Db, openReader, readTransaction, withReadTransaction } from '../../../src/store/reader.ts'
import { STORES } from '../../support/stores.ts'

it.each(STORES)(
  'what is read in one transaction is of one moment, whatever is written meanwhile: $name',
  async ({ open }) => {
    await using store = await open()
    let written = 0
    const read = async (db: Db) => (await db.selectFrom('memory').select('key').execute()).length
    const twice = async (db: Db): Promise<number[]> => {
      const before = await read(db)
      written += 1
      const one = { network: 'x', key: String(written), value: 1, at: '' }
      await store.database.write(tx => remember(tx, one))
      return [before, await read(db)]
    }
    expect(await withReadTransaction(store.where, twice)).toEqual([0, 0])
    await using reader = await openReader(store.where)
    expect(await readTransaction(reader, ({ db }) => twice(db))).toEqual([1, 1])
    expect(await twice(reader.db)).toEqual([2, 3])
  },
)
