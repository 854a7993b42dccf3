import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { socsync, start } from '../support/cli.ts'
import { until } from '../support/kill.ts'
import { placeOf } from '../support/on-server.ts'
import { query } from '../support/tables.ts'
import { commentsOf, openTransformScene, type TransformScene } from '../support/transforms.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const RUN = ['transform', 'run', '--quiet', '--json']

let scene: TransformScene
beforeEach(async () => {
  scene = await openTransformScene()
})
afterEach(async () => {
  expect(scene.sandbox.log.errors).toEqual([])
  expect(await checkFile(placeOf(scene.db))).toMatchObject({ violations: [] })
  await scene[Symbol.asyncDispose]()
})

/** What the service was sent, newest last. */
const sent = (name = ''): Record<string, string>[] =>
  scene.sandbox.log.calls
    .filter(({ method, path }) => method === 'POST' && path.includes(`/transforms/${name}`))
    .map(({ body }) => JSON.parse(body))

describe('answers that take long', () => {
  it('an answer of three days is waited for where that is wanted, with few questions', {
    tags: ['long'],
  }, async () => {
    scene.change('update posts set caption = null where id > (select min(id) from posts)')
    scene.configure({ patient: {} })
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: 3 * DAY })
    const began = scene.sandbox.clock.now()
    expect(await scene.call([...RUN, '--max-wait', '4d'])).toMatchObject({ code: 0, stderr: '' })
    const took = scene.sandbox.clock.now() - began
    const { jobs = 0, mostPolls = 0 } = scene.sandbox.transforms.counts().patient ?? {}
    process.stdout.write(`\n3 days: ${mostPolls} polls\n`)
    expect(took).toBeGreaterThanOrEqual(3 * DAY)
    expect(took).toBeLessThan(3 * DAY + 20 * MINUTE)
    // Ten doublings, then one every five to ten minutes.
    expect(mostPolls).toBeLessThanOrEqual(10 + (3 * DAY) / (5 * MINUTE))
    expect(mostPolls).toBeGreaterThanOrEqual((3 * DAY) / (10 * MINUTE))
    expect([jobs, scene.count(`status = 'done'`)]).toEqual([1, 1])
  })

  it('an answer of three days is left for the next call, and the one after that finds it', async () => {
    scene.configure({ patient: {} })
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: 3 * DAY })
    const began = scene.sandbox.clock.now()
    const first = await scene.call([...RUN, '--max-wait', '5m'])
    expect(first).toMatchObject({ code: 75, stderr: '' })
    expect(scene.sandbox.clock.now() - began).toBeLessThan(6 * MINUTE)
    const [{ elements, next_poll_at }] = JSON.parse(first.stdout).transforms
    expect(elements).toMatchObject({ done: 0, pending: 5 })
    expect(Date.parse(next_poll_at)).toBeGreaterThan(scene.sandbox.clock.now())

    const status = await scene.call(['transform', 'status'])
    expect(status.stdout).toMatch(/^patient {3}version 1 · 5 pending with the service\nasked/)
    scene.sandbox.log.clear()
    scene.sandbox.advance(3 * DAY)
    expect(await scene.call([...RUN, '--max-wait', '1s'])).toMatchObject({ code: 0 })
    expect(scene.sandbox.log.calls.map(({ method }) => method)).toEqual(Array(5).fill('GET'))
  })

  it('a service that says when to ask again is not asked before', async () => {
    scene.configure({ patient: { concurrency: 1 } })
    scene.sandbox.setSwitch('retry-after', { network: 'transforms', value: 1_800 })
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: 3_000 })
    expect(await scene.call([...RUN, '--max-wait', '2h'])).toMatchObject({ code: 0 })
    const { calls } = scene.sandbox.log
    const posts = calls.filter(({ method }) => method === 'POST')
    const polls = calls.filter(({ method }) => method === 'GET')
    expect([posts.length, polls.length]).toEqual([5, 5])
    expect((polls[0]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_800_000)
  })
})

