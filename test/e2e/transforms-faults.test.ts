// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SwitchRule } from '../../src/sandbox/switches.ts'
import { openTransformScene, type TransformScene } from '../support/transforms.ts'

/** A fault of a service, and what it ends like: FAULTS 81 and what the contract leaves open. */
interface FaultRow {
  readonly name: string
  /** The others are long. */
  readonly brief?: true
  readonly rules?: readonly SwitchRule[]
  /** Keys of the transform beside address and elements. */
  readonly keys?: Readonly<Record<string, unknown>>
  readonly exit: number
  /** Elements by status, as `transform status` counts them. */
  readonly ends: Readonly<Record<string, number>>
  /** What is said of those that failed; null = none did. */
  readonly says?: readonly [type: string, message: RegExp]
  /** What the service is said to have stopped for, with all of them. */
  readonly stops?: readonly [type: string, message: RegExp]
  /** Jobs that the service began. */
  readonly jobs: number
  /** When work goes on, milliseconds after the call began: earliest and latest. */
  readonly goesOn?: readonly [number, number]
}

const ELEMENTS = 5
const NETWORK = 'transforms'
const on = (name: string, rule: Omit<SwitchRule, 'name'> = {}): SwitchRule => ({
  name,
  network: NETWORK,
  ...rule,
})
const ALL_DONE = { exit: 0, ends: { done: ELEMENTS }, jobs: ELEMENTS }
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const ROWS: readonly FaultRow[] = [
  { name: 'the answer to a submission is lost', brief: true, rules: [on('lost', { times: 3 })], ...ALL_DONE },
  { name: 'a submission arrives twice', rules: [on('twice')], ...ALL_DONE },
  {
    name: 'answers are cut and no JSON, for a while',
    rules: [on('cut', { times: 2 }), on('not-json', { times: 2 })],
    ...ALL_DONE,
  },
  {
    name: 'it hangs on one element',
    rules: [on('hang', { times: 5 })],
    keys: { timeout: '1s' },
    ...ALL_DONE,
  },
  {
    name: 'it answers one submission with a page of HTML, five times',
    rules: [on('html', { times: 5 })],
    ...ALL_DONE,
  },
  {
    name: 'a submission is answered without an id',
    rules: [on('shape', { value: 'no-job-id', times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['unreadable', /answer has no job_id/],
    jobs: 5,
  },
  {
    name: 'a status that is none',
    brief: true,
    rules: [on('shape', { value: 'status', match: '/jobs/', times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['unreadable', /has a status that is none of pending, processing, done, failed/],
    jobs: 5,
  },
  {
    name: 'done without a result',
    rules: [on('shape', { value: 'no-result', match: '/jobs/', times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['unreadable', /is done, but has no result/],
    jobs: 5,
  },
  {
    name: 'a result of three megabytes',
    rules: [on('shape', { value: 'huge', match: '/jobs/', times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['unreadable', /larger than 1114112 bytes/],
    jobs: 5,
  },
  {
    name: 'lists in lists in lists',
    rules: [on('deep', { match: '/jobs/', times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['unreadable', /nested deeper than 256 levels/],
    jobs: 5,
  },
  {
    name: 'it says that it cannot',
    brief: true,
    rules: [on('fail', { value: 'too blurred', times: 2 })],
    exit: 3,
    ends: { done: 3, failed: 2 },
    says: ['service_failed', /^too blurred$/],
    jobs: 5,
  },
  {
    name: 'it loses a job',
    brief: true,
    rules: [on('lose', { times: 1 })],
    exit: 0,
    ends: { done: 5 },
    jobs: 6,
  },
  {
    name: 'it loses every job, again and again',
    rules: [on('lose')],
    exit: 3,
    ends: { failed: 5 },
    says: ['not_found', /does not know the job any more, twice/],
    jobs: 10,
  },
  {
    name: 'it is not done by the deadline',
    rules: [on('latency', { value: 30 * DAY })],
    keys: { deadline: '1d' },
    exit: 3,
    ends: { failed: 5 },
    says: ['deadline', /^no result by 2026-\d\d-\d\dT.*: it is still pending$/],
    jobs: 5,
  },
  {
    name: 'it refuses an element',
    brief: true,
    rules: [on('status', { value: { status: 422, body: { error: 'too long' } }, times: 1 })],
    exit: 3,
    ends: { done: 4, failed: 1 },
    says: ['rejected', /answered 422: \{"error":"too long"\}/],
    jobs: 4,
  },
  {
    name: 'it refuses the token',
    brief: true,
    rules: [on('token', { value: 'another' })],
    exit: 5,
    ends: { queued: 5 },
    stops: ['unauthorised', /answered 401: \{"error":"this token is not known"\}/],
    jobs: 0,
  },
  {
    name: 'its address is another thing',
    rules: [on('status', { value: 404 })],
    exit: 3,
    ends: { queued: 5 },
    stops: ['unsupported', /answered 404/],
    jobs: 0,
  },
  {
    name: 'it redirects to another host',
    rules: [on('redirect', { value: 'http://127.0.0.2:9/jobs' })],
    exit: 3,
    ends: { queued: 5 },
    stops: ['unsupported', /redirects \(302\)/],
    jobs: 0,
  },
  {
    name: 'it asks for a pause of ten seconds',
    rules: [on('status', { value: { status: 429, headers: { 'retry-after': '10' } }, times: 1 })],
    ...ALL_DONE,
  },
  {
    name: 'it asks for a pause of an hour',
    brief: true,
    rules: [on('status', { value: { status: 429, headers: { 'retry-after': '3600' } } })],
    exit: 75,
    ends: { queued: 5 },
    stops: ['rate_limited', /answered 429/],
    jobs: 0,
    goesOn: [60 * MINUTE - 1_000, 61 * MINUTE],
  },
  {
    name: 'it is down',
    brief: true,
    rules: [on('status', { value: 503 })],
    exit: 75,
    ends: { queued: 5 },
    stops: ['unreachable', /answered 503/],
    jobs: 0,
  },
]

let scene: TransformScene
beforeAll(async () => {
  scene = await openTransformScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const RUN = ['transform', 'run', '--concurrency', '1', '--max-wait', '3d', '--quiet', '--json']

describe('a service', () => {
  for (const [index, row] of ROWS.entries()) {
    it(row.name, { tags: row.brief ? [] : ['long'] }, async () => {
      const name = `f${index}`
      scene.configure({ [name]: row.keys ?? {} })
      for (const rule of row.rules ?? []) scene.sandbox.switches.set(rule)
      const began = scene.sandbox.clock.now()
      // A pause of an hour is not waited for in a minute.
      const args = row.goesOn === undefined ? RUN : RUN.map(word => (word === '3d' ? '60s' : word))
      const ended = await scene.call(args)
      scene.sandbox.switches.clear()

      expect(ended.stderr).toBe('')
      const { transforms, stops } = JSON.parse(ended.stdout)
      const elements = Object.entries(transforms[0].elements).filter(([, count]) => count !== 0)
      expect({ exit: ended.code, ...Object.fromEntries(elements) }).toEqual({ exit: row.exit, ...row.ends })
      expect(stops).toMatchObject(
        row.stops === undefined
          ? []
          : [{ transform: name, error_type: row.stops[0], message: expect.stringMatching(row.stops[1]) }],
      )
      const failed = scene.rows(`transform = '${name}' and status = 'failed'`)
      for (const { error_type, error_message, next_poll_at } of failed) {
        expect([error_type, error_message]).toEqual([
          row.says?.[0],
          expect.stringMatching(row.says?.[1] ?? /$^/),
        ])
        expect(next_poll_at).toBeNull()
      }
      expect(scene.sandbox.transforms.counts()[name]?.jobs ?? 0).toBe(row.jobs)
      expect(scene.sandbox.log.errors).toEqual([])
      if (row.goesOn !== undefined) {
        const due = Date.parse(transforms[0].next_poll_at)
        expect(Date.parse(stops[0].not_before) - began).toBeGreaterThanOrEqual(row.goesOn[0])
        expect(due - began).toBeLessThanOrEqual(row.goesOn[1])
        scene.sandbox.log.clear()
        expect(await scene.call(args)).toMatchObject({ code: 75 })
        expect(scene.sandbox.log.calls).toEqual([])
      }

      // What failed is tried again by hand, what was left goes on by itself, and nothing is stored twice.
      if (failed.length > 0) await scene.call(['transform', 'retry', name])
      if (row.ends.done !== ELEMENTS) {
        scene.sandbox.advance(DAY)
        scene.configure({ [name]: {} })
        expect(await scene.call(RUN)).toMatchObject({ code: 0, stderr: '' })
      }
      expect(scene.count(`transform = '${name}' and status = 'done' and result is not null`)).toBe(ELEMENTS)
      expect(scene.count(`transform = '${name}'`)).toBe(ELEMENTS)
    })
  }

  it('that nobody answers for is left for later', async () => {
    scene.configure({ gone: { url: 'http://127.0.0.1:9/' } })
    const ended = await scene.call(RUN)
    const { stops, transforms } = JSON.parse(ended.stdout)
    expect(ended.code).toBe(75)
    expect(stops).toMatchObject([
      { error_type: 'unreachable', message: expect.stringContaining('ECONNREFUSED') },
    ])
    expect(transforms).toMatchObject([{ elements: { queued: ELEMENTS, failed: 0 } }])
  })

  it('that never answers fails after some hours; tried again by hand, its key begins no second job', async () => {
    scene.configure({ deaf: { elements: ['profiles.bio'] } })
    // It was accepted at once; seven times five answers say nothing of that.
    scene.sandbox.setSwitch('lost', { network: NETWORK, times: 35 })
    const began = scene.sandbox.clock.now()
    // Five in a row may mean that the whole service is away.
    expect(await scene.call(RUN)).toMatchObject({ code: 75 })
    scene.sandbox.advance(5 * MINUTE)
    expect(await scene.call(RUN)).toMatchObject({ code: 3 })
    expect(scene.sandbox.clock.now() - began).toBeGreaterThan(155 * MINUTE)
    expect(scene.rows(`transform = 'deaf' and status = 'failed'`)).toMatchObject([
      { error_type: 'network_error' },
    ])
    await scene.call(['transform', 'retry', 'deaf'])
    expect(await scene.call(RUN)).toMatchObject({ code: 0 })
    expect(scene.sandbox.transforms.counts().deaf).toMatchObject({ jobs: 1, repeated: 35, again: 0 })
  })
})
