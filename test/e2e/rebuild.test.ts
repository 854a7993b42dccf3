// @module-tag long
import { existsSync, readdirSync } from 'node:fs'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rebuildFile } from '../../src/app/admin/db.ts'
import { openRawZone } from '../../src/app/admin/raw-zone.ts'
import type { Cursor } from '../../src/core/stream.ts'
import type { Network } from '../../src/networks/contract.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { storedPages } from '../../src/store/admin/stored-pages.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { type Ended, socsync, start, tempFolder } from '../support/cli.ts'
import { until } from '../support/kill.ts'
import { copyDatabase } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, openWrite, query, type Row } from '../support/tables.ts'

const DAY = 86_400_000
const { channels } = YOUTUBE_SPECIALS
/** Whose posts are several pages. */
const LARGE = 'two.pages.of.50'
/** Walks of one profile and of many, own posts with comments, a handle, two names of one channel, one that is not there. */
const LIST = [
  ...[`instagram:${LARGE}`, `instagram:${userId(1)}`, 'instagram:hollow.middle'],
  ...[
    `youtube:${channels.members}`,
    `youtube:${channels.forms}`,
    'youtube:@ตลาดเช้า',
    `youtube:${channels.thai}`,
  ],
  ...[
    'tiktok:shelf.keeper',
    'tiktok:pier.way47',
    'tiktok:gone.author',
    'tiktok:swept.shelf',
    'tiktok:open.heart',
  ],
]
const DERIVED = ['profiles', 'posts', 'media', 'comments', 'likes', 'metrics', 'revisions', 'rejects']

const folder = tempFolder()
/** Four nights of a world that moves. */
const nights = folder.file('nights.db')
let sandbox: TestSandbox

const call = (db: string, ...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env })
/** Without any way out, any credential, and any of the sandbox's: a bare environment. */
const rebuild = async (db: string, ...flags: readonly string[]) => {
  const { code, stdout, stderr } = await socsync(['db', 'rebuild', '--json', '--db', db, ...flags])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}
const copyOf = (name: string, of = nights): string => {
  const path = folder.file(name)
  copyDatabase(of, path)
  return path
}
const change = (db: string, ...statements: readonly string[]): void => {
  const file = openWrite(db)
  for (const statement of statements) file.exec(statement)
  file.close()
}
const dump = (db: string): Record<string, Row[]> =>
  Object.fromEntries(
    DERIVED.map(table => [table, query(db, `select * from ${table} order by 1, 2, 3, 4, 5, 6`)]),
  )
/** Rows that only one of two dumps has: most often the same row in two states. */
const unlike = (one: Record<string, Row[]>, other: Record<string, Row[]>): string[] =>
  DERIVED.flatMap(table => {
    const lines = (of: Record<string, Row[]>) =>
      new Set(of[table]?.map(row => `${table} ${JSON.stringify(row)}`))
    return [...lines(one).symmetricDifference(lines(other))]
  })
    .sort()
    .slice(0, 6)
const everything = (db: string): Record<string, Row[]> =>
  Object.fromEntries(
    query(db, `select name from sqlite_schema where type = 'table' order by 1`).map(({ name }) => [
      String(name),
      query(db, `select * from ${name}`),
    ]),
  )
const count = (db: string, table: string, where = 'true'): number =>
  Number(query(db, `select count(*) as n from ${table} where ${where}`)[0]?.n)
const copies = (db: string): string[] =>
  readdirSync(folder.path).filter(name => folder.file(name).startsWith(`${db}.`) && name.endsWith('.bak'))

/** Changes the body of every answer whose text `edit` changes. */
const editBodies = (db: string, edit: (text: string) => string): number => {
  const file = openWrite(db)
  let edited = 0
  const write = file.prepare('update raw_bodies set body = ? where hash = ?')
  for (const { hash, body } of query(db, 'select hash, body from raw_bodies')) {
    const text = zstdDecompressSync(body as Uint8Array).toString()
    if (edit(text) === text) continue
    write.run(zstdCompressSync(edit(text)), hash)
    edited++
  }
  file.close()
  return edited
}

