// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { YOUTUBE_ACCESS, YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { columnsOf, differences, query, type Row } from '../../support/tables.ts'

// FAULTS 103-111: what does not pass by itself, night after night, through the real binary.

const DAY_MS = 86_400_000
const { channels, threads } = YOUTUBE_SPECIALS
const { prolific } = channels

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let db: string

const open = async (moving: boolean): Promise<void> => {
  sandbox = await startSandbox({ seed: 3, moving })
  folder = tempFolder()
  db = folder.file('lasting.db')
}
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync([...args, '--db', db], { env: { ...sandbox.env, ...env } })
const run = (
  scope: string,
  ids: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => call(['run', '--network', 'youtube', '--scope', scope, ...ids], env)
const truth = (id: string) => sandbox.truth('youtube', id)
const numbers = (rows: readonly Row[], key: string): number[] => rows.map(row => Number(row[key]))

/** What the sandbox was asked since the last look, as method and status. */
const asked = (method?: string) => {
  const calls = sandbox.log.calls.filter(({ path }) => method === undefined || path.endsWith(`/${method}`))
  return calls.map(({ status, fields }) => ({ status, token: fields.pageToken ?? null, fields }))
}

/** The task of a stream in the newest job. */
const task = (stream: string, externalId: string): Row | undefined =>
  query(
    db,
    `select status, reason, failing_since, failed_runs, last_error from sync_tasks
     where stream = '${stream}' and external_id = '${externalId}' order by id desc limit 1`,
  )[0]
const newestJob = (): Row | undefined =>
  query(db, 'select status, reason, error_type, error_message from sync_jobs order by id desc limit 1')[0]

/** Where profile, posts and media are not the world's of this moment; those that are called missing left out. */
const amiss = (id: string): string[] => {
  const stored = new Map<string, Row>()
  for (const row of query(db, 'select * from profiles')) stored.set(`profile ${row.id}`, row)
  for (const row of query(db, 'select * from posts')) stored.set(`post ${row.id}`, row)
  for (const row of query(db, 'select * from media')) stored.set(`media ${row.id}`, row)
  const wrong = truth(id).flatMap(record => {
    if (record.type === 'comment' || record.type === 'like') return []
    const key = `${record.type} ${record.id}`
    const row = stored.get(key)
    stored.delete(key)
    if (row === undefined) return [`${key} is missing`]
    return Object.entries(columnsOf(record))
      .filter(([name, value]) => row[name] !== value)
      .map(([name, value]) => `${key} ${name}: ${row[name]} for ${value}`)
  })
  const left = [...stored].flatMap(([key, row]) =>
    row.missing_since === null && row.profile_id === id ? [`${key} is not there`] : [],
  )
  return [...wrong, ...left].slice(0, 10)
}

/** Posts whose comments were not read at the number that is declared now. */
const unread = (except: string): Row[] =>
  query(
    db,
    `select id, comments_count, comments_declared, comments_reason from posts
     where comments_count > 0 and id <> '${except}'
       and (comments_synced_at is null or comments_declared <> comments_count)
       and missing_since is null and coalesce(comments_reason, '') <> 'comments-disabled'`,
  )

describe('in a world that moves', () => {
  beforeEach(() => open(true))

  it('103 a page of comments that never answers keeps nothing else from being read, and is named', {
    timeout: 300_000,
  }, async () => {
    const tops = new Map<string, number>()
    for (const record of truth(prolific)) {
      if (record.type === 'comment' && record.parentId === null)
        tops.set(record.postId, (tops.get(record.postId) ?? 0) + 1)
    }
    const [sick = '', count = 0] = [...tops].sort((a, b) => b[1] - a[1])[0] ?? []
    expect(count).toBeGreaterThan(25)
    const match = `videoId=${sick}&`
    sandbox.setSwitch('short-pages', { match, value: 10 })
    sandbox.setSwitch('refused-from', { match, value: { offset: 20, error: 'processingFailure' } })
    const failing: unknown[] = []
    for (let night = 0; night < 8; night++) {
      sandbox.log.clear()
      const { code } = await run('all', [prolific])
      expect(amiss(prolific), `night ${night}`).toEqual([])
      expect(unread(sick), `night ${night}`).toEqual([])
      const sickCalls = asked('commentThreads').filter(({ status }) => status === 400).length
      expect(sickCalls, `night ${night}`).toBeLessThanOrEqual(night === 0 ? 6 : 3)
      // From the third failing run on its job is whole but for a named gap.
      const found = task('threads', sick)
      failing.push(found?.failing_since)
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      if (night >= 3) expect([code, found?.status, found?.reason]).toEqual([0, 'skipped', 'unavailable'])
      sandbox.advance(DAY_MS)
    }
    expect(failing[0]).toBeTruthy()
    expect(new Set(failing).size).toBe(1)
    const { stdout } = await call(['status', '--json'])
    expect(stdout).toContain('processingFailure')
    expect(stdout).toContain('unavailable')

    sandbox.switches.clear()
    sandbox.advance(40 * DAY_MS)
    expect((await run('all', [prolific])).code).toBe(0)
    expect(unread('')).toEqual([])
    const [read] = query(
      db,
      `select count(*) as count from comments where post_id = '${sick}' and missing_since is null`,
    )
    expect(read?.count).toBe(
      truth(prolific).filter(record => record.type === 'comment' && record.postId === sick).length,
    )
  })

  it('104 a page of uploads that is refused for days is begun again at page one each night, and no token of an earlier day is sent', {
    timeout: 300_000,
  }, async () => {
    sandbox.setSwitch('daily-tokens')
    sandbox.setSwitch('refused-from', {
      match: 'playlistItems',
      value: { offset: 100, error: 'invalidPageToken' },
    })
    const sent = new Set<string>()
    for (let night = 0; night < 4; night++) {
      sandbox.log.clear()
      const { code } = await run('posts', [prolific])
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      const [row] = query(db, `select posts_count from profiles`)
      expect(row?.posts_count).toBe(truth(prolific).filter(({ type }) => type === 'post').length)
      const tokens = asked('playlistItems').flatMap(({ token }) => token ?? [])
      expect(tokens.filter(token => sent.has(token))).toEqual([])
      for (const token of tokens) sent.add(token)
      expect(asked('playlistItems')[0]?.token, `night ${night}`).toBeNull()
      expect(numbers(query(db, 'select count(*) as count from posts'), 'count')[0]).toBeGreaterThanOrEqual(
        100,
      )
      sandbox.advance(DAY_MS)
    }
    sandbox.switches.clear({ name: 'refused-from' })
    sandbox.advance(40 * DAY_MS)
    expect((await run('posts', [prolific])).code).toBe(0)
    expect(amiss(prolific)).toEqual([])
  })
})

describe('in a world that moves, a kind of call that fails for ever', () => {
  beforeEach(() => open(true))

  const ids = [prolific, channels.old]
  const followers = () =>
    query(db, 'select id, followers_count from profiles where followers_count is not null order by id')
  const seen = () =>
    ids
      .flatMap(id => truth(id))
      .flatMap(record =>
        record.type === 'profile' && record.followersCount != null
          ? { id: record.id, followers_count: record.followersCount }
          : [],
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  const posts = () =>
    new Set(query(db, 'select id from posts where missing_since is null').map(({ id }) => String(id)))

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
      expect((await run('posts', ids)).code).toBe(0)
      const before = posts()
      sandbox.setSwitch(name, { value, match: '/videos?' })
      const tries: number[] = []
      for (let night = 1; night <= 6; night++) {
        sandbox.advance(DAY_MS)
        sandbox.log.clear()
        const { code } = await run('posts', ids)
        expect([0, 3], `night ${night}`).toContain(code)
        expect(followers(), `night ${night}`).toEqual(seen())
        expect(posts().size, `night ${night}`).toBe(before.size)
        const heads = asked('playlistItems').map(({ fields }) => fields.playlistId)
        for (const id of ids) expect(heads, `night ${night}`).toContain(`UU${id.slice(2)}`)
        tries.push(asked('videos').length)
      }
      expect(Math.max(...tries)).toBeLessThanOrEqual(20)
      sandbox.switches.clear()
      sandbox.advance(40 * DAY_MS)
      expect((await run('posts', ids)).code).toBe(0)
      expect(ids.flatMap(amiss)).toEqual([])
    },
  )

  it('details from the first night on: the list is read to its end, they are named, and come when they can be had', {
    timeout: 120_000,
  }, async () => {
    sandbox.setSwitch('error', { value: 'internalError', match: '/videos?' })
    expect((await run('posts', [prolific])).code).toBe(3)
    expect(asked('playlistItems').map(({ status }) => status)).toEqual([200, 200, 200])
    const owed = query(db, `select status, last_error from sync_tasks where stream = 'details'`)
    expect(owed).toHaveLength(3)
    for (const { status, last_error } of owed) {
      expect([status, String(last_error)]).toEqual(['failed', expect.stringContaining('internalError')])
    }
    // Each page asks twice, and so does each task.
    expect(asked('videos')).toHaveLength(12)
    expect(posts().size).toBe(0)

    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    sandbox.log.clear()
    expect((await run('posts', [prolific])).code).toBe(0)
    expect(amiss(prolific)).toEqual([])
    // By their ids: the list need not be read again for them.
    expect(asked('playlistItems')).toHaveLength(1)
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
      expect((await run('posts', ids)).code).toBe(0)
      const known = query(db, 'select name, bio, followers_count, missing_since from profiles order by id')
      sandbox.setSwitch(name, { value, match: '/channels?' })
      for (let night = 1; night <= 5; night++) {
        sandbox.advance(DAY_MS)
        sandbox.log.clear()
        await run('posts', ids)
        expect(
          query(db, 'select name, bio, followers_count, missing_since from profiles order by id'),
        ).toEqual(known)
        const stale = ids.flatMap(amiss).filter(line => !line.startsWith('profile '))
        expect(stale, `night ${night}`).toEqual([])
        expect(asked('channels').length, `night ${night}`).toBeLessThanOrEqual(8)
      }
      sandbox.switches.clear()
      sandbox.advance(40 * DAY_MS)
      expect((await run('posts', ids)).code).toBe(0)
      expect(ids.flatMap(amiss)).toEqual([])
    },
  )
})

