// @module-tag long
import { readdirSync, readFileSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ProfileRecord, SocialRecord } from '../../../src/core/records.ts'
import { DISPLAY } from '../../../src/networks/tiktok/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { perTest } from '../../support/fresh.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { differences, query, type Row } from '../../support/tables.ts'

/** FAULTS 112-121: what TikTok answers wrongly for ever, or so that it misleads, over nights of a moving world. */
const NIGHT_MS = 86_400_000
const SECRET = /^SOCSYNC_TIKTOK_(CLIENT_KEY|CLIENT_SECRET|ACCESS_TOKEN|REFRESH_TOKEN|OPEN_ID)$/

const sandbox = perTest(() => startSandbox({ moving: true }))
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const SUBCOMMANDS: ReadonlySet<string> = new Set(['auth', 'db'])
const call = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = sandbox().env,
): Promise<Ended> =>
  socsync(
    [
      ...args.slice(0, SUBCOMMANDS.has(args[0] ?? '') ? 2 : 1),
      '--db',
      db(),
      ...args.slice(SUBCOMMANDS.has(args[0] ?? '') ? 2 : 1),
    ],
    { env },
  )
const run = (scope: string, ...rest: readonly string[]): Promise<Ended> =>
  call(['run', '--network', 'tiktok', '--scope', scope, ...rest])
const switchOn = (name: string, rule: Parameters<TestSandbox['setSwitch']>[1] = {}): void =>
  sandbox().setSwitch(name, { network: 'tiktok', ...rule })
const well = (): void => void sandbox().switches.clear()
const nextNight = (): void => {
  sandbox().advance(NIGHT_MS)
  sandbox().log.clear()
}
/** A user's token in place of the client. */
const displayEnv = (): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(sandbox().env).filter(([name]) => !SECRET.test(name))),
  SOCSYNC_TIKTOK_ACCESS_TOKEN: DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN,
})

/** Calls of the API, those for tokens left out. */
const calls = () => sandbox().log.calls.filter(({ path }) => !path.includes('oauth'))
const callsOf = (part: string) => calls().filter(({ path }) => path.includes(part))
const truth = (...ids: readonly string[]): SocialRecord[] => ids.flatMap(id => sandbox().truth('tiktok', id))
const profileOf = (id: string): ProfileRecord | undefined =>
  truth(id).find((record): record is ProfileRecord => record.type === 'profile')
const withoutComments = (records: readonly SocialRecord[]) => records.filter(({ type }) => type !== 'comment')
const postsOf = (records: readonly SocialRecord[]) =>
  records.flatMap(record => (record.type === 'post' ? [record] : []))
/** Videos of the last month. */
const recentOf = (id: string) => {
  const monthAgo = new Date(sandbox().clock.now() - 30 * NIGHT_MS).toISOString()
  return postsOf(truth(id)).filter(({ createdAt }) => (createdAt ?? '') > monthAgo)
}
/** Ordinary creators with videos to read. */
const creators = (count: number): string[] =>
  sandbox()
    .entities('tiktok')
    .slice(20)
    .filter(name => (profileOf(name)?.postsCount ?? 0) > 20 && postsOf(truth(name)).length > 20)
    .slice(0, count)
const tasks = (stream: string, where = '1'): Row[] =>
  query(
    db(),
    `select external_id, status, reason from sync_tasks where stream = '${stream}' and ${where}
     and job_id in (select id from sync_jobs where run_id = (select max(id) from sync_runs)) order by external_id`,
  )
const jobStatus = (name: string): unknown =>
  query(db(), `select status from sync_jobs where entity_id = '${name}' order by id desc limit 1`)[0]?.status

/** Since when only some of a creator's posts are asked for, so that a test is short. */
const SINCE = '2026-06-01'
const since = (records: readonly SocialRecord[], from = SINCE): SocialRecord[] => {
  const old = new Set(postsOf(records).flatMap(({ id, createdAt }) => ((createdAt ?? '') < from ? [id] : [])))
  return records.filter(record =>
    record.type === 'post' ? !old.has(record.id) : !('postId' in record && old.has(record.postId)),
  )
}

