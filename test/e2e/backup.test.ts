// @module-tag long
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { MIGRATIONS } from '../../src/store/admin/migrate.ts'
import { Worker } from '../../src/store/queue/worker.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { keepSaid } from '../support/artefacts.ts'
import { type Ended, socsync, start, tempFolder } from '../support/cli.ts'
import { startAndSignal, until } from '../support/kill.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, resultRows } from '../support/tables.ts'

const folder = tempFolder()
/** What an undisturbed run left. */
const whole = folder.file('whole.db')
const SCHEMA = Object.keys(MIGRATIONS).length
let sandbox: TestSandbox

const runOf = (db: string, ...ids: readonly string[]): string[] => [
  ...['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', db],
  ...ids,
]
const call = (...args: readonly string[]): Promise<Ended> => socsync(args, { env: sandbox.env })
const copyOfWhole = (name: string): string => {
  const path = folder.file(name)
  copyFileSync(whole, path)
  return path
}
const temporary = (): string[] => readdirSync(folder.path).filter(name => name.endsWith('.tmp'))
const expectWhole = async (path: string): Promise<void> =>
  expect(await checkFile(path)).toMatchObject({ violations: [] })

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const run = runOf(folder.file('run.db'), 'two.pages.of.50', userId(1))
  expect(await call(...run)).toMatchObject({ code: 0, stderr: '' })
  await backUp(folder.file('run.db'), whole, false)
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('db backup', () => {
  it('FAULTS 20: copies what is in the log, too, and names the copy after the moment', async () => {
    const db = folder.file('named.db')
    expect(await call(...runOf(db, 'one.post'))).toMatchObject({ code: 0 })
    // A reader that is open keeps the log from being emptied into the file.
    const reader = SqliteFile.openReader(db)
    await reader.db.selectFrom('posts').selectAll().execute()
    expect(await call(...runOf(db, 'albums.only'))).toMatchObject({ code: 0 })
    expect(statSync(`${db}-wal`).size).toBeGreaterThan(0)
    const { code, stdout } = await call('db', 'backup', '--db', db, '--json')
    await reader.close()
    const { backup } = JSON.parse(stdout)
    expect({ code, name: basename(backup.file) }).toEqual({
      code: 0,
      name: expect.stringMatching(/^named\.db\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.bak$/),
    })
    expect(statSync(backup.file)).toMatchObject({ size: backup.bytes })
    expect(statSync(backup.file).mode & 0o777).toBe(0o600)
    expect(resultRows(backup.file)).toEqual(resultRows(db))
  })

  it('copies one moment of a file that a run is writing, and the run goes on', async () => {
    const db = folder.file('busy.db')
    const copy = folder.file('busy.bak')
    // So slow that the run outlasts the start of another process on a busy machine.
    sandbox.setSwitch('slow', { value: 300 })
    const running = start(runOf(db, 'two.pages.of.50', userId(1)), { env: sandbox.env })
    const calls = sandbox.log.calls.length
    await until(running, () => sandbox.log.calls.length > calls + 12)
    const made = await call('db', 'backup', copy, '--db', db)
    sandbox.switches.clear()
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
    await expectWhole(copy)
    const count = (path: string): unknown => query(path, 'select count(*) as pages from raw_pages')[0]?.pages
    expect(count(copy)).toBeGreaterThan(0)
    expect(count(copy)).toBeLessThan(Number(count(db)))
    // The copy is a file to go on with: what its run had not read yet is fetched.
    expect(await call('resume', '--all', '--quiet', '--db', copy)).toMatchObject({ code: 0, stderr: '' })
    expect(resultRows(copy)).toEqual(resultRows(whole))
  })

  it.each([
    {
      what: 'a file that is there',
      to: () => copyOfWhole('taken.bak'),
      says: /taken\.bak exists already\n.*--force/,
    },
    {
      what: 'a place in no folder',
      to: () => folder.file('nowhere/x.bak'),
      says: /cannot open .*x\.bak\n.*folder/,
    },
    { what: 'the database itself', force: true, to: () => whole, says: /whole\.db is the database itself/ },
    { what: 'a folder', force: true, to: () => folder.path, says: /is no file/ },
    { what: 'a database in use', force: true, to: () => inUse(), says: /in-use\.db is a database in use/ },
  ])('is refused over $what', async ({ to, says, force = false }) => {
    const path = to()
    const before = readFileSync(whole)
    const ended = await call('db', 'backup', path, '--db', whole, ...(force ? ['--force'] : []))
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(says)
    expect(readFileSync(whole).equals(before)).toBe(true)
    expect(temporary()).toEqual([])
  })

  it('takes the place of an older one with --force', async () => {
    const path = folder.file('older.bak')
    writeFileSync(path, 'older')
    expect(await call('db', 'backup', path, '--force', '--db', whole)).toMatchObject({ code: 0 })
    await expectWhole(path)
  })

  it('killed on its way leaves the older copy, and the next one clears up', async () => {
    const db = copyOfWhole('large.db')
    const file = openWrite(db)
    file.exec(`with recursive n (n) as (select 1 union all select n + 1 from n where n < 80)
      insert into raw_bodies select 'large' || n, randomblob(1000000) from n`)
    file.close()
    const copy = folder.file('large.bak')
    writeFileSync(copy, 'older')
    const args = ['db', 'backup', copy, '--force', '--db', db]
    const half = (): boolean => temporary().some(name => statSync(folder.file(name)).size > 4_000_000)
    const killed = await startAndSignal(args, { env: sandbox.env }, half, 'SIGKILL')
    expect(killed).toMatchObject({ signal: 'SIGKILL' })
    expect(readFileSync(copy, 'utf8')).toBe('older')
    expect(temporary()).not.toEqual([])

    expect(await call(...args)).toMatchObject({ code: 0 })
    expect(temporary()).toEqual([])
    expect(statSync(copy).size).toBeGreaterThan(80_000_000)
  })
})

