// @module-tag long
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { socsync, tempFolder } from '../support/cli.ts'
import { type Crew, eventually, openCrew } from '../support/crew.ts'
import { type Json, startServer } from '../support/server.ts'
import { commentsOf } from '../support/transforms.ts'

const ELEMENTS = 120
const CONCURRENCY = 4

let crew: Crew
let folder: ReturnType<typeof tempFolder>
let config: readonly string[]
beforeEach(async () => {
  folder = tempFolder()
  crew = await openCrew()
  config = ['--config', folder.file('config.json')]
})
afterEach(async () => {
  expect(crew.sandbox.log.errors).toEqual([])
  await crew[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Writes the config file that names the service, with these keys over the usual ones. */
const configure = (name: string, keys: object): void => {
  const service = { url: crew.sandbox.transformUrl(name), concurrency: CONCURRENCY, ...keys }
  writeFileSync(folder.file('config.json'), JSON.stringify({ transforms: { [name]: service } }))
}

const POSTS = ['run', '--quiet', '--scope', 'posts', '--limit-posts', '5']

/** A database with so many comments. */
const fill = async (name: string): Promise<void> => {
  configure(name, { elements: ['comments.content'] })
  expect((await crew.call([...POSTS, 'instagram:albums.only']).ended).code).toBe(0)
  await crew.db.rows(commentsOf(ELEMENTS))
}
/** Asks the workers for a transform. */
const ask = async (name: string): Promise<void> => {
  const asked = await crew.call(['transform', 'run', name, '--queue', ...config]).ended
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout).toContain(`${name}: waits for a worker`)
}

const isThrough = async (): Promise<boolean> =>
  Number(await crew.one('select count(*) as n from transform_orders')) === 0
/** Until no order is left; what the services take their time for passes meanwhile. */
const throughAll = () =>
  eventually(async () => {
    crew.sandbox.advance(600_000)
    return isThrough()
  })
const inFlight = () => crew.sandbox.log.counts().transforms?.maxInFlight ?? 0

/** Every element was begun once, unless the service lost its job, and has one answer; nobody holds anything. */
const expectOnce = async (name: string): Promise<void> => {
  const { jobs = 0, again = 0, forgotten = 0 } = crew.sandbox.transforms.counts()[name] ?? {}
  expect({ begun: jobs - again, again }).toEqual({ begun: ELEMENTS, again: forgotten })
  const statuses = await crew.db.rows(
    `select status, count(*) as n, count(result) as results, count(distinct element_id) as elements
     from transforms group by status order by status`,
  )
  const [done, failed] = statuses
  expect(statuses).toEqual([
    { status: 'done', n: done?.n, results: done?.n, elements: done?.n },
    ...(failed === undefined ? [] : [{ status: 'failed', n: failed.n, results: 0, elements: failed.n }]),
  ])
  expect(Number(done?.n) + Number(failed?.n ?? 0)).toBe(ELEMENTS)
  expect(await crew.one('select count(*) as n from transforms where worker is not null')).toBe(0)
}

describe('transforms that workers follow', { timeout: 400_000 }, () => {
  test('are shared: every element is submitted once, and the service has no more calls than it allows', async () => {
    await fill('moody')
    crew.sandbox.setSwitch('slow', { network: 'transforms', value: 400 })
    const workers = [await crew.worker(config), await crew.worker(config)]
    await ask('moody')
    const sharing = "select count(*) as n from service_shares where transform = 'moody' and calls = 2"
    await eventually(async () => Number(await crew.one(sharing)) === 2)
    crew.sandbox.switches.clear()
    await throughAll()
    for (const worker of workers) {
      expect(worker.stderr()).toContain('transform.joined')
      worker.kill('SIGTERM')
      expect(await worker.ended).toMatchObject({ code: 0, signal: null })
    }
    await expectOnce('moody')
    expect(inFlight()).toBe(CONCURRENCY)
    expect(await crew.one('select count(*) as n from service_shares')).toBe(0)
  })

  // At the points between: test/conformance/kills.test.ts.
  test.each(['transform.answered:1', 'transform.answered:40'])(
    'one of two is killed at %s: the other goes on with what it had',
    async point => {
      await fill('moody')
      await ask('moody')
      crew.sandbox.setSwitch('slow', { network: 'transforms', value: 200 })
      const dies = await crew.worker(config, { SOCSYNC_CRASH_AT: point })
      const lives = await crew.worker(config)
      expect((await dies.ended).signal).toBe('SIGKILL')
      crew.sandbox.switches.clear()
      await throughAll()
      lives.kill('SIGTERM')
      expect((await lives.ended).code).toBe(0)
      await expectOnce('moody')
      expect(inFlight()).toBeLessThanOrEqual(CONCURRENCY)
    },
  )

  test('one is told to stop: what is in flight is stored, and nothing is asked for twice', async () => {
    await fill('patient')
    await ask('patient')
    crew.sandbox.setSwitch('slow', { network: 'transforms', value: 100 })
    const stops = await crew.worker(config)
    await eventually(async () => (crew.sandbox.transforms.counts().patient?.jobs ?? 0) > 10)
    stops.kill('SIGTERM')
    expect(await stops.ended).toMatchObject({ code: 0, signal: null })
    expect(await crew.one('select count(*) as n from transforms where worker is not null')).toBe(0)
    expect(await isThrough()).toBe(false)
    crew.sandbox.switches.clear()
    await crew.worker(config)
    await throughAll()
    await expectOnce('patient')
    expect(crew.sandbox.transforms.counts().patient?.repeated).toBe(0)
  })
})

describe('elements that land', { timeout: 400_000 }, () => {
  test('are queued by workers that know no service, for the transforms of the run; one that knows it submits them', async () => {
    configure('mood', { elements: ['posts.caption'] })
    const ids = crew.sandbox.entities('instagram', 6)
    const run = ['run', '--queue', '--network', 'instagram', '--scope', 'posts', '--transform', 'mood']
    expect((await crew.call([...run, ...config, ...ids]).ended).code).toBe(0)
    const strangers = [crew.call(['worker', '--drain']), crew.call(['worker', '--drain'])]
    for (const { ended } of strangers) expect((await ended).code).toBe(0)
    expect(await crew.one('select count(*) as n from sync_runs where finished_at is null')).toBe(0)
    const captions = await crew.one("select count(*) as n from posts where caption <> ''")
    expect(Number(captions)).toBeGreaterThan(10)
    expect(await crew.one("select count(*) as n from transforms where status = 'pending'")).toBe(captions)
    expect(crew.sandbox.transforms.counts().mood).toBeUndefined()

    expect((await crew.call(['transform', 'run', '--queue', ...config]).ended).code).toBe(0)
    await crew.worker()
    await crew.worker(config)
    await throughAll()
    expect(await crew.one("select count(*) as n from transforms where status = 'done'")).toBe(captions)
    expect(crew.sandbox.transforms.counts().mood?.jobs).toBe(captions)
  })

  test('are queued by helpers of a run that works itself', async () => {
    configure('mood', { elements: ['posts.caption'] })
    crew.sandbox.setSwitch('slow', { network: 'instagram', value: 400 })
    const helper = await crew.worker()
    const ids = crew.sandbox.entities('instagram', 12)
    const run = [
      'run',
      '--quiet',
      '--network',
      'instagram',
      '--scope',
      'posts',
      '--transform',
      'mood',
      '--concurrency',
      '1',
    ]
    expect((await crew.call([...run, ...config, ...ids]).ended).code).toBe(0)
    expect(helper.stderr()).toContain('run.joined')
    expect(await crew.one('select count(*) as n from transforms')).toBe(
      await crew.one("select count(*) as n from posts where caption <> ''"),
    )
  })
})

describe('serve on a server’s database', { timeout: 400_000 }, () => {
  test('orders transforms and calls no service: workers do, and say what stops them', async () => {
    configure('mood', { elements: ['posts.caption'] })
    expect((await crew.call([...POSTS, 'instagram:albums.only']).ended).code).toBe(0)
    const texts = Number(await crew.one("select count(*) as n from posts where caption <> ''"))
    await using server = await startServer({ env: crew.sandbox.env, db: crew.db.url, args: config })
    const mood = () => server.get<Json>('/v1/transforms/mood')
    const post = async (what: string) => (await server.post<Json>(`/v1/transforms/mood/${what}`)).status
    expect(await post('run')).toBe(202)
    expect(await mood()).toMatchObject({ state: 'working', stop: null })
    expect(await post('cancel')).toBe(202)
    expect([(await mood()).state, await post('cancel')]).toEqual(['idle', 409])

    crew.sandbox.setSwitch('token', { network: 'transforms', value: 'none has it' })
    expect(await post('run')).toBe(202)
    expect(crew.sandbox.log.counts().transforms).toBeUndefined()
    const worker = await crew.worker(config)
    await eventually(async () => (await mood()).stop?.error_type === 'unauthorised')
    expect(worker.stderr()).toContain('transform.stopped')
    crew.sandbox.switches.clear()
    expect(await post('run')).toBe(202)
    await eventually(async () => {
      crew.sandbox.advance(1_000)
      return (await mood()).state === 'idle'
    })
    const [{ elements }] = (await mood()).versions
    expect(elements).toMatchObject({ done: texts, failed: 0, pending: 0, queued: 0 })
  })
})

test('on a file no worker takes a transform', async () => {
  configure('mood', { elements: ['posts.caption'] })
  const told = await socsync(['transform', 'run', '--queue', '--db', folder.file('a.db'), ...config], {
    env: crew.sandbox.env,
  })
  expect(told).toMatchObject({ code: 2, stdout: '' })
  expect(told.stderr).toContain('is a file: no worker takes what is queued there')
})
