// @module-tag long
import { describe, expect, it } from 'vitest'
import type { PostRecord, SocialRecord } from '../../src/core/records.ts'
import { TOKENS } from '../../src/networks/instagram/sandbox/tokens.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import type { LoggedCall } from '../../src/sandbox/log.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, openWrite, query, resultRows } from '../support/tables.ts'

const DAY_MS = 86_400_000
/** A week on no post is young. */
const LATER_MS = 9 * DAY_MS
const NOBODYS = '18099999999999999'

/** A sandbox, a database, and what the own accounts have in them. */
const openScene = async (options: Parameters<typeof startSandbox>[0] = {}) => {
  const sandbox: TestSandbox = await startSandbox({ networks, ...options })
  const folder = tempFolder()
  const db = folder.file('posts.db')
  const own = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
  const used = (): number =>
    (sandbox.sandboxes.get('instagram')?.quota() ?? []).reduce((sum, pool) => sum + pool.used, 0)
  return {
    sandbox,
    db,
    own,
    posts: (): readonly PostRecord[] => postsOf(sandbox.truth('instagram', own)),
    env: {} as Record<string, string>,
    /** Units that the sandbox counted, and how it ended. */
    async run(...args: readonly string[]): Promise<Ended & { readonly units: number }> {
      // What earlier nights spent has left its window.
      const before = used()
      sandbox.log.clear()
      const flags = ['run', '--network', 'instagram', '--db', db, '--quiet']
      const ended = await socsync([...flags, ...args], { env: { ...sandbox.env, ...this.env } })
      return { ...ended, units: used() - before }
    },
    [Symbol.asyncDispose]: async () => {
      expect(sandbox.log.errors).toEqual([])
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

type Scene = Awaited<ReturnType<typeof openScene>>

const postsOf = (records: readonly SocialRecord[]): readonly PostRecord[] =>
  records.filter((row): row is PostRecord => row.type === 'post' && row.kind !== 'story')

/** Posts that tell their likes, from the newest on. */
const plain = ({ posts }: Scene, count: number, from = 0): readonly string[] =>
  posts()
    .filter(({ likeCount }) => likeCount !== null)
    .slice(from, from + count)
    .map(({ id }) => id)

/** What should be stored of these posts, and of their account. */
const truth = ({ sandbox, own }: Scene, ids: readonly string[]): readonly SocialRecord[] =>
  sandbox.truth('instagram', own).filter(row => {
    if (row.type === 'profile') return true
    return ids.includes(row.type === 'post' ? row.id : 'postId' in row ? row.postId : '')
  })

const isOfInsights = ({ path, fields }: LoggedCall): boolean =>
  fields.fields?.includes('insights.metric') === true || path.endsWith('/insights')
const isOfPost = ({ path, method }: LoggedCall): boolean => method === 'POST' || /\/18\d+$/.test(path)
const count = (db: string, sql: string): unknown => query(db, `select count(*) as n from ${sql}`)[0]?.n

describe('posts by their ids', () => {
  it('are a unit each, their insights one for 25, their account one: 50 in a call, by scope with comments', async () => {
    await using scene = await openScene()
    const ids = plain(scene, 50)
    const { code, stderr, units } = await scene.run('--scope', 'posts', '--as', 'post', ...ids)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    // Who asks, the posts, their account, their insights.
    expect(units).toBe(1 + 50 + 1 + 2)
    expect(scene.sandbox.log.calls).toHaveLength(1 + 1 + 1 + 2)
    const { db } = scene
    expect(count(db, 'comments')).toBe(0)
    expect(query(db, `select count(distinct subject_id) as n from metrics where name = 'reach'`)).toEqual([
      { n: 50 },
    ])
    expect(jobsOf(db)).toEqual(ids.map(id => job(`post:${id}`, 'succeeded')))

    scene.sandbox.advance(LATER_MS)
    const talk = await scene.run('--scope', 'comments', '--as', 'post', ...ids)
    expect(talk.code).toBe(0)
    const further = scene.sandbox.log.calls.filter(({ path }) => /\/(comments|replies)$/.test(path)).length
    // Comments were never read: all is read whole, the insights too.
    expect(talk.units).toBe(50 + 1 + 2 + further)
    expect(differences(db, 'instagram', truth(scene, ids))).toEqual([])
    expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
  }, 120_000)

  it('come by a prefix and by --as; what is refused is told as such, after three tries and then after one', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    const [foreign] = postsOf(sandbox.truth('instagram', 'one.post'))
    const [album] = sandbox
      .truth('instagram', scene.own)
      .filter(row => row.type === 'media' && row.position === 1)
    const child = album?.type === 'media' ? (album.id ?? '') : ''
    const [first = '', second = '', third = ''] = plain(scene, 3)
    const list = [
      `post:${first}`,
      `instagram:post:${second}`,
      `post:${NOBODYS}`,
      `post:${foreign?.id}`,
      `post:${child}`,
      `post:${third}`,
    ]
    const { code, units } = await scene.run('--scope', 'comments', ...list)
    expect(code).toBe(0)
    expect(jobsOf(db)).toEqual([
      job(`post:${first}`, 'succeeded'),
      job(`post:${second}`, 'succeeded'),
      job(`post:${NOBODYS}`, 'skipped', 'refused'),
      job(`post:${foreign?.id}`, 'skipped', 'refused'),
      job(`post:${child}`, 'skipped', 'unsupported-by-network'),
      job(`post:${third}`, 'succeeded'),
    ])
    // Who asks; a post each, refused ones three times, a picture of an album once more; the account, and the insights.
    const further = sandbox.log.calls.filter(({ path }) => /\/(comments|replies)$/.test(path)).length
    expect(units).toBe(1 + 3 + 2 * 3 + 2 + 1 + 1 + further)
    expect(differences(db, 'instagram', truth(scene, [first, second, third]))).toEqual([])

    sandbox.advance(LATER_MS)
    const again = await scene.run('--scope', 'posts', ...list)
    expect(again.units).toBe(3 + 2 + 2 + 1)
    expect(again.code).toBe(0)
  }, 120_000)

  it('on later nights cost one each, and insights and comments where they moved', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    const ids = plain(scene, 12)
    const night = (...flags: readonly string[]) =>
      scene.run('--scope', 'comments', '--as', 'post', ...flags, ...ids)
    await night()
    sandbox.advance(LATER_MS)
    expect((await night()).units).toBe(12 + 1)
    sandbox.advance(LATER_MS)
    const file = openWrite(db)
    file.exec(`update posts set like_count = like_count + 1 where id in (select id from posts limit 2)`)
    file.close()
    expect((await night()).units).toBe(12 + 1 + 1)
    // A post that is named is wanted whenever it was made.
    expect((await night('--fresh', '--since', '2030-01-01', '--until', '2030-01-02')).code).toBe(0)
    expect(differences(db, 'instagram', truth(scene, ids))).toEqual([])
  }, 120_000)

  it('that are there no more are missing from the night on, as far as they were had before', async () => {
    await using scene = await openScene({ moving: true, now: Date.UTC(2026, 1, 1, 12) })
    const { sandbox, db } = scene
    const ids = scene.posts().map(({ id }) => id)
    await scene.run('--scope', 'posts', '--as', 'post', ...ids)
    // A full pass.
    sandbox.advance(60 * DAY_MS)
    const there = new Set(scene.posts().map(({ id }) => id))
    const gone = ids.filter(id => !there.has(id))
    expect(gone).not.toEqual([])
    const ended = await scene.run('--strict', '--scope', 'posts', '--as', 'post', ...ids)
    expect(ended.code).toBe(3)
    const missing = query(db, 'select id from posts where missing_since is not null order by id')
    expect(missing.map(({ id }) => id)).toEqual(gone.toSorted())
    expect(query(db, `select distinct reason from sync_jobs where status = 'skipped'`)).toEqual([
      { reason: 'not-found' },
    ])
  }, 120_000)

  it('and their profile in one list do not disturb each other', async () => {
    await using scene = await openScene()
    const { own, db } = scene
    const hidden = scene
      .posts()
      .filter(({ likeCount }) => likeCount === null)
      .slice(0, 3)
      .map(({ id }) => id)
    const named = [...plain(scene, 5), ...hidden].map(id => `post:${id}`)
    expect((await scene.run('--scope', 'comments', own)).code).toBe(0)
    const alone = resultRows(db)
    scene.sandbox.advance(LATER_MS)
    expect((await scene.run('--scope', 'comments', ...named, own)).code).toBe(0)
    expect((await scene.run('--scope', 'comments', '--fresh', ...named)).code).toBe(0)
    expect(resultRows(db)).toEqual(alone)
    expect(count(db, 'posts where missing_since is not null')).toBe(0)
  }, 240_000)
})

describe('posts of others', () => {
  it('that are stored from their list are refused, and not missing for that', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    const [foreign] = postsOf(sandbox.truth('instagram', 'one.post'))
    await scene.run('--scope', 'posts', 'one.post')
    expect((await scene.run('--scope', 'posts', `post:${foreign?.id}`)).code).toBe(0)
    expect(jobsOf(db)).toEqual([
      job('one.post', 'succeeded'),
      job(`post:${foreign?.id}`, 'skipped', 'refused'),
    ])
    expect(count(db, 'posts where missing_since is not null')).toBe(0)
  }, 120_000)

  it('of a second credential are read by that one, from the next night on', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    const { SOCSYNC_INSTAGRAM_APP_ID: app = '', SOCSYNC_INSTAGRAM_APP_SECRET: secret = '' } = sandbox.env
    scene.env = {
      SOCSYNC_INSTAGRAM_ACCESS_TOKEN: `${TOKENS.page},${TOKENS.system}`,
      SOCSYNC_INSTAGRAM_USER_ID: `${userId(0)},${userId(1)}`,
      SOCSYNC_INSTAGRAM_APP_ID: `${app},${app}`,
      SOCSYNC_INSTAGRAM_APP_SECRET: `${secret},${secret}`,
    }
    const ours = plain(scene, 2)
    const theirs = postsOf(sandbox.truth('instagram', userId(1)))
      .slice(0, 2)
      .map(({ id }) => id)
    const night = () => scene.run('--scope', 'comments', '--as', 'post', ...ours, ...theirs)
    await night()
    expect(jobsOf(db)).toEqual([
      ...ours.map(id => job(`post:${id}`, 'succeeded')),
      ...theirs.map(id => job(`post:${id}`, 'skipped', 'refused')),
    ])
    for (let nights = 0; nights < 2; nights++) {
      sandbox.advance(LATER_MS)
      await night()
      expect(jobsOf(db).slice(-4)).toEqual([...ours, ...theirs].map(id => job(`post:${id}`, 'succeeded')))
    }
    expect(count(db, 'posts where missing_since is not null')).toBe(0)
  }, 120_000)
})

