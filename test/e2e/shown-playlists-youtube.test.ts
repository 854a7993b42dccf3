// @module-tag long
import { describe, expect, it } from 'vitest'
import type { SocialRecord } from '../../src/core/records.ts'
import { YOUTUBE_PLAYLISTS, YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync } from '../support/cli.ts'
import { differences, query, type Row } from '../support/tables.ts'
import { openRuns } from '../support/youtube-runs.ts'

const { mixed, shared, empty } = YOUTUBE_PLAYLISTS
const { prolific } = YOUTUBE_SPECIALS.channels
const DAY_MS = 86_400_000

const { sandbox, db, call, run, calls } = openRuns()
const LISTS = ['--lists', 'playlists'] as const

const sum = (made: Record<string, number>): number => Object.values(made).reduce((all, n) => all + n, 0)
const rows = (sql: string): readonly Row[] => query(db(), sql)
/** The channel, what it shows, and the channels of what that holds, each row once. */
const truth = (): readonly SocialRecord[] => [
  ...new Map(
    [prolific, ...[mixed, shared, empty].map(id => `playlist:${id}`)]
      .flatMap(id => sandbox().truth('youtube', id))
      .map(row => [JSON.stringify('id' in row ? [row.type, row.id] : row), row] as const),
  ).values(),
]
const planned = async (scope: string): Promise<{ low: number; likely: number; high: number }> =>
  JSON.parse(
    (await call('plan', '--network', 'youtube', prolific, ...LISTS, '--scope', scope, '--json')).stdout,
  ).plan.units
const missing = (): readonly Row[] =>
  rows(
    'select collection_id, post_id from collection_items where missing_since is not null order by collection_id',
  )