describe('112', () => {
  it('112 comment lists of eight neighbouring videos fail for ever: all others are read on the first night', async () => {
    const names = creators(5)
    const known = since(truth(...names))
    const posts = postsOf(known).filter(({ commentsCount }) => (commentsCount ?? 0) > 0)
    expect(posts.length).toBeGreaterThan(15)
    const sick = posts.slice(4, 12).map(({ id }) => id)
    switchOn('sick', { match: 'comment/list', value: { how: '500', of: sick } })
    expect((await run('all', '--since', SINCE, ...names)).code).toBe(3)
    // The tries of what fails take minutes of the world's clock, in which a counter may move: a row is as it was at one of both ends.
    const wrongBy = (records: readonly SocialRecord[]): readonly string[] => {
      const well = records.filter(record => record.type !== 'comment' || !sick.includes(record.postId))
      return differences(db(), 'tiktok', well).map(line => line.replace(/ is .*, should be .*/, ''))
    }
    const wrongNow = wrongBy(since(truth(...names)))
    expect(wrongBy(known).filter(place => wrongNow.includes(place))).toEqual([])
    const failed = tasks('comments', `status = 'failed'`).map(row => row.external_id)
    expect(failed).toEqual(sick.toSorted())
    expect(query(db(), `select id from posts where comments_reason = 'refused'`)).toEqual([])
  })

  it('112 eight of thirty profiles fail for ever: the other twenty-two are read on the first night', async () => {
    const names = creators(30)
    expect(names).toHaveLength(30)
    const sick = names.slice(3, 11)
    switchOn('sick', { match: 'user/info', value: { how: '500', of: sick } })
    expect((await run('profile', ...names)).code).toBe(3)
    const others = names.filter(name => !sick.includes(name))
    const profiles = truth(...others).filter(({ type }) => type === 'profile')
    expect(differences(db(), 'tiktok', profiles)).toEqual([])
    expect(tasks('user', `status = 'failed'`).map(row => row.external_id)).toEqual(sick.toSorted())
  })
})

describe('113', () => {
  const BROKEN = { from: '20251008', to: '20251010' }
  const isBroken = (createdAt: string | null | undefined): boolean =>
    (createdAt ?? '') >= '2025-10-08' && (createdAt ?? '') < '2025-10-11'

  it('113 a period that is never given is a task of its own; all else is read, and each night fresh', async () => {
    const names = creators(3)
    switchOn('sick', { match: 'video/query', value: { how: '500', ...BROKEN } })
    expect((await run('posts', ...names)).code).toBe(3)
    const windows = names.map(name => `${name} 2025-10-08..2025-10-10`).toSorted()
    expect(tasks('window').map(row => row.external_id)).toEqual(windows)
    expect(tasks('videos')).toEqual(
      names.toSorted().map(external_id => ({ external_id, status: 'succeeded', reason: 'unavailable' })),
    )
    const given = (): SocialRecord[] => {
      const all = withoutComments(truth(...names))
      const lost = new Set(postsOf(all).flatMap(({ id, createdAt }) => (isBroken(createdAt) ? [id] : [])))
      return all.filter(
        record =>
          !lost.has(record.type === 'media' ? record.postId : record.type === 'post' ? record.id : ''),
      )
    }
    expect(missingRows(given())).toEqual([])

    const codes: unknown[] = []
    for (let night = 2; night <= 5; night++) {
      nextNight()
      codes.push((await run('posts', ...names)).code)
      // A profile each, a search of all, and three tries of the window where it is due.
      expect(callsOf('user/info')).toHaveLength(3)
      expect(calls().length).toBeLessThanOrEqual(3 + 1 + 3)
      expect(missingRows(given())).toEqual([])
    }
    expect(codes.at(-1)).toBe(0)
    expect(jobStatus(names[0] ?? '')).toBe('succeeded')

    well()
    nextNight()
    expect(
      (await call(['run', '--network', 'tiktok', '--scope', 'posts', '--quiet', '--fresh', ...names])).code,
    ).toBe(0)
    expect(missingRows(withoutComments(truth(...names)))).toEqual([])
  })
})

