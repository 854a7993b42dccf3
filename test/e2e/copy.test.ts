// @module-tag long
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { MIGRATIONS, migrate } from '../../src/store/admin/migrate.ts'
import { copyStore } from '../../src/store/maintenance.ts'
import { withReader } from '../../src/store/reader.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { type Everything, everythingIn, everythingOf } from '../support/copied.ts'
import { perTest } from '../support/fresh.ts'
import { startHeld } from '../support/held.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, resultRows } from '../support/tables.ts'

const DAY = 86_400_000
/** Ids that no number of JavaScript can hold, texts of many scripts, bytes that are no text, absent values, ids of rows that are gone. */
const PLANTED = `
  insert into sync_runs (id, trigger, scopes, params, trace_id, created_at) values (9007199254740, 'cli', '[]', '{}', 't', '2026-10-01T00:00:00.000Z');
  delete from sync_runs where id = 9007199254740;
  insert into raw_bodies values ('ffff', x'00ff0a80c328'), ('', x'');
  insert into profiles (network, id, username, bio, followers_count, first_seen_at, fetched_at, job_id, walk_id) values
    ('tiktok', '9223372036854775807', 'a\\b"c', char(10) || '👩‍👩‍👧 ตลาดเช้า é', 9007199254740991, 'x', 'x', 1, 1),
    ('tiktok', '9223372036854775808', '', null, -1, 'x', 'x', 1, 1),
    ('tiktok', '０', '😀', '\\u0000', 0, 'x', 'x', 1, 1);
  insert into workers (id, host, pid, started_at, lease_expires_at) values ('dead', 'elsewhere', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`

