import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query, type Row } from '../support/tables.ts'

const { channels, forms, threads, membersOnlyVideo, big } = YOUTUBE_SPECIALS
/** Of the channel `thai`: an id that has to be looked up first. */
const HANDLE = '@ตลาดเช้า'

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let db: string

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok] })
})
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => {
  folder = tempFolder()
  db = folder.file('socsync.db')
  sandbox.log.clear()
})
afterEach(() => {
  sandbox.switches.clear()
  folder[Symbol.dispose]()
})

const run = (scope: string, ...ids: readonly string[]): Promise<Ended> =>
  socsync(['run', '--network', 'youtube', '--scope', scope, '--db', db, '--quiet', ...ids], {
    env: sandbox.env,
  })
const truth = (...ids: readonly string[]) => ids.flatMap(id => sandbox.truth('youtube', id))
const used = (): number =>
  sandbox.sandboxes
    .get('youtube')
    ?.quota()
    .find(({ pool }) => pool === 'default')?.used ?? 0
const jobs = (): Row[] => jobsOf(db)
const tasks = (stream: string): Row[] =>
  query(
    db,
    `select external_id, status, reason, items, expected from sync_tasks where stream = '${stream}' order by id`,
  )
const count = (sql: string): unknown => query(db, `select count(*) as count from ${sql}`)[0]?.count

describe('units', () => {
  it('a channel of 1,000 videos and 50,000 comments: rows equal the world, units equal the plan, the sandbox and our ledger', {
    timeout: 300_000,
    tags: ['long'],
  }, async () => {
    const before = used()
    expect(await run('all', channels.big)).toMatchObject({ code: 0, stderr: '' })
    expect([count('posts'), count('comments')]).toEqual([1000, 50_000])
    expect([big.videos, big.comments]).toEqual([1000, 50_000])
    expect(differences(db, 'youtube', truth(channels.big))).toEqual([])
    expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
    const ledger = query(db, 'select pool, used from quota')
    expect(ledger).toEqual([{ pool: 'default', used: big.calls }])
    expect(used() - before).toBe(big.calls)
    expect(sandbox.log.counts().youtube).toMatchObject({ calls: big.calls, statuses: { 200: big.calls } })
    expect(query(db, 'select calls, units from run_costs')).toEqual([{ calls: big.calls, units: big.calls }])
  })

  it('120 channels, profile only: 3 units', async () => {
    const ids = sandbox.entities('youtube', 120)
    expect(ids).toHaveLength(120)
    const before = used()
    expect((await run('profile', ...ids)).code).toBe(0)
    expect(used() - before).toBe(3)
    expect(query(db, 'select pool, used from quota')).toEqual([{ pool: 'default', used: 3 }])
    const sizes = sandbox.log.calls.map(({ fields }) => fields.id?.split(',').length ?? 0)
    expect(sizes.toSorted((a, b) => b - a)).toEqual([50, 50, 20])
    const profiles = ids.flatMap(id => {
      const [profile] = sandbox.sandboxes.get('youtube')?.truth(id) ?? []
      return profile ?? []
    })
    expect(differences(db, 'youtube', profiles)).toEqual([])
    expect(jobs()).toEqual(ids.map(id => job(id, 'succeeded')))
  })
})

