// @module-tag long
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkFile } from '../../../src/app/admin/db.ts'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import { isOnServer, placeOf } from '../../support/on-server.ts'
import { type Json, startServer, type TestServer } from '../../support/server.ts'
import { commentsOf, openTransformScene, type TransformScene } from '../../support/transforms.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const HOUR = 3_600_000
const MOOD = '/v1/transforms/mood'

let scene: TransformScene
beforeEach(async () => {
  scene = await openTransformScene()
  scene.configure({ mood: {} })
})
afterEach(async () => {
  expect(scene.sandbox.log.errors).toEqual([])
  expect(await checkFile(placeOf(scene.db))).toMatchObject({ violations: [] })
  await scene[Symbol.asyncDispose]()
})

const serve = (...flags: string[]): Promise<TestServer> =>
  startServer({ env: scene.sandbox.env, args: scene.args(flags) })

/** The transform once this is so. */
const until = async (server: TestServer, holds: (transform: Json) => boolean, path = MOOD): Promise<Json> => {
  const giveUpAt = Date.now() + 100_000
  for (;;) {
    const transform = await server.get<Json>(path)
    if (holds(transform)) return transform
    if (Date.now() > giveUpAt) throw new Error(`it does not come to that: ${JSON.stringify(transform)}`)
    // Workers look again in real time, and sleep through none of the service's.
    if (isOnServer) scene.sandbox.advance(60_000)
    await pause(20)
  }
}
const isIdle = ({ state }: Json): boolean => state === 'idle'
const calls = (method: string): number =>
  scene.sandbox.log.calls.filter(call => call.method === method && call.path.includes('/transforms/')).length

describe('a transform', () => {
  it('is worked on until all is answered, as `socsync transform run` does it', async () => {
    await using server = await serve()
    expect(await server.get<Json>(MOOD)).toEqual({
      name: 'mood',
      version: '1',
      elements: ['posts.caption'],
      state: 'idle',
      stop: null,
      versions: [],
      by_default: false,
    })
    const { status, body } = await server.post<Json>(`${MOOD}/run`)
    expect({ status, state: body.state }).toEqual({ status: 202, state: 'working' })
    const done = await until(server, isIdle)
    const told = JSON.parse((await scene.call(['transform', 'status', '--json'])).stdout).transforms
    expect(done.versions).toEqual(told.map(({ transform: _, ...version }: Json) => version))
    expect(done.versions[0].elements).toMatchObject({ done: 5, failed: 0 })
    expect(await server.get('/v1/transforms')).toEqual({ items: [done] })
    expect(scene.sandbox.transforms.counts().mood).toMatchObject({ jobs: 5, repeated: 0 })

    const metrics = await (await server.ask('/metrics')).text()
    expect(metrics).toMatch(/^socsync_transform_elements\{transform="mood",version="1",status="done"\} 5$/m)
    // What a worker did it tells itself.
    if (!isOnServer)
      expect(metrics).toMatch(/^socsync_elements_ended_total\{transform="mood",status="done"\} 5$/m)
  })

  it('gives its results in pages and in lines, as the export does', async () => {
    await using server = await serve()
    await server.post(`${MOOD}/run`)
    await until(server, isIdle)
    const rows: Json[] = []
    for (let cursor = ''; ; ) {
      const page = await server.get<Json>(`${MOOD}/results?limit=2${cursor}`)
      rows.push(...page.items)
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    const exported = await scene.call(['export', 'transforms', '--format', 'jsonl'])
    const lines = exported.stdout.trim().split('\n')
    expect(rows.map(row => row.element_id).sort()).toEqual(
      lines.map(line => JSON.parse(line).element_id).sort(),
    )
    expect(rows.map(row => JSON.stringify(row)).sort()).toEqual(lines.sort())
    const stream = await server.ask(`${MOOD}/results?status=done`, {
      headers: { accept: 'application/x-ndjson' },
    })
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson')
    expect((await stream.text()).trim().split('\n').sort()).toEqual(lines)
    expect((await server.get<Json>(`${MOOD}/results?status=failed`)).items).toEqual([])
    expect((await server.get<Json>(`${MOOD}/results?network=tiktok`)).items).toEqual([])
    expect((await server.get<Json>(`${MOOD}/results?version=2`)).items).toEqual([])
  })

  it('takes what is new when it is asked for again, also while it works', async () => {
    await using server = await serve()
    // Half an hour for each answer: the first five are still open when the others come.
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: HOUR / 2 })
    scene.sandbox.setSwitch('slow', { network: 'transforms', value: 300 })
    await server.post(`${MOOD}/run`)
    await until(server, ({ versions }) => versions[0]?.elements.pending > 0)
    scene.change(`update posts set caption = 'another text', fetched_at = '2099-01-01T00:00:00.000Z'`)
    await server.post(`${MOOD}/run`)
    scene.sandbox.switches.clear()
    await until(server, isIdle)
    expect(scene.count(`status = 'done'`)).toBe(5)
    const last = scene.sandbox.log.calls.filter(({ method }) => method === 'POST').slice(-5)
    expect(last.map(({ body }) => JSON.parse(body).text)).toEqual(Array(5).fill('another text'))
  })

  it('survives SIGKILL: the next server goes on by itself, and nothing is begun twice', async () => {
    scene.change(commentsOf(300))
    scene.configure({ mood: { elements: ['comments.content'] } })
    scene.sandbox.setSwitch('latency', { network: 'transforms', value: HOUR / 4 })
    const first = await serve()
    await first.post(`${MOOD}/run`)
    await until(first, ({ versions }) => versions[0]?.elements.pending > 30)
    await first.end('SIGKILL')
    await first[Symbol.asyncDispose]()
    await using second = await serve()
    expect(JSON.parse(second.running.stdout()).taken_over).toBe(isOnServer ? 0 : 1)
    const done = await until(second, isIdle)
    expect(done.versions[0].elements).toMatchObject({ done: 300, failed: 0 })
    expect(scene.sandbox.transforms.counts().mood).toMatchObject({ jobs: 300, again: 0 })
    await second.end('SIGTERM')
    await using third = await serve()
    expect(JSON.parse(third.running.stdout()).taken_over).toBe(0)
  })

  // There no stop of a server is one of the work: test/e2e/workers-transforms.test.ts.
  it.skipIf(isOnServer)(
    'is gone on with after a clean stop too, and not after it was cancelled',
    async () => {
      scene.sandbox.setSwitch('slow', { network: 'transforms', value: 400 })
      const first = await serve()
      await first.post(`${MOOD}/run`)
      await until(first, () => calls('POST') > 0)
      expect(await first.end('SIGTERM')).toMatchObject({
        code: 143,
        stderr: expect.not.stringMatching(/error/),
      })
      await first[Symbol.asyncDispose]()
      const second = await serve()
      expect(JSON.parse(second.running.stdout()).taken_over).toBe(1)
      await until(second, ({ state }) => state === 'working')
      expect(await second.post(`${MOOD}/cancel`)).toMatchObject({ status: 202 })
      const left = await until(second, isIdle)
      expect(left.stop).toBeNull()
      expect(scene.count(`status not in ('done', 'failed')`)).toBeGreaterThan(0)
      expect(await second.post(`${MOOD}/cancel`)).toMatchObject({
        status: 409,
        body: { type: 'urn:socsync:problem:not-working' },
      })
      await second.end('SIGTERM')
      await second[Symbol.asyncDispose]()
      await using third = await serve()
      expect(JSON.parse(third.running.stdout()).taken_over).toBe(0)
    },
  )
})