describe('113', () => {
  it('113 days of last week that are never given cost a night one search more, and their own tries where they are due', async () => {
    const names = creators(3)
    switchOn('sick', { match: 'video/query', value: { how: '500', from: '20260926', to: '20260927' } })
    expect((await run('posts', '--since', SINCE, ...names)).code).toBe(3)
    const searches: number[] = []
    for (let night = 2; night <= 6; night++) {
      nextNight()
      await run('posts', '--since', SINCE, ...names)
      expect(callsOf('user/info')).toHaveLength(3)
      searches.push(callsOf('video/query').length)
      const isLost = (createdAt: string): boolean => createdAt >= '2026-09-26' && createdAt < '2026-09-28'
      const posts = postsOf(since(truth(...names))).filter(({ createdAt }) => !isLost(createdAt ?? ''))
      expect(missingRows(posts)).toEqual([])
    }
    // Above and below the days; tried after 1 and 2 days, then after 4.
    expect(searches).toEqual([5, 2, 5, 2, 2])
    expect(tasks('window').map(row => row.external_id)).toEqual(
      names.map(name => `${name} 2026-09-26..2026-09-27`).toSorted(),
    )
  })
})

describe('113', () => {
  it('113 days whose searches are cut off for ever are left likewise; what stands for their answers is read again as it was', async () => {
    const [name = ''] = creators(1)
    switchOn('sick', { match: 'video/query', value: { how: 'cut', from: '20260803', to: '20260804' } })
    expect((await run('posts', '--since', SINCE, name)).code).toBe(3)
    expect(tasks('window').map(row => row.external_id)).toEqual([`${name} 2026-08-03..2026-08-04`])
    const isLost = (createdAt: string): boolean => createdAt >= '2026-08-03' && createdAt < '2026-08-05'
    const given = postsOf(since(truth(name))).filter(({ createdAt }) => !isLost(createdAt ?? ''))
    expect(missingRows(given)).toEqual([])

    const stored = () => query(db(), 'select id, caption, like_count, fetched_at from posts order by id')
    const before = stored()
    expect(query(db(), 'select status from raw_pages where status = 0').length).toBeGreaterThan(0)
    expect(JSON.parse((await call(['db', 'drift', '--json'])).stdout)).toMatchObject({ unread: 0 })
    expect((await call(['db', 'rebuild'])).code).toBe(0)
    expect(stored()).toEqual(before)
  })
})

/** Posts and media that the world has and the file lacks. Counters are of the night on which each was read. */
const missingRows = (records: readonly SocialRecord[]): string[] => {
  const stored = new Set(query(db(), 'select id from posts').map(row => String(row.id)))
  return postsOf(records).flatMap(({ id }) => (stored.has(id) ? [] : [id]))
}

describe('114', () => {
  it('114 declared and never listed is not believed: said in the summary, and asked again ever more seldom', async () => {
    const [hidden = '', other = ''] = creators(2)
    const declared = profileOf(hidden)?.postsCount
    const others = withoutComments(truth(other))
    switchOn('unlisted', { value: [hidden] })
    const { code, stdout } = await run('posts', hidden, other)
    expect(code).toBe(3)
    expect(stdout).toContain(`${declared} unlisted`)
    expect(stdout).toContain('unlisted')
    expect(missingRows(others)).toEqual([])
    expect(jobStatus(other)).toBe('succeeded')
    expect(tasks('videos', `external_id = '${hidden}'`)).toMatchObject([
      { status: 'failed', reason: 'unlisted' },
    ])

    const asked: boolean[] = []
    for (let night = 2; night <= 7; night++) {
      nextNight()
      await run('posts', hidden, other)
      asked.push(callsOf('video/query').some(({ body }) => body.includes(`"${hidden}"`)))
    }
    // 1, 2, 4, … days after the last time.
    expect(asked).toEqual([true, false, true, false, false, false])
    well()
    expect((await run('posts', '--fresh', hidden)).code).toBe(0)
    expect(missingRows(truth(hidden))).toEqual([])
  })
})