describe('each with its status and reason', () => {
  it('an empty channel', async () => {
    expect((await run('all', channels.empty)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.empty, 'succeeded')])
    expect(tasks('uploads')).toEqual([
      { external_id: channels.empty, status: 'succeeded', reason: null, items: 0, expected: 0 },
    ])
    expect(sandbox.log.calls.map(({ status }) => status)).toEqual([200, 404])
    expect(differences(db, 'youtube', truth(channels.empty))).toEqual([])
  })

  it('a terminated channel', async () => {
    expect((await run('all', channels.terminated)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.terminated, 'skipped', 'not-found')])
    expect(tasks('channels')).toMatchObject([{ status: 'skipped', reason: 'not-found' }])
    expect(differences(db, 'youtube', [])).toEqual([])
    expect((await run('all', '--strict', channels.terminated)).code).toBe(3)
  })

  it('comments disabled', async () => {
    expect((await run('all', channels.commentsDisabled)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.commentsDisabled, 'succeeded')])
    expect(query(db, `select status, reason, reasons from sync_tasks where kind = 'comments'`)).toEqual([
      { status: 'skipped', reason: 'comments-disabled', reasons: '{"comments-disabled":12}' },
    ])
    expect(query(db, 'select distinct comments_reason from posts')).toEqual([
      { comments_reason: 'comments-disabled' },
    ])
    expect(sandbox.log.calls.filter(({ path }) => path.endsWith('/commentThreads'))).toEqual([])
    expect(differences(db, 'youtube', truth(channels.commentsDisabled))).toEqual([])
  })

  it('members only', async () => {
    expect((await run('all', channels.members)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.members, 'succeeded')])
    const refused = tasks('threads').filter(({ status }) => status !== 'succeeded')
    expect(refused).toEqual([
      { external_id: membersOnlyVideo, status: 'skipped', reason: 'refused', items: 0, expected: 2 },
    ])
    expect(sandbox.log.counts().youtube?.statuses).toEqual({ 200: 14, 403: 1 })
    expect(query(db, `select id from posts where comments_reason = 'refused'`)).toEqual([
      { id: membersOnlyVideo },
    ])
    expect(differences(db, 'youtube', truth(channels.members))).toEqual([])
  })

  it('a thread with 0, 5, 6, 101 and 500 replies', async () => {
    expect((await run('all', channels.threads)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.threads, 'succeeded')])
    const top = query(
      db,
      `select id, reply_count as declared,
        (select count(*) from comments reply where reply.parent_id = comments.id) as stored
      from comments where post_id = '${threads.replies}' and parent_id is null order by reply_count`,
    )
    expect(top.map(({ declared, stored }) => [declared, stored])).toEqual(
      [0, 5, 6, 101, 500].map(replies => [replies, replies]),
    )
    const parents = top.map(({ id }) => String(id))
    const pages = parents.map(id => sandbox.log.calls.filter(({ fields }) => fields.parentId === id).length)
    // The oldest five come along; who has more is asked for all of its replies, 100 a page.
    expect(pages).toEqual([0, 0, 1, 2, 5])
    const walked = tasks('replies').filter(({ external_id }) => parents.includes(String(external_id)))
    expect(walked.map(({ status, reason }) => [status, reason])).toEqual(Array(3).fill(['succeeded', null]))
    expect(tasks('replies').flatMap(({ reason, expected }) => (reason ? [[reason, expected]] : []))).toEqual([
      ['capped', 750],
    ])
    expect(differences(db, 'youtube', truth(channels.threads))).toEqual([])
  })

  it('a scheduled video lower in the list', async () => {
    const known = truth(channels.forms).filter(record => record.type === 'post')
    const dates = known.map(({ createdAt }) => createdAt ?? '')
    const scheduled = known.findIndex(({ id }) => id === forms.scheduled)
    const since = dates[scheduled]?.slice(0, 10) ?? ''
    expect(dates.slice(0, scheduled).some(date => date < since)).toBe(true)

    expect((await run('posts', '--since', since, channels.forms)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.forms, 'succeeded')])
    const wanted = known.filter(({ createdAt }) => (createdAt ?? '') >= since).map(({ id }) => id)
    const posts = query(db, 'select id from posts').map(({ id }) => id)
    expect(posts).toContain(forms.scheduled)
    expect(posts.toSorted()).toEqual(wanted.toSorted())
  })

  it('P0D', async () => {
    expect((await run('all', channels.forms)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.forms, 'succeeded')])
    const lengths = query(db, 'select post_id, duration_ms from media where duration_ms is null')
    expect(lengths.map(({ post_id }) => post_id).toSorted()).toEqual([forms.live, forms.upcoming].toSorted())
    expect(query(db, `select kind from posts where id in ('${forms.live}', '${forms.upcoming}')`)).toEqual([
      { kind: 'live' },
      { kind: 'live' },
    ])
    expect(query(db, 'select * from rejects')).toEqual([])
    expect(differences(db, 'youtube', truth(channels.forms))).toEqual([])
  })

  it('a Short, with what was seen of it; without its player it is a video', async () => {
    const kinds = (): Row[] =>
      query(
        db,
        `select id, kind, extra from posts where id in ('${forms.short}', '${forms.sharp}') order by kind`,
      )
    expect((await run('posts', channels.forms)).code).toBe(0)
    expect(kinds()).toMatchObject([
      { id: forms.short, kind: 'short', extra: expect.stringContaining('"embedWidth":"405"') },
      { id: forms.sharp, kind: 'video', extra: expect.stringContaining('"embedWidth":"1280"') },
    ])
    expect(
      query(db, `select post_id from media where duration_ms <= 180000 and post_id = '${forms.short}'`),
    ).toHaveLength(1)

    sandbox.advance(60_000)
    sandbox.setSwitch('error', { value: 'unknownPart', match: 'player' })
    expect((await run('posts', channels.forms)).code).toBe(0)
    expect(sandbox.log.counts().youtube?.statuses).toMatchObject({ 400: 1 })
    expect(kinds()).toMatchObject([{ kind: 'video' }, { kind: 'video' }])
  })

  it('a page token refused in the middle', async () => {
    const refusal = { value: 'invalidPageToken', match: 'pageToken', times: 1 }
    sandbox.setSwitch('error', { network: 'youtube', ...refusal })
    expect((await run('posts', channels.prolific)).code).toBe(0)
    expect(jobs()).toEqual([job(channels.prolific, 'succeeded')])
    expect(tasks('uploads')).toEqual([
      { external_id: channels.prolific, status: 'succeeded', reason: null, items: 137, expected: 137 },
    ])
    expect(query(db, `select restarts, state from sync_walks where stream = 'uploads' order by id`)).toEqual([
      { restarts: 0, state: 'done' },
      { restarts: 1, state: 'done' },
    ])
    const lists = sandbox.log.calls.filter(({ path }) => path.endsWith('/playlistItems'))
    expect(lists.map(({ status, fields }) => [status, fields.pageToken !== undefined])).toEqual([
      [200, false],
      [400, true],
      [200, false],
      [200, true],
      [200, true],
    ])
    const known = truth(channels.prolific).filter(({ type }) => type !== 'comment')
    expect(differences(db, 'youtube', known)).toEqual([])
  })

  it('a page token that is refused again', async () => {
    sandbox.setSwitch('error', { network: 'youtube', value: 'invalidPageToken', match: 'pageToken' })
    expect((await run('posts', channels.prolific)).code).toBe(3)
    expect(jobs()).toEqual([{ ...job(channels.prolific, 'partial'), error_type: 'cursor_expired' }])
    expect(count('posts')).toBe(50)
  })
})

