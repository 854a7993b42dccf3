// @module-tag long
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import type { LoggedCall } from '../../src/sandbox/log.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const DAY_MS = 86_400_000
const OTHER = 'two.pages.of.50'

/** A sandbox, a database, and the calls of one night after another. */
const openScene = async () => {
  const sandbox: TestSandbox = await startSandbox({ networks })
  const folder = tempFolder()
  const db = folder.file('price.db')
  return {
    sandbox,
    db,
    own: sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? '',
    async night(id: string, ...flags: string[]): Promise<readonly LoggedCall[]> {
      sandbox.log.clear()
      const args = ['run', '--network', 'instagram', '--db', db, '--quiet', ...flags, id]
      const ended = await socsync(args, { env: sandbox.env })
      expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 })
      return sandbox.log.calls
    },
    /** As if so many posts, the oldest of the newest page, had had fewer likes when they were read last. */
    move(count: number): void {
      const db_ = openWrite(db)
      db_.exec(`update posts set like_count = coalesce(like_count, 0) + 1 where id in (
        select id from (select id, created_at from posts where kind != 'story' order by created_at desc limit 20)
        order by created_at limit ${count})`)
      db_.close()
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const ofInsights = ({ path, fields }: LoggedCall): boolean =>
  fields.fields?.includes('insights.metric') === true || path.endsWith('/insights')
const ofReplies = ({ path }: LoggedCall): boolean => path.endsWith('/replies')

describe('insights on later nights', () => {
  it('are asked for where a post is young or its counters moved, and not otherwise', async () => {
    await using scene = await openScene()
    const { sandbox, own, db } = scene
    await scene.night(own, '--scope', 'posts')
    const ofPosts = (calls: readonly LoggedCall[]): readonly LoggedCall[] =>
      calls.filter(call => ofInsights(call) && !/stories|\/insights$/.test(call.path))
    sandbox.advance(DAY_MS)
    expect(ofPosts(await scene.night(own, '--scope', 'posts'))).toHaveLength(1)
    // A week on, no post is young.
    sandbox.advance(8 * DAY_MS)
    expect(ofPosts(await scene.night(own, '--scope', 'posts'))).toEqual([])
    sandbox.advance(DAY_MS)
    scene.move(3)
    const seen = query(db, `select max(observed_at) as at from metrics where name = 'reach'`)
    expect(ofPosts(await scene.night(own, '--scope', 'posts'))).toHaveLength(1)
    expect(query(db, `select max(observed_at) as at from metrics where name = 'reach'`)).not.toEqual(seen)
    sandbox.advance(DAY_MS)
    expect(ofPosts(await scene.night(own, '--scope', 'posts'))).toEqual([])
  }, 120_000)

  it('cost a call for each such post where they are not nested in lists, and no other', async () => {
    await using scene = await openScene()
    const { sandbox, own } = scene
    sandbox.setSwitch('nested-insights', { value: 'refused' })
    await scene.night(own, '--scope', 'posts')
    sandbox.advance(9 * DAY_MS)
    await scene.night(own, '--scope', 'posts')
    sandbox.advance(DAY_MS)
    scene.move(3)
    const used = (): number =>
      (sandbox.sandboxes.get('instagram')?.quota() ?? []).reduce((sum, pool) => sum + pool.used, 0)
    sandbox.advance(2 * DAY_MS)
    const before = used()
    await scene.night(own, '--scope', 'posts')
    // Profile, posts, stories; its insights of five days; three posts and four stories, each in a batch.
    expect(used() - before).toBe(3 + 5 + 3 + 4)
  }, 120_000)
})

describe('threads of more than fifty replies', () => {
  const flags = ['--scope', 'comments', '--lookback', '120d'] as const

  it('are read beyond them where the number moved by more than what came, and not otherwise', async () => {
    await using scene = await openScene()
    const { sandbox, own, db } = scene
    expect((await scene.night(own, ...flags)).filter(ofReplies)).toHaveLength(1)
    const stored = query(db, 'select count(*) as n from comments where missing_since is null')
    const [thread] = query(
      db,
      'select parent_id as id, post_id from comments group by parent_id having count(*) > 50 and parent_id is not null',
    )
    sandbox.advance(DAY_MS)
    expect((await scene.night(own, ...flags)).filter(ofReplies)).toEqual([])

    const change = (sql: string): void => {
      const file = openWrite(db)
      file.exec(sql)
      file.close()
    }
    // One more is declared than when it was read, and none came with the page.
    sandbox.advance(DAY_MS)
    change(`update posts set comments_declared = comments_declared - 1 where id = '${thread?.post_id}'`)
    expect((await scene.night(own, ...flags)).filter(ofReplies)).toHaveLength(1)
    sandbox.advance(DAY_MS)
    expect((await scene.night(own, ...flags)).filter(ofReplies)).toEqual([])

    // The number is the same, and a comment is new: another one must have gone.
    sandbox.advance(DAY_MS)
    change(`delete from comments where id in (select id from comments where post_id = '${thread?.post_id}'
      and parent_id is null order by created_at desc limit 1)`)
    expect((await scene.night(own, ...flags)).filter(ofReplies)).toHaveLength(1)
    // What was left unread is not taken for gone.
    expect(query(db, 'select count(*) as n from comments where missing_since is null')).toEqual(stored)
    expect(query(db, 'select count(*) as n from comments where absent_walks > 0')).toEqual([{ n: 0 }])
  }, 180_000)

  it('whose comments are left out of a page night after night are not looked up one by one', async () => {
    await using scene = await openScene()
    const { sandbox, own, db } = scene
    await scene.night(own, '--scope', 'comments')
    const stored = query(db, 'select count(*) as n from comments where missing_since is null')
    sandbox.setSwitch('nested-comments', { value: false })
    const made: string[][] = []
    for (let night = 0; night < 3; night++) {
      sandbox.advance(3 * DAY_MS)
      const calls = await scene.night(own, '--scope', 'comments')
      made.push(calls.flatMap(({ path }) => (path.includes(own) ? [] : [path.replace(/^.*\/\d+/, '')])))
    }
    // By themselves lists of young posts are asked for, and nothing by its id.
    expect(made.flat().filter(path => path !== '/comments')).toEqual([])
    expect(made.at(-1)).toEqual([])
    expect(query(db, 'select count(*) as n from comments where missing_since is null')).toEqual(stored)
  }, 180_000)
})

/** The rows of docs/cost.md, as the sandbox counts. */
describe('the least calls of docs/cost.md', () => {
  const NIGHTS = ['first', 'unchanged', '5 posts moved'] as const

  const measure = async (id: (own: string) => string, flags: readonly string[]): Promise<string> => {
    await using scene = await openScene()
    const { sandbox, own } = scene
    const counts: number[] = []
    for (const night of NIGHTS) {
      if (night === '5 posts moved') scene.move(5)
      counts.push((await scene.night(id(own), ...flags)).length)
      sandbox.advance(10 * DAY_MS)
    }
    return counts.join(' | ')
  }

  const ROWS: readonly (readonly [what: string, id: (own: string) => string, flags: readonly string[]])[] = [
    ['another account', () => OTHER, ['--scope', 'profile']],
    ['another account', () => OTHER, ['--scope', 'posts']],
    ['an own account', own => own, ['--scope', 'profile']],
    ['an own account', own => own, ['--scope', 'posts']],
    ['an own account', own => own, ['--scope', 'comments', '--replies', 'none']],
    ['an own account', own => own, ['--scope', 'comments', '--replies', 'inline']],
    ['an own account', own => own, ['--scope', 'comments']],
  ]

  const named = ROWS.map(([what, id, flags]) => ({ what, id, flags, asked: flags.join(' ') }))
  it.each(named)('$what, $asked', { timeout: 240_000, tags: ['long'] }, async ({ what, id, flags }) => {
    const row = `| ${what} | \`${flags.join(' ')}\` | ${await measure(id, flags)} |`
    const table = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8')
    console.log(row)
    expect(table.split('\n')).toContain(row)
  })
})