describe('what is queued', () => {
  it('once for each version; an edited text anew; what is gone not at all', async () => {
    scene.configure({ mood: {} })
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(JSON.parse((await scene.call(RUN)).stdout).queued).toBe(0)
    expect(sent()).toHaveLength(5)

    const ids = query(scene.db, 'select id from posts order by id').map(({ id }) => String(id))
    scene.change(`
      update posts set fetched_at = '2099-01-01T00:00:00.000Z';
      update posts set caption = 'sun and song' where id = '${ids[0]}';
      update posts set missing_since = fetched_at where id = '${ids[1]}'`)
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(sent().slice(5)).toMatchObject([{ post_id: ids[0], text: 'sun and song' }])
    expect(scene.rows(`element_id = '${ids[0]}'`)).toMatchObject([
      { status: 'done', result: '{"words":3,"mood":"bright"}', attempts: 1 },
    ])

    scene.configure({ mood: { version: '2' } })
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(
      sent()
        .slice(6)
        .map(({ version }) => version),
    ).toEqual(Array(4).fill('2'))
    expect(scene.count(`version = '1'`)).toBe(5)
  })

  it('a text that was edited before it was submitted is sent as it is now, once', async () => {
    scene.configure({ mood: {} })
    scene.sandbox.setSwitch('token', { network: 'transforms', value: 'none has it' })
    expect(await scene.call(RUN)).toMatchObject({ code: 5 })
    scene.sandbox.switches.clear()
    scene.sandbox.log.clear()
    // Behind the queue's back: as if the page had landed in the middle of its reading.
    scene.change(`update posts set caption = 'another text'`)
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(sent().map(({ text }) => text)).toEqual(Array(5).fill('another text'))
    expect(scene.count(`status = 'done'`)).toBe(5)
  })

  it('what an earlier version left unfinished ends with it', async () => {
    scene.configure({ mood: {} })
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: DAY })
    expect(await scene.call([...RUN, '--max-wait', '1s'])).toMatchObject({ code: 75 })
    scene.sandbox.switches.clear()
    scene.configure({ mood: { version: '2' } })
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(scene.rows(`version = '1'`)).toMatchObject(
      Array(5).fill({
        status: 'failed',
        error_type: 'superseded',
        error_message: 'version 2 has taken its place',
      }),
    )
  })

  it('by kind of element and filter', { tags: ['long'] }, async () => {
    scene.change(commentsOf(3))
    scene.change(`update profiles set bio = 'a bio'; update media set kind = 'video', thumbnail_url = 'https://t/'
      where post_id = (select min(id) from posts);
      update posts set kind = 'reel', created_at = '2026-09-02T00:00:00.000Z' where id = (select min(id) from posts);
      update posts set created_at = '2026-01-01T00:00:00.000Z', kind = 'carousel' where kind <> 'reel'`)
    const counts = async (keys: object): Promise<object> => {
      scene.change('delete from transforms')
      scene.configure({ all: keys })
      await scene.call(RUN)
      return Object.fromEntries(
        query(scene.db, 'select element_kind, count(*) as n from transforms group by 1').map(
          ({ element_kind, n }) => [element_kind, n],
        ),
      )
    }
    const elements = ['posts.caption', 'media.image', 'media.video', 'profiles.bio', 'comments.content']
    const [{ media, videos } = {}] = query(
      scene.db,
      `select count(*) as media, sum(kind = 'video') as videos from media`,
    )
    expect(await counts({ elements })).toEqual({ post: 5, media, profile: 1, comment: 3 })
    expect(await counts({ elements: 'media.video' })).toEqual({ media: videos })
    expect(sent()).toContainEqual(expect.objectContaining({ type: 'image', media_url: 'https://t/' }))
    expect(await counts({ elements, filter: { networks: ['youtube'] } })).toEqual({})
    expect(await counts({ filter: { kinds: ['reel'] } })).toEqual({ post: 1 })
    expect(await counts({ filter: { since: '2026-09-01', networks: 'instagram' } })).toEqual({ post: 1 })
  })

  it('run --transform queues what lands, in the transaction of its page', async () => {
    scene.configure({ mood: { elements: ['posts.caption', 'media.image'] }, other: {} })
    const [profile] = query(scene.db, 'select id from profiles')
    const before = `profile_id = '${profile?.id}'`
    const run = ['run', '--scope', 'posts', '--quiet', 'instagram:two.pages.of.50']
    const env = { ...scene.sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:2' }
    const killed = await socsync(scene.args([...run, '--transform', 'mood']), { env })
    expect(killed.signal).toBe('SIGKILL')
    const landed = (): unknown =>
      query(scene.db, `select count(*) as n from posts where caption <> '' and not ${before}`)[0]?.n
    const queued = (): number => scene.count(`element_kind = 'post'`)
    expect(queued()).toBeGreaterThan(0)
    expect(queued()).toBe(landed())
    const ended = await scene.call([...run.filter(word => word !== '--quiet'), '--transform', 'mood'])
    expect(ended.code).toBe(0)
    expect(queued()).toBe(landed())
    expect(ended.stdout).toMatch(
      /^mood {6}\d+ elements queued; next:\n {10}socsync transform run mood --db \S+ --config \S+$/m,
    )
    expect(scene.count(`transform = 'other'`)).toBe(0)
    expect(sent()).toEqual([])
  })
})

