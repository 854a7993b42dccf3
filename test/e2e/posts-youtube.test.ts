import { beforeAll, describe, expect, it } from 'vitest'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync } from '../support/cli.ts'
import { differences, openWrite, query, type Row } from '../support/tables.ts'
import { openRuns } from '../support/youtube-runs.ts'

const { channels } = YOUTUBE_SPECIALS
const NOBODYS = 'AAAAAAAAAAA'
const DAY_MS = 86_400_000

const { sandbox, folder, db, call, run, calls, listOf } = openRuns()
/** Videos of two channels, newest first. */
let posts: readonly { readonly id: string; readonly profileId: string }[]

beforeAll(() => {
  posts = [channels.thai, channels.old, channels.hidden].flatMap(id =>
    sandbox()
      .truth('youtube', id)
      .flatMap(row => (row.type === 'post' ? [row] : []))
      .slice(0, 30),
  )
})
/** The lists of comments that were read, each time they were. */
const talked = (): readonly unknown[] =>
  query(db(), `select external_id from sync_tasks where stream = 'threads' and pages > 0 order by id`).map(
    row => row.external_id,
  )
const ids = (): readonly string[] => posts.map(({ id }) => id)
const truth = () => {
  const wanted = new Set(ids())
  return [...new Set(posts.map(({ profileId }) => profileId))]
    .flatMap(id => sandbox().truth('youtube', id))
    .filter(row =>
      row.type === 'profile'
        ? true
        : wanted.has(row.type === 'post' ? row.id : 'postId' in row ? row.postId : ''),
    )
}
const rows = (sql: string): readonly Row[] => query(db(), sql)

