import { describe, expect, it } from 'vitest'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { startHeld } from '../support/held.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox } from '../support/sandbox.ts'
import { differences, query } from '../support/tables.ts'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...sandbox().env, ...env } })
const runArgs = (...ids: readonly string[]): string[] => [
  ...['run', '--network', 'instagram', '--scope', 'all', '--quiet'],
  ...ids,
]
/** Ends a run by SIGKILL after so many pages. */
const killAfter = async (pages: number, args: readonly string[]): Promise<void> => {
  const { signal } = await call(args, { SOCSYNC_CRASH_AT: `page.committed:${pages}` })
  expect(signal).toBe('SIGKILL')
}
const jobs = () => query(db(), 'select * from sync_jobs order by id')
const truth = (network: string, ...ids: readonly string[]) => ids.flatMap(id => sandbox().truth(network, id))

describe('docs/design.md §5.2 resume', () => {
  it('makes a new job that goes on where the old one stood, and leaves the old one and what is finished alone', async () => {
    const ids = ['one.post', 'albums.only', 'hollow.middle']
    await killAfter(4, [...runArgs(...ids), '--concurrency', '1'])
    const finished = jobs().filter(({ status }) => status === 'succeeded')
    expect(finished.map(({ entity_id }) => entity_id)).toEqual(['one.post', 'albums.only'])
    const asked = sandbox().log.calls.length

    const { code } = await call(['resume', '--all', '--quiet'])
    expect(code).toBe(0)
    const [, , third, fourth, ...more] = jobs()
    expect(more).toEqual([])
    expect(third).toMatchObject({ status: 'partial', error_type: 'interrupted', previous_job_id: null })
    expect(fourth).toMatchObject({
      status: 'succeeded',
      previous_job_id: third?.id,
      entity_id: 'hollow.middle',
    })
    expect(jobs().slice(0, 2)).toEqual(finished)
    expect(sandbox().log.calls.length - asked).toBe(3)
    expect(differences(db(), 'instagram', truth('instagram', ...ids))).toEqual([])

    const again = await call(['resume', '--all', '--json'])
    expect({ code: again.code, ...JSON.parse(again.stdout) }).toEqual({ code: 0, schema: 1, run: null })
  })

  it('follows the chain of a job, and lists its end alone', async () => {
    await killAfter(1, runArgs('hollow.middle'))
    await killAfter(1, ['resume', '1', '--quiet'])
    expect((await call(['resume', '1', '--quiet'])).code).toBe(0)
    expect(jobs().map(({ id, previous_job_id, status }) => [id, previous_job_id, status])).toEqual([
      [1, null, 'partial'],
      [2, 1, 'partial'],
      [3, 2, 'succeeded'],
    ])
    const listed = JSON.parse((await call(['jobs', '--json'])).stdout)
    expect(listed.jobs.map(({ id }: { id: number }) => id)).toEqual([3])
  })

  it('is what run does first with an unfinished job of equal scopes and bounds, unless --fresh', async () => {
    await killAfter(1, runArgs('hollow.middle'))
    expect((await call([...runArgs('hollow.middle'), '--since', '2020-01-01'])).code).toBe(0)
    expect((await call(['run', '--network', 'instagram', '--scope', 'profile', 'hollow.middle'])).code).toBe(
      0,
    )
    await killAfter(1, [...runArgs('hollow.middle'), '--fresh'])
    expect((await call(runArgs('hollow.middle'))).code).toBe(0)
    expect(jobs().map(({ previous_job_id }) => previous_job_id)).toEqual([null, null, null, null, 4])
  })

  it('begins a walk anew, once and without duplicates, where its cursor is no longer taken', async () => {
    const match = 'after%28'
    sandbox().setSwitch('fault', { network: 'instagram', value: 'cursor-refused', match, times: 1 })
    const { code, stderr } = await call([
      ...['run', '--network', 'instagram', '--log-format', 'json'],
      'hollow.middle',
    ])
    expect(code).toBe(0)
    const steps = stderr
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    expect(steps.filter(({ step }) => step === 'walk.restarted')).toHaveLength(1)
    expect(differences(db(), 'instagram', truth('instagram', 'hollow.middle'))).toEqual([])
  })

  it('and then still brings as many posts as the user wants', async () => {
    sandbox().setSwitch('error', {
      network: 'youtube',
      value: 'invalidPageToken',
      match: 'pageToken',
      times: 1,
    })
    const limited = ['run', '--network', 'youtube', '--scope', 'posts', '--limit-posts', '60', '--quiet']
    expect((await call([...limited, YOUTUBE_SPECIALS.channels.prolific])).code).toBe(0)
    expect(query(db(), 'select count(*) as count from posts')).toEqual([{ count: 60 }])
  })

  it('still finds what a second process was locked out of, when the first one died', async () => {
    await using first = await startHeld([...runArgs('hollow.middle'), '--db', db()], sandbox())
    const second = await call(['resume', '--all', '--quiet'])
    expect(second.code).toBe(4)
    first.running.kill('SIGKILL')
    await first.running.ended
    expect((await call(['resume', '--all', '--quiet'])).code).toBe(0)
    expect(differences(db(), 'instagram', truth('instagram', 'hollow.middle'))).toEqual([])
  })
})