describe('what goes wrong', () => {
  it('parts of a batch that were not answered come with the next page, and nothing is paid for twice', async () => {
    await using scene = await openScene()
    const ids = plain(scene, 20)
    scene.sandbox.setSwitch('null-part', { match: ids[3] ?? '', times: 1 })
    scene.sandbox.setSwitch('fault', { value: 'unavailable', match: ids[7] ?? '', times: 1 })
    const { code, units } = await scene.run('--scope', 'posts', '--as', 'post', ...ids)
    expect(code).toBe(0)
    expect(jobsOf(scene.db)).toEqual(ids.map(id => job(`post:${id}`, 'succeeded')))
    const rows = truth(scene, ids).filter(({ type }) => type !== 'comment')
    expect(differences(scene.db, 'instagram', rows)).toEqual([])
    // The null part cost nothing; insights of the two that came later are asked for with them.
    expect(units).toBe(1 + 19 + 2 + 1 + 2)
  }, 120_000)

  it('comments that are not permitted cost one call more, and the posts are stored', async () => {
    await using scene = await openScene()
    scene.env.SOCSYNC_INSTAGRAM_ACCESS_TOKEN = TOKENS.withoutComments
    const ids = plain(scene, 20)
    const { code, units } = await scene.run('--scope', 'comments', '--as', 'post', ...ids)
    expect(code).toBe(0)
    expect(units).toBe(1 + 20 + 1 + 1 + 1)
    expect(query(scene.db, 'select distinct comments_reason as reason from posts order by 1')).toContainEqual(
      { reason: 'refused' },
    )
    expect(count(scene.db, 'posts')).toBe(20)
  }, 120_000)

  it('killed at any point and resumed, it asks again for no more than the page in flight', async () => {
    await using scene = await openScene()
    const ids = plain(scene, 20)
    scene.env.SOCSYNC_CRASH_AT = 'page.fetched:1'
    const first = await scene.run('--scope', 'comments', '--as', 'post', ...ids)
    expect(first.code).not.toBe(0)
    let asked = scene.sandbox.log.calls.filter(isOfPost).length
    for (const point of ['page.written:1', 'page.committed:1', null]) {
      scene.sandbox.log.clear()
      const env = { ...scene.sandbox.env, ...(point !== null && { SOCSYNC_CRASH_AT: point }) }
      const { code } = await socsync(['resume', '--all', '--db', scene.db, '--quiet'], { env })
      expect(code === 0).toBe(point === null)
      asked += scene.sandbox.log.calls.filter(isOfPost).length
    }
    // The first post by itself and the others together, for each page that was not stored.
    expect(asked).toBe(3 * 2)
    expect(differences(scene.db, 'instagram', truth(scene, ids))).toEqual([])
  }, 120_000)

  it.each([
    ['https://www.instagram.com/p/DAbCdEfGh1J/', 'it holds a shortcode, which the API cannot be asked by'],
    ['https://www.instagram.com/north.pier/reel/DAbCdEfGh1J/', 'the address of a reel'],
    ['post:DAbCdEfGh1J', 'it looks like a shortcode'],
    ['post:https://www.instagram.com/north.pier/', 'it is the address of a profile'],
    ['post:18000000000000001_17841400000000001', 'an id of another API'],
  ])('%s is refused before anything is asked, with what to give', async (line, why) => {
    await using scene = await openScene()
    const { code, stderr } = await scene.run('--scope', 'posts', line)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(scene.sandbox.log.calls).toEqual([])
  })
})

describe('with Instagram Login', () => {
  it.each([false, true])(
    'they are read one by one; owner by an id of the app: %s',
    async scoped => {
      await using scene = await openScene()
      scene.env.SOCSYNC_INSTAGRAM_ACCESS_TOKEN = TOKENS.instagram
      scene.sandbox.setSwitch('scoped-owner', { value: scoped })
      const ids = plain(scene, 12)
      const { code, units } = await scene.run('--scope', 'comments', '--as', 'post', ...ids, NOBODYS)
      expect(code).toBe(0)
      const { calls } = scene.sandbox.log
      expect(calls.filter(({ method }) => method === 'POST')).toEqual([])
      const further = calls.filter(({ path }) => /\/(comments|replies)$/.test(path)).length
      // Its own name, the posts, three tries of what is nobody's, the account, and the insights.
      expect(units).toBe(1 + 12 + 3 + 1 + calls.filter(isOfInsights).length + further)
      expect(calls.filter(isOfInsights)).toHaveLength(1)
      expect(query(scene.db, 'select distinct profile_id as id from posts')).toEqual([{ id: scene.own }])
      expect(count(scene.db, 'posts')).toBe(12)
    },
    120_000,
  )
})
