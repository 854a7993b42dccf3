// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PostRecord, SocialRecord } from '../../src/core/records.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query, type Row, resultRows } from '../support/tables.ts'

const DAY_MS = 86_400_000
const { prolific, old } = YOUTUBE_SPECIALS.channels
/** An Instagram account of several pages. */
const LONG = 'two.pages.of.50'

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let db: string

const open = async (moving: boolean): Promise<void> => {
  sandbox = await startSandbox({ networks, moving })
}
beforeEach(() => {
  folder = tempFolder()
  db = folder.file('socsync.db')
})
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync([...args, '--db', db, '--quiet'], { env: { ...sandbox.env, ...env } })
/** Runs to a good end, and gives the calls that it made. */
const run = async (network: string, id: string, ...flags: readonly string[]): Promise<number> => {
  const before = sandbox.log.calls.length
  expect(await call(['run', '--network', network, id, ...flags])).toMatchObject({ code: 0, stderr: '' })
  return sandbox.log.calls.length - before
}
const marks = (): Record<string, { from: string | null; to: string; last_full_at: string }> =>
  JSON.parse(String(query(db, 'select watermarks from entities')[0]?.watermarks))
const missing = (table: 'posts' | 'comments'): Row[] =>
  query(db, `select id, missing_since from ${table} where missing_since is not null`)
const day = (moment: string | undefined): string => String(moment).slice(0, 10)

describe('docs/design.md §5.5 incremental', () => {
  it('an interrupted and resumed run leaves the same watermark as an undisturbed one', async () => {
    await open(false)
    const { signal } = await call(['run', '--network', 'youtube', prolific], {
      SOCSYNC_CRASH_AT: 'page.committed:2',
    })
    expect(signal).toBe('SIGKILL')
    expect(marks()).toEqual({})
    sandbox.advance(3 * DAY_MS)
    expect((await call(['resume', '--all'])).code).toBe(0)
    // What was published since the walk began may have been missed by it.
    expect(marks()).toMatchObject({ posts: { from: null } })
    expect([day(marks().posts?.to), day(marks().posts?.last_full_at)]).toEqual(['2026-10-01', '2026-10-01'])
    const [job] = query(db, 'select cursor from sync_jobs order by id desc')
    expect(JSON.parse(String(job?.cursor)).watermark).toEqual({ from: null, reached: marks().posts?.to })
  })

  it.each([
    ['--limit-posts', '60'],
    ['--until', '2026-09-01'],
    ['--since', 'an id'],
  ])('a watermark never moves through %s', async (flag, value) => {
    await open(false)
    const [, second] = sandbox.truth('youtube', prolific).filter(({ type }) => type === 'post')
    const given = value === 'an id' && second?.type === 'post' ? second.id : value
    await run('youtube', prolific, flag, given)
    expect(marks()).toEqual({})
  })

  it('goes on from a first sync that was bounded by --since, and reads what lies before once it is wanted', async () => {
    await open(false)
    await run('youtube', prolific, '--since', '2026-06-01')
    expect(marks().posts?.from).toBe('2026-06-01T00:00:00.000Z')
    sandbox.advance(DAY_MS)
    expect(await run('youtube', prolific, '--since', '2026-06-01')).toBeLessThanOrEqual(3)
    const whole = await run('youtube', prolific)
    expect(whole).toBe(1 + 2 * Math.ceil(sandbox.truth('youtube', prolific).filter(isPost).length / 50))
    expect(marks().posts?.from).toBeNull()
  })

  it('--since last is what a run does by itself; --full-every 0s reads all again', async () => {
    await open(false)
    const first = await run('instagram', LONG)
    sandbox.advance(DAY_MS)
    expect(await run('instagram', LONG, '--since', 'last')).toBe(1)
    // Who asks is asked once in 30 days.
    expect(await run('instagram', LONG, '--full-every', '0s')).toBe(first - 1)
    sandbox.advance(30 * DAY_MS)
    expect(await run('instagram', LONG)).toBe(first)
  })

  it('comments that were not asked for before are read of all posts, deeper replies likewise', async () => {
    await open(false)
    await run('youtube', old)
    sandbox.advance(DAY_MS)
    const inline = await run('youtube', old, '--scope', 'all', '--replies', 'none')
    expect(inline).toBeGreaterThan(40)
    sandbox.advance(DAY_MS)
    expect(await run('youtube', old, '--scope', 'all', '--replies', 'none')).toBe(3)
    expect(await run('youtube', old, '--scope', 'all')).toBeGreaterThan(40)
    const [{ replies } = { replies: 0 }] = query(
      db,
      'select count(*) as replies from comments where parent_id is not null',
    )
    expect(replies).toBe(
      sandbox.truth('youtube', old).filter(one => one.type === 'comment' && one.parentId !== null).length,
    )
  })

  it('--lookback says how young a post must be to be looked at again', async () => {
    await open(false)
    await run('youtube', old, '--scope', 'all')
    sandbox.advance(DAY_MS)
    const none = await run('youtube', old, '--scope', 'all', '--lookback', '0s')
    sandbox.advance(DAY_MS)
    const all = await run('youtube', old, '--scope', 'all', '--lookback', '5000d')
    expect(none).toBe(3)
    expect(all).toBeGreaterThan(40)
  })

  it('what had to wait for the next run is read by it', async () => {
    await open(false)
    sandbox.setSwitch('error', {
      network: 'youtube',
      value: 'quotaExceeded',
      match: 'commentThreads',
      after: 5,
    })
    expect((await call(['run', '--network', 'youtube', '--scope', 'all', old])).code).toBe(75)
    sandbox.switches.clear()
    sandbox.advance(2 * DAY_MS)
    await run('youtube', old, '--scope', 'all')
    expect(query(db, 'select count(*) as count from comments')).toEqual([
      { count: sandbox.truth('youtube', old).filter(({ type }) => type === 'comment').length },
    ])
  })
})