describe('the results', () => {
  it('lie beside what they are of, in views and in an export', async () => {
    scene.change(commentsOf(2))
    scene.change(`update profiles set bio = 'a garden'`)
    const elements = ['posts.caption', 'media.image', 'profiles.bio', 'comments.content']
    scene.configure({ mood: { elements } })
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    const first = (view: string, columns: string) =>
      query(scene.db, `select ${columns}, transform, version, status, result from ${view} limit 1`)[0]
    const done = { transform: 'mood', version: '1', status: 'done', result: expect.stringContaining('{') }
    expect(first('post_transforms', 'post_id, caption')).toMatchObject({
      caption: expect.any(String),
      ...done,
    })
    expect(first('media_transforms', 'media_id, url')).toMatchObject({
      url: expect.stringMatching(/^https/),
      ...done,
    })
    expect(first('profile_transforms', 'username, bio')).toMatchObject({ bio: 'a garden', ...done })
    expect(first('comment_transforms', 'comment_id, content')).toMatchObject({
      content: 'comment number 1',
      ...done,
    })
    for (const view of ['post', 'media', 'profile', 'comment']) {
      const [{ n } = {}] = query(scene.db, `select count(*) as n from ${view}_transforms`)
      expect([view, n]).toEqual([view, scene.count(`element_kind = '${view}'`)])
    }
    const exported = await scene.call([
      'export',
      'transforms',
      '--format',
      'jsonl',
      '--entity',
      'albums.only',
    ])
    const lines = exported.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toHaveLength(scene.count())
    expect(lines.find(line => line.element_kind === 'profile')).toMatchObject({
      result: { words: 2, mood: 'bright' },
    })
    expect(
      (await scene.call(['export', 'transforms', '--network', 'youtube'])).stdout.split('\n'),
    ).toHaveLength(2)
  })

  it('go with what they are of', async () => {
    scene.configure({ mood: { elements: ['posts.caption', 'profiles.bio'] } })
    scene.change(`update profiles set bio = 'a garden'`)
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(scene.count()).toBe(6)
    const purge = ['db', 'purge', '--network', 'instagram', '--entity', 'albums.only', '--yes']
    const purged = await scene.call(purge)
    expect(purged).toMatchObject({ code: 0, stdout: expect.stringMatching(/transforms +6/) })
    expect(scene.count()).toBe(0)
  })
})

