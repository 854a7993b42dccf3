// @module-tag long
import { describe, expect, it } from 'vitest'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: sandbox().env })
const TIKTOK = ['--network', 'tiktok', '--since', '2026-09-20'] as const

/** Calls for lists by the list's name. */
const asked = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { path } of sandbox().log.calls) {
    const [, list] = /\/user\/(\w+)_videos/.exec(path) ?? []
    if (list !== undefined) counts[list] = (counts[list] ?? 0) + 1
  }
  return counts
}
const extra = (): Record<string, unknown> =>
  JSON.parse(String(query(db(), 'select extra from profiles')[0]?.extra ?? '{}'))
const likes = (): unknown => query(db(), 'select count(*) as n from likes')[0]?.n

describe('--lists', { timeout: 600_000 }, () => {
  it.each([
    ['pinned', 'profile', { pinned: 1 }],
    ['reposted', 'profile', { reposted: 1 }],
    ['pinned,reposted', 'posts', { pinned: 1, reposted: 1 }],
    ['liked', 'likes', { liked: 3 }],
  ])('%s is paid for by itself, as the plan says', async (lists, scope, calls) => {
    const args = ['--lists', lists, '--scope', scope, ...TIKTOK, 'open.heart']
    const without = (await call('plan', '--json', '--scope', scope, ...TIKTOK, 'open.heart')).stdout
    const planned = (await call('plan', '--json', ...args)).stdout
    const unitsOf = (text: string) => JSON.parse(text).plan.units
    const more = Object.values(calls).reduce((sum, n) => sum + n, 0)
    const [before, after] = [unitsOf(without), unitsOf(planned)]
    expect(after.low - before.low).toBeLessThanOrEqual(more)
    expect(after.high - before.high).toBeGreaterThanOrEqual(more)
    expect((await call('run', '--quiet', ...args)).code).toBe(0)
    expect(asked()).toEqual(calls)
    const keys = Object.keys(extra()).filter(key => /_video_ids$/.test(key))
    expect(keys.toSorted()).toEqual(
      lists
        .split(',')
        .filter(name => name !== 'liked')
        .map(name => `${name}_video_ids`),
    )
    expect(Number(likes()) > 0).toBe(lists === 'liked')
  })

  it('names a list that there is not, and one that no scope asks for; nothing is made', async () => {
    const wrong = await call('run', '--lists', 'likes', ...TIKTOK, 'open.heart')
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain('--lists "likes" must be one or more of liked, pinned, reposted')
    for (const command of ['run', 'plan']) {
      const unasked = await call(command, '--lists', 'liked', '--scope', 'posts', ...TIKTOK, 'open.heart')
      expect(unasked).toMatchObject({ code: 2 })
      expect(unasked.stderr).toContain('--lists liked takes the scope likes or all, and the scope is posts')
    }
    const strange = await call('run', '--lists', 'pinned', '--network', 'instagram', 'albums.only')
    expect(strange).toMatchObject({ code: 2 })
    expect(strange.stderr).toContain('--lists pinned is no list that profiles of Instagram show')
    expect(asked()).toEqual({})
  })

  it('pinned and reposted videos are rows, and what is no longer among them is said', async () => {
    const lists = ['--lists', 'pinned,reposted', '--scope', 'profile', '--refresh-after', '0s', '--quiet']
    const night = (): Promise<Ended> => call('run', ...lists, ...TIKTOK, 'pinned.board')
    expect((await night()).code).toBe(0)
    const items = query(db(), 'select * from collection_items order by collection_id, position')
    const shown = extra()
    const ids = (kind: string) =>
      items.flatMap(item => (item.collection_id === `${kind}:pinned.board` ? [item.post_id] : []))
    expect(ids('pinned')).toEqual(shown.pinned_video_ids)
    expect(ids('pinned')).toHaveLength(3)
    expect(new Set(ids('reposted'))).toEqual(new Set(shown.reposted_video_ids as string[]))
    expect(query(db(), 'select id, kind, profile_id, items_count from collections order by id')).toEqual([
      { id: 'pinned:pinned.board', kind: 'pinned', profile_id: 'pinned.board', items_count: 3 },
      // There are more than the one page that is asked for.
      { id: 'reposted:pinned.board', kind: 'reposted', profile_id: 'pinned.board', items_count: null },
    ])
    const file = openWrite(db())
    for (const kind of ['pinned', 'reposted'])
      file
        .prepare(
          `insert into collection_items (network, collection_id, post_id, first_seen_at, fetched_at, job_id, walk_id)
            select network, collection_id, 'gone', first_seen_at, fetched_at, job_id, walk_id
            from collection_items where collection_id = ? limit 1`,
        )
        .run(`${kind}:pinned.board`)
    file.close()
    sandbox().advance(60_000)
    expect((await night()).code).toBe(0)
    expect(
      query(db(), 'select collection_id, post_id from collection_items where missing_since is not null'),
    ).toEqual([{ collection_id: 'pinned:pinned.board', post_id: 'gone' }])
  })

  // The rows of an earlier version are written into a file.
  it.skipIf(isOnServer)('a run that an earlier version left goes on with all of its lists', async () => {
    const lists = ['--lists', 'liked,pinned,reposted', '--scope', 'likes'] as const
    sandbox().setSwitch('error-500', { network: 'tiktok' })
    const cut = await call('run', '--quiet', '--max-wait', '1s', ...lists, ...TIKTOK, 'open.heart')
    expect(cut.code).toBe(3)
    sandbox().switches.clear()
    const file = openWrite(db())
    const changed = file
      .prepare(
        `update sync_jobs set params = json_set(json_remove(params, '$.lists'), '$.likedVideos', json('true'))`,
      )
      .run()
    file.close()
    expect(changed.changes).toBe(1)
    const before = asked()
    const resumed = await call('resume', '--all', '--quiet')
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 })
    expect(before).toEqual({})
    expect(asked()).toEqual({ pinned: 1, reposted: 1, liked: 3 })
    expect(extra()).toMatchObject({ pinned_video_ids: expect.anything() })
    // Its bounds are those of a run of today, in the words of that version.
    expect(query(db(), `select count(*) as n from sync_jobs where bounds like '%,true]'`)).toEqual([{ n: 2 }])
  })

  it.skipIf(isOnServer)('a schedule that an earlier version stored asks for all of its lists', async () => {
    const added = await call(
      ...['schedule', 'add', 'nightly', '--cron', '0 3 * * *', '--lists', 'liked', '--scope', 'likes'],
      ...[...TIKTOK, 'open.heart'],
    )
    expect(added, added.stderr).toMatchObject({ code: 0 })
    const file = openWrite(db())
    const lists = `json_extract(request, '$.params.lists')`
    expect(file.prepare(`select ${lists} as lists from schedules`).all()).toEqual([{ lists: '["liked"]' }])
    file
      .prepare(
        `update schedules set request =
          json_set(json_remove(request, '$.params.lists'), '$.params.likedVideos', json('true'))`,
      )
      .run()
    file.close()
    expect((await call('schedule', 'run-now', 'nightly', '--quiet')).code).toBe(0)
    expect(asked()).toEqual({ pinned: 1, reposted: 1, liked: 3 })
  })
})
