// @module-tag long
import { readFileSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile, pruneFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { copyDatabase, placeOf } from '../support/on-server.ts'
import { START, startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

const folder = tempFolder()
/** Three networks: walks of one profile, walks that profiles share, own posts with comments. */
const whole = folder.file('whole.db')
const LIST = [
  'instagram:two.pages.of.50',
  `instagram:${userId(1)}`,
  'tiktok:shelf.keeper',
  'tiktok:pier.way47',
]
let sandbox: TestSandbox

const call = (...args: readonly string[]): Promise<Ended> => socsync(args, { env: sandbox.env })
const copyOfWhole = (name: string): string => {
  const path = folder.file(name)
  copyDatabase(whole, path)
  return path
}
/** All rows of all tables. */
const everything = (path: string): Record<string, Row[]> =>
  Object.fromEntries(
    query(path, `select name from sqlite_schema where type = 'table' order by 1`).map(({ name }) => [
      String(name),
      query(path, `select * from ${name}`),
    ]),
  )
const count = (path: string, table: string, where = 'true'): number =>
  Number(query(path, `select count(*) as n from ${table} where ${where}`)[0]?.n)
const change = (path: string, sql: string): void => {
  const file = openWrite(path)
  file.exec(sql)
  file.close()
}
const expectWhole = async (path: string): Promise<void> =>
  expect(await checkFile(placeOf(path))).toMatchObject({ violations: [] })

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const run = ['run', '--scope', 'all', '--since', '2026-06-01', '--quiet', '--db', folder.file('run.db')]
  expect(await call(...run, ...LIST)).toMatchObject({ code: 0, stderr: '' })
  copyDatabase(folder.file('run.db'), whole)
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('db prune', () => {
  const OLD = '2020-01-01T00:00:00.000Z'
  /** What was fetched long ago: a post with its media and comments, and all but one comment of another. */
  const age = (path: string): { gone: string; kept: string } => {
    const [gone, kept] = query(
      path,
      `select post_id from comments join posts using (network) where posts.id = post_id
        group by post_id having count(*) > 2 and count(parent_id) = 0 order by count(*) desc limit 2`,
    ).map(({ post_id }) => String(post_id))
    if (gone === undefined || kept === undefined) throw new Error('too few comments')
    const both = `('${gone}', '${kept}')`
    change(
      path,
      `update comments set fetched_at = '${OLD}' where post_id in ${both}
         and id <> (select max(id) from comments where post_id = '${kept}');
       update media set fetched_at = '${OLD}' where post_id in ${both};
       update posts set fetched_at = '${OLD}' where id in ${both};
       update metrics set observed_at = '${OLD}' where subject_id in ${both};
       insert into revisions select network, 'post', id, '${OLD}', 'caption', 'x' from posts where id in ${both};
       update raw_pages set fetched_at = '${OLD}' where walk_id = (select min(walk_id) from raw_pages)`,
    )
    return { gone, kept }
  }

  it('only counts without --yes, and then deletes just that', async () => {
    const path = copyOfWhole('counted.db')
    age(path)
    const before = everything(path)
    const args = ['db', 'prune', '--older-than', '2000d', '--db', path]
    const dry = await call(...args, '--json')
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    expect(everything(path)).toEqual(before)
    expect((await call(...args)).stdout).toMatch(
      /^would be deleted\n[\s\S]*Nothing was deleted: add --yes\.\n$/,
    )

    const wet = await call(...args, '--yes', '--json')
    const [counted, done] = [JSON.parse(dry.stdout), JSON.parse(wet.stdout)]
    expect([counted.deleted, done.deleted]).toEqual([false, true])
    expect(done.rows).toEqual(counted.rows)
    const left = Object.entries(everything(path)).map(([table, rows]) => [
      table,
      (before[table]?.length ?? 0) - rows.length,
    ])
    expect(Object.fromEntries(left)).toMatchObject(done.rows)
    expect(query(path, `select name from sqlite_schema where name like 'erase%'`)).toEqual([])
    expect((await call(...args, '--yes')).stdout).toBe('there is nothing to delete\n')
  })

  it('keeps what something younger hangs on, and leaves a whole file', async () => {
    const path = copyOfWhole('kept.db')
    const { gone, kept } = age(path)
    // The comment that was fetched lately is an answer now.
    const parent = `(select min(id) from comments where post_id = '${kept}')`
    change(
      path,
      `update comments set parent_id = ${parent} where post_id = '${kept}' and fetched_at <> '${OLD}'`,
    )
    const posts = count(path, 'posts')
    const bodies = count(path, 'raw_bodies')
    await pruneFile({ db: placeOf(path), olderThanMs: 2000 * 86_400_000, now: Date.now(), really: true })
    for (const table of ['comments', 'media']) expect(count(path, table, `post_id = '${gone}'`)).toBe(0)
    expect(
      count(path, 'metrics', `subject_id = '${gone}'`) + count(path, 'revisions', `subject_id = '${gone}'`),
    ).toBe(0)
    expect(count(path, 'posts')).toBe(posts - 1)
    expect(count(path, 'comments', `post_id = '${kept}'`)).toBe(2)
    expect(count(path, 'metrics', `subject_id = '${kept}'`)).toBeGreaterThan(0)
    expect(count(path, 'raw_bodies')).toBeLessThan(bodies)
    await expectWhole(path)
  })

  it('of everything leaves runs and jobs, and a file that the next run fills again', async () => {
    const path = copyOfWhole('all.db')
    await pruneFile({ db: placeOf(path), olderThanMs: 0, now: START + 86_400_000, really: true })
    for (const table of ['profiles', 'posts', 'media', 'comments', 'metrics', 'raw_bodies']) {
      expect([table, count(path, table)]).toEqual([table, 0])
    }
    expect(count(path, 'sync_jobs')).toBe(LIST.length)
    await expectWhole(path)
    const run = ['run', '--scope', 'posts', '--quiet', '--db', path, 'instagram:two.pages.of.50']
    expect(await call(...run)).toMatchObject({ code: 0, stderr: '' })
    await expectWhole(path)
  })
})

describe('db purge', () => {
  /** Every text in the file's pages and in its raw zone that says this. */
  const traces = (path: string, text: string): number =>
    Number(readFileSync(path).includes(text)) +
    query(path, 'select body from raw_bodies').filter(({ body }) =>
      zstdDecompressSync(body as Buffer).includes(text),
    ).length

  const profiles = [
    // The ledger counts an own account's calls under its id, which is the credential's.
    { network: 'instagram', entity: userId(1), names: [], tags: [] },
    { network: 'instagram', entity: 'two.pages.of.50', names: ['two.pages.of.50'], tags: ['long'] },
    { network: 'tiktok', entity: 'shelf.keeper', names: ['shelf.keeper'], tags: ['long'] },
  ]
  for (const { network, entity, names, tags } of profiles) {
    it(`leaves no trace of ${network} ${entity}, and all of the others`, { tags }, async () => {
      const path = copyOfWhole(`purged-${entity}.db`)
      const [profile] = query(path, `select profile_id as id from entities where entity_id = '${entity}'`)
      const id = String(profile?.id)
      const posts = query(path, `select id from posts where profile_id = '${id}'`).map(post =>
        String(post.id),
      )
      const others = `profile_id <> '${id}'`
      const theirs = query(path, `select * from posts where ${others} order by network, id`)
      expect(posts.length).toBeGreaterThan(0)
      expect(traces(path, String(posts[0]))).toBeGreaterThan(1)

      const args = ['db', 'purge', '--network', network, '--entity', entity, '--db', path]
      const dry = await call(...args, '--json')
      expect(traces(path, String(posts[0]))).toBeGreaterThan(1)
      const wet = await call(...args, '--yes', '--json')
      expect(wet).toMatchObject({ code: 0, stderr: '' })
      expect(JSON.parse(wet.stdout).rows).toEqual(JSON.parse(dry.stdout).rows)
      expect(JSON.parse(wet.stdout).rows).toMatchObject({
        posts: posts.length,
        profiles: 1,
        entities: 1,
        sync_jobs: 1,
      })

      for (const text of [...names, ...posts]) {
        expect([text, traces(path, text)]).toEqual([text, 0])
      }
      expect(query(path, `select * from posts where ${others} order by network, id`)).toEqual(theirs)
      await expectWhole(path)
      expect(await call(...args, '--yes')).toMatchObject({ code: 2 })
      expect(await call('resume', '--all', '--quiet', '--db', path)).toMatchObject({ code: 0 })
    })
  }

  it('of a profile that the file does not hold is refused', async () => {
    const ended = await call(
      'db',
      'purge',
      '--network',
      'tiktok',
      '--entity',
      'nobody',
      '--yes',
      '--db',
      whole,
    )
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('there is no tiktok profile "nobody"')
  })
})
