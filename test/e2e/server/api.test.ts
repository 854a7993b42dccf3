import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { socsync } from '../../support/cli.ts'
import { until } from '../../support/kill.ts'
import { type SandboxHost } from '../../../src/sandbox/host.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, startServer, type TestServer, TOKEN } from '../../support/server.ts'

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
const eventsOf = async (path: string, headers: Record<string, string> = {}): Promise<Json[]> => {
  const response = await server.ask(path, { headers })
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
const pagesOf = async (path: string, limit: number, between = async (): Promise<void> => {}): Promise<Json[]> => {
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
    const told = JSON.parse((await socsync(['status', '--run', body.id, '--json', '--db', server.db])).stdout)
    expect(run.items).toEqual(told.run.items)
    expect(run.cost).toEqual(told.run.cost)
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
      const run = await start({ network: 'youtube', ids: ['@one.video'], scope: ['profile'], fresh: true, ...bounds })
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
    [{ ids: ['@x'], network: 'youtube', since: '2026-02-01', since_id: 'abcdefghijk' }, 'bad-input', /say the same/],
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
    const run = await start({ network: 'tiktok', ids: ['ada.bakes'], scope: ['all'], liked_videos: true })
    await server.ended(run.id)
    job = (await server.get<Json>(`/v1/jobs?run=${run.id}`)).items[0].id
  })

  it.each(kinds)('%s: pages of 7, a stream of lines and an export hold the same', async kind => {
    const paged = await pagesOf(`/v1/jobs/${job}/results/${kind}`, 7)
    const stream = await server.ask(`/v1/jobs/${job}/results/${kind}`, { headers: { accept: 'application/x-ndjson' } })
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await stream.text()).split('\n').filter(Boolean).map(line => JSON.parse(line))
    expect(lines).toEqual(paged)
    const args = kind === 'metrics' ? ['--entity', 'ada.bakes', '--network', 'tiktok'] : ['--job', job]
    const { stdout } = await socsync(['export', kind, '--format', 'jsonl', '--db', server.db, ...args])
    const exported = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
    const sorted = (rows: Json[]): string[] => rows.map(row => JSON.stringify({ ...row, job_id: String(row.job_id) })).sort()
    expect(sorted(paged)).toEqual(sorted(exported))
    if (kind !== 'likes') expect(paged.length).toBeGreaterThan(0)
  })

  it('can be narrowed', async () => {
    const all = await pagesOf(`/v1/jobs/${job}/results/comments`, 100)
    const [{ post_id: post }] = all
    const narrowed = await server.get<Json>(`/v1/jobs/${job}/results/comments?limit=1000&post_id=${post}`)
    expect(narrowed.items).toEqual(all.filter(row => row.post_id === post))
    expect((await server.get<Json>(`/v1/jobs/${job}/results/comments?since=2999-01-01`)).items).toEqual([])
    const growth = await server.get<Json>(`/v1/jobs/${job}/results/metrics?subject=profile&name=followers_count`)
    expect(growth.items).toMatchObject([{ subject: 'profile', name: 'followers_count', value: expect.any(Number) }])
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
    const same = await server.ask(`/v1/jobs/${job}`, { headers: { 'if-none-match': about.headers.get('etag') ?? '' } })
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
  it('pages bring each row that was there at the start once, and none twice', async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const run = (await own.post<Json>('/v1/runs', { network: 'youtube', ids: world.entities('youtube', 6), scope: ['all'] })).body
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

  it('a reader that does not read holds nothing up and costs no memory', async () => {
    await using slow = await startSlow()
    const { server: own, sandbox: world } = slow
    const run = (await own.post<Json>('/v1/runs', { network: 'youtube', ids: world.entities('youtube', 6), scope: ['all'] })).body
    await own.ended(run.id)
    const jobs = (await own.get<Json>(`/v1/jobs?run=${run.id}`)).items
    const stuck = await Promise.all(
      jobs.map((job: Json) =>
        own.ask(`/v1/jobs/${job.id}/results/comments`, { headers: { accept: 'application/x-ndjson' } }),
      ),
    )
    const next = (await own.post<Json>('/v1/runs', { network: 'instagram', ids: ['one.post'], scope: ['posts'] })).body
    expect(await own.ended(next.id)).toMatchObject({ jobs: { succeeded: 1 } })
    for (const response of stuck) await response.body.cancel()
  })
})

/** A server of its own with a sandbox whose answers take a moment, so that runs last. */
const startSlow = async (
  options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
) => {
  const world = await startSandbox({ networks })
  world.setSwitch('slow', { value: { ms: 40 } } as Parameters<SandboxHost['switches']['set']>[0])
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

void until
void TOKEN
void eventsOf
