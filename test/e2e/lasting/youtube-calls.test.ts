// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import { DAY_MS, openScene, type Scene } from './youtube-scene.ts'

// docs/design.md §5.11, §5.12: a kind of call that fails for ever keeps nothing else from being read.

const { channels } = YOUTUBE_SPECIALS
const { prolific } = channels

let scene: Scene

const open = async (moving: boolean): Promise<void> => {
  scene = await openScene(moving)
}
afterEach(() => scene[Symbol.asyncDispose]())

describe('a kind of call that fails for ever, in a world that moves', () => {
  beforeEach(() => open(true))

  const ids = [prolific, channels.old]
  const followers = () =>
    scene.rows('select id, followers_count from profiles where followers_count is not null order by id')
  const seen = () =>
    ids
      .flatMap(id => scene.truth(id))
      .flatMap(record =>
        record.type === 'profile' && record.followersCount != null
          ? { id: record.id, followers_count: record.followersCount }
          : [],
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  const posts = () =>
    new Set(scene.rows('select id from posts where missing_since is null').map(({ id }) => String(id)))

  it.each([
    ['with 500', 'error', 'internalError'],
    ['with an unknown code', 'status', { status: 418, body: { error: { code: 418, message: 'teapot' } } }],
    ['by a cut', 'cut', true],
    ['with an empty success', 'empty-answer', true],
  ])(
    'details of uploads, %s: profiles and heads are read each night, nothing is called missing, and one run makes all whole',
    {
      timeout: 300_000,
    },
    async (_, name, value) => {
      expect((await scene.run('posts', ids)).code).toBe(0)
      const before = posts()
      scene.sandbox.setSwitch(name, { value, match: '/videos?' })
      const tries: number[] = []
      for (let night = 1; night <= 6; night++) {
        scene.sandbox.advance(DAY_MS)
        scene.sandbox.log.clear()
        const { code } = await scene.run('posts', ids)
        expect([0, 3], `night ${night}`).toContain(code)
        expect(followers(), `night ${night}`).toEqual(seen())
        expect(posts().size, `night ${night}`).toBe(before.size)
        const heads = scene.asked('playlistItems').map(({ fields }) => fields.playlistId)
        for (const id of ids) expect(heads, `night ${night}`).toContain(`UU${id.slice(2)}`)
        tries.push(scene.asked('videos').length)
      }
      expect(Math.max(...tries)).toBeLessThanOrEqual(20)
      scene.sandbox.switches.clear()
      scene.sandbox.advance(40 * DAY_MS)
      expect((await scene.run('posts', ids)).code).toBe(0)
      expect(ids.flatMap(scene.amiss)).toEqual([])
    },
  )

  it('details from the first night on: the list is read to its end, they are named, and come when they can be had', {
    timeout: 120_000,
  }, async () => {
    scene.sandbox.setSwitch('error', { value: 'internalError', match: '/videos?' })
    expect((await scene.run('posts', [prolific])).code).toBe(3)
    expect(scene.asked('playlistItems').map(({ status }) => status)).toEqual([200, 200, 200])
    const owed = scene.rows(`select status, last_error from sync_tasks where stream = 'details'`)
    expect(owed).toHaveLength(3)
    for (const { status, last_error } of owed) {
      expect([status, String(last_error)]).toEqual(['failed', expect.stringContaining('internalError')])
    }
    // Each page asks twice, and so does each task.
    expect(scene.asked('videos')).toHaveLength(12)
    expect(posts().size).toBe(0)

    scene.sandbox.switches.clear()
    scene.sandbox.advance(DAY_MS)
    scene.sandbox.log.clear()
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    expect(scene.amiss(prolific)).toEqual([])
    // What failed has its turn last: the list, which knows none of them, brings them, and nobody asks a second time.
    expect(scene.asked('playlistItems')).toHaveLength(3)
    expect(scene.asked('videos')).toHaveLength(3)
  })

  it.each([
    ['with 500', 'error', 'internalError'],
    ['without any channel', 'empty-answer', true],
    ['with channels that are nothing', 'hollow-items', true],
    ['with channels that are only their ids', 'hollow-items', 'id'],
  ])(
    'profiles, %s: their posts are read each night, and what is known of them stays',
    {
      timeout: 300_000,
    },
    async (_, name, value) => {
      expect((await scene.run('posts', ids)).code).toBe(0)
      const known = scene.rows('select name, bio, followers_count, missing_since from profiles order by id')
      scene.sandbox.setSwitch(name, { value, match: '/channels?' })
      for (let night = 1; night <= 5; night++) {
        scene.sandbox.advance(DAY_MS)
        scene.sandbox.log.clear()
        await scene.run('posts', ids)
        expect(
          scene.rows('select name, bio, followers_count, missing_since from profiles order by id'),
        ).toEqual(known)
        const stale = ids.flatMap(scene.amiss).filter(line => !line.startsWith('profile '))
        expect(stale, `night ${night}`).toEqual([])
        expect(scene.asked('channels').length, `night ${night}`).toBeLessThanOrEqual(8)
      }
      scene.sandbox.switches.clear()
      scene.sandbox.advance(40 * DAY_MS)
      expect((await scene.run('posts', ids)).code).toBe(0)
      expect(ids.flatMap(scene.amiss)).toEqual([])
    },
  )
})