const folder = tempFolder()
/** A run that was killed on its way, with what is planted. */
const source = folder.file('source.db')
let bytes: Buffer
let sandbox: TestSandbox

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const args = ['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', source]
  const { signal } = await socsync([...args, 'one.post', userId(1)], {
    env: { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:4' },
  })
  expect(signal).toBe('SIGKILL')
  const file = openWrite(source)
  expect(query(source, `select count(*) as n from sync_jobs where status = 'running'`)).not.toEqual([
    { n: 0 },
  ])
  file.exec(PLANTED)
  file.pragma('wal_checkpoint(truncate)')
  file.close()
  bytes = readFileSync(source)
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const server = perTest(() => openTestDatabase('empty'))
const copy = (from: string, to: string, crashAt = ''): Promise<Ended> =>
  socsync(['db', 'copy', '--from', from, '--to', to, '--json'], {
    env: { ...sandbox.env, SOCSYNC_CRASH_AT: crashAt },
  })
const said = async (ended: Promise<Ended>) => {
  const { code, stdout, stderr } = await ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}
const expectRefused = async (ended: Promise<Ended>, code: number, ...says: readonly RegExp[]) => {
  const found = await ended
  expect(found, found.stdout).toMatchObject({ code, stdout: '' })
  for (const words of says) expect(found.stderr).toMatch(words)
  expect(found.stderr).not.toMatch(/\n\s+at |this is a bug/)
}
let files = 0
const newFile = (): string => folder.file(`file-${++files}.db`)
const copyOf = (path: string): string => {
  const file = newFile()
  copyFileSync(path, file)
  return file
}
const passwordOf = (url: string): string => new URL(url).password
const nameOf = (url: string): string => {
  const name = new URL(url)
  name.password = ''
  return name.href
}
/** All rows but those of who is at work. */
const rowsIn = (path: string): Everything => ({ ...everythingIn(path), workers: [] })
const rowsAt = (url: string, like: string): Promise<Everything> =>
  withReader(url, async (_, reader) => everythingOf(reader, like))
const sequencesIn = (path: string) => query(path, 'select name, seq from sqlite_sequence order by 1')

describe('db copy', () => {
  it('there and back is the same rows in all tables, and leaves the source alone', async () => {
    const { url } = server()
    const there = await said(copy(source, url))
    expect(there).toMatchObject({ from: source, to: nameOf(url), went_on: false })
    expect(there.tables.profiles.rows).toBeGreaterThan(3)
    const wanted = rowsIn(source)
    expect(await rowsAt(url, source)).toEqual(wanted)
    const file = newFile()
    const back = await said(copy(url, file))
    expect(back.tables).toEqual(there.tables)
    expect(rowsIn(file)).toEqual(wanted)
    expect(Object.values(wanted).flat().length).toBeGreaterThan(50)
    expect(sequencesIn(file)).toEqual(sequencesIn(source))
    expect(readFileSync(source).equals(bytes)).toBe(true)
    expect(existsSync(`${file}.worker-copy`)).toBe(false)
    // Nothing of the copying is left in it.
    expect(query(file, `select name from sqlite_schema where name like '%copy%'`)).toEqual([])
  })

  it('what was killed at the source is gone on with at the target, under ids that were never given out', {
    tags: ['long'],
  }, async () => {
    const { url, rows } = server()
    const file = newFile()
    const tidy = copyOf(source)
    const opened = openWrite(tidy)
    opened.exec(`delete from raw_bodies where hash in ('', 'ffff')`)
    opened.close()
    await said(copy(tidy, url))
    await said(copy(tidy, file))
    for (const db of [url, file]) {
      const { code, stderr } = await socsync(['resume', '--all', '--quiet', '--db', db], { env: sandbox.env })
      expect(code, stderr).toBe(0)
    }
    const ids = 'select id from sync_runs order by id desc limit 1'
    expect(await rows(ids)).toEqual([{ id: 9007199254741 }])
    expect(query(file, ids)).toEqual([{ id: 9007199254741 }])
    const back = newFile()
    await said(copy(url, back))
    expect(resultRows(back)).toEqual(resultRows(file))
    expect(await checkFile(url)).toMatchObject({ violations: [] })
  })

  it('FAULTS 102: killed, it is refused by every other command, and the same command goes on with it', async () => {
    const { url } = server()
    expect((await copy(source, url, 'copy.written:3')).signal).toBe('SIGKILL')
    for (const args of [['status'], ['resume', '--all'], ['db', 'backup']]) {
      await expectRefused(
        socsync([...args, '--db', url], { env: sandbox.env }),
        2,
        /is a copy of .*source\.db that was not finished/,
        /db copy --from .*source\.db --to postgres:\/\/.* goes on with it/,
      )
    }
    await expectRefused(copy(url, newFile()), 2, /was not finished/)
    await expectRefused(copy(copyOf(source), url), 2, /is an unfinished copy of .*source\.db, not of/)
    const { went_on } = await said(copy(source, url))
    expect(went_on).toBe(true)
    expect(await rowsAt(url, source)).toEqual(rowsIn(source))
  })

  it('a target that is in use is refused and left as it is', async () => {
    const { url } = server()
    const used = copyOf(source)
    await expectRefused(copy(source, used), 2, /is in use: there are rows in .*; nothing was copied/)
    expect(readFileSync(used).equals(bytes)).toBe(true)
    await said(copy(source, url))
    const before = await rowsAt(url, source)
    await expectRefused(copy(source, url), 2, /is in use/)
    expect(await rowsAt(url, source)).toEqual(before)
    await expectRefused(copy(source, source), 2, /into itself/)
    await expectRefused(copy(url, url), 2, /into itself/)
    expect(readFileSync(source).equals(bytes)).toBe(true)
  })

  it('a source that a run works on, or of an older socsync, is refused, and nothing is made', {
    tags: ['long'],
  }, async () => {
    const db = newFile()
    const to = newFile()
    const args = ['run', '--network', 'instagram', '--quiet', '--db', db, 'one.post']
    await using held = await startHeld(args, sandbox)
    await expectRefused(copy(db, to), 4, /a run is at work on .*: its copy waits for its end/)
    held.letGo()
    expect((await held.running.ended).code).toBe(0)
    const older = newFile()
    const file = SqliteFile.open(older)
    await migrate(file, { migrations: Object.fromEntries(Object.entries(MIGRATIONS).slice(0, 6)) })
    await file.close()
    await expectRefused(copy(older, to), 2, /is of an older socsync \(schema 6\)/, /db migrate/)
    await expectRefused(copy(newFile(), to), 2, /no database at/)
    expect(existsSync(to)).toBe(false)
    // As a target it holds nothing: it is brought to this version.
    await said(copy(db, older))
    expect(rowsIn(older)).toEqual(rowsIn(db))
  })

  it('a target that is not the source in the end is told, and stays marked', async () => {
    const file = newFile()
    let spoiled = false
    const crash = (point: string): void => {
      if (point !== 'copy.committed' || spoiled) return
      const opened = openWrite(file)
      spoiled = opened.prepare(`update sync_runs set trigger = 'other'`).run().changes > 0
      opened.close()
    }
    await expect(copyStore(source, file, { crash, progress: () => {} })).rejects.toMatchObject({
      name: 'StoreBroken',
      message: expect.stringMatching(/is not what .*source\.db is: their sync_runs differ/),
    })
    await expect(checkFile(file)).rejects.toThrow(/was not finished/)
  })

  it('what has changed since a copy was stopped is found, and not mixed with what it was', async () => {
    const { url } = server()
    const changing = copyOf(source)
    expect((await copy(changing, url, 'copy.compared')).signal).toBe('SIGKILL')
    const file = openWrite(changing)
    file.exec(`update profiles set bio = 'new' where id = '9223372036854775808'`)
    file.close()
    await expectRefused(copy(changing, url), 2, /has changed since its copy .*: their profiles differ/)
    await expectRefused(socsync(['status', '--db', url]), 2, /was not finished/)
  })

  it('no value is copied as another one, and no password is shown', { tags: ['long'] }, async () => {
    const { url } = server()
    for (const [plant, says] of [
      [
        `update profiles set followers_count = 9007199254740993 where username = ''`,
        /profiles\.followers_count has a number that cannot be held exactly/,
      ],
      [
        `update profiles set bio = 'a' || char(0) where username = ''`,
        /profiles\.bio has a text with the character U\+0000/,
      ],
    ] as const) {
      const odd = copyOf(source)
      const file = openWrite(odd)
      file.exec(plant)
      file.close()
      await expectRefused(copy(odd, newFile()), 1, says)
    }
    const wrong = url.replace(passwordOf(url), 'not-the-password')
    for (const ended of [
      await copy(source, url, 'copy.begun'),
      await copy(source, url, 'copy.ended'),
      await socsync(['status', '--db', url]),
      await copy(source, url),
      await copy(source, wrong),
      await socsync(['db', 'copy', '--from', url, '--to', newFile()]),
    ])
      for (const text of [ended.stdout, ended.stderr])
        expect([text.includes(passwordOf(url)), text.includes('not-the-password')]).toEqual([false, false])
  })
})

describe('db copy, killed at each point and gone on with', { tags: ['long'] }, () => {
  const POINTS = ['migrate', 'migrate.written:7', 'copy.begun', 'copy.written:5', 'copy.committed:6']
  const ENDS = ['copy.compared', 'copy.ended']

  it.each([...POINTS, ...ENDS])('to a server: %s', async point => {
    const { url } = server()
    expect((await copy(source, url, point)).signal).toBe('SIGKILL')
    await said(copy(source, url))
    expect(await rowsAt(url, source)).toEqual(rowsIn(source))
  })

  it.each([...POINTS, ...ENDS])('to a file: %s', async point => {
    const { url } = server()
    await said(copy(source, url))
    const file = newFile()
    expect((await copy(url, file, point)).signal).toBe('SIGKILL')
    await said(copy(url, file))
    expect(rowsIn(file)).toEqual(rowsIn(source))
    expect(sequencesIn(file)).toEqual(sequencesIn(source))
  })

  it('again and again, a slice further each time', async () => {
    sandbox.advance(DAY)
    const { url } = server()
    let kills = 0
    for (; kills < 40; kills++) {
      const { signal, code } = await copy(source, url, 'copy.committed:2')
      if (signal === null) {
        expect(code).toBe(0)
        break
      }
    }
    expect(kills).toBeGreaterThan(3)
    expect(await rowsAt(url, source)).toEqual(rowsIn(source))
  })
})
