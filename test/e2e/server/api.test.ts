import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { socsync } from '../../support/cli.ts'
import { isOnServer } from '../../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, startServer, type TestServer, TOKEN } from '../../support/server.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let sandbox: TestSandbox
let server: TestServer

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  server = await startServer({ env: sandbox.env })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
})

const start = async (body: object, headers?: Record<string, string>): Promise<Json> =>
  (await server.post('/v1/runs', body, headers)).body

/** The events of a stream, until it ends. */
const eventsOf = async (
  own: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<Json[]> => {
  const response = await own.ask(path, { headers })
  const text = await response.text()
  return text
    .split('\n\n')
    .filter(piece => piece.startsWith('event:'))
    .map(piece => ({
      name: /^event: (.*)$/m.exec(piece)?.[1],
      id: /^id: (.*)$/m.exec(piece)?.[1] ?? null,
      data: JSON.parse(/^data: (.*)$/m.exec(piece)?.[1] ?? 'null'),
    }))
}

/** All rows of a list, page by page. */
const pagesOf = async (
  path: string,
  limit: number,
  between = async (): Promise<void> => {},
): Promise<Json[]> => {
  const rows: Json[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Json = await server.get(`${path}?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`)
    rows.push(...page.items)
    cursor = page.next
    await between()
  }
  return rows
}

describe('a run', () => {
  it('is made, works, and says what came, as `socsync status` does', async () => {
    const { status, body } = await server.post<Json>('/v1/runs', {
      network: 'instagram',
      ids: ['two.pages.of.50', '@One.Post'],
      scope: ['posts'],
    })
    expect(status).toBe(202)
    expect(body).toMatchObject({ id: expect.stringMatching(/^\d+$/), trigger: 'api', finished_at: null })
    const run = await server.ended(body.id)
    expect(run).toMatchObject({ jobs: { succeeded: 2 }, failure: null, resumable: 0, continued_by: null })
    const asked = await socsync(['status', '--run', body.id, '--json', '--db', server.db], {
      env: sandbox.env,
    })
    const told = JSON.parse(asked.stdout)
    expect(run.items).toEqual(told.run.items)
    expect(run.cost).toEqual(told.run.cost)
    // Beside each reason the API says what it means; comments it tells of a job.
    const { posts_declared, posts_stored, post_gaps } = told.run.completeness
    expect(run.completeness).toMatchObject({ posts_declared, posts_stored, post_gaps })
    const jobs = await server.get<Json>(`/v1/jobs?run=${body.id}`)
    expect(jobs.items.map((job: Json) => [job.entity_id, job.status]).sort()).toEqual([
      ['one.post', 'succeeded'],
      ['two.pages.of.50', 'succeeded'],
    ])
    const job = await server.get<Json>(`/v1/jobs/${jobs.items[0].id}`)
    expect(job.completeness.posts_stored).toBe(job.completeness.posts_declared)
    const tasks = await pagesOf(`/v1/jobs/${job.id}/tasks`, 1)
    expect(tasks.map(task => task.kind)).toEqual(expect.arrayContaining(['profile', 'posts']))
  })

  it('is made once for a key, and a key belongs to one request', async () => {
    const body = { network: 'tiktok', ids: ['quiet.page'], scope: ['profile'] }
    const key = { 'idempotency-key': 'one-key' }
    const made = await Promise.all(Array.from({ length: 5 }, () => server.post<Json>('/v1/runs', body, key)))
    expect(new Set(made.map(one => one.body.id)).size).toBe(1)
    expect(made.map(one => one.status).sort()).toEqual([200, 200, 200, 200, 202])
    const other = await server.post<Json>('/v1/runs', { ...body, ids: ['ada.bakes'] }, key)
    expect(other).toMatchObject({ status: 422, body: { type: 'urn:socsync:problem:key-reused' } })
  })

  it('takes the words of the command line: since, until, since_id, until_id, last_synced_at', async () => {
    const cursorOf = async (bounds: object): Promise<Json> => {
      const run = await start({
        network: 'youtube',
        ids: ['@one.video'],
        scope: ['profile'],
        fresh: true,
        ...bounds,
      })
      await server.ended(run.id)
      const jobs = await server.get<Json>(`/v1/jobs?run=${run.id}`)
      return (await server.get<Json>(`/v1/jobs/${jobs.items[0].id}`)).cursor
    }
    expect(await cursorOf({ since: '2026-03-01', until: '2026-04-01T10:00Z' })).toMatchObject({
      since: '2026-03-01T00:00:00.000Z',
      until: '2026-04-01T10:00:00.000Z',
    })
    expect(await cursorOf({ last_synced_at: '2026-03-01T10:20:30Z' })).toMatchObject({
      since: '2026-03-01T10:20:30.000Z',
    })
    expect(await cursorOf({ since_id: 'dQw4w9WgXcQ', until_id: 'abcdefghijk' })).toMatchObject({
      since_id: 'dQw4w9WgXcQ',
      until_id: 'abcdefghijk',
    })
  })

  it.each([
    [{ ids: ['no network'] }, 'bad-input', /does not say which network/],
    [{ ids: ['a b'], network: 'instagram' }, 'bad-input', /is no instagram profile/],
    [{ ids: ['@x'], network: 'facebook' }, 'bad-input', /facebook/],
    [{ ids: ['@x'], network: 'youtube', since: '2026-02-30' }, 'bad-input', /since/],
    [
      { ids: ['@x'], network: 'youtube', since: '2026-02-01', since_id: 'abcdefghijk' },
      'bad-input',
      /say the same/,
    ],
    [{ ids: [], network: 'youtube' }, 'bad-request', /ids/],
    [{ ids: ['@x'], network: 'youtube', ids_file: '/etc/passwd' }, 'bad-request', /ids_file/],
    [{ ids: '/etc/passwd' }, 'bad-request', /ids/],
  ])('%j is refused as %s, and nothing is made', async (body, problem, words) => {
    const before = await server.get<Json>('/v1/runs?limit=1')
    const refused = await server.post<Json>('/v1/runs', body)
    expect(refused.body.type).toBe(`urn:socsync:problem:${problem}`)
    expect(JSON.stringify(refused.body)).toMatch(words)
    expect(JSON.stringify(refused.body)).not.toContain(server.folder.path)
    expect(await server.get<Json>('/v1/runs?limit=1')).toEqual(before)
  })

  it('is listed with the others, newest first, however the list grows meanwhile', async () => {
    const seen = await pagesOf('/v1/runs', 2, async () => {
      await start({ network: 'tiktok', ids: ['quiet.page'], scope: ['profile'] })
    })
    const ids = seen.map(run => Number(run.id))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
    expect(ids.at(-1)).toBe(1)
    const newest = await server.get<Json>('/v1/runs?limit=1')
    await server.ended(newest.items[0].id)
  })
})

describe('results', () => {
  const kinds = ['profiles', 'posts', 'media', 'comments', 'likes', 'metrics']
  let job: string

  beforeAll(async () => {
    const run = await start({ network: 'tiktok', ids: ['ada.bakes'], scope: ['all'], lists: ['liked'] })
    await server.ended(run.id)
    job = (await server.get<Json>(`/v1/jobs?run=${run.id}`)).items[0].id
  })

  it.each(kinds)('%s: pages of 7, a stream of lines and an export hold the same', async kind => {
    const paged = await pagesOf(`/v1/jobs/${job}/results/${kind}`, 7)
    const stream = await server.ask(`/v1/jobs/${job}/results/${kind}`, {
      headers: { accept: 'application/x-ndjson' },
    })
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await stream.text())
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    expect(lines).toEqual(paged)
    const args = kind === 'metrics' ? ['--entity', 'ada.bakes', '--network', 'tiktok'] : ['--job', job]
    const { stdout } = await socsync(['export', kind, '--format', 'jsonl', '--db', server.db, ...args])
    const exported = stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    // What an export works out of all posts of a profile, or comments of a post, or of the profile of a post, is no part of a page.
    const sorted = (rows: Json[]): string[] =>
      rows
        .map(
          ({
            comments_reason,
            stored_comments_count,
            posts_reason,
            stored_posts_count,
            post_permalink,
            profile_username,
            profile_name,
            ...row
          }) => JSON.stringify({ ...row, job_id: String(row.job_id) }),
        )
        .sort()
    expect(sorted(paged)).toEqual(sorted(exported))
    if (kind !== 'likes') expect(paged.length).toBeGreaterThan(0)
  })

  it('can be narrowed', async () => {
    const all = await pagesOf(`/v1/jobs/${job}/results/comments`, 100)
    const [{ post_id: post }] = all
    const narrowed = await server.get<Json>(`/v1/jobs/${job}/results/comments?limit=1000&post_id=${post}`)
    expect(narrowed.items).toEqual(all.filter(row => row.post_id === post))
    expect((await server.get<Json>(`/v1/jobs/${job}/results/comments?since=2999-01-01`)).items).toEqual([])
    const growth = await server.get<Json>(
      `/v1/jobs/${job}/results/metrics?subject=profile&name=followers_count`,
    )
    expect(growth.items).toMatchObject([
      { subject: 'profile', name: 'followers_count', value: expect.any(Number) },
    ])
  })

  it('ids are texts, counters numbers, flags flags', async () => {
    const [profile] = (await server.get<Json>(`/v1/jobs/${job}/results/profiles`)).items
    expect(profile).toMatchObject({
      id: expect.any(String),
      job_id: job,
      followers_count: expect.any(Number),
      verified: expect.any(Boolean),
    })
  })

  it('of a job that has ended carry an ETag, and the same again is a 304', async () => {
    const path = `/v1/jobs/${job}/results/posts`
    const first = await server.ask(path)
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[\w-]{27}"$/)
    const again = await server.ask(path, { headers: { 'if-none-match': tag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await server.ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    const about = await server.ask(`/v1/jobs/${job}`)
    const same = await server.ask(`/v1/jobs/${job}`, {
      headers: { 'if-none-match': about.headers.get('etag') ?? '' },
    })
    expect(same.status).toBe(304)
  })

  it('a cursor of another list is refused', async () => {
    const { next } = await server.get<Json>(`/v1/jobs/${job}/results/comments?limit=1`)
    for (const cursor of [next, 'x', Buffer.from('[null]').toString('base64url')]) {
      const response = await server.ask(`/v1/jobs/${job}/results/posts?cursor=${cursor}`)
      expect([response.status, cursor]).toEqual([400, cursor])
    }
  })
})

describe('while rows are written', () => {
  it('pages bring each row that was there at the start once, and none twice', {
    tags: ['long'],
  }, async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const run = (await own.post<Json>('/v1/runs', channelOf(world))).body
    let jobs: Json[] = []
    while (jobs.every(job => job.status !== 'running') || jobs.length === 0) {
      await pause(20)
      jobs = (await own.get<Json>(`/v1/jobs?run=${run.id}`)).items
    }
    for (let round = 0; round < 4; round++) {
      for (const { id } of jobs) {
        const before = (await own.get<Json>(`/v1/jobs/${id}/results/comments?limit=1000`)).items
        const keys: string[] = []
        for (let cursor = ''; ; ) {
          const page: Json = await own.get<Json>(`/v1/jobs/${id}/results/comments?limit=9${cursor}`)
          keys.push(...page.items.map((row: Json) => row.id))
          if (page.next === null) break
          cursor = `&cursor=${page.next}`
        }
        expect(new Set(keys).size).toBe(keys.length)
        expect(before.filter((row: Json) => !keys.includes(row.id))).toEqual([])
      }
    }
    await own.ended(run.id)
  })

  it('a reader that does not read holds nothing up and costs no memory', { tags: ['long'] }, async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const run = (await own.post<Json>('/v1/runs', channelOf(world))).body
    await own.ended(run.id)
    const jobs = (await own.get<Json>(`/v1/jobs?run=${run.id}`)).items
    const stuck = await Promise.all(
      jobs.map((job: Json) =>
        own.ask(`/v1/jobs/${job.id}/results/comments`, { headers: { accept: 'application/x-ndjson' } }),
      ),
    )
    const next = (
      await own.post<Json>('/v1/runs', { network: 'instagram', ids: ['one.post'], scope: ['posts'] })
    ).body
    expect(await own.ended(next.id)).toMatchObject({ jobs: { succeeded: 1 } })
    for (const response of stuck) await response.body.cancel()
  })
})

describe('the events of a run', () => {
  // A worker's own are not heard of here: the next case is what is told of them.
  it.skipIf(isOnServer)('come as they happen, go on behind the last one that was had, and end', async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const ids = world.entities('instagram', 6)
    const run = (await own.post<Json>('/v1/runs', { network: 'instagram', ids, scope: ['posts'] })).body
    const path = `/v1/runs/${run.id}/events`
    const events = await eventsOf(own, path)
    expect(events[0]).toMatchObject({ name: 'run', data: { id: run.id } })
    expect(events.at(-1)).toMatchObject({ name: 'end', data: { state: 'ended', jobs: expect.any(Object) } })
    const ended = events.filter(event => event.name === 'job.ended')
    expect(ended.map(event => event.data.entity_id).sort()).toEqual([...ids].sort())
    expect(ended[0]?.data).toMatchObject({ job_id: expect.any(String), status: expect.any(String) })
    expect(events.filter(event => event.name === 'progress').at(-1)?.data).toMatchObject({
      pages: expect.any(Number),
    })

    const second = await eventsOf(own, path, { 'last-event-id': ended[1]?.id })
    expect(second.filter(event => event.name === 'job.ended')).toEqual(ended.slice(2))
    expect(second.map(event => event.name)).not.toContain('run')
    expect((await own.ask(path, { headers: { 'last-event-id': events.at(-1)?.id } })).status).toBe(204)
    const unknown = await eventsOf(own, path, { 'last-event-id': 'of-another-server' })
    expect(unknown.map(event => event.name)).toEqual(['run', 'end'])
  })

  it('of a run of another process: how it stands, and its end', async () => {
    await socsync(
      ['run', '--network', 'instagram', 'one.post', '--scope', 'posts', '--quiet', '--db', server.db],
      {
        env: sandbox.env,
      },
    )
    const [run] = (await server.get<Json>('/v1/runs?limit=1')).items
    expect(run).toMatchObject({ trigger: 'cli', state: 'ended' })
    const events = await eventsOf(server, `/v1/runs/${run.id}/events`)
    expect(events.map(event => event.name)).toEqual(['run', 'end'])
    const refused = await server.post<Json>(`/v1/runs/${run.id}/cancel`)
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:socsync:problem:run-ended' } })
  })
})

