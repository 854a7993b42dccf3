// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { YOUTUBE_ACCESS, YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import { differences, type Row } from '../../support/tables.ts'
import { DAY_MS, openScene, type Scene } from './youtube-scene.ts'

// FAULTS 103-111: what does not pass by itself, night after night, through the real binary.

const { channels, threads } = YOUTUBE_SPECIALS
const { prolific } = channels

let scene: Scene

const open = async (moving: boolean): Promise<void> => {
  scene = await openScene(moving)
}
afterEach(() => scene[Symbol.asyncDispose]())

/** Posts whose comments were not read at the number that is declared now. */
const unread = (except: string): Row[] =>
  scene.rows(`select id, comments_count, comments_declared, comments_reason from posts
     where comments_count > 0 and id <> '${except}'
       and (comments_synced_at is null or comments_declared <> comments_count)
       and missing_since is null and coalesce(comments_reason, '') <> 'comments-disabled'`)

describe('in a world that moves', () => {
  beforeEach(() => open(true))

  it('103 a page of comments that never answers keeps nothing else from being read, and is named', {
    timeout: 300_000,
  }, async () => {
    const tops = new Map<string, number>()
    for (const record of scene.truth(prolific)) {
      if (record.type === 'comment' && record.parentId === null)
        tops.set(record.postId, (tops.get(record.postId) ?? 0) + 1)
    }
    const [sick = '', count = 0] = [...tops].sort((a, b) => b[1] - a[1])[0] ?? []
    expect(count).toBeGreaterThan(25)
    const match = `videoId=${sick}&`
    scene.sandbox.setSwitch('short-pages', { match, value: 10 })
    scene.sandbox.setSwitch('refused-from', { match, value: { offset: 20, error: 'processingFailure' } })
    const failing: unknown[] = []
    for (let night = 0; night < 8; night++) {
      scene.sandbox.log.clear()
      const { code } = await scene.run('all', [prolific])
      expect(scene.amiss(prolific), `night ${night}`).toEqual([])
      expect(unread(sick), `night ${night}`).toEqual([])
      const sickCalls = scene.asked('commentThreads').filter(({ status }) => status === 400).length
      expect(sickCalls, `night ${night}`).toBeLessThanOrEqual(night === 0 ? 6 : 3)
      // From the third failing run on its job is whole but for a named gap.
      const found = scene.task('threads', sick)
      failing.push(found?.failing_since)
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      if (night >= 3) expect([code, found?.status, found?.reason]).toEqual([0, 'skipped', 'unavailable'])
      scene.sandbox.advance(DAY_MS)
    }
    expect(failing[0]).toBeTruthy()
    expect(new Set(failing).size).toBe(1)
    const { stdout } = await scene.call(['status', '--json'])
    expect(stdout).toContain('processingFailure')
    expect(stdout).toContain('unavailable')

    scene.sandbox.switches.clear()
    scene.sandbox.advance(40 * DAY_MS)
    expect((await scene.run('all', [prolific])).code).toBe(0)
    expect(unread('')).toEqual([])
    const [read] = scene.rows(
      `select count(*) as count from comments where post_id = '${sick}' and missing_since is null`,
    )
    expect(read?.count).toBe(
      scene.truth(prolific).filter(record => record.type === 'comment' && record.postId === sick).length,
    )
  })

  it('104 a page of uploads that is refused for days is begun again at page one each night, and no token of an earlier day is sent', {
    timeout: 300_000,
  }, async () => {
    scene.sandbox.setSwitch('daily-tokens')
    scene.sandbox.setSwitch('refused-from', {
      match: 'playlistItems',
      value: { offset: 100, error: 'invalidPageToken' },
    })
    const sent = new Set<string>()
    for (let night = 0; night < 4; night++) {
      scene.sandbox.log.clear()
      const { code } = await scene.run('posts', [prolific])
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      const [row] = scene.rows(`select posts_count from profiles`)
      expect(row?.posts_count).toBe(scene.truth(prolific).filter(({ type }) => type === 'post').length)
      const tokens = scene.asked('playlistItems').flatMap(({ token }) => token ?? [])
      expect(tokens.filter(token => sent.has(token))).toEqual([])
      for (const token of tokens) sent.add(token)
      expect(scene.asked('playlistItems')[0]?.token, `night ${night}`).toBeNull()
      expect(Number(scene.rows('select count(*) as count from posts')[0]?.count)).toBeGreaterThanOrEqual(100)
      scene.sandbox.advance(DAY_MS)
    }
    scene.sandbox.switches.clear({ name: 'refused-from' })
    scene.sandbox.advance(40 * DAY_MS)
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    expect(scene.amiss(prolific)).toEqual([])
  })
})