describe('in a world that stands', () => {
  beforeEach(() => open(false))

  it('105 first pages of comments that fail for hours are an outage: few calls, nothing booked, all read the next night', {
    timeout: 120_000,
  }, async () => {
    sandbox.setSwitch('error', { value: 'processingFailure', match: '/commentThreads?' })
    expect([3, 75]).toContain((await run('all', [prolific])).code)
    expect(amiss(prolific)).toEqual([])
    expect(asked('commentThreads').length).toBeLessThanOrEqual(40)
    const booked = query(
      db,
      `select id from posts where comments_reason in ('refused', 'unavailable') or
       (comments_count > 0 and comments_synced_at is not null and coalesce(comments_reason, '') <> 'comments-disabled')`,
    )
    expect(booked).toEqual([])
    expect(query(db, `select * from sync_tasks where stream = 'threads' and status = 'skipped'`)).toEqual([])

    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    expect((await run('all', [prolific])).code).toBe(0)
    expect(differences(db, 'youtube', truth(prolific))).toEqual([])
  })

  it.each([
    ['the key of another project', { SOCSYNC_YOUTUBE_API_KEY: YOUTUBE_ACCESS.otherProjectApiKey }],
    ['a raised allowance', { SOCSYNC_YOUTUBE_DAILY_UNITS: '50000' }],
  ])('106 what a used up quota left is due at once with %s', async (_, env) => {
    sandbox.setSwitch('default-allowance', { value: 3 })
    expect((await run('posts', [prolific, channels.old])).code).toBe(75)
    sandbox.switches.clear()
    // The same key is not asked again: its day is over.
    sandbox.log.clear()
    expect((await run('posts', [prolific, channels.old])).code).toBe(75)
    expect(asked()).toEqual([])
    expect((await run('posts', [prolific, channels.old], env)).code).toBe(0)
    expect([amiss(prolific), amiss(channels.old)]).toEqual([[], []])
  })

  it('107 "not found" in the middle of the uploads is tried again, then partial, and never an end', async () => {
    sandbox.setSwitch('error', { value: 'playlistNotFound', match: 'maxResults=50&pageToken=' })
    const { code } = await run('posts', [prolific])
    expect(code).toBe(3)
    expect(asked('playlistItems').map(({ status }) => status)).toEqual([200, 404, 404, 404])
    expect(newestJob()).toMatchObject({ status: 'partial' })
    expect(task('uploads', prolific)?.last_error).toContain('playlistNotFound')
    expect(query(db, 'select count(*) as count from posts where missing_since is null')).toEqual([
      { count: 50 },
    ])

    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    expect((await run('posts', [prolific])).code).toBe(0)
    expect(amiss(prolific)).toEqual([])
  })

  it('108 posts that are declared and not listed are said in the summary', async () => {
    sandbox.setSwitch('declares-more', { value: 2 })
    const { code, stdout } = await run('posts', [channels.hidden])
    expect(code).toBe(0)
    expect(stdout).toMatch(/12 of 14.*2 unlisted/)
    expect((await call(['status'])).stdout).toMatch(/2 unlisted/)
  })

  it('108 uploads that are not found where some are declared are no success, whatever the night', {
    timeout: 120_000,
  }, async () => {
    sandbox.setSwitch('error', { value: 'playlistNotFound', match: '/playlistItems?' })
    for (let night = 0; night < 4; night++) {
      sandbox.log.clear()
      const { code } = await run('posts', [channels.hidden])
      if (night < 2) expect(code, `night ${night}`).toBe(3)
      expect(task('uploads', channels.hidden)?.status, `night ${night}`).not.toBe('succeeded')
      expect(asked('playlistItems').length).toBeLessThanOrEqual(3)
      sandbox.advance(DAY_MS)
    }
    expect(task('uploads', channels.hidden)).toMatchObject({ reason: 'unavailable' })
    sandbox.switches.clear()
    sandbox.advance(40 * DAY_MS)
    expect((await run('posts', [channels.hidden])).code).toBe(0)
    expect(amiss(channels.hidden)).toEqual([])
  })

  const longest = (): string => {
    const replies = new Map<string, number>()
    for (const record of truth(channels.threads)) {
      if (record.type !== 'comment' || record.parentId === null || record.postId !== threads.replies) continue
      replies.set(record.parentId, (replies.get(record.parentId) ?? 0) + 1)
    }
    const [parent, count] = [...replies].sort((a, b) => b[1] - a[1])[0] ?? []
    expect(count).toBe(500)
    return parent ?? ''
  }
  const commentsReason = (): unknown =>
    query(db, `select comments_reason from posts where id = '${threads.replies}'`)[0]?.comments_reason

  it('109 replies whose page token is ignored go in circles, and their post says so', async () => {
    const parent = longest()
    sandbox.setSwitch('ignore-page-token', { match: `parentId=${parent}` })
    const { code } = await run('all', [channels.threads])
    expect(code).toBe(3)
    // A new token each time, and the same replies: three pages without anything new.
    const pages = asked('comments').filter(({ fields }) => fields.parentId === parent)
    expect(new Set(pages.map(({ token }) => token)).size).toBe(pages.length)
    expect(pages).toHaveLength(4)
    expect(task('replies', parent)).toMatchObject({ status: 'partial', reason: 'loop' })
    expect(commentsReason()).toBe('loop')
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
      sandbox.setSwitch('error', { value: error, match: `parentId=${parent}` })
      let ended = await run('all', [channels.threads])
      for (let night = 0; night < nights; night++) {
        expect(task('replies', parent)?.status).not.toBe('succeeded')
        sandbox.advance(DAY_MS)
        ended = await run('all', [channels.threads])
      }
      expect(ended.code).toBe(0)
      expect(task('replies', parent)).toMatchObject({ status: 'skipped', reason })
      expect(commentsReason()).toBe(reason)
    },
  )

  it('110 a video that appears far down the list is read because one more is declared', async () => {
    const posts = truth(prolific).flatMap(record => (record.type === 'post' ? record.id : []))
    const late = posts[60] ?? ''
    sandbox.setSwitch('withheld', { value: [late] })
    expect((await run('posts', [prolific])).code).toBe(0)
    expect(query(db, `select id from posts where id = '${late}'`)).toEqual([])
    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    expect((await run('posts', [prolific])).code).toBe(0)
    expect(amiss(prolific)).toEqual([])
  })

  it('110 a channel that always lists two fewer costs nothing extra', { timeout: 120_000 }, async () => {
    sandbox.setSwitch('declares-more', { value: 2 })
    expect((await run('posts', [prolific])).code).toBe(0)
    for (let night = 1; night < 4; night++) {
      sandbox.advance(DAY_MS)
      sandbox.log.clear()
      expect((await run('posts', [prolific])).code, `night ${night}`).toBe(0)
      expect(asked('playlistItems'), `night ${night}`).toHaveLength(1)
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
    sandbox.setSwitch(name, { value, match: '/youtube/v3/' })
    const { code, stdout, stderr } = await run('posts', ['@north.pier', prolific, channels.hidden])
    expect(code).toBe(5)
    expect(asked()).toHaveLength(1)
    expect(newestJob()?.error_type).toBe('misconfigured')
    for (const words of said) {
      expect(String(newestJob()?.error_message)).toContain(words)
      expect(stdout + stderr).toContain(words)
    }
    expect(query(db, `select * from sync_tasks where status in ('skipped', 'failed')`)).toEqual([])

    const { stdout: report } = await call(['auth', 'status'])
    for (const words of said) expect(report).toContain(words)

    sandbox.switches.clear()
    expect((await run('posts', [prolific, channels.hidden])).code).toBe(0)
  })

  it('111 a long refusal is cut at a word', async () => {
    const message = `Refused: ${'reason upon reason, '.repeat(40)}`
    const error = { code: 403, message, errors: [{ domain: 'global', reason: 'forbidden' }] }
    sandbox.setSwitch('status', { value: { status: 403, body: { error } }, match: '/channels?' })
    await run('posts', [prolific])
    expect(task('channels', prolific)?.last_error).toMatch(/ (reason|upon|reason,)…$/)
  })
})