describe('a service', () => {
  // A worker that makes no calls hears of no sandbox's time: there that moment does not come.
  it.skipIf(isOnServer)('that is away is asked again by itself, at the time that is told', async () => {
    scene.change(commentsOf(100))
    scene.configure({ mood: { elements: ['comments.content'] } })
    scene.sandbox.setSwitch('status', { network: 'transforms', value: 503 })
    await using server = await serve()
    await server.post(`${MOOD}/run`)
    const waiting = await until(server, transform => transform.stop !== null)
    expect(waiting.stop).toMatchObject({ error_type: 'unreachable', not_before: expect.any(String) })
    scene.sandbox.switches.clear()
    const [now] = (await until(server, one => isIdle(one) && one.stop === null)).versions
    expect(now.elements).toEqual({ queued: 0, pending: 0, processing: 0, done: 100, failed: 0 })
  })

  it('that refuses the token is asked no more; the work can be begun anew', async () => {
    scene.sandbox.setSwitch('token', { network: 'transforms', value: 'none has it' })
    await using server = await serve()
    await server.post(`${MOOD}/run`)
    // Another worker may have another token: there the order stays.
    const stopped = await until(server, one => (isOnServer || isIdle(one)) && one.stop !== null)
    expect(stopped.stop).toMatchObject({
      error_type: 'unauthorised',
      not_before: null,
      hint: expect.stringMatching(/token/),
    })
    scene.sandbox.switches.clear()
    await server.post(`${MOOD}/run`)
    expect((await until(server, isIdle)).versions[0].elements).toMatchObject({ done: 5 })
  })

  it('that failed on elements is given them once more', async () => {
    scene.sandbox.setSwitch('fail', { network: 'transforms', value: 'the model is tired', times: 2 })
    await using server = await serve()
    await server.post(`${MOOD}/run`)
    const [failed] = (await until(server, isIdle)).versions
    expect(failed).toMatchObject({
      elements: { done: 3, failed: 2 },
      errors: [{ error_type: 'service_failed', elements: 2, message: 'the model is tired' }],
    })
    expect(await server.post(`${MOOD}/retry`)).toMatchObject({ status: 200, body: { requeued: 2 } })
    await server.post(`${MOOD}/run`)
    expect((await until(server, isIdle)).versions[0].elements).toMatchObject({ done: 5, failed: 0 })
  })
})