describe('in a world that stands', () => {
  beforeEach(() => open(false))

  it('105 first pages of comments that fail for hours are an outage: few calls, nothing booked, all read the next night', {
    timeout: 120_000,
  }, async () => {
    scene.sandbox.setSwitch('error', { value: 'processingFailure', match: '/commentThreads?' })
    expect([3, 75]).toContain((await scene.run('all', [prolific])).code)
    expect(scene.amiss(prolific)).toEqual([])
    expect(scene.asked('commentThreads').length).toBeLessThanOrEqual(40)
    const booked = scene.rows(`select id from posts where comments_reason in ('refused', 'unavailable') or
       (comments_count > 0 and comments_synced_at is not null and coalesce(comments_reason, '') <> 'comments-disabled')`)
    expect(booked).toEqual([])
    expect(scene.rows(`select * from sync_tasks where stream = 'threads' and status = 'skipped'`)).toEqual([])

    scene.sandbox.switches.clear()
    scene.sandbox.advance(DAY_MS)
    expect((await scene.run('all', [prolific])).code).toBe(0)
    expect(differences(scene.db, 'youtube', scene.truth(prolific))).toEqual([])
  })

  it.each([
    ['the key of another project', { SOCSYNC_YOUTUBE_API_KEY: YOUTUBE_ACCESS.otherProjectApiKey }],
    ['a raised allowance', { SOCSYNC_YOUTUBE_DAILY_UNITS: '50000' }],
  ])('106 what a used up quota left is due at once with %s', async (_, env) => {
    scene.sandbox.setSwitch('default-allowance', { value: 3 })
    expect((await scene.run('posts', [prolific, channels.old])).code).toBe(75)
    scene.sandbox.switches.clear()
    // The same key is not asked again: its day is over.
    scene.sandbox.log.clear()
    expect((await scene.run('posts', [prolific, channels.old])).code).toBe(75)
    expect(scene.asked()).toEqual([])
    expect((await scene.run('posts', [prolific, channels.old], env)).code).toBe(0)
    expect([scene.amiss(prolific), scene.amiss(channels.old)]).toEqual([[], []])
  })

  it('107 "not found" in the middle of the uploads is tried again, then partial, and never an end', async () => {
    scene.sandbox.setSwitch('error', { value: 'playlistNotFound', match: 'maxResults=50&pageToken=' })
    const { code } = await scene.run('posts', [prolific])
    expect(code).toBe(3)
    expect(scene.asked('playlistItems').map(({ status }) => status)).toEqual([200, 404, 404, 404])
    expect(scene.newestJob()).toMatchObject({ status: 'partial' })
    expect(scene.task('uploads', prolific)?.last_error).toContain('playlistNotFound')
    expect(scene.rows('select count(*) as count from posts where missing_since is null')).toEqual([
      { count: 50 },
    ])

    scene.sandbox.switches.clear()
    scene.sandbox.advance(DAY_MS)
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    expect(scene.amiss(prolific)).toEqual([])
  })

  it('108 posts that are declared and not listed are said in the summary', async () => {
    scene.sandbox.setSwitch('declares-more', { value: 2 })
    const { code, stdout } = await scene.run('posts', [channels.hidden])
    expect(code).toBe(0)
    expect(stdout).toMatch(/12 of 14.*2 unlisted/)
    expect((await scene.call(['status'])).stdout).toMatch(/2 unlisted/)
  })

  it('108 uploads that are not found where some are declared are no success, whatever the night', {
    timeout: 120_000,
  }, async () => {
    scene.sandbox.setSwitch('error', { value: 'playlistNotFound', match: '/playlistItems?' })
    for (let night = 0; night < 4; night++) {
      scene.sandbox.log.clear()
      const { code } = await scene.run('posts', [channels.hidden])
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      expect(scene.task('uploads', channels.hidden)?.status, `night ${night}`).not.toBe('succeeded')
      expect(scene.asked('playlistItems').length).toBeLessThanOrEqual(3)
      scene.sandbox.advance(DAY_MS)
    }
    expect(scene.task('uploads', channels.hidden)).toMatchObject({ reason: 'unavailable' })
    scene.sandbox.switches.clear()
    scene.sandbox.advance(40 * DAY_MS)
    expect((await scene.run('posts', [channels.hidden])).code).toBe(0)
    expect(scene.amiss(channels.hidden)).toEqual([])
  })

  const longest = (): string => {
    const replies = new Map<string, number>()
    for (const record of scene.truth(channels.threads)) {
      if (record.type !== 'comment' || record.parentId === null || record.postId !== threads.replies) continue
      replies.set(record.parentId, (replies.get(record.parentId) ?? 0) + 1)
    }
    const [parent, count] = [...replies].sort((a, b) => b[1] - a[1])[0] ?? []
    expect(count).toBe(500)
    return parent ?? ''
  }
  const commentsReason = async (): Promise<unknown> => {
    const [job] = scene.rows('select max(id) as id from sync_jobs')
    const { stdout } = await scene.call(['status', String(job?.id), '--json'])
    const gaps: readonly { post_id: string; reason: string }[] =
      JSON.parse(stdout).job.completeness.largest_gaps
    return gaps.find(gap => gap.post_id === threads.replies)?.reason
  }

  it('109 replies whose page token is ignored go in circles, and their post says so', async () => {
    const parent = longest()
    scene.sandbox.setSwitch('ignore-page-token', { match: `parentId=${parent}` })
    const { code } = await scene.run('all', [channels.threads])
    expect(code).toBe(3)
    // A new token each time, and the same replies: three pages without anything new.
    const pages = scene.asked('comments').filter(({ fields }) => fields.parentId === parent)
    expect(new Set(pages.map(({ token }) => token)).size).toBe(pages.length)
    expect(pages).toHaveLength(4)
    expect(scene.task('replies', parent)).toMatchObject({ status: 'partial', reason: 'loop' })
    expect(await commentsReason()).toBe('loop')
  })

  it.each([
    ['forbidden', 'refused', 0],
    ['commentNotFound', 'deleted', 0],
    ['internalError', 'unavailable', 3],
    ['processingFailure', 'unavailable', 3],
  ])(
    '109 replies that are answered with %s are %s, and their post says so',
    {
      timeout: 120_000,
    },
    async (error, reason, nights) => {
      const parent = longest()
      scene.sandbox.setSwitch('error', { value: error, match: `parentId=${parent}` })
      let ended = await scene.run('all', [channels.threads])
      for (let night = 0; night < nights; night++) {
        expect(scene.task('replies', parent)?.status).not.toBe('succeeded')
        scene.sandbox.advance(DAY_MS)
        ended = await scene.run('all', [channels.threads])
      }
      expect(ended.code).toBe(0)
      expect(scene.task('replies', parent)).toMatchObject({ status: 'skipped', reason })
      expect(await commentsReason()).toBe(reason)
    },
  )

  it('110 a video that appears far down the list is read because one more is declared', async () => {
    const posts = scene.truth(prolific).flatMap(record => (record.type === 'post' ? record.id : []))
    const late = posts[60] ?? ''
    scene.sandbox.setSwitch('withheld', { value: [late] })
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    expect(scene.rows(`select id from posts where id = '${late}'`)).toEqual([])
    scene.sandbox.switches.clear()
    scene.sandbox.advance(DAY_MS)
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    expect(scene.amiss(prolific)).toEqual([])
  })

  it('110 a channel that always lists two fewer costs nothing extra', { timeout: 120_000 }, async () => {
    scene.sandbox.setSwitch('declares-more', { value: 2 })
    expect((await scene.run('posts', [prolific])).code).toBe(0)
    for (let night = 1; night < 4; night++) {
      scene.sandbox.advance(DAY_MS)
      scene.sandbox.log.clear()
      expect((await scene.run('posts', [prolific])).code, `night ${night}`).toBe(0)
      expect(scene.asked('playlistItems'), `night ${night}`).toHaveLength(1)
    }
  })

  const page = '<!DOCTYPE html><html lang=en><title>Error 403 (Forbidden)!!1</title><p>No.</html>'
  const html = { status: 403, headers: { 'content-type': 'text/html' }, body: page }

  it.each([
    [
      'a key bound to websites',
      { name: 'error', value: 'apiKeyReferrerBlocked' },
      ['Requests from referer <empty> are blocked.', 'Application restrictions'],
    ],
    [
      'an API that is not enabled',
      { name: 'error', value: 'accessNotConfigured' },
      ['it is disabled.', 'enable "YouTube Data API v3"'],
    ],
    ['a page', { name: 'status', value: html }, ['an HTML page: Error 403 (Forbidden)!!1', 'proxy']],
  ])('111 %s stops the first call, with its words and what to set', async (_, { name, value }, said) => {
    scene.sandbox.setSwitch(name, { value, match: '/youtube/v3/' })
    const { code, stdout, stderr } = await scene.run('posts', ['@north.pier', prolific, channels.hidden])
    expect(code).toBe(5)
    expect(scene.asked()).toHaveLength(1)
    expect(scene.newestJob()?.error_type).toBe('misconfigured')
    for (const words of said) {
      expect(String(scene.newestJob()?.error_message)).toContain(words)
      expect(stdout + stderr).toContain(words)
    }
    expect(scene.rows(`select * from sync_tasks where status in ('skipped', 'failed')`)).toEqual([])

    const { stdout: report } = await scene.call(['auth', 'status'])
    for (const words of said) expect(report).toContain(words)

    scene.sandbox.switches.clear()
    expect((await scene.run('posts', [prolific, channels.hidden])).code).toBe(0)
  })

  it('111 a long refusal is cut at a word', async () => {
    const message = `Refused: ${'reason upon reason, '.repeat(40)}`
    const error = { code: 403, message, errors: [{ domain: 'global', reason: 'forbidden' }] }
    scene.sandbox.setSwitch('status', { value: { status: 403, body: { error } }, match: '/channels?' })
    await scene.run('posts', [prolific])
    expect(scene.task('channels', prolific)?.last_error).toMatch(/ (reason|upon|reason,)…(;|$)/)
  })
})
