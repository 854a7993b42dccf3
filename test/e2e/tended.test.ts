// @module-tag long
import { zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backUpFile, checkFile, nameOfDatabase } from '../../src/app/admin/db.ts'
import { findDrift } from '../../src/app/admin/drift.ts'
import { openRawZone } from '../../src/app/admin/raw-zone.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { prune } from '../../src/store/admin/prune.ts'
import { purge } from '../../src/store/admin/purge.ts'
import { type RebuildOptions, rebuild } from '../../src/store/admin/rebuild.ts'
import { reopen } from '../../src/store/admin/reopen.ts'
import type { Database } from '../../src/store/database/database.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { copyInto, type Everything, everythingIn, everythingOf } from '../support/copied.ts'
import { PLANTS, plantIn } from '../support/plants.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { START, startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const DAY = 86_400_000
const { channels } = YOUTUBE_SPECIALS
const LIST = [
  ...['instagram:two.pages.of.50', `instagram:${userId(1)}`, 'instagram:albums.only'],
  ...[`youtube:${channels.members}`, 'youtube:@ตลาดเช้า', `youtube:${channels.thai}`],
  ...['tiktok:shelf.keeper', 'tiktok:pier.way47', 'tiktok:gone.author'],
]

const folder = tempFolder()
/** Four nights of a world that moves; of the second a budget left chains that are unfinished. */
const nights = folder.file('nights.db')
/** One run of Instagram alone. */
const run = folder.file('run.db')
let sandbox: TestSandbox

const night = async (...flags: readonly string[]): Promise<void> => {
  sandbox.advance(DAY)
  const args = ['run', '--quiet', '--db', nights, ...flags, ...LIST]
  const { code, stderr } = await socsync(args, { env: sandbox.env })
  expect([0, 3], stderr).toContain(code)
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks, moving: true })
  const args = ['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', run]
  const ids = ['one.post', 'albums.only', userId(1), 'nobody.here']
  expect(await socsync([...args, ...ids], { env: sandbox.env })).toMatchObject({ code: 0 })
  await night('--scope', 'all')
  await night('--scope', 'posts', '--since', '2026-08-01', '--budget', '30')
  await night('--scope', 'all', '--limit-posts', '7', '--limit-comments', '5')
  await night('--scope', 'profile')
}, 300_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

interface Both extends AsyncDisposable {
  readonly path: string
  readonly url: string
  readonly file: Database
  readonly server: Database
  /** What the two hold; the server's is asked for of the file's tables. */
  held(): Promise<{ file: Everything; server: Everything }>
}

let copies = 0