describe('docs/design.md §5.3 one at a time', () => {
  // On a server an account of Instagram is one process's at a time (account-leases.test.ts): the second would wait for the first one's answer.
  it.skipIf(isOnServer)(
    'leaves a profile that another process works on, and ends with 4 only if that is all',
    async () => {
      await using first = await startHeld([...runArgs('hollow.middle'), '--db', db()], sandbox())
      const [alone, mixed] = [
        await call(runArgs('hollow.middle')),
        await call(runArgs('hollow.middle', 'one.post')),
      ]
      expect([alone.code, mixed.code]).toEqual([4, 0])
      first.letGo()
      expect((await first.running.ended).code).toBe(0)
      expect(jobs().map(({ entity_id, status, reason }) => [entity_id, status, reason])).toEqual([
        ['hollow.middle', 'succeeded', null],
        ['hollow.middle', 'skipped', 'locked'],
        ['hollow.middle', 'skipped', 'locked'],
        ['one.post', 'succeeded', null],
      ])
      expect(differences(db(), 'instagram', truth('instagram', 'hollow.middle', 'one.post'))).toEqual([])
    },
  )

  it('takes over from a dead holder at once', async () => {
    await killAfter(1, runArgs('hollow.middle'))
    expect((await call([...runArgs('hollow.middle'), '--fresh'])).code).toBe(0)
    expect(query(db(), 'select lock_job_id, lock_worker from entities')).toEqual([
      { lock_job_id: null, lock_worker: null },
    ])
  })
})

describe('docs/design.md §5.4 order', () => {
  it('round-robin: a giant does not starve fifty small ones', async () => {
    const giant = userId(0)
    const small = sandbox()
      .entities('instagram')
      .filter(id => id !== giant)
      .slice(0, 50)
    // A call for each of its posts, and for their comments.
    sandbox().setSwitch('nested-insights', { network: 'instagram', value: 'refused' })
    sandbox().setSwitch('nested-comments', { network: 'instagram', value: false })
    const { code } = await call([...runArgs(giant, ...small), '--concurrency', '2'])
    expect(code).toBe(0)
    const isSmall = sandbox().log.calls.map(({ fields }) => fields.fields?.startsWith('business_discovery'))
    const last = isSmall.lastIndexOf(true)
    const [before, after] = [isSmall.slice(0, last), isSmall.slice(last)].map(
      calls => calls.filter(one => !one).length,
    )
    // The small ones were through while most of the giant was still to come.
    expect(after).toBeGreaterThan(3 * (before ?? 0))
    expect(jobs().every(({ status }) => status === 'succeeded')).toBe(true)
  })

  it('profile, then posts page by page, then comments', async () => {
    const id = YOUTUBE_SPECIALS.channels.members
    await call(['run', '--network', 'youtube', '--scope', 'all', id, '--quiet'])
    const kinds = sandbox().log.calls.map(({ path }) => path.split('/').at(-1))
    expect([...new Set(kinds)].slice(0, 4)).toEqual(['channels', 'playlistItems', 'videos', 'commentThreads'])
    expect(kinds.lastIndexOf('videos')).toBeLessThan(kinds.indexOf('commentThreads'))
  })

  it.each([1, 3, 7])('concurrency %i bounds the calls in flight', async concurrency => {
    sandbox().setSwitch('slow', { value: 40 })
    const ids = sandbox().entities('instagram', 14)
    const scope = ['--scope', 'profile', '--concurrency', String(concurrency), '--quiet']
    expect((await call(['run', '--network', 'instagram', ...scope, ...ids])).code).toBe(0)
    expect(await mostInFlight()).toBe(concurrency)
  })

  it('without a number there are more calls in flight as the network answers', async () => {
    sandbox().setSwitch('slow', { value: 40 })
    const ids = sandbox().entities('instagram', 120)
    const run = ['run', '--network', 'instagram', '--scope', 'profile', '--quiet']
    expect((await call([...run, ...ids])).code).toBe(0)
    const most = await mostInFlight()
    expect(most).toBeGreaterThan(4)
    expect(most).toBeLessThanOrEqual(16)
  })
})

