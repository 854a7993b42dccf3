import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { copyDatabase } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const { channels, threads } = YOUTUBE_SPECIALS
const DAY = 86_400_000
const folder = tempFolder()
let sandbox: TestSandbox

/** A post as `export posts` tells it. */
interface Post {
  readonly id: string
  readonly network: string
  readonly comments_count: number | null
  readonly comments_reason: string | null
  readonly stored_comments_count: number
}

const call = async (db: string, ...args: readonly string[]): Promise<string> => {
  const ended = await socsync([...args, '--db', folder.file(db)], { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  return ended.stdout
}

const exportPosts = async (db: string): Promise<Post[]> =>
  JSON.parse(await call(db, 'export', 'posts', '--format', 'json'))

const json = async (db: string, ...args: readonly string[]) =>
  JSON.parse(await call(db, 'status', '--json', ...args))

const change = (db: string, sql: string): void => {
  const file = openWrite(folder.file(db))
  file.exec(sql)
  file.close()
}

const reasonsOf = (posts: readonly Post[]): string[] =>
  [...new Set(posts.map(post => String(post.comments_reason)))].sort()

const lacks = (post: Post): number => Math.max(0, (post.comments_count ?? 0) - post.stored_comments_count)

/** The sums that a status should show of these posts. */
const gapsOf = (posts: readonly Post[]) => {
  const gaps = new Map<string, { reason: string; posts: number; comments: number }>()
  for (const post of posts) {
    const reason = post.comments_reason
    if (reason === null || (post.comments_count !== null && lacks(post) === 0)) continue
    const gap = gaps.get(reason) ?? { reason, posts: 0, comments: 0 }
    gaps.set(reason, { reason, posts: gap.posts + 1, comments: gap.comments + lacks(post) })
  }
  return [...gaps.values()].sort((a, b) => b.comments - a.comments || b.posts - a.posts)
}

const IDS = [
  ...[channels.commentsDisabled, channels.members, channels.threads, channels.old].map(id => `youtube:${id}`),
  'instagram:two.pages.of.50',
  'tiktok:swept.shelf',
]

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok] })
  await call('all.db', 'run', '--scope', 'all', '--quiet', ...IDS)
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('a post says how many of its comments are here, and why not more', () => {
  it('after everything was read', async () => {
    const posts = await exportPosts('all.db')
    const stored = new Map(
      query(folder.file('all.db'), 'select post_id, count(*) as count from comments group by post_id').map(
        row => [row.post_id, row.count],
      ),
    )
    for (const post of posts) expect(post.stored_comments_count).toBe(stored.get(post.id) ?? 0)
    expect(reasonsOf(posts)).toEqual([
      'capped',
      'comments-disabled',
      'null',
      'refused',
      'unlisted',
      'unsupported-by-network',
    ])
    const of = (id: string): Post | undefined => posts.find(post => post.id === id)
    // Of a thread's replies the network keeps so many.
    expect(of(threads.overcounted)?.comments_reason).toBe('capped')
    expect(of(threads.fullPageAndOne)).toMatchObject({ comments_reason: null, stored_comments_count: 101 })
    expect(of(YOUTUBE_SPECIALS.membersOnlyVideo)?.comments_reason).toBe('refused')
    expect(reasonsOf(posts.filter(({ network }) => network === 'instagram'))).toContain(
      'unsupported-by-network',
    )
    // What a later run goes on from is nobody else's.
    expect(Object.keys(posts[0] ?? {})).toEqual(
      expect.arrayContaining(['comments_declared', 'comments_synced_at']),
    )
    expect(Object.keys(posts[0] ?? {}).filter(name => /absent|^comments_stored$/.test(name))).toEqual([])
  })

  it('where only posts were asked for, a limit cut them, or replies were not wanted', async () => {
    await call('posts.db', 'run', '--scope', 'posts', '--quiet', `youtube:${channels.threads}`)
    expect(reasonsOf(await exportPosts('posts.db'))).toEqual(['not-read'])

    const limited = ['run', '--scope', 'comments', '--quiet', `youtube:${channels.threads}`]
    await call('limit.db', ...limited, '--limit-comments', '2')
    expect(reasonsOf((await exportPosts('limit.db')).filter(post => lacks(post) > 0))).toEqual(['limited'])

    await call('replies.db', ...limited, '--replies', 'none')
    const cut = await exportPosts('replies.db')
    expect(cut.find(({ id }) => id === threads.replies)?.comments_reason).toBe('limited')
    expect(cut.find(({ id }) => id === threads.fullPage)?.comments_reason).toBeNull()
  })

  it('where the count moved since they were read, and where some are gone', async () => {
    copyDatabase(folder.file('all.db'), folder.file('moved.db'))
    change(
      'moved.db',
      `update posts set comments_count = comments_count + 7 where id = '${threads.fullPage}';
      update comments set missing_since = '2026-10-02T00:00:00.000Z' where id in
        (select id from comments where post_id = '${threads.fullPageAndOne}' limit 3)`,
    )
    const posts = await exportPosts('moved.db')
    const of = (id: string): Post | undefined => posts.find(post => post.id === id)
    expect(of(threads.fullPage)).toMatchObject({ comments_reason: 'not-read', stored_comments_count: 100 })
    expect(of(threads.fullPageAndOne)).toMatchObject({
      comments_reason: 'unlisted',
      stored_comments_count: 98,
    })
  })
})