describe('what is not whole', () => {
  it('says why and can be gone on with, by job and by run', async () => {
    await using world = await startSandbox({ networks })
    await using own = await startServer({ env: world.env })
    world.setSwitch('status', { network: 'instagram', value: 400, match: 'business_discovery', times: 2 })
    const wish = { network: 'instagram', ids: ['one.post', 'albums.only'], scope: ['posts'] }
    const first = await own.ended((await own.post<Json>('/v1/runs', wish)).body.id)
    expect(first.jobs).toEqual({ failed: 2 })
    expect(first).toMatchObject({ resumable: 2, errors: [{ network: 'instagram', jobs: 2 }] })
    expect(first.errors[0].hint).toEqual(expect.any(String))
    const failed = (await own.get<Json>('/v1/jobs?status=failed')).items
    expect(failed.map((job: Json) => job.resumable)).toEqual([true, true])

    const key = { 'idempotency-key': 'resume-it' }
    const resumed = await own.post<Json>(`/v1/jobs/${failed[0].id}/resume`, undefined, key)
    expect(resumed.status).toBe(202)
    expect((await own.ended(resumed.body.id)).jobs).toEqual({ succeeded: 1 })
    const again = await own.post<Json>(`/v1/jobs/${failed[0].id}/resume`, undefined, key)
    expect([again.status, again.body.id]).toEqual([200, resumed.body.id])
    expect((await own.get<Json>(`/v1/jobs/${failed[0].id}`)).continued_by).toEqual(expect.any(String))
    expect(await own.post(`/v1/jobs/${failed[0].id}/resume`)).toMatchObject({
      status: 409,
      body: { type: 'urn:socsync:problem:nothing-to-resume' },
    })

    const rest = await own.post<Json>(`/v1/runs/${first.id}/resume`)
    expect((await own.ended(rest.body.id)).jobs).toEqual({ succeeded: 1 })
    expect((await own.get<Json>('/v1/jobs')).items.map((job: Json) => job.status)).toEqual([
      'succeeded',
      'succeeded',
    ])
  })

  it('when the quota is gone: partial, with the time when it goes on', async () => {
    await using world = await startSandbox({ networks })
    await using own = await startServer({ env: { ...world.env, SOCSYNC_YOUTUBE_DAILY_UNITS: '3' } })
    const run = await own.ended((await own.post<Json>('/v1/runs', channelOf(world))).body.id)
    expect(run.not_before).toMatch(/^\d{4}-/)
    expect(run.errors).toMatchObject([{ error_type: 'quota_exhausted', not_before: run.not_before }])
    const text = await (await own.ask('/metrics')).text()
    expect(text).toMatch(/socsync_quota_left\{network="youtube",owner="[^"]+",pool="default"\} 0/)
  })
})

// On a server's database workers take what is ordered, as much at once as there is.
describe.skipIf(isOnServer)('several runs', () => {
  it('work so many at once, the rest waits in order, and can be cancelled before and while it works', {
    tags: ['long'],
  }, async () => {
    await using slow = await startSlow({ args: ['--runs', '1'] })
    const { server: own, sandbox: world } = slow
    const begin = async (): Promise<Json> => (await own.post<Json>('/v1/runs', channelOf(world))).body
    const [first, second, third] = [await begin(), await begin(), await begin()]
    expect(await own.get(`/v1/runs/${second.id}`)).toMatchObject({ state: 'queued', position: 1 })
    expect(await own.get(`/v1/runs/${third.id}`)).toMatchObject({ state: 'queued', position: 2 })
    expect(await (await own.ask('/metrics')).text()).toMatch(/^socsync_queue_length 2$/m)

    expect((await own.post<Json>(`/v1/runs/${second.id}/cancel`)).status).toBe(202)
    expect(await own.get(`/v1/runs/${second.id}`)).toMatchObject({
      state: 'ended',
      failure: { error_type: 'cancelled' },
    })
    for (let begun = false; !begun; await pause(20))
      begun = ((await own.get<Json>(`/v1/runs/${first.id}`)).items.posts ?? 0) > 0
    expect((await own.post<Json>(`/v1/runs/${first.id}/cancel`)).status).toBe(202)
    const cancelled = await own.ended(first.id)
    expect(cancelled).toMatchObject({ failure: { error_type: 'cancelled' } })
    expect(cancelled.jobs.partial).toBeGreaterThan(0)
    expect(await own.ended(third.id)).toMatchObject({ failure: null, jobs: { succeeded: 1 } })
  })
})

// There a server that ends stops no run: `test/e2e/workers.test.ts`.
describe.skipIf(isOnServer)('an end', () => {
  const begin = async (own: TestServer, world: TestSandbox): Promise<Json> => {
    const run = (await own.post<Json>('/v1/runs', channelOf(world))).body
    for (let begun = false; !begun; await pause(20))
      begun = ((await own.get<Json>(`/v1/runs/${run.id}`)).items.posts ?? 0) > 0
    return run
  }

  /** What the file holds, but for observation times and who wrote it. */
  const contents = async (db: string): Promise<Record<string, unknown[]>> => {
    const kinds = ['profiles', 'posts', 'media', 'comments']
    const read = async (kind: string) => {
      const { stdout } = await socsync(['export', kind, '--format', 'jsonl', '--db', db])
      return stdout
        .split('\n')
        .filter(Boolean)
        .map(line => {
          const { job_id, first_seen_at, fetched_at, last_synced_at, comments_synced_at, ...row } =
            JSON.parse(line)
          return row
        })
    }
    return Object.fromEntries(await Promise.all(kinds.map(async kind => [kind, await read(kind)])))
  }

  it('by SIGTERM: no new work, streams end, state saved, 143; the next start goes on, and all is as undisturbed', {
    tags: ['long'],
  }, async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const run = await begin(own, world)
    const stream = eventsOf(own, `/v1/runs/${run.id}/events`)
    await pause(100)
    const ended = await own.end('SIGTERM')
    expect(ended).toMatchObject({ code: 143, signal: null })
    expect((await stream).at(-1)?.name).toBe('stopping')
    const told = JSON.parse((await socsync(['status', '--run', run.id, '--json', '--db', own.db])).stdout)
    expect(told.run.jobs.partial).toBeGreaterThan(0)

    world.switches.clear()
    await using next = await startServer({ env: world.env, folder: own.folder })
    const old = await next.get<Json>(`/v1/runs/${run.id}`)
    expect(old.continued_by).toEqual(expect.any(String))
    const again = await next.ended(old.continued_by)
    expect(again.jobs.partial ?? 0).toBe(0)
    await using plain = await startServer({ env: world.env })
    await plain.ended((await plain.post<Json>('/v1/runs', channelOf(world))).body.id)
    expect(await contents(own.db)).toEqual(await contents(plain.db))
  })

  it('by kill -9: the next start goes on with what ran and what waited; a queued run keeps its number', {
    tags: ['long'],
  }, async () => {
    await using slow = await startSlow({ args: ['--runs', '1'] })
    const { server: own, sandbox: world } = slow
    const run = await begin(own, world)
    const waiting = (
      await own.post<Json>('/v1/runs', { network: 'tiktok', ids: ['quiet.page'], scope: ['posts'] })
    ).body
    await own.end('SIGKILL')
    world.switches.clear()
    await using next = await startServer({ env: world.env, folder: own.folder })
    const { continued_by: by } = await next.get<Json>(`/v1/runs/${run.id}`)
    expect((await next.ended(by)).jobs.partial ?? 0).toBe(0)
    expect(await next.ended(waiting.id)).toMatchObject({ jobs: { succeeded: 1 } })
    expect((await socsync(['db', 'check', '--db', own.db])).code).toBe(0)
  })

  // After the first commit one profile still has a page to come, however many pages shared it.
  it.each(['job.create', 'page.committed:1'])('by kill -9 at %s: nothing is lost', async point => {
    await using world = await startSandbox({ networks })
    const ids = ['two.pages.of.50', 'one.post', 'albums.only']
    const own = await startServer({ env: { ...world.env, SOCSYNC_CRASH_AT: point } })
    await own.post<Json>('/v1/runs', { network: 'instagram', ids, scope: ['posts'] }).catch(() => {})
    expect((await own.running.ended).signal).toBe('SIGKILL')
    await using next = await startServer({ env: world.env, folder: own.folder })
    const { continued_by: by } = await next.get<Json>('/v1/runs/1')
    await next.ended(by)
    const jobs = (await next.get<Json>('/v1/jobs')).items
    expect(jobs.map((job: Json) => [job.entity_id, job.status]).sort()).toEqual(
      [...ids].sort().map(id => [id, 'succeeded']),
    )
    own.folder[Symbol.dispose]()
  })

  it('a second server on the same file is refused, exit 4', async () => {
    const second = await socsync(['serve', '--port', '0', '--db', server.db], {
      env: { ...sandbox.env, SOCSYNC_SERVE_TOKEN: TOKEN },
    })
    expect(second.code).toBe(4)
    expect(second.stderr).toMatch(/another server is at work/)
  })
})