describe('ids', () => {
  it('a handle is resolved once: from then on its channel shares a call with the others', async () => {
    expect((await run('profile', HANDLE, channels.hidden)).code).toBe(0)
    const asked = () => sandbox.log.calls.map(({ fields: { id, forHandle } }) => ({ id, forHandle }))
    expect(asked()).toEqual([
      { id: undefined, forHandle: HANDLE },
      { id: channels.hidden, forHandle: undefined },
    ])
    sandbox.log.clear()
    sandbox.advance(3_600_000)
    expect((await run('profile', HANDLE, channels.hidden)).code).toBe(0)
    expect(asked()).toEqual([{ id: `${channels.thai},${channels.hidden}`, forHandle: undefined }])
    expect(jobs()).toEqual(
      [channels.thai, channels.hidden, channels.thai, channels.hidden].map(id => job(id, 'succeeded')),
    )
  })

  it('two ids of one channel in one list: the second is skipped as a duplicate', async () => {
    expect((await run('profile', HANDLE, channels.thai)).code).toBe(0)
    const ended = jobs()
    expect(ended).toHaveLength(2)
    expect(ended).toContainEqual(job(channels.thai, 'succeeded'))
    expect(ended).toContainEqual(job(HANDLE, 'skipped', 'duplicate'))
    const [profile] = truth(channels.thai)
    expect(differences(db, 'youtube', profile ? [profile] : [])).toEqual([])
  })
})
