import { expect, it } from 'vitest'
import { migrate } from '../../../src/store/admin/migrate.ts'
import { openReader, readTransaction, withReadTransaction } from '../../../src/store/reader.ts'
import { SqliteFile } from '../../../src/store/sqlite/database.ts'
import { tempFolder } from '../../support/cli.ts'
import { openWrite } from '../../support/tables.ts'

it('what is read in one transaction is of one moment, whatever is written meanwhile', async () => {
  using folder = tempFolder()
  const path = folder.file('socsync.db')
  const file = SqliteFile.open(path)
  await migrate(file)
  await file.close()
  const writing = openWrite(path)
  const write = writing.prepare(
    `insert into memory (network, key, value, learned_at) values ('x', ?, '1', '')`,
  )
  let written = 0
  const read = async (db: Parameters<Parameters<typeof withReadTransaction>[1]>[0]) =>
    (await db.selectFrom('memory').select('key').execute()).length
  const twice = async (db: Parameters<typeof read>[0]): Promise<number[]> => {
    const before = await read(db)
    written += 1
    write.run(String(written))
    return [before, await read(db)]
  }
  expect(await withReadTransaction(path, twice)).toEqual([0, 0])
  await using reader = await openReader(path)
  expect(await readTransaction(reader, ({ db }) => twice(db))).toEqual([1, 1])
  expect(await twice(reader.db)).toEqual([2, 3])
  writing.close()
})