describe('many in one call', () => {
  it('a service that offers it takes batches, each element under its own key', async () => {
    scene.change(commentsOf(25))
    scene.configure({ bulk: { elements: ['comments.content'], batch: 10, concurrency: 1 } })
    scene.sandbox.setSwitch('lost', { network: 'transforms', times: 1 })
    expect(await scene.call(RUN)).toMatchObject({ code: 0, stderr: '' })
    const bodies = sent() as unknown as { jobs: { idempotency_key: string }[] }[]
    expect(bodies.map(({ jobs }) => jobs.length)).toEqual([10, 10, 10, 5])
    expect(scene.sandbox.transforms.counts().bulk).toMatchObject({ jobs: 25, repeated: 10, again: 0 })
    expect(scene.count(`status = 'done'`)).toBe(25)
  })

  it('a batch that is refused for one of them is submitted one by one', async () => {
    scene.change(commentsOf(4))
    scene.configure({ bulk: { elements: ['comments.content'], batch: 4 } })
    scene.sandbox.setSwitch('status', { network: 'transforms', value: 400, times: 2 })
    expect(await scene.call(RUN)).toMatchObject({ code: 3 })
    expect(scene.count(`status = 'done'`)).toBe(3)
    expect(scene.count(`error_type = 'rejected'`)).toBe(1)
  })
})

describe('safety', () => {
  it('a token comes from its variable or file, goes to its own service alone, and is found nowhere else', async () => {
    const token = 'canary/+=token-of-the-service'
    scene.configure({ guarded: { token_variable: 'GUARDED_TOKEN' }, open: {} })
    const missing = await scene.call([...RUN, 'guarded'])
    expect(missing).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('GUARDED_TOKEN or GUARDED_TOKEN_FILE'),
    })

    scene.sandbox.setSwitch('token', { network: 'transforms', match: 'guarded', value: token })
    scene.sandbox.setSwitch('fail', {
      network: 'transforms',
      match: 'guarded',
      times: 1,
      value: `why ${token}?`,
    })
    writeFileSync(join(scene.folder, 'token'), `${token}\n`)
    const env = { ...scene.sandbox.env, GUARDED_TOKEN_FILE: join(scene.folder, 'token') }
    const ended = await scene.call([...RUN.filter(word => word !== '--quiet'), '--verbose', 'guarded'], {
      env,
    })
    expect(ended.code).toBe(3)
    expect(scene.rows(`status = 'failed'`)).toMatchObject([{ error_message: 'why ***?' }])
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(token)
    expect(JSON.stringify(scene.rows())).not.toContain(token)

    scene.sandbox.switches.clear()
    scene.sandbox.setSwitch('token', { network: 'transforms', value: 'undefined' })
    const open = await scene.call([...RUN, 'open'], { env })
    expect(open).toMatchObject({ code: 5 })
    expect(JSON.stringify(scene.sandbox.log.calls)).not.toContain(token)
  })

  it('no address out of data is ever called, nor a medium fetched', async () => {
    const traps = ['http://127.0.0.1:1/x', '//169.254.169.254/', `${scene.sandbox.origin}/trap`]
    scene.change(
      `update media set url = '${scene.sandbox.origin}/trap'; update posts set caption = '${traps.join(' ')}'`,
    )
    scene.configure({ safe: { elements: ['posts.caption', 'media.image'] } })
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    const paths = new Set(scene.sandbox.log.calls.map(({ path }) => path.replace(/\/safe-\d+$/, '/:id')))
    expect([...paths].sort()).toEqual(['/transforms/safe/jobs', '/transforms/safe/jobs/:id'])
    expect(sent().find(({ media_id }) => media_id)?.media_url).toBe(`${scene.sandbox.origin}/trap`)
  })

  it('a process that was frozen and overtaken writes nothing more', async () => {
    scene.configure({ frozen: { concurrency: 1 } })
    scene.sandbox.setSwitch('slow', { network: 'transforms', value: 1_500, times: 1 })
    const frozen = start(scene.args(RUN), { env: scene.sandbox.env })
    await until(frozen, () => sent().length > 0)
    process.kill(frozen.pid, 'SIGSTOP')
    scene.change(`update workers set lease_expires_at = '2000-01-01T00:00:00.000Z'`)
    expect(await scene.call(RUN)).toMatchObject({ code: 0, stderr: '' })
    const before = scene.rows()
    process.kill(frozen.pid, 'SIGCONT')
    expect((await frozen.ended).code).toBe(4)
    expect(scene.rows()).toEqual(before)
    expect(scene.sandbox.transforms.counts().frozen).toMatchObject({ jobs: 5, again: 0 })
  })
})