describe('what cannot be', () => {
  it('is said: no such transform, not configured any more, no token', async () => {
    await scene.call(['transform', 'run', '--quiet'])
    scene.configure({ other: { token_variable: 'OTHER_TOKEN' } })
    await using server = await serve()
    const problem = async (method: 'get' | 'post', path: string): Promise<[number, string]> => {
      const response = await server.ask(path, { method: method.toUpperCase() })
      const { type = '' } = (await response.json()) as Json
      return [response.status, type.replace('urn:socsync:problem:', '')]
    }
    expect(await problem('get', '/v1/transforms/none')).toEqual([404, 'not-found'])
    expect(await problem('post', '/v1/transforms/none/run')).toEqual([404, 'not-found'])
    expect(await problem('get', '/v1/transforms/..%2f..%2fetc/results')).toEqual([404, 'not-found'])
    expect(await problem('post', `${MOOD}/run`)).toEqual([409, 'not-configured'])
    expect(await problem('post', `${MOOD}/retry`)).toEqual([409, 'not-configured'])
    expect(await problem('post', '/v1/transforms/other/run')).toEqual([409, 'no-credential'])
    expect((await server.get<Json>(`${MOOD}/results`)).items).toHaveLength(5)
    expect(await server.get<Json>(MOOD)).toMatchObject({ version: null, versions: [{ version: '1' }] })
  })
})

describe('a run', () => {
  it('queues what lands for the transforms that it names, and refuses one that there is none', async () => {
    await using server = await serve()
    const wish = { network: 'instagram', ids: ['one.post'], scope: ['posts'], transforms: ['mood'] }
    const { body: run } = await server.post<Json>('/v1/runs', wish)
    await server.ended(run.id)
    expect((await server.get<Json>(MOOD)).versions[0].elements).toMatchObject({ queued: 1, done: 0 })
    const refused = await server.post<Json>('/v1/runs', { ...wish, transforms: ['modo'] })
    expect(refused).toMatchObject({
      status: 422,
      body: { type: 'urn:socsync:problem:bad-input', hint: 'did you mean mood?' },
    })
  })

  it('that names none queues for those of `serve --transform`, and one that names an empty list for none', async () => {
    scene.configure({ mood: {}, tone: {} })
    await using server = await serve('--transform', 'mood')
    const shown = (await server.get<Json>('/v1/transforms')).items
    expect(shown.map(({ name, by_default }: Json) => [name, by_default])).toEqual([
      ['mood', true],
      ['tone', false],
    ])
    const run = async (wish: object): Promise<Json> =>
      server.ended((await server.post<Json>('/v1/runs', wish)).body.id)
    const wish = { network: 'instagram', scope: ['posts'] }
    await run({ ...wish, ids: ['one.post'], transforms: [] })
    expect(scene.count()).toBe(0)
    await run({ ...wish, ids: ['one.post'], full_every: '0s', transforms: ['tone'] })
    expect(scene.rows().map(row => row.transform)).toEqual(['tone'])
    await run({ ...wish, ids: ['one.post'], full_every: '0s' })
    expect(scene.rows().map(row => row.transform)).toEqual(['tone', 'mood'])
  })

  it('that goes on with another queues for those of `serve --transform` as well', async () => {
    await using server = await serve('--transform', 'mood')
    const { channels } = YOUTUBE_SPECIALS
    const cut = { network: 'youtube', ids: [channels.prolific], scope: ['posts'], budget: 4, concurrency: 1 }
    const { body } = await server.post<Json>('/v1/runs', { ...cut, transforms: [] })
    expect(await server.ended(body.id)).toMatchObject({ resumable: 1 })
    expect(scene.count()).toBe(0)
    const resumed = await server.post<Json>(`/v1/runs/${body.id}/resume`)
    await server.ended(resumed.body.id)
    expect(scene.count(`network = 'youtube' and transform = 'mood'`)).toBeGreaterThan(10)
  })

  it('has no server where `serve --transform` names one that there is none of', async () => {
    const { code, stdout, stderr } = await scene.call(['serve', '--port', '0', '--transform', 'modo'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^socsync: there is no transform "modo"\n {2}did you mean mood\?$/m)
  })

  it('that must cost more than its budget is ended before it spends anything, and says so', async () => {
    await using server = await serve()
    scene.sandbox.log.clear()
    const wish = {
      network: 'youtube',
      ids: scene.sandbox.entities('youtube', 3),
      scope: ['posts'],
      budget: 1,
    }
    const { body } = await server.post<Json>('/v1/runs', wish)
    const run = await server.ended(body.id)
    expect(run.failure).toEqual({
      error_type: 'OverBudget',
      message: expect.stringMatching(/more than its budget/),
    })
    expect(scene.sandbox.log.calls).toEqual([])
  })
})