describe('for those who watch over it', () => {
  it('/health, /ready and /metrics', async () => {
    expect(await (await fetch(`${server.origin}/health`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${server.origin}/ready`)).json()).toEqual({ status: 'ok' })
    const run = await server.ended(
      (await start({ network: 'instagram', ids: ['albums.only'], scope: ['posts'], fresh: true })).id,
    )
    const text = await (await server.ask('/metrics')).text()
    // What a worker did beside it is in the tables, and its calls and commits are its own to tell.
    const own = [
      /^socsync_calls_total\{network="instagram",pool="[^"]+"\} [1-9]/m,
      /^socsync_commit_seconds_count\{network="instagram"\} [1-9]/m,
    ]
    for (const line of [
      ...(isOnServer ? [] : own),
      /^socsync_runs\{state="running"\} \d+$/m,
      /^socsync_jobs\{network="instagram",status="succeeded"\} [1-9]\d*$/m,
      /^socsync_quota_left\{network="youtube",owner="[^"]+",pool="default"\} \d+$/m,
      /^socsync_lag_seconds\{network="instagram"\} \d/m,
      /^socsync_request_seconds_bucket\{le="0.005",route="\/v1\/runs",method="POST",status="202"\} \d+$/m,
    ])
      expect(text).toMatch(line)
    expect(run.failure).toBeNull()
  })
})

/** A run over the first channel of a world and all of its comments. */
const channelOf = (world: TestSandbox): object => ({
  network: 'youtube',
  ids: world.entities('youtube', 1),
  scope: ['all'],
})

/** A server of its own with a sandbox whose answers take a moment, so that runs last. */
const startSlow = async (
  options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
) => {
  const world = await startSandbox({ networks })
  world.setSwitch('slow', { value: 100 })
  const own = await startServer({ ...options, env: { ...world.env, ...options.env } })
  return {
    sandbox: world,
    server: own,
    [Symbol.asyncDispose]: async () => {
      await own[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
    },
  }
}