const mostInFlight = async (): Promise<number | undefined> => {
  const answer = await fetch(`${sandbox().origin}/sandbox/calls`)
  const calls = (await answer.json()) as Record<string, { maxInFlight: number }>
  return calls.instagram?.maxInFlight
}

describe('docs/design.md §5.6 loops end', () => {
  const run = ['run', '--network', 'youtube', '--scope', 'posts', '--quiet']

  it('the same cursor twice', async () => {
    sandbox().setSwitch('repeated-token', { network: 'youtube', match: 'playlistItems' })
    const { code } = await call([...run, YOUTUBE_SPECIALS.channels.prolific])
    expect(code).toBe(3)
    expect(jobs()).toMatchObject([{ status: 'partial', error_type: 'loop' }])
    expect(sandbox().log.calls.length).toBeLessThan(12)
  })

  it('three pages without anything new', async () => {
    sandbox().setSwitch('ignore-page-token', { network: 'youtube', match: 'playlistItems' })
    const { code } = await call([...run, YOUTUBE_SPECIALS.channels.prolific])
    expect(code).toBe(3)
    expect(jobs()).toMatchObject([{ status: 'partial', error_type: 'loop' }])
    expect(sandbox().log.calls.length).toBeLessThan(20)

    sandbox().switches.clear()
    expect((await call(['resume', '--all', '--quiet'])).code).toBe(0)
    const world = truth('youtube', YOUTUBE_SPECIALS.channels.prolific)
    expect(
      differences(
        db(),
        'youtube',
        world.filter(({ type }) => type !== 'comment'),
      ),
    ).toEqual([])
  })
})

describe('docs/design.md §5.9 likes', () => {
  it.each([
    ['instagram', 'likes.hidden'],
    ['youtube', YOUTUBE_SPECIALS.channels.hidden],
    ['tiktok', 'shelf.keeper'],
  ])(
    '%s does not tell who liked: counts are stored, the list is skipped with its reason',
    async (network, id) => {
      const { code } = await call([
        'run',
        '--network',
        network,
        '--scope',
        'likes',
        '--since',
        '2026-01-01',
        id,
        '--quiet',
      ])
      expect(code).toBe(0)
      expect(query(db(), `select status, reason from sync_tasks where kind = 'likes'`)).toEqual([
        { status: 'skipped', reason: 'unsupported-by-network' },
      ])
      expect(query(db(), 'select * from likes')).toEqual([])
      const counts = query(db(), `select * from metrics where name in ('like_count', 'likes_count')`)
      const posts = query(db(), 'select like_count from posts where like_count is not null')
      const profiles = query(db(), 'select likes_count from profiles where likes_count is not null')
      expect(counts).toHaveLength(posts.length + profiles.length)
      if (network !== 'instagram') expect(counts.length).toBeGreaterThan(0)
    },
  )

  it('the videos that a TikTok profile liked become rows, where it shares them', async () => {
    const run = [
      'run',
      '--network',
      'tiktok',
      '--scope',
      'likes',
      '--lists',
      'liked',
      '--since',
      '2026-09-01',
    ]
    const { code } = await call([...run, '--quiet', 'open.heart', 'closed.heart'])
    expect(code).toBe(0)
    const likes = query(db(), 'select id, post_id, author_id from likes')
    expect(likes.length).toBeGreaterThan(0)
    for (const { id, post_id, author_id } of likes) {
      expect({ id, author_id }).toEqual({ id: `${post_id}:open.heart`, author_id: 'open.heart' })
    }
    const tasks = query(
      db(),
      `select entity_id, sync_tasks.status, sync_tasks.reason from sync_tasks
      join sync_jobs on sync_jobs.id = job_id where kind = 'likes' and stream = 'liked' order by entity_id`,
    )
    expect(tasks).toEqual([
      { entity_id: 'closed.heart', status: 'skipped', reason: 'not-shared' },
      { entity_id: 'open.heart', status: 'succeeded', reason: null },
    ])
  })
})