describe('playlists that a channel shows, YouTube', () => {
  it('come with the channel: their items, and what they hold of other channels; nothing without being asked for', async () => {
    expect((await run(prolific, '--scope', 'comments', ...LISTS)).code).toBe(0)
    const made = calls()
    expect(differences(db(), 'youtube', truth())).toEqual([])
    // The empty one declares that it is, and is not opened.
    expect(made).toMatchObject({ playlists: 1, playlistItems: 3 + 3 + 2 })
    expect((await call('db', 'check')).code).toBe(0)

    sandbox().advance(DAY_MS)
    await run(prolific)
    expect(calls()).not.toHaveProperty('playlists')
    expect(rows('select id from collections where missing_since is not null')).toEqual([])
  })

  it('cost what docs/cost.md says', async () => {
    const night = async (): Promise<number> => {
      await run(prolific, '--scope', 'posts', '--concurrency', '1', ...LISTS)
      sandbox().advance(DAY_MS)
      return sum(calls())
    }
    expect([await night(), await night()]).toEqual([19, 6])
  })

  it('are told without their items where posts are not wanted', async () => {
    expect(await planned('profile')).toMatchObject({ low: 2 })
    expect((await run(prolific, '--scope', 'profile', ...LISTS)).code).toBe(0)
    expect(calls()).toEqual({ channels: 1, playlists: 1 })
    expect(rows('select id, items_count from collections order by items_count')).toEqual([
      { id: `playlist:${empty}`, items_count: 0 },
      { id: `playlist:${shared}`, items_count: 53 },
      { id: `playlist:${mixed}`, items_count: 120 },
    ])
  })

  it('ask for no video twice that is stored, cost what plan says, and on a quiet night one unit', async () => {
    const before = await planned('comments')
    await run(prolific, '--scope', 'comments', ...LISTS)
    const first = sum(calls())
    expect(before.low).toBeLessThanOrEqual(first)
    expect(before.high).toBeGreaterThanOrEqual(first)

    sandbox().advance(10 * DAY_MS)
    await run(prolific, '--scope', 'comments', ...LISTS)
    sandbox().advance(DAY_MS)
    calls()
    const night = await planned('comments')
    await run(prolific, '--scope', 'comments', ...LISTS)
    const made = calls()
    expect(made).toMatchObject({ channels: 1, playlists: 1, playlistItems: 1 })
    expect(Math.abs(night.likely - sum(made))).toBeLessThanOrEqual(Math.max(1, sum(made) * 0.05))

    const full = [prolific, '--scope', 'posts', ...LISTS, '--full-every', '0s', '--concurrency', '1']
    sandbox().advance(DAY_MS)
    await run(...full)
    const asked = sandbox().log.calls.flatMap(({ path, fields }) =>
      path.endsWith('/videos') ? (fields.id ?? '').split(',') : [],
    )
    expect(calls()).toMatchObject({ playlistItems: 3 + 3 + 2 })
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('are read again where their number moved: what was taken out is missing from its list alone, and may come back', async () => {
    await run(prolific, ...LISTS)
    const [taken = ''] = sandbox()
      .truth('youtube', `playlist:${shared}`)
      .flatMap(row => (row.type === 'item' && row.position === 51 ? row.postId : []))
    sandbox().setSwitch('taken-out', { value: [taken] })
    sandbox().advance(DAY_MS)
    calls()
    await run(prolific, ...LISTS)
    expect(missing()).toEqual([{ collection_id: `playlist:${shared}`, post_id: taken }])
    // The head of the uploads, and the two pages of that playlist.
    expect(calls().playlistItems).toBe(1 + 2)
    expect(rows('select id from posts where missing_since is not null')).toEqual([])
    sandbox().switches.clear()
    sandbox().advance(DAY_MS)
    await run(prolific, ...LISTS)
    expect(missing()).toEqual([])
  })

  it('are missing where they are shown no more, but for one that a list names', async () => {
    await run(prolific, `playlist:${mixed}`, ...LISTS)
    sandbox().setSwitch('unlisted-playlists', { value: [mixed, shared] })
    sandbox().advance(DAY_MS)
    await run(prolific, ...LISTS)
    const gone = (): readonly Row[] => rows('select id from collections where missing_since is not null')
    expect(gone()).toEqual([{ id: `playlist:${shared}` }])
    expect(missing()).toEqual([])
    sandbox().switches.clear()
    sandbox().advance(DAY_MS)
    await run(prolific, ...LISTS)
    expect(gone()).toEqual([])
  })

  it('that answer with nothing are not believed', async () => {
    await run(prolific, ...LISTS)
    sandbox().setSwitch('empty-answer', { match: 'playlists?' })
    sandbox().advance(DAY_MS)
    expect((await run(prolific, ...LISTS)).code).toBe(0)
    const read = rows(`select items from sync_tasks where stream = 'playlists' order by id`)
    expect(read).toEqual([{ items: 3 }, { items: 0 }])
    expect(rows('select id from collections where missing_since is not null')).toEqual([])
  })

  it('go on where they were killed, and no page is paid for twice', async () => {
    const cut = await socsync(
      ['run', '--network', 'youtube', prolific, ...LISTS, '--concurrency', '1', '--db', db()],
      { env: { ...sandbox().env, SOCSYNC_CRASH_AT: 'page.committed:6' } },
    )
    expect(cut.code).not.toBe(0)
    sandbox().advance(60_000)
    expect((await call('resume', '--all')).code).toBe(0)
    const pages = sandbox().log.calls.flatMap(({ path, fields }) =>
      path.endsWith('/playlistItems') ? `${fields.playlistId} ${fields.pageToken}` : [],
    )
    expect(new Set(pages).size).toBe(pages.length)
    const told = truth().filter(({ type }) => type !== 'comment')
    expect(differences(db(), 'youtube', told)).toEqual([])
  })

  it('cannot be had of what is no channel’s list', async () => {
    const ended = await run(prolific, '--lists', 'liked')
    expect(ended).toMatchObject({ code: 2 })
    expect(ended.stderr).toContain('allowed: playlists')
  })
})