describe('docs/design.md §5.8 completeness', () => {
  it('a video that one answer leaves out is not called missing', async () => {
    await open(false)
    await run('youtube', prolific)
    const rows = resultRows(db)
    sandbox.advance(DAY_MS)
    sandbox.setSwitch('id-lookup-forgets', { network: 'youtube', value: 3, times: 1 })
    await run('youtube', prolific)
    expect(missing('posts')).toEqual([])
    expect(resultRows(db)).toEqual(rows)
  })

  it('a walk that was cut, limited or begun anew says nothing of what it did not bring', async () => {
    await open(true)
    await run('instagram', LONG)
    const before = new Set(
      sandbox
        .truth('instagram', LONG)
        .filter(isPost)
        .map(({ id }) => id),
    )
    let gone: string[] = []
    while (gone.length === 0) {
      sandbox.advance(10 * DAY_MS)
      const now = new Set(
        sandbox
          .truth('instagram', LONG)
          .filter(isPost)
          .map(({ id }) => id),
      )
      gone = [...before].filter(id => !now.has(id))
    }
    const again = ['--full-every', '0s']
    await run('instagram', LONG, ...again, '--limit-posts', '60')
    expect(missing('posts')).toEqual([])
    sandbox.setSwitch('fault', {
      network: 'instagram',
      value: 'cursor-refused',
      match: 'after%28',
      times: 1,
    })
    await run('instagram', LONG, ...again)
    expect(missing('posts')).toEqual([])
    sandbox.advance(DAY_MS)
    gone = gone.filter(id => !sandbox.truth('instagram', LONG).some(one => isPost(one) && one.id === id))
    expect(gone.length).toBeGreaterThan(0)
    await run('instagram', LONG, ...again)
    expect(missing('posts').map(({ id }) => id)).toEqual(gone)
  })
})

const isPost = (record: SocialRecord): record is PostRecord => record.type === 'post'
