import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { MIGRATIONS } from '../../src/store/admin/migrate.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { readOnly, smallDisk } from '../support/disk.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, resultRows } from '../support/tables.ts'

const folder = tempFolder()
/** What an undisturbed run left: one file, without a log. */
const whole = folder.file('whole.db')
const NO_MOUNT = 'no file system may be mounted here'
const SCHEMA = Object.keys(MIGRATIONS).length
let sandbox: TestSandbox

const runOf = (db: string, ...ids: readonly string[]): string[] => [
  ...['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', db],
  ...(ids.length > 0 ? ids : ['two.pages.of.50', 'albums.only', userId(1)]),
]
const call = (...args: readonly string[]): Promise<Ended> => socsync(args, { env: sandbox.env })
const copyOfWhole = (name: string): string => {
  const path = folder.file(name)
  copyFileSync(whole, path)
  return path
}
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
const expectWhole = async (path: string): Promise<void> =>
  expect(await checkFile(path)).toMatchObject({ violations: [] })

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  expect(await call(...runOf(folder.file('run.db')))).toMatchObject({ code: 0, stderr: '' })
  await backUp(folder.file('run.db'), whole, false)
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('FAULTS 9: a full disk', () => {
  it('ends a run with 1, path and free bytes; all that was committed is there, and it goes on when there is room', async ({
    skip,
  }) => {
    using disk = smallDisk(24, 1_600_000)
    if (disk === null) return skip(NO_MOUNT)
    const db = disk.file('full.db')
    const ended = await call(...runOf(db))
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      /^socsync: no space left for .*full\.db \(\d+ bytes free\)\n.*socsync resume --all/,
    )
    await expectWhole(db)
    const [before] = query(db, 'select count(*) as posts from posts')
    expect(before?.posts).toBeGreaterThan(0)
    // Another run on the full disk fails as clearly, and makes nothing worse.
    expect(await call('resume', '--all', '--quiet', '--db', db)).toMatchObject({ code: 1 })
    await expectWhole(db)

    rmSync(disk.file('ballast'))
    expect(await call('resume', '--all', '--quiet', '--db', db)).toMatchObject({ code: 0, stderr: '' })
    expect(resultRows(db)).toEqual(resultRows(whole))
    await expectWhole(db)
  })

  it.for([0, 200_000])('with %i bytes left says so before a call is made', async (free, { skip }) => {
    using disk = smallDisk(4, free)
    if (disk === null) return skip(NO_MOUNT)
    const calls = sandbox.log.calls.length
    const ended = await call(...runOf(disk.file('none.db')))
    expect(ended).toMatchObject({ code: 1 })
    expect(ended.stderr).toMatch(/^socsync: no space left for .*none\.db \(\d+ bytes free\)/)
    expect(sandbox.log.calls.length).toBe(calls)
  })

  it('leaves no backup but a whole one', async ({ skip }) => {
    using disk = smallDisk(8, 300_000)
    if (disk === null) return skip(NO_MOUNT)
    const ended = await call('db', 'backup', disk.file('copy.db'), '--db', whole)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/no space left for .*copy\.db \(\d+ bytes free\)/)
    expect(readdirSync(disk.file('.'))).toEqual(['ballast'])
  })
})

/** Writes over a part of a file. */
const overwrite = (path: string, from: number, bytes: Uint8Array): void => {
  const handle = openSync(path, 'r+')
  writeSync(handle, bytes, 0, bytes.length, from)
  closeSync(handle)
}

describe('FAULTS 12: transactions', () => {
  it('have the right to write before they read: none fails in the middle because another one wrote', async () => {
    const path = copyOfWhole('immediate.db')
    const file = SqliteFile.open(path)
    const other = openWrite(path)
    other.pragma('busy_timeout = 0')
    const write = (): void => void other.exec('update posts set caption = caption')
    await file.write(() => expect(write).toThrow(/locked/))
    await file.db.transaction().execute(async () => expect(write).toThrow(/locked/))
    expect(write).not.toThrow()
    other.close()
    await file.close()
  })
})

describe('FAULTS 5: a process that was killed before the file had its log', () => {
  it.each(['status', 'jobs', 'export'])(
    'left a half-written change: %s undoes it, and says what was',
    async command => {
      const path = copyOfWhole(`halfway-${command}.db`)
      const left = folder.file(`left-${command}.db`)
      const db = openWrite(path)
      db.pragma('journal_mode = delete')
      // A cache of a page: what is changed goes to the file before it is decided.
      db.pragma('cache_size = 1')
      db.exec(`begin; update comments set content = 'half'; update sync_jobs set status = 'failed'`)
      copyFileSync(path, left)
      copyFileSync(`${path}-journal`, `${left}-journal`)
      db.exec('rollback')
      db.close()
      const args = command === 'export' ? ['export', 'comments', '--format', 'jsonl'] : [command]
      const [then, now] = [await call(...args, '--db', left), await call(...args, '--db', whole)]
      expect(then).toMatchObject({ code: 0, stderr: '' })
      expect(then.stdout.replaceAll(left, whole)).toBe(now.stdout)
      expect(resultRows(left)).toEqual(resultRows(whole))
    },
  )
})