describe('posts in a list, YouTube', () => {
  it('come 50 in a call with their channels, and with their comments by scope; what is not there is said', async () => {
    const [first = '', second = '', ...others] = ids()
    const list = await listOf([
      `https://www.youtube.com/watch?v=${first}&t=3`,
      `youtu.be/${second} # short`,
      ...others,
      NOBODYS,
      first,
    ])
    const ended = await run('--as', 'post', '--ids', list, '--scope', 'comments')
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toContain(`listed    ${posts.length + 1} posts`)
    expect(ended.stdout).toContain(`${posts.length} of ${posts.length + 1} that the list names · 1 not-found`)
    // Two pages of videos, once more for the one that is not there, and the channels of both pages.
    expect(calls()).toMatchObject({ videos: 3, channels: 1 })
    expect(differences(db(), 'youtube', truth())).toEqual([])
    expect(rows(`select count(*) as n from posts where missing_since is not null`)).toEqual([{ n: 0 }])

    const { stdout } = await call('export', 'ids', '--format', 'json')
    const became = JSON.parse(stdout) as Row[]
    expect(became).toHaveLength(posts.length + 1)
    expect(became.find(({ post_id }) => post_id === NOBODYS)).toMatchObject({
      id: `post:${NOBODYS}`,
      kind: 'post',
      status: 'skipped',
      reason: 'not-found',
      profile_id: null,
    })
    expect(became.filter(({ status }) => status === 'succeeded')).toHaveLength(posts.length)
    const status = await call('status')
    expect(status.stdout).toContain('1 not-found')
    expect((await call('jobs')).stdout).toMatch(/^job +network +listed /)
    expect((await call('db', 'check')).code).toBe(0)
  })

  it('cost what plan says, before and after; a quiet night reads no comments, and one with a new comment its post alone', async () => {
    const list = await listOf(ids().map(id => `post:${id}`))
    const planned = async (): Promise<{ low: number; likely: number; high: number }> =>
      JSON.parse(
        (await call('plan', '--network', 'youtube', '--ids', list, '--scope', 'comments', '--json')).stdout,
      ).plan.units
    const before = await planned()
    await run('--ids', list, '--scope', 'comments')
    const first = Object.values(calls()).reduce((sum, n) => sum + n, 0)
    expect(before.low).toBeLessThanOrEqual(first)
    expect(before.high).toBeGreaterThanOrEqual(first)

    sandbox().advance(40 * DAY_MS)
    await run('--ids', list, '--scope', 'comments')
    calls()
    sandbox().advance(7 * DAY_MS)
    const file = openWrite(db())
    const [moved] = query(
      db(),
      'select id from posts where comments_declared > 0 order by created_at limit 1',
    )
    file
      .prepare(
        'update posts set comments_declared = comments_declared - 1, comments_count = comments_count - 1 where id = ?',
      )
      .run(moved?.id)
    file.close()
    const night = await planned()
    await run('--ids', list, '--scope', 'comments')
    const made = calls()
    expect(made).toMatchObject({ videos: 2, channels: 1, commentThreads: 1 })
    const units = Object.values(made).reduce((sum, n) => sum + n, 0)
    expect(Math.abs(night.likely - units)).toBeLessThanOrEqual(Math.max(1, units * 0.05))
  })

  it('stand beside their profile in one list: no row is disturbed, and nothing is missing of a profile that was not asked for', async () => {
    const own = ids().slice(0, 3)
    const [profile = ''] = posts.map(({ profileId }) => profileId)
    const list = await listOf([profile, ...own.map(id => `post:${id}`)])
    const ended = await run('--ids', list, '--scope', 'comments')
    expect(ended.stdout).toContain('listed    1 profile and 3 posts')
    const everything = sandbox().truth('youtube', profile)
    expect(differences(db(), 'youtube', everything)).toEqual([])
    // What is read with the one is not paid for again with the other.
    expect(talked()).toEqual([...new Set(talked())])
    sandbox().advance(40 * DAY_MS)
    await run('--ids', list, '--scope', 'comments', '--full-every', '0s')
    expect(
      rows('select count(*) as n from posts where missing_since is not null or absent_since is not null'),
    ).toEqual([{ n: 0 }])
    const alone = folder().file('alone.db')
    await socsync(['run', '--network', 'youtube', '--db', alone, `post:${own[0]}`], { env: sandbox().env })
    expect(
      query(alone, 'select posts_declared, posts_stored, posts_missing from completeness_by_profile'),
    ).toEqual([{ posts_declared: null, posts_stored: 1, posts_missing: null }])
  })

  it('go on where they were killed, and nothing that was stored is asked for again', async () => {
    const list = await listOf(ids())
    const cut = await socsync(
      [
        'run',
        '--network',
        'youtube',
        '--as',
        'post',
        '--ids',
        list,
        '--scope',
        'comments',
        '--db',
        db(),
        '--concurrency',
        '1',
      ],
      { env: { ...sandbox().env, SOCSYNC_CRASH_AT: 'page.written:6' } },
    )
    expect(cut.code).not.toBe(0)
    const begun = calls()
    expect(await call('resume', '--all', '--quiet')).toMatchObject({ code: 0 })
    const rest = calls()
    expect(differences(db(), 'youtube', truth())).toEqual([])
    expect((begun.videos ?? 0) + (rest.videos ?? 0)).toBeLessThanOrEqual(3)
  })

  it.each([
    ['post:abc', /argument 1: "post:abc" is no youtube post/],
    ['https://www.youtube.com/playlist?list=WL', /does not give these lists/],
  ])('%s is refused before anything is asked', async (line, message) => {
    const refused = await run(line)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
    expect(calls()).toEqual({})
  })

  it('are no profiles: commands about one say so', async () => {
    const [one = ''] = ids()
    await run(`post:${one}`)
    for (const args of [['export', 'posts'], ['db', 'purge', '--network', 'youtube', '--yes'], ['diff']]) {
      const refused = await call(...args, '--entity', `youtube:post:${one}`)
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is a post') })
    }
    expect(rows('select count(*) as n from posts')).toEqual([{ n: 1 }])
  })
})
