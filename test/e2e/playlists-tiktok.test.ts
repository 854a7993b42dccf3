// @module-tag long
import { describe, expect, it } from 'vitest'
import type { PostRecord, SocialRecord } from '../../src/core/records.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { jobsOf } from '../support/jobs.ts'
import { startSandbox } from '../support/sandbox.ts'
import { checkFile, differences, openWrite, query } from '../support/tables.ts'

const DAY = 86_400_000
const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (args: readonly string[], env = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...sandbox().env, ...env } })
const run = (ids: readonly string[], more: readonly string[] = [], env = {}): Promise<Ended> =>
  call(['run', '--network', 'tiktok', '--quiet', ...more, ...ids], env)
const planned = async (ids: readonly string[], more: readonly string[] = []) =>
  JSON.parse((await call(['plan', '--network', 'tiktok', '--json', ...more, ...ids])).stdout).plan.units

const keys = (): readonly string[] => {
  const all = [...(sandbox().sandboxes.get('tiktok')?.collections?.() ?? [])]
  return [all[0] ?? '', all.at(-1) ?? '']
}
const isPost = (record: SocialRecord): record is PostRecord => record.type === 'post'
const called = (path: string): number => sandbox().log.calls.filter(one => one.path.endsWith(path)).length
/** The fewest searches: thirty days each by the ids' own times. */
const fewest = (ids: readonly string[]): number => {
  const days = ids.map(id => Math.floor(Number(BigInt(id) >> 32n) / 86_400)).toSorted((a, b) => a - b)
  let [count, first] = [0, Number.NEGATIVE_INFINITY]
  for (const day of days) if (day > first + 29) [count, first] = [count + 1, day]
  return count
}

describe('playlists in a list, TikTok', () => {
  it('come with their places, their videos by id, and comments; what is gone is said', async () => {
    const [list = '', gone = ''] = keys()
    const { code, stderr } = await run([list, gone], ['--scope', 'comments'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const truth = sandbox().truth('tiktok', list)
    const posts = truth.filter(isPost)
    expect(posts.length).toBeGreaterThan(3)
    expect(differences(db(), 'tiktok', truth)).toEqual([])
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })
    expect(jobsOf(db())).toMatchObject([
      { entity_id: list, status: 'succeeded' },
      { entity_id: gone, status: 'skipped', reason: 'not-found' },
    ])
    expect(called('/playlist/info/')).toBe(2)
    expect(called('/video/query/')).toBe(fewest(posts.map(({ id }) => id)))

    // A night on which nothing has moved.
    sandbox().advance(20 * DAY)
    expect((await run([list], ['--scope', 'comments'])).code).toBe(0)
    sandbox().advance(DAY)
    const plan = await planned([list], ['--scope', 'comments'])
    sandbox().log.clear()
    expect((await run([list], ['--scope', 'comments'])).code).toBe(0)
    const calls = called('/playlist/info/') + called('/video/query/') + called('/comment/list/')
    expect(called('/comment/list/')).toBe(0)
    expect(Math.abs(plan.likely - calls)).toBeLessThanOrEqual(Math.max(1, calls * 0.05))
    expect(differences(db(), 'tiktok', truth)).toEqual([])
  })

  it('say what was taken out, and of its videos nothing else', async () => {
    const [list = ''] = keys()
    await run([list], ['--scope', 'posts'])
    const file = openWrite(db())
    file
      .prepare(
        `insert into collection_items (network, collection_id, post_id, first_seen_at, fetched_at, job_id, walk_id)
          select network, collection_id, 'gone', first_seen_at, fetched_at, 0, 0 from collection_items limit 1`,
      )
      .run()
    file.close()
    sandbox().advance(DAY)
    expect((await run([list], ['--scope', 'posts'])).code).toBe(0)
    expect(query(db(), 'select post_id from collection_items where missing_since is not null')).toEqual([
      { post_id: 'gone' },
    ])
    expect(query(db(), 'select id from posts where missing_since is not null')).toEqual([])
  })

  it('are read on after a kill: no search is made twice', async () => {
    const [list = ''] = keys()
    const killed = await run([list], ['--scope', 'posts', '--concurrency', '1'], {
      SOCSYNC_CRASH_AT: 'page.committed:3',
    })
    expect(killed.signal).toBe('SIGKILL')
    expect((await run([list], ['--scope', 'posts'])).code).toBe(0)
    const truth = sandbox()
      .truth('tiktok', list)
      .filter(({ type }) => type !== 'comment')
    expect(differences(db(), 'tiktok', truth)).toEqual([])
    expect(called('/playlist/info/')).toBe(1)
    expect(called('/video/query/')).toBe(fewest(truth.filter(isPost).map(({ id }) => id)))
  })

  it('bring no more videos than the limit allows, and none for the profile alone', async () => {
    const [list = ''] = keys()
    await run([list], ['--scope', 'posts', '--limit-posts', '2'])
    expect(query(db(), 'select count(*) as n from posts')).toEqual([{ n: 2 }])
    await run([list], ['--scope', 'profile', '--fresh'])
    expect(query(db(), 'select count(*) as n from posts')).toEqual([{ n: 2 }])
  })
})