const inUse = (): string => {
  const path = copyOfWhole('in-use.db')
  writeFileSync(`${path}-wal`, '')
  return path
}

describe('FAULTS 5, 18: migration', () => {
  const LATER = fileURLToPath(new URL('../support/migrate-later.ts', import.meta.url))
  /** A later socsync with two more migrations opens the file. */
  const later = (path: string, crashAt = '') => {
    const { signal, status, stdout } = spawnSync(process.execPath, [LATER, path, crashAt], {
      encoding: 'utf8',
    })
    keepSaid(stdout)
    return { signal, status, ...JSON.parse(stdout || '{}') }
  }
  const schemaOf = (path: string): unknown[] =>
    query(path, 'select name from kysely_migration order by name').map(({ name }) => name)
  const KNOWN = Object.keys(MIGRATIONS)

  it('copies the file as it was, then changes it, and an older socsync refuses it from then on', async () => {
    const path = copyOfWhole('older.db')
    const before = resultRows(path)
    const file = `${path}.schema-${SCHEMA}.bak`
    expect(later(path)).toMatchObject({ status: 0, from: SCHEMA, to: SCHEMA + 2, backup: { file } })
    expect(schemaOf(path)).toEqual([...KNOWN, '998-words', '999-mood'])
    expect(query(path, 'select count(*) as n from words')).toEqual([{ n: before.posts?.length }])
    expect(schemaOf(file)).toEqual(KNOWN)
    expect(resultRows(file)).toEqual(before)
    await expectWhole(file)
    expect(await call('status', '--db', path)).toMatchObject({ code: 2 })
    expect(await call('status', '--db', file)).toMatchObject({ code: 0 })
  })

  it.each([
    ['migrate:1', KNOWN],
    ['migrate.written:1', KNOWN],
    ['migrate:2', [...KNOWN, '998-words']],
    ['migrate.written:2', [...KNOWN, '998-words']],
  ])(
    'killed at %s it leaves one schema or the next, and is done again',
    { tags: ['long'] },
    async (point, schema) => {
      const path = copyOfWhole(`${point.replaceAll(/\W/g, '-')}.db`)
      const before = resultRows(path)
      expect(later(path, point)).toMatchObject({ signal: 'SIGKILL' })
      expect(schemaOf(path)).toEqual(schema)
      expect(query(path, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
      expect(query(path, `select name from sqlite_schema where name = 'words'`)).toHaveLength(
        schema.length - SCHEMA,
      )
      expect(resultRows(path)).toEqual(before)
      await expectWhole(`${path}.schema-${SCHEMA}.bak`)
      expect(later(path)).toMatchObject({ status: 0, to: SCHEMA + 2 })
    },
  )

  it.each(['migrate', 'migrate.written'])(
    'of a new file, killed at %s, is done by the next run',
    { tags: ['long'] },
    async point => {
      const path = folder.file(`new-${point}.db`)
      await SqliteFile.open(path).close()
      const env = { ...sandbox.env, SOCSYNC_CRASH_AT: point }
      expect(await socsync(['db', 'migrate', '--db', path], { env })).toMatchObject({ signal: 'SIGKILL' })
      expect(await call('status', '--db', path)).toMatchObject({ code: 2 })
      expect(await call(...runOf(path, 'one.post'))).toMatchObject({ code: 0, stderr: '' })
      await expectWhole(path)
      const again = await call('db', 'migrate', '--db', path)
      expect(again).toMatchObject({ code: 0, stdout: `${path} has schema ${SCHEMA} already\n` })
      expect(readdirSync(folder.path).filter(name => name.startsWith(`new-${point}.db.schema`))).toEqual([])
    },
  )

  it('FAULTS 99: waits for the end of a run that is at work on the file', async () => {
    const path = copyOfWhole('worked.db')
    const file = SqliteFile.open(path)
    const worker = await Worker.start(file)
    expect(later(path)).toMatchObject({ status: 1, exitCode: 4, name: 'Locked' })
    const pruned = await call('db', 'prune', '--older-than', '1d', '--yes', '--db', path)
    expect(pruned).toMatchObject({ code: 4, stdout: '' })
    expect(pruned.stderr).toContain(`a run is at work on ${path}`)
    await worker.stop(new Date().toISOString())
    await file.close()
    expect(later(path)).toMatchObject({ status: 0 })
  })
})

it('FAULTS 6: an export that was killed leaves the older file, and the next one clears up', async () => {
  const db = copyOfWhole('exported.db')
  const file = openWrite(db)
  file.exec(`with recursive n (n) as (select 1 union all select n + 1 from n where n < 200000)
    insert into metrics select 'instagram', 'post', 'p' || n, 'reach', '2026-01-01T00:00:00.000Z', n from n`)
  file.close()
  const out = folder.file('metrics.csv')
  writeFileSync(out, 'older')
  const args = ['export', 'metrics', '--out', out, '--force', '--db', db]
  const half = (): boolean => temporary().some(name => statSync(folder.file(name)).size > 500_000)
  const killed = await startAndSignal(args, { env: sandbox.env }, half, 'SIGKILL')
  expect(killed).toMatchObject({ signal: 'SIGKILL' })
  expect(readFileSync(out, 'utf8')).toBe('older')
  expect(temporary()).not.toEqual([])

  expect(await call(...args)).toMatchObject({ code: 0 })
  expect(temporary()).toEqual([])
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(1 + Number(query(db, 'select count(*) as n from metrics')[0]?.n))
})