describe('114, the next night', () => {
  it('114 a search of days of which much is stored, and that brings nothing, says nothing of them', async () => {
    const [lively = ''] = [...sandbox().entities('tiktok')].sort(
      (a, b) => recentOf(b).length - recentOf(a).length,
    )
    expect(recentOf(lively).length).toBeGreaterThan(20)
    expect((await run('posts', lively)).code).toBe(0)
    const covered = () => query(db(), 'select watermarks from entities')[0]?.watermarks
    const before = covered()
    switchOn('break', { match: '/video/query/', value: { way: 'empty' } })
    nextNight()
    expect((await run('posts', lively)).code).toBe(3)
    expect(tasks('videos')).toMatchObject([{ status: 'failed', reason: 'unlisted' }])
    expect(covered()).toBe(before)
    well()
    nextNight()
    expect((await run('posts', lively)).code).toBe(0)
    expect(missingRows(withoutComments(truth(lively)))).toEqual([])
  })
})

describe('115', () => {
  it('115 a page that begins with ten videos of the one before: all that are there are read', async () => {
    switchOn('duplicate-item', { match: 'video/query', value: 10 })
    expect((await run('posts', 'swept.shelf')).code).toBe(0)
    expect(differences(db(), 'tiktok', withoutComments(truth('swept.shelf')))).toEqual([])
  })
})

describe('116', () => {
  it('116 a profile that answers nothing is named and no row of nulls; a known one keeps its row and its new videos are read', async () => {
    const [unknown = '', known = ''] = creators(2)
    expect((await run('posts', known)).code).toBe(0)
    const [before] = query(db(), `select name, bio, followers_count from profiles where id = '${known}'`)
    nextNight()
    nextNight()
    nextNight()
    switchOn('sick', { match: 'user/info', value: { how: 'empty', of: [unknown, known] } })
    await run('posts', unknown, known)
    expect(callsOf('user/info').filter(({ body }) => body.includes(unknown)).length).toBeLessThanOrEqual(5)
    expect(query(db(), `select id from profiles where id = '${unknown}'`)).toEqual([])
    expect(tasks('user', `external_id = '${unknown}'`)).toMatchObject([
      { status: 'skipped', reason: 'unavailable' },
    ])
    expect(query(db(), `select name, bio, followers_count from profiles where id = '${known}'`)).toEqual([
      before,
    ])
    expect(query(db(), `select id from profiles where missing_since is not null`)).toEqual([])
    expect(missingRows(withoutComments(truth(known)))).toEqual([])
  })
})

describe('117', () => {
  it('117 a week whose search is always called invalid is named, and resume reads that alone', async () => {
    const [name = ''] = creators(1)
    switchOn('sick', {
      match: 'video/query',
      value: { how: 'invalid-cursor', from: '20260803', to: '20260809' },
    })
    const { code, stdout } = await run('posts', '--since', SINCE, name)
    expect(code).toBe(3)
    expect(stdout).toContain('2026-08-03..2026-08-09')
    expect(stdout).toContain('Invalid count or cursor')
    expect(tasks('window')).toMatchObject([{ external_id: `${name} 2026-08-03..2026-08-09` }])

    well()
    sandbox().log.clear()
    expect((await call(['resume', '--all', '--quiet'])).code).toBe(0)
    expect(calls().map(({ body }) => JSON.parse(body))).toMatchObject([
      { start_date: '20260803', end_date: '20260809' },
    ])
    expect(differences(db(), 'tiktok', withoutComments(since(truth(name))))).toEqual([])
  })
})

describe('118', () => {
  it('118 a client without Research approval: three calls, exit 5, what it lacks; auth status agrees', async () => {
    switchOn('not-authorized')
    const { code, stdout, stderr } = await run('all', ...creators(10))
    expect(code).toBe(5)
    expect(sandbox().log.calls.length).toBeLessThanOrEqual(3)
    expect(stdout + stderr).toContain('this client has no Research approval')
    expect(query(db(), 'select distinct error_type from sync_jobs')).toEqual([
      { error_type: 'misconfigured' },
    ])

    const told = await call(['auth', 'status', '--network', 'tiktok'])
    expect(told.code).toBe(5)
    expect(told.stdout).toContain('this client has no Research approval')
  })
})