describe('FAULTS 13-17: a file that cannot be trusted', () => {
  const SPOILT: Readonly<Record<string, { spoil(path: string): void; code: 1 | 2; says: RegExp }>> = {
    'FAULTS 14: 8 KB of noise in its schema': {
      spoil: path => overwrite(path, 100, Buffer.alloc(8192, 0xa5)),
      code: 1,
      says: /is damaged/,
    },
    'FAULTS 15: cut to a page': { spoil: path => truncateSync(path, 4096), code: 1, says: /is damaged/ },
    'FAULTS 13: text in its first page': {
      spoil: path => overwrite(path, 0, Buffer.from('a letter, and no database\n'.repeat(40))),
      code: 2,
      says: /is not a database/,
    },
    'FAULTS 17: a newer schema': {
      spoil: path => {
        const file = openWrite(path)
        file.exec(`insert into kysely_migration values ('999-future', '2030-01-01T00:00:00.000Z')`)
        file.close()
      },
      code: 2,
      says: new RegExp(`newer socsync: its schema is ${SCHEMA + 1}, this one reads ${SCHEMA}`),
    },
    "another program's": {
      spoil: path => {
        rmSync(path)
        const file = new Database(path)
        file.exec('create table notes (text)')
        file.close()
      },
      code: 2,
      says: /is a SQLite file of another program/,
    },
  }
  const COMMANDS = (path: string): readonly (readonly string[])[] => [
    ['status', '--db', path],
    ['db', 'check', '--db', path],
    ['db', 'migrate', '--db', path],
    runOf(path, 'one.post'),
  ]

  for (const [name, spoilt] of Object.entries(SPOILT)) {
    const tags = /^FAULTS (13|17)/.test(name) ? [] : ['long']
    it(`${name}: every command refuses it and changes nothing`, { tags }, async () => {
      const path = copyOfWhole(`${name.replaceAll(/\W+/g, '-')}.db`)
      spoilt.spoil(path)
      const before = hashOf(path)
      for (const args of COMMANDS(path)) {
        const ended = await call(...args)
        expect({ args, code: ended.code, stdout: ended.stdout }).toEqual({
          args,
          code: spoilt.code,
          stdout: '',
        })
        expect(ended.stderr).toMatch(spoilt.says)
        expect(ended.stderr).toContain(path)
      }
      expect(hashOf(path)).toBe(before)
    })
  }

  it('FAULTS 14: noise among its rows is found by db check, and no backup is made of it', async () => {
    const path = copyOfWhole('noise.db')
    const [page] = query(path, `select pageno from dbstat where name = 'posts' and pagetype = 'leaf' limit 1`)
    overwrite(path, (Number(page?.pageno) - 1) * 4096, Buffer.alloc(8192, 0xa5))
    const checked = await call('db', 'check', '--db', path, '--json')
    expect({ code: checked.code, ...JSON.parse(checked.stdout) }).toMatchObject({
      code: 1,
      whole: false,
      violations: [{ rule: 'integrity' }],
    })
    const exported = await call('export', 'posts', '--db', path)
    expect(exported).toMatchObject({ code: 1 })
    expect(exported.stderr).toMatch(/^socsync: .*noise\.db is damaged\n.*backup/)
    const copied = await call('db', 'backup', folder.file('noise.bak'), '--db', path)
    expect(copied).toMatchObject({ code: 1 })
    expect(copied.stderr).toContain('noise.db is damaged: no backup was made of it')
    expect(readdirSync(folder.path).filter(name => name.includes('noise.bak'))).toEqual([])
  })

  it('FAULTS 16: an empty file is a new one for run alone', async () => {
    const path = folder.file('empty.db')
    writeFileSync(path, '')
    for (const args of COMMANDS(path).slice(0, -1)) {
      const ended = await call(...args)
      expect({ args, code: ended.code }).toEqual({ args, code: 2 })
      expect(ended.stderr).toContain(`${path} is empty: no database yet`)
    }
    expect(statSync(path).size).toBe(0)
    expect(await call(...runOf(path, 'one.post'))).toMatchObject({ code: 0, stderr: '' })
    await expectWhole(path)
  })

  it('FAULTS 19: in a folder that cannot be written, a run ends before a call is made, and a backup can be read', async ({
    skip,
  }) => {
    using there = tempFolder()
    copyFileSync(folder.file('run.db'), there.file('run.db'))
    copyFileSync(whole, there.file('whole.db'))
    using disk = readOnly(there.path)
    if (disk === null) return skip(NO_MOUNT)
    const calls = sandbox.log.calls.length
    for (const name of ['run.db', 'whole.db', 'new.db']) {
      const ended = await call(...runOf(disk.file(name), 'one.post'))
      expect({ name, code: ended.code }).toEqual({ name, code: 2 })
      expect(ended.stderr).toMatch(new RegExp(`^socsync: .*${name}.*\\n.*must (exist and )?be writable`))
    }
    expect(sandbox.log.calls.length).toBe(calls)
    expect(await call('status', '--db', disk.file('whole.db'))).toMatchObject({ code: 0 })
    expect(await call('db', 'backup', disk.file('b.db'), '--db', whole)).toMatchObject({ code: 2 })
  })
})