const night = async (db: string, ...flags: readonly string[]): Promise<void> => {
  sandbox.advance(DAY)
  const { code, stderr } = await call(db, 'run', '--scope', 'all', '--quiet', ...flags, ...LIST)
  expect(code, stderr).toBe(0)
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks, moving: true })
  // Its profile and the first page behind it have come by then.
  const restart = { network: 'instagram', value: 'cursor-refused', match: LARGE, after: 2, times: 1 }
  sandbox.setSwitch('fault', restart)
  await night(nights)
  sandbox.advance(2 * DAY)
  const args = [
    'run',
    '--scope',
    'all',
    '--quiet',
    '--lists',
    'liked,pinned,reposted',
    '--db',
    nights,
    ...LIST,
  ]
  const killed = await socsync(args, { env: { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:9' } })
  expect(killed.signal).toBe('SIGKILL')
  expect((await call(nights, 'resume', '--all', '--quiet')).code).toBe(0)
  sandbox.advance(9 * DAY)
  await night(nights, '--limit-posts', '7', '--limit-comments', '5')
  await night(nights, '--replies', 'inline')
}, 300_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('db rebuild', () => {
  it('makes of the answers what the runs made of them, to the byte, without a call or a credential', async () => {
    for (const table of ['profiles', 'posts', 'media', 'comments', 'likes', 'metrics', 'revisions']) {
      expect(count(nights, table), table).toBeGreaterThan(0)
    }
    expect(count(nights, 'sync_walks', 'restarts > 0')).toBe(1)
    const left = 'walk_id not in (select walk_id from sync_tasks where walk_id is not null)'
    expect(count(nights, 'raw_pages', left)).toBeGreaterThan(0)
    expect(count(nights, 'sync_jobs', "reason = 'duplicate'")).toBeGreaterThan(0)
    const db = copyOf('same.db')
    const before = everything(db)
    const report = await rebuild(db)
    expect(report).toMatchObject({
      dry_run: false,
      unread: [],
      backup: null,
      pages: count(db, 'raw_pages', 'part = 0'),
    })
    for (const table of DERIVED) {
      const rows = count(db, table)
      expect([table, report.tables[table]]).toEqual([
        table,
        { rows, added: 0, changed: 0, gone: 0, kept: 0, columns: {} },
      ])
    }
    expect(everything(db)).toEqual(before)
    expect(copies(db)).toEqual([])
  })

  it('asks with the cursor that the page before had named', async () => {
    const { read } = openRawZone(networks)
    const reader = SqliteFile.openReader(nights)
    const next = new Map<number, Cursor | null>()
    let followed = 0
    for await (const stored of storedPages(reader)) {
      const { walk } = stored
      const { page, stream } = read(stored)
      const named = next.get(walk.id)
      // Where a look-up goes on is the store's to say.
      if (named != null && stream.looksUp === undefined) {
        expect(walk.cursor).toEqual(named)
        followed++
      }
      next.set(walk.id, page.next)
    }
    await reader.close()
    expect(followed).toBeGreaterThan(20)
  })

  it('brings back what was spoiled; a dry run tells the same and changes nothing; a backup has it as it was', async () => {
    const db = copyOf('spoiled.db')
    const whole = dump(db)
    change(
      db,
      "update posts set caption = null, like_count = 1 where network = 'instagram'",
      "update comments set content = 'wrong', author_id = null where rowid % 2 = 0",
      "delete from media where network = 'youtube'",
      'delete from likes',
      `insert into posts (network, id, profile_id, caption, first_seen_at, fetched_at, job_id, walk_id)
        select network, id || '0', profile_id, 'never sent', first_seen_at, fetched_at, job_id, walk_id
        from posts where network = 'youtube' limit 2`,
      "delete from metrics where name = 'like_count'",
      "update metrics set value = value + 1 where subject = 'profile'",
      "update revisions set text = 'another'",
      "update profiles set verified = 1, extra = '{}'",
    )
    const spoiled = everything(db)
    const told = await rebuild(db, '--dry-run')
    expect(everything(db)).toEqual(spoiled)
    expect(copies(db)).toEqual([])
    expect(told.tables.posts.gone).toBe(2)
    expect(told.tables.posts.columns.caption).toBe(
      count(nights, 'posts', "network = 'instagram' and caption is not null"),
    )
    for (const table of ['likes', 'media', 'metrics']) expect(told.tables[table].added).toBeGreaterThan(0)
    expect(told.tables.profiles.columns).toMatchObject({ extra: count(db, 'profiles') })

    const done = await rebuild(db)
    expect({ ...done, backup: null, dry_run: true }).toEqual(told)
    expect(unlike(dump(db), whole)).toEqual([])
    expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
    const [copy = '', ...more] = copies(db)
    expect([done.backup.file, more]).toEqual([folder.file(copy), []])
    expect(everything(done.backup.file)).toEqual(spoiled)
    expect((await call(db, 'db', 'check')).code).toBe(0)
  })

  it('leaves alone what walks decided and no answer tells', async () => {
    const db = copyOf('decided.db')
    change(
      db,
      `update posts set missing_since = fetched_at, absent_since = fetched_at, absent_walks = 2, comments_reason = 'capped',
        comments_synced_at = fetched_at, comments_declared = 7, comments_stored = 5, first_seen_at = '2020-01-01T00:00:00.000Z'`,
      'update comments set missing_since = fetched_at, absent_walks = 1, replies_declared = 3',
      "update profiles set missing_since = fetched_at, first_seen_at = '2020-01-01T00:00:00.000Z'",
    )
    const decided = dump(db)
    change(
      db,
      'update posts set caption = null',
      'update comments set content = null',
      "update profiles set bio = ''",
    )
    expect((await rebuild(db)).tables.posts.changed).toBeGreaterThan(0)
    expect(unlike(dump(db), decided)).toEqual([])
  })

  it('tells by column what another reading of the answers changes', async () => {
    const db = copyOf('reread.db')
    const edited = editBodies(db, text =>
      text.includes('"media_type"') ? text.replaceAll('"caption":"', '"caption":"new: ') : text,
    )
    expect(edited).toBeGreaterThan(0)
    const own = "network = 'instagram' and caption is not null"
    const captions = count(db, 'posts', own)
    const { tables } = await rebuild(db)
    expect(tables.posts).toMatchObject({
      added: 0,
      gone: 0,
      changed: captions,
      columns: { caption: captions },
    })
    expect(tables.comments).toMatchObject({ added: 0, gone: 0, changed: 0 })
    expect(count(db, 'posts', `${own} and caption like 'new: %'`)).toBe(captions)

    const text = await call(db, 'db', 'rebuild', '--dry-run', '--no-color')
    expect(text.stdout).toMatch(
      /pages read again\n[\s\S]*the tables are what the answers say: nothing to change\n$/,
    )
  })

  it('reads the answers in the order of their commits, wherever in the file they lie', async () => {
    const db = copyOf('shuffled.db')
    const before = dump(db)
    // As a tool would that copies table by table, and a VACUUM may: each row whole, in any order.
    change(
      db,
      'create table aside as select * from raw_pages',
      'delete from raw_pages',
      'insert into raw_pages select * from aside order by walk_id % 7, seq % 3, part desc, walk_id desc',
      'drop table aside',
      'vacuum',
    )
    const { tables } = await rebuild(db)
    expect(unlike(dump(db), before)).toEqual([])
    for (const { added, changed, gone } of Object.values<Row>(tables)) {
      expect({ added, changed, gone }).toEqual({ added: 0, changed: 0, gone: 0 })
    }
    expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
  })

  it('keeps what an answer cannot be read for, with all that came before it, and says so', async () => {
    const db = copyOf('unreadable.db')
    const before = dump(db)
    const [page] = query(
      db,
      `select body_hash from raw_pages join sync_walks on sync_walks.id = raw_pages.walk_id
      where network = 'youtube' and stream = 'uploads' and part = 1 order by raw_pages.id desc limit 1`,
    )
    change(db, `update raw_bodies set body = x'00' where hash = '${page?.body_hash}'`)
    const report = await rebuild(db)
    expect(report.unread).toMatchObject([{ network: 'youtube', stream: 'uploads' }])
    expect(report.tables.posts.kept).toBeGreaterThan(0)
    expect(unlike(dump(db), before)).toEqual([])
    const text = await call(db, 'db', 'rebuild')
    expect(text.stdout).toMatch(/\nnot read: \d+ pages? of youtube uploads \(/)
  })

  it('reads pages from before their cursors were kept as the pages before them say', async () => {
    const db = copyOf('older.db')
    const before = dump(db)
    change(db, 'update raw_pages set step = null')
    const { tables, unread } = await rebuild(db)
    expect(unlike(dump(db), before)).toEqual([])
    expect(unread.map(({ reason }: { reason: string }) => reason).join()).toMatch(
      /under a limit.*began anew|began anew.*under a limit/,
    )
    expect(tables.profiles.kept).toBeLessThan(tables.profiles.rows)
  })

  it('is whole or not at all: killed before its commit, the old tables stand', async () => {
    const whole = dump(nights)
    for (const point of ['rebuild.built', 'rebuild.written']) {
      const db = copyOf(`${point}.db`)
      change(
        db,
        'update posts set caption = null',
        'delete from comments where missing_since is null and absent_walks is null and replies_declared is null',
      )
      const spoiled = everything(db)
      const env = { ...sandbox.env, SOCSYNC_CRASH_AT: point }
      expect((await socsync(['db', 'rebuild', '--db', db], { env })).signal).toBe('SIGKILL')
      expect(everything(db)).toEqual(spoiled)
      expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
      await rebuild(db)
      expect(unlike(dump(db), whole)).toEqual([])
    }
  })

  it('is refused while a run is at work, and where there is no file', async () => {
    const db = copyOf('worked.db')
    sandbox.setSwitch('slow', { value: 5_000 })
    const run = start(['run', '--network', 'instagram', '--quiet', '--db', db, 'one.post'], {
      env: sandbox.env,
    })
    const asked = sandbox.log.calls.length
    await until(run, () => sandbox.log.calls.length > asked)
    const refused = await call(db, 'db', 'rebuild')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toMatch(/a run is at work .*: a rebuild waits for its end/)
    run.kill('SIGKILL')
    await run.ended
    sandbox.switches.clear()
    const nowhere = folder.file('nowhere.db')
    expect(await call(nowhere, 'db', 'rebuild')).toMatchObject({ code: 2, stdout: '' })
    expect(existsSync(nowhere)).toBe(false)
  })

  it('leaves the rows of a network that this socsync does not know', async () => {
    const db = copyOf('unknown.db')
    const before = dump(db)
    const known: readonly Network[] = networks.filter(({ name }) => name !== 'tiktok')
    const options = { db, networks: known, dryRun: false, now: 0, crash: () => {}, progress: () => {} }
    const { tables, unread } = await rebuildFile(options)
    expect(unread.every(({ network }) => network === 'tiktok')).toBe(true)
    expect(tables.posts?.kept).toBe(count(db, 'posts', "network = 'tiktok'"))
    expect(unlike(dump(db), before)).toEqual([])
  })
})

describe('db rebuild of a file that has not all answers', () => {
  it('keeps what --raw off left none of, and reads what came since over it', async () => {
    const db = copyOf('gap.db')
    await night(db, '--raw', 'off')
    const seen = dump(db)
    const report = await rebuild(db)
    expect(unlike(dump(db), seen)).toEqual([])
    expect(report.tables.posts.kept).toBe(count(db, 'posts'))

    sandbox.advance(8 * DAY)
    await night(db)
    const whole = dump(db)
    expect(whole.metrics?.length).toBeGreaterThan(seen.metrics?.length ?? 0)
    const again = await rebuild(db)
    expect(unlike(dump(db), whole)).toEqual([])
    expect(again.tables.comments.kept).toBeLessThan(count(db, 'comments'))

    const latest = `fetched_at > '${query(db, 'select max(finished_at) as at from sync_runs where id < (select max(id) from sync_runs)')[0]?.at}'`
    expect(count(db, 'posts', latest)).toBeGreaterThan(0)
    change(
      db,
      `update posts set caption = null, like_count = 0 where ${latest}`,
      `update comments set content = null where ${latest}`,
    )
    await rebuild(db)
    expect(unlike(dump(db), whole)).toEqual([])
  }, 120_000)

  it('after prune', async () => {
    const db = copyOf('pruned.db')
    const [{ at } = {}] = query(db, 'select created_at as at from sync_runs where id = 2')
    change(db, `delete from raw_pages where fetched_at < '${at}'`)
    const before = dump(db)
    await rebuild(db)
    expect(unlike(dump(db), before)).toEqual([])
    change(
      db,
      'update posts set caption = null',
      "update profiles set name = 'x' where fetched_at > '2026-10-10'",
    )
    await rebuild(db)
    const left = dump(db)
    expect(left.profiles).toEqual(before.profiles)
    const spoiled = (left.posts ?? []).filter((row, at) => row.caption !== before.posts?.[at]?.caption)
    expect(spoiled.every(row => String(row.fetched_at) < String(at))).toBe(true)
  })
})