/** The same rows in a file and on a server. `plant` = what is done to them before. */
const openBoth = async (of: string, plant = ''): Promise<Both> => {
  const path = folder.file(`copy-${++copies}.db`)
  await backUpFile({ db: of, to: path, force: false, now: START })
  plantIn(path, plant)
  const place = await openTestDatabase()
  const server = await PostgresDatabase.open(place.url)
  await copyInto(path, server)
  const file = SqliteFile.open(path)
  return {
    ...{ path, url: place.url, file, server },
    held: async () => ({ file: everythingIn(path), server: await everythingOf(server.committed, path) }),
    [Symbol.asyncDispose]: async () => {
      await file.close()
      await server.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

const expectSame = async ({ held }: Both): Promise<Everything> => {
  const { file, server } = await held()
  for (const [table, rows] of Object.entries(file)) expect([table, server[table]]).toEqual([table, rows])
  return file
}
const expectWhole = async ({ path, url }: Both): Promise<void> => {
  for (const db of [path, url]) expect(await checkFile(db)).toMatchObject({ violations: [] })
}

describe('on SQLite and PostgreSQL', () => {
  it.each([
    ['nothing', -DAY],
    ['the first night', 1.5 * DAY],
    ['all but the last', 3.5 * DAY],
    ['everything', 9 * DAY],
  ])('db prune deletes %s', async (what, until) => {
    await using both = await openBoth(nights)
    const before = await expectSame(both)
    const at = new Date(START + until).toISOString()
    const counted = await prune(both.file, at, false)
    expect(await prune(both.server, at, false)).toEqual(counted)
    expect(await expectSame(both)).toEqual(before)
    expect(await prune(both.file, at, true)).toEqual(counted)
    expect(await prune(both.server, at, true)).toEqual(counted)
    const deleted = Object.values(counted).reduce((sum, rows) => sum + rows, 0)
    if (what === 'nothing') expect(deleted).toBe(0)
    else expect(deleted).toBeGreaterThan(50)
    await expectSame(both)
    await expectWhole(both)
  })

  it.each([
    ['instagram', userId(1)],
    ['youtube', '@ตลาดเช้า'],
    ['tiktok', 'shelf.keeper'],
  ])('db purge deletes %s %s', async (network, entity) => {
    await using both = await openBoth(nights)
    const authorOf = () => []
    const erased = await purge(both.file, { network, id: entity, authorOf }, true)
    expect(erased.posts).toBeGreaterThan(0)
    expect(await purge(both.server, { network, id: entity, authorOf }, false)).toEqual(erased)
    expect(await purge(both.server, { network, id: entity, authorOf }, true)).toEqual(erased)
    await expectSame(both)
    await expectWhole(both)
    await expect(purge(both.server, { network, id: entity, authorOf }, true)).rejects.toThrow(
      /there is no .* profile/,
    )
  })

  const SPOILS = `
    update posts set caption = null, like_count = 1 where network = 'instagram';
    update comments set content = 'wrong', author_id = null where rowid % 2 = 0;
    delete from media where network = 'youtube';
    insert into posts (network, id, profile_id, caption, first_seen_at, fetched_at, job_id, walk_id)
      select network, id || '0', profile_id, 'never sent', first_seen_at, fetched_at, job_id, walk_id
      from posts where network = 'youtube' limit 2;
    delete from metrics where name = 'like_count';
    update revisions set text = 'another';
    update profiles set verified = 1, extra = '{}'`
  const { read } = openRawZone(networks)
  const options: RebuildOptions = {
    ...{ read, dryRun: false, crash: () => {}, progress: () => {} },
    backup: folder.file('as-it-was.bak'),
  }

  it('db rebuild changes nothing where the tables are what the answers say', async () => {
    await using both = await openBoth(nights)
    const before = await expectSame(both)
    const told = await rebuild(both.file, options)
    expect(told.pages).toBeGreaterThan(50)
    expect(await rebuild(both.server, options)).toEqual(told)
    expect(await expectSame(both)).toEqual(before)
  })

  it('db rebuild brings back what was spoiled, whole or not at all', async () => {
    await using both = await openBoth(nights, SPOILS)
    const spoiled = await expectSame(both)
    const told = await rebuild(both.file, { ...options, dryRun: true })
    expect(told.tables.posts?.gone).toBe(2)
    expect(await rebuild(both.server, { ...options, dryRun: true })).toEqual(told)
    const crash = (point: string): void => {
      if (point === 'rebuild.written') throw new Error('ended here')
    }
    await expect(rebuild(both.server, { ...options, crash })).rejects.toThrow('ended here')
    expect(await expectSame(both)).toEqual(spoiled)

    expect(await rebuild(both.server, options)).toEqual({ ...told, backup: null })
    const copied = await rebuild(both.file, { ...options, backup: `${both.path}.bak` })
    expect(copied).toEqual({ ...told, backup: expect.anything() })
    await expectSame(both)
    await expectWhole(both)
    // The connection has its own tables again.
    expect(await rebuild(both.server, options)).toMatchObject({
      tables: { posts: { changed: 0, rows: told.tables.posts?.rows } },
    })
  })

  it('db rebuild leaves alone what has no answers any more', async () => {
    const [page] = query(
      nights,
      `select body_hash from raw_pages join sync_walks on sync_walks.id = raw_pages.walk_id
      where network = 'youtube' and stream = 'uploads' order by raw_pages.id desc limit 1`,
    )
    const unreadable = zstdCompressSync('{').toString('hex')
    await using both = await openBoth(
      nights,
      `${SPOILS};
      update raw_bodies set body = x'${unreadable}' where hash = '${page?.body_hash}';
      update entities set pruned_until = '2026-10-03T12:00:00.000Z' where network = 'tiktok'`,
    )
    const told = await rebuild(both.server, options)
    expect(told.unread.length).toBeGreaterThan(0)
    expect(told.tables.posts?.kept).toBeGreaterThan(0)
    expect(await rebuild(both.file, { ...options, backup: `${both.path}.bak` })).toMatchObject({
      ...told,
      backup: {},
    })
    await expectSame(both)
  })

  const plants = Object.entries(PLANTS).filter(([, { finds }]) => !('integrity' in finds))
  it.each(plants)('db check names %s', async (_, { sql }) => {
    await using both = await openBoth(run, sql)
    const [ofFile, ofServer] = [await checkFile(both.path), await checkFile(both.url)]
    const counts = ({ violations }: typeof ofFile) => violations.map(({ rule, count }) => [rule, count])
    expect(counts(ofServer)).toEqual(counts(ofFile))
    expect(ofServer.rules).toBe(ofFile.rules)
    for (const [at, { rule, count, examples }] of ofServer.violations.entries()) {
      expect(examples.length).toBe(ofFile.violations[at]?.examples.length)
      // Of more than three any three are told; a row that points to nothing is told by its place.
      if (count <= 3 && rule !== 'foreign-key') {
        expect(examples.toSorted()).toEqual(ofFile.violations[at]?.examples.toSorted())
      }
    }
  })

  it('db drift counts the same', async () => {
    await using both = await openBoth(nights)
    const drift = (db: string) => findDrift({ db, networks, network: null, since: null, progress: () => {} })
    const told = await drift(both.path)
    expect(told.pages).toBeGreaterThan(50)
    expect(await drift(both.url)).toEqual(told)
  })

  it('a network is reopened', async () => {
    await using both = await openBoth(
      nights,
      `update quota set exhausted_until = '2026-10-09T00:00:00.000Z', refused_as = 'quota-exhausted';
      update sync_jobs set status = 'partial', error_type = 'quota_exhausted', not_before = '2026-10-09T00:00:00.000Z'
        where id % 2 = 0;
      update sync_tasks set status = 'pending', not_before = '2026-10-09T00:00:00.000Z' where job_id % 2 = 0;
      update sync_walks set not_before = '2026-10-09T00:00:00.000Z'`,
    )
    for (const network of ['instagram', 'youtube']) {
      const reopened = await reopen(both.file, network)
      expect(reopened.jobs).toBeGreaterThan(0)
      expect(await reopen(both.server, network)).toEqual(reopened)
      await expectSame(both)
    }
  })

  it('a copy is made of a file alone; of a server the message names the tool that makes one, and no password', async () => {
    await using both = await openBoth(run)
    const refused = backUpFile({ db: both.url, to: null, force: false, now: START })
    await expect(refused).rejects.toThrow(
      /^postgres:\/\/socsync@127\.0\.0\.1:\d+\/test_\w+ lies on a server: no copy/,
    )
    const { hint } = await refused.catch(error => error)
    expect(hint).toMatch(/pg_dump -Fc -f socsync.dump "postgres:\/\/socsync@127/)
    expect(nameOfDatabase(both.url)).toBe(both.server.name)
    expect(both.url).not.toBe(both.server.name)
  })
})
