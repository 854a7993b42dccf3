import { afterAll, beforeAll, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { parseCsv } from '../support/csv.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query, type Row } from '../support/tables.ts'

const folder = tempFolder()
const db = folder.file('socsync.db')
let sandbox: TestSandbox
let exported: Row[]

const call = async (...args: readonly string[]): Promise<string> => {
  const ended = await socsync([...args, '--db', db], { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  return ended.stdout
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok], moving: true })
  const ids = ['instagram:two.pages.of.50', 'instagram:likes.hidden', 'tiktok:swept.shelf']
  await call('run', '--scope', 'posts', '--quiet', ...ids)
  sandbox.advance(5 * 86_400_000)
  // The followers move on, the posts' counters stay those of five days ago.
  await call('run', '--scope', 'profile', '--quiet', ...ids)
  exported = JSON.parse(await call('export', 'engagement', '--format', 'json'))
}, 60_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

it('is what people did with a post by the followers that the profile had then', () => {
  const posts = query(db, 'select * from posts order by network, id')
  const history = query(db, `select * from metrics where subject = 'profile' and name = 'followers_count'`)
  const names = new Map(query(db, 'select id, username, name from profiles').map(row => [row.id, row]))
  expect(exported).toHaveLength(posts.length)
  exported.forEach((row, index) => {
    const post = posts[index] ?? {}
    const followers = history
      .filter(entry => entry.network === post.network && entry.subject_id === post.profile_id)
      .filter(entry => String(entry.observed_at) <= String(post.fetched_at))
      .map(entry => [String(entry.observed_at), Number(entry.value)] as const)
      .sort(([a], [b]) => (a < b ? 1 : -1))[0]?.[1]
    const { like_count: likes, comments_count: comments, share_count: shares } = post
    const known = likes !== null && comments !== null && followers
    expect(row).toEqual({
      network: post.network,
      post_id: post.id,
      profile_id: post.profile_id,
      profile_username: names.get(post.profile_id)?.username,
      profile_name: names.get(post.profile_id)?.name,
      observed_at: post.fetched_at,
      followers_count: followers ?? null,
      engagement: known ? (Number(likes) + Number(comments) + Number(shares ?? 0)) / Number(followers) : null,
      parts: shares === null ? 'likes,comments' : 'likes,comments,shares',
    })
  })
})

it('keeps the followers of that moment, is null where a part is hidden, and says which parts there are', () => {
  const now = new Map(
    query(db, 'select id, followers_count from profiles').map(row => [row.id, row.followers_count]),
  )
  expect(exported.filter(row => row.followers_count !== now.get(row.profile_id)).length).toBeGreaterThan(50)
  expect(exported.filter(row => row.engagement === null).length).toBeGreaterThan(0)
  expect(exported.filter(row => row.engagement !== null).length).toBeGreaterThan(50)
  const parts = new Set(exported.map(row => `${row.network} ${row.parts}`))
  expect(parts).toEqual(new Set(['instagram likes,comments', 'tiktok likes,comments,shares']))
})

it('goes with the filters of export, and into CSV without loss', async () => {
  const rows = parseCsv(await call('export', 'engagement', '--entity', 'two.pages.of.50'))
  expect(rows.length).toBeGreaterThan(50)
  const [profile] = query(db, `select id from profiles where username = 'two.pages.of.50'`)
  const mine = exported.filter(row => row.profile_id === profile?.id)
  expect(rows.map(row => (row.engagement === null ? null : Number(row.engagement)))).toEqual(
    mine.map(row => row.engagement),
  )
  expect(parseCsv(await call('export', 'engagement', '--network', 'tiktok'))).toHaveLength(
    exported.filter(row => row.network === 'tiktok').length,
  )
  expect(parseCsv(await call('export', 'engagement', '--run', '1'))).toHaveLength(exported.length)
  expect(parseCsv(await call('export', 'engagement', '--run', '2'))).toHaveLength(0)
  expect(parseCsv(await call('export', 'engagement', '--since', '2026-10-03'))).toHaveLength(0)
})
