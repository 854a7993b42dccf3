import fs, { copyFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import type { Weight } from '../../../../src/store/database/database.ts'
import { remember } from '../../../../src/store/queue/memory.ts'
import { SqliteFile } from '../../../../src/store/sqlite/database.ts'
import { tempFolder } from '../../../support/cli.ts'
import { query } from '../../../support/tables.ts'

const AT = instant(Date.UTC(2026, 0, 1))

type Datasync = typeof fs.fdatasync
const datasync = fs.fdatasync
/** Puts something in the place of the system's sync. */
const replaceSync = (other: (...args: Parameters<Datasync>) => void): void => {
  fs.fdatasync = Object.assign(other, { __promisify__: datasync.__promisify__ })
  syncBuiltinESMExports()
}

let folder: ReturnType<typeof tempFolder>
let file: SqliteFile
beforeEach(async () => {
  folder = tempFolder()
  file = SqliteFile.open(folder.file('socsync.db'))
  await migrate(file, { crash: () => {} })
})
afterEach(async () => {
  fs.fdatasync = datasync
  syncBuiltinESMExports()
  await file.close()
  folder[Symbol.dispose]()
})

const note = (key: string, weight?: Weight): Promise<void> =>
  file.write(tx => remember(tx, { network: 'tiny', key, value: 1, at: AT }), weight)

describe('FAULTS 8: the power is cut', () => {
  it('what was told as stored is in what was synced by then', async () => {
    /** What a disk would have after each sync that is over: what stood in the file and its log when the sync began. */
    const synced: string[] = []
    replaceSync((log, callback) => {
      const copy = folder.file(`synced-${synced.length}-${Math.random()}.db`)
      copyFileSync(file.path, copy)
      copyFileSync(`${file.path}-wal`, `${copy}-wal`)
      datasync(log, error => {
        synced.push(copy)
        callback(error)
      })
    })
    /** What was told while the last sync was this one. */
    const told = new Map<number, string[]>()
    const writing = async (writer: number): Promise<void> => {
      for (let number = 0; number < 40; number++) {
        const key = `${writer}-${number}`
        await note(key)
        const last = synced.length - 1
        told.set(last, [...(told.get(last) ?? []), key])
      }
    }
    await Promise.all([1, 2, 3, 4].map(writing))

    expect(synced.length).toBeLessThanOrEqual(4 * 40)
    const everything: string[] = []
    for (const [at, copy] of synced.entries()) {
      everything.push(...(told.get(at) ?? []))
      const stored = new Set(query(copy, 'select key from memory').map(({ key }) => key))
      expect(everything.filter(key => !stored.has(key))).toEqual([])
    }
    expect(everything).toHaveLength(4 * 40)
  })

  it('those who wait for one sync share the next', async () => {
    let syncs = 0
    replaceSync((log, callback) => {
      syncs++
      datasync(log, callback)
    })
    await note('a charge', 'light')
    expect(syncs).toBe(0)
    const first = note('first')
    const others: Promise<void>[] = []
    for (let number = 0; number < 20; number++) {
      others.push(note(`other ${number}`))
      await new Promise(resume => setImmediate(resume))
    }
    await Promise.all([first, ...others])
    expect(syncs).toBeGreaterThanOrEqual(1)
    expect(syncs).toBeLessThan(20)
  })

  it('a disk that fails once is believed no more', async () => {
    let syncs = 0
    replaceSync((log, callback) => {
      syncs++
      if (syncs > 1) datasync(log, callback)
      else callback(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
    })
    for (const key of ['first', 'second'])
      await expect(note(key)).rejects.toThrow(/its disk fails: EIO: i\/o error/)
    expect(syncs).toBe(1)
    await note('a charge', 'light')
  })
})