describe('status sums it up', () => {
  it('for a run: in short as text, with the largest gaps as JSON', async () => {
    const posts = await exportPosts('all.db')
    const { completeness } = (await json('all.db')).run
    expect(completeness.comment_gaps).toEqual(gapsOf(posts))
    const declared = posts.reduce((sum, post) => sum + (post.comments_count ?? 0), 0)
    const stored = posts.reduce((sum, post) => sum + post.stored_comments_count, 0)
    expect(completeness).toMatchObject({ comments_declared: declared, comments_stored: stored })
    const largest = posts.map(lacks).sort((a, b) => b - a)
    expect(
      completeness.largest_gaps.map((gap: { declared: number; stored: number }) => gap.declared - gap.stored),
    ).toEqual(largest.slice(0, 5))

    const text = await call('all.db', 'status')
    const line = text.split('\n').find(each => each.startsWith('comments ')) ?? ''
    expect(line).toContain(
      `${stored.toLocaleString('en-GB')} comments of ${declared.toLocaleString('en-GB')}`,
    )
    for (const { reason, comments } of gapsOf(posts))
      expect(line).toContain(comments > 0 ? `${comments.toLocaleString('en-GB')} ${reason}` : reason)
  })

  it('for a job: by reason and by post', async () => {
    const [job] = query(
      folder.file('all.db'),
      `select id from sync_jobs where entity_id = '${channels.threads}'`,
    )
    const mine = new Set<unknown>(Object.values(threads))
    const gaps = gapsOf((await exportPosts('all.db')).filter(({ id }) => mine.has(id)))
    const report = (await json('all.db', String(job?.id))).job
    expect(report.completeness).toMatchObject({ comment_gaps: gaps, posts_stored: mine.size })
    expect(report.completeness.largest_gaps[0]).toMatchObject({
      network: 'youtube',
      post_id: threads.overcounted,
      profile_id: channels.threads,
      reason: 'capped',
    })
    const text = await call('all.db', 'status', String(job?.id))
    expect(text).toMatch(/^comments +\d+ +comments of \d+ posts? +capped: the network gives no more/m)
    expect(text).toMatch(new RegExp(`post ${threads.overcounted} +[\\d,]+ +of +[\\d,]+ +capped`))
  })

  it('FAULTS 133: for posts as for comments, in the summary, for a job, and in the export', async () => {
    copyDatabase(folder.file('all.db'), folder.file('posts-gap.db'))
    const [{ id: job, profile_id, stored } = {}] = query(
      folder.file('posts-gap.db'),
      `select sync_jobs.id, profile_id, (select count(*) from posts where posts.profile_id = entities.profile_id) as stored
      from sync_jobs join entities using (network, entity_id) where entity_id = 'swept.shelf'`,
    )
    const declared = Number(stored) + 9
    change(
      'posts-gap.db',
      `update profiles set posts_count = ${declared} where id = '${profile_id}';
      update entities set posts_unlisted = 7 where profile_id = '${profile_id}'`,
    )
    const { completeness } = (await json('posts-gap.db')).run
    const gap = { profiles: 1, parts: [] }
    expect(completeness.post_gaps).toEqual([
      { reason: 'unlisted', posts: 7, ...gap },
      { reason: 'not-read', posts: 2, ...gap },
    ])
    expect(completeness.largest_post_gaps).toMatchObject([{ network: 'tiktok', declared, stored }])
    const rows = query(folder.file('posts-gap.db'), 'select count(*) as posts from posts')
    expect(completeness.posts_stored).toBe(rows[0]?.posts)
    expect(await call('posts-gap.db', 'status')).toMatch(
      /^posts +[\d,]+ of [\d,]+ that the network declares · 7 unlisted · 2 not-read$/m,
    )

    const report = (await json('posts-gap.db', String(job))).job
    expect(report.completeness).toMatchObject({ posts_declared: declared, posts_stored: stored })
    expect(await call('posts-gap.db', 'status', String(job))).toMatch(
      /^posts +7 +posts +unlisted: read to the end.*\n +2 +posts +not-read: not read yet/m,
    )
    const exported = JSON.parse(await call('posts-gap.db', 'export', 'profiles', '--format', 'json'))
    expect(exported.find(({ id }: { id: unknown }) => id === profile_id)).toMatchObject({
      posts_count: declared,
      stored_posts_count: stored,
      posts_reason: 'not-read',
    })
  })

  it('and tells how old the oldest counters are', async () => {
    copyDatabase(folder.file('all.db'), folder.file('old.db'))
    const now = new Date(sandbox.clock.now()).toISOString()
    change(
      'old.db',
      `update posts set fetched_at = '${now}';
      update posts set fetched_at = '2020-03-01T00:00:00.000Z' where id in ('${threads.replies}', '${threads.texts}')`,
    )
    // Counted from a midnight of the time that runs have, whatever the hour.
    const before = new Date((Math.floor(sandbox.clock.now() / DAY) - 30) * DAY).toISOString()
    const { counters } = (await json('old.db')).run.completeness
    expect(counters).toEqual({ oldest_at: '2020-03-01T00:00:00.000Z', old_posts: 2, before })
    expect(await call('old.db', 'status')).toMatch(
      /^counters +the oldest are of 2020-03-01 00:00 UTC · 2 posts not fetched since \d{4}-/m,
    )
  })
})
