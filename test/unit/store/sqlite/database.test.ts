import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { remember } from '../../../../src/store/queue/memory.ts'
import { SqliteFile } from '../../../../src/store/sqlite/database.ts'
import { tempFolder } from '../../../support/cli.ts'
import { query } from '../../../support/tables.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const NESTED = 'a transaction was asked for within another one'

let folder: ReturnType<typeof tempFolder>
let file: SqliteFile
beforeEach(async () => {
  folder = tempFolder()
  file = SqliteFile.open(folder.file('socsync.db'))
  await migrate(file, { crash: () => {} })
})
afterEach(async () => {
  await file.close()
  folder[Symbol.dispose]()
})

const note = (tx: Tx, key: string): Promise<void> => remember(tx, { network: 'tiny', key, value: 1, at: AT })
const noted = async (): Promise<readonly string[]> =>
  (await file.committed.db.selectFrom('memory').select('key').orderBy('key').execute()).map(({ key }) => key)
/** The same, as another process would read it. */
const onDisk = () => query(file.path, 'select key from memory order by key').map(({ key }) => key)
/** A transaction that writes a key and then stays open until it is told what to do. */
const openWriting = async (key: string) => {
  const end = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const written = file.write(async tx => {
    await note(tx, key)
    begun.resolve()
    await end.promise
  })
  await begun.promise
  return { written, commit: () => end.resolve(), fail: () => end.reject(new Error('undone')) }
}

describe('what is committed', () => {
  it('is all that is seen beside a transaction that waits, and then all that it wrote', async () => {
    await file.write(tx => note(tx, 'before'))
    const { written, commit } = await openWriting('in flight')
    expect(await noted()).toEqual(['before'])
    commit()
    await written
    expect(await noted()).toEqual(['before', 'in flight'])
  })

  it('never was what is undone', async () => {
    const { written, fail } = await openWriting('in flight')
    expect(await noted()).toEqual([])
    fail()
    await expect(written).rejects.toThrow('undone')
    expect(await noted()).toEqual([])
  })

  it('is seen while the transaction itself reads what it wrote', async () => {
    await file.write(async tx => {
      await note(tx, 'own')
      expect(await tx.db.selectFrom('memory').select('key').execute()).toEqual([{ key: 'own' }])
      expect(await noted()).toEqual([])
    })
  })

  it('cannot be written to', async () => {
    const writing = file.committed.db.deleteFrom('memory').execute()
    await expect(writing).rejects.toThrow(/must be writable|cannot be written/)
  })
})

it('is not opened again behind a close', async () => {
  await file.close()
  expect(() => file.committed.db).toThrow('was closed')
})

describe('a transaction within another one', () => {
  const nested = async (): Promise<void> => file.write(tx => note(tx, 'inner'))

  it('is refused at once, and the outer one can go on without it', async () => {
    await file.write(async tx => {
      await note(tx, 'outer')
      await expect(nested()).rejects.toThrow(NESTED)
      await note(tx, 'later')
    })
    expect(onDisk()).toEqual(['later', 'outer'])
  })

  it('undoes the outer one whole where that does not catch it', async () => {
    const outer = file.write(async tx => {
      await note(tx, 'outer')
      await nested()
    })
    await expect(outer).rejects.toThrow(NESTED)
    expect(onDisk()).toEqual([])
    await file.write(tx => note(tx, 'next'))
    expect(onDisk()).toEqual(['next'])
  })

  it('is refused behind an await and in a promise of its work too', async () => {
    await file.write(async () => {
      await new Promise(resume => setTimeout(resume, 1))
      await expect(nested()).rejects.toThrow(NESTED)
      await expect(Promise.resolve().then(nested)).rejects.toThrow(NESTED)
    })
    expect(onDisk()).toEqual([])
  })
})

describe('a transaction that somebody else asks for meanwhile', () => {
  it('waits for its turn', async () => {
    const { written, commit } = await openWriting('first')
    const second = file.write(tx => note(tx, 'second'))
    commit()
    await Promise.all([written, second])
    expect(onDisk()).toEqual(['first', 'second'])
  })

  it('from a timer or a promise that was made before', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const byTimer = new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (!isOpen) return
        clearInterval(timer)
        file.write(tx => note(tx, 'timer')).then(resolve, reject)
        asked.resolve()
      }, 1)
    })
    const byPromise = gate.promise.then(() => file.write(tx => note(tx, 'promise')))
    let isOpen = false
    await file.write(async tx => {
      await note(tx, 'outer')
      isOpen = true
      gate.resolve()
      await asked.promise
    })
    await Promise.all([byTimer, byPromise])
    expect(onDisk()).toEqual(['outer', 'promise', 'timer'])
  })

  it('from a timer that was made within one that is over', async () => {
    const later = Promise.withResolvers<void>()
    await file.write(async tx => {
      await note(tx, 'outer')
      const ask = async (): Promise<void> => file.write(inner => note(inner, 'later'))
      setTimeout(() => ask().then(later.resolve, later.reject), 20)
    })
    await later.promise
    expect(onDisk()).toEqual(['later', 'outer'])
  })

  it('fails alone: what shares its commit is written', async () => {
    const { written, commit } = await openWriting('first')
    const failing = file.write(async tx => {
      await note(tx, 'failing')
      throw new Error('alone')
    })
    const beside = file.write(tx => note(tx, 'beside'))
    commit()
    await expect(failing).rejects.toThrow('alone')
    await Promise.all([written, beside])
    expect(onDisk()).toEqual(['beside', 'first'])
  })
})