/** The bodies of all answers as they are kept. */
const rawTexts = (path: string): string[] =>
  query(path, 'select body from raw_bodies').map(({ body }) => zstdDecompressSync(body as Buffer).toString())

describe('119', () => {
  const own = (...ids: readonly string[]): Promise<Ended> =>
    call(['run', '--network', 'tiktok', '--scope', 'posts', '--quiet', '--', ...ids], displayEnv())

  it('119 the own account by its open_id, its name and me is read once, and nobody learns who shared it', async () => {
    expect((await own('@ada.bakes', 'me')).code).toBe(0)
    const [profile] = query(db(), 'select id, username from profiles')
    const openId = String(profile?.id)
    expect(openId).toMatch(/^-000/)
    expect(profile?.username).toBe('ada.bakes')
    expect(query(db(), 'select status, reason from sync_jobs')).toEqual([
      { status: 'succeeded', reason: null },
    ])
    // The token lives for a day.
    sandbox().advance(7 * 3_600_000)
    expect((await own(openId)).code).toBe(0)
    expect(query(db(), 'select id from profiles')).toHaveLength(1)

    const permalinks = query(db(), 'select permalink from posts').map(row => String(row.permalink))
    expect(permalinks.length).toBeGreaterThan(50)
    expect(permalinks.filter(link => link.includes('?'))).toEqual([])
    const clientKey = sandbox().env.SOCSYNC_TIKTOK_CLIENT_KEY ?? ''
    const kept = rawTexts(db())
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.filter(text => text.includes(clientKey))).toEqual([])
    for (const file of readdirSync(folder().path)) {
      expect(readFileSync(folder().file(file)).includes(clientKey)).toBe(false)
    }
  })

  it('119 a secUid is refused with what to give; auth status says what to list', async () => {
    const told = await call(['auth', 'status', '--network', 'tiktok', '--json'], displayEnv())
    expect(told.stdout).toMatch(/"-000/)
    const refused = await own('MS4wLjABAAAAv7iSuuXDJGDvJkmH_vz1qkDZYo1apxgzaxdBSeIuPiM')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('secUid')
  })
})

describe('120', () => {
  it('120 names that end in NULs and a digit are the names that were asked for; strangers are dropped', async () => {
    const [name = ''] = creators(1)
    switchOn('nul-names')
    switchOn('strangers', { value: true })
    expect((await run('posts', '--since', SINCE, name, 'ada.bakes')).code).toBe(0)
    expect(differences(db(), 'tiktok', withoutComments(since(truth(name, 'ada.bakes'))))).toEqual([])
    expect(query(db(), 'select reason from rejects')).toEqual([])
  })
})

describe('121', () => {
  it('121 replies that are refused by their comment are asked for once, and given up for this client with the words', async () => {
    const names = creators(4)
    switchOn('inline-replies', { value: 'none' })
    switchOn('by-comment', { value: 'refused' })
    const { code, stdout } = await run('all', '--since', SINCE, ...names)
    const asked = () => callsOf('comment/list').filter(({ body }) => body.includes('comment_id'))
    expect(code).toBe(0)
    expect(asked()).toHaveLength(1)
    const replies = tasks('replies')
    expect(replies.length).toBeGreaterThan(3)
    expect(new Set(replies.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set(['skipped unsupported-by-network']),
    )
    expect(stdout).toContain('unsupported-by-network')
    expect(
      query(db(), `select last_error from sync_tasks where stream = 'replies'`)[0]?.last_error,
    ).toContain('video_id is required')
    const topLevel = since(truth(...names)).filter(
      record => record.type !== 'comment' || record.parentId === null,
    )
    expect(differences(db(), 'tiktok', topLevel)).toEqual([])
  })
})
