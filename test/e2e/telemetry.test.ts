// @module-tag long
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const SDK = fileURLToPath(new URL('../support/span-file.ts', import.meta.url))
const LIST = ['instagram:one.post', 'youtube:UC4PxMN_1ESeaVOhEKlToRCg', 'tiktok:quiet.page']
const ERROR = 2

interface Span {
  readonly name: string
  readonly trace: string
  readonly id: string
  readonly parent: string | null
  readonly status: number
  readonly attributes: Readonly<Record<string, unknown>>
}

const folder = tempFolder()
const db = folder.file('traced.db')
let sandbox: TestSandbox
let ended: Ended
let spans: readonly Span[]

const traced = (file: string, args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], {
    env: { ...sandbox.env, NODE_OPTIONS: `--import ${SDK}`, SPANS: file },
  })
const read = (file: string): readonly Span[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
const named = (name: string): readonly Span[] => spans.filter(span => span.name === name)

beforeAll(async () => {
  sandbox = await startSandbox()
  // The first call for the video list is refused once, so that there is a second attempt.
  sandbox.setSwitch('status', {
    network: 'youtube',
    value: { status: 503 },
    match: 'playlistItems',
    times: 1,
  })
  const file = folder.file('spans')
  ended = await traced(file, ['run', '--scope', 'posts', '--verbose', '--log-format', 'json', ...LIST])
  expect(ended.code, ended.stderr).toBe(0)
  spans = read(file)
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('the spans of a run', () => {
  it('lie in each other: run, job, walk, page, call and commit', () => {
    const above: Readonly<Record<string, readonly string[]>> = {
      job: ['run'],
      walk: ['job'],
      page: ['walk'],
      call: ['page'],
      commit: ['page'],
    }
    const byId = new Map(spans.map(span => [span.id, span]))
    expect(named('run')).toHaveLength(1)
    for (const [name, parents] of Object.entries(above)) {
      expect(named(name).length, name).toBeGreaterThanOrEqual(3)
      for (const span of named(name)) {
        const parent = byId.get(span.parent ?? '')
        expect(parents).toContain(parent?.name)
        // Each is written when it ends: what lies within another one stands before it.
        if (parent !== undefined) expect(spans.indexOf(span)).toBeLessThan(spans.indexOf(parent))
      }
    }
  })

  it('say network, stream and attempt, whose job it is and how it ended', () => {
    for (const span of named('page')) {
      expect(LIST.map(one => one.split(':')[0])).toContain(span.attributes['socsync.network'])
      expect(span.attributes['socsync.stream']).toMatch(/./)
    }
    const videos = named('call').filter(span => span.attributes['socsync.attempt'] === 2)
    expect(videos).toHaveLength(1)
    expect(videos[0]?.attributes).toMatchObject({ 'socsync.network': 'youtube', 'socsync.units': 1 })
    const failed = named('call').filter(span => span.status === ERROR)
    expect(failed.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'error.type': 'transient', 'socsync.attempt': 1 }),
    ])
    const jobs = query(db, 'select id, entity_id, status from sync_jobs order by id')
    const told = named('job').map(({ attributes }) => attributes)
    for (const job of jobs)
      expect(told).toContainEqual(
        expect.objectContaining({
          'socsync.job_id': job.id,
          'socsync.entity_id': job.entity_id,
          'socsync.status': job.status,
        }),
      )
  })

  it('as many commits as pages are stored, and as many calls as were made', () => {
    const calls = ended.stderr.match(/"step":"call\.sent"/g) ?? []
    const introduced = calls.length - named('call').length
    // What a credential learns of itself before the first job is no call of a page.
    expect(introduced).toBeGreaterThanOrEqual(0)
    expect(introduced).toBeLessThanOrEqual(3)
    expect(named('commit')).toHaveLength((ended.stderr.match(/"step":"page\.committed"/g) ?? []).length)
  })

  it('have one trace id, which stands in the tables and in every line of the log after the run began', () => {
    const [trace] = new Set(spans.map(span => span.trace))
    expect(new Set(spans.map(span => span.trace)).size).toBe(1)
    expect(query(db, 'select trace_id from sync_runs')).toEqual([{ trace_id: trace }])
    expect(new Set(query(db, 'select trace_id from sync_jobs').map(row => row.trace_id))).toEqual(
      new Set([trace]),
    )
    const lines = ended.stderr
      .trimEnd()
      .split('\n')
      .filter(line => line.includes('"run_id"'))
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) expect(JSON.parse(line).trace_id).toBe(trace)
  })

  it('hold no credential, no address and nothing of what was fetched', () => {
    const text = JSON.stringify(spans)
    const secrets = Object.entries(sandbox.environment).filter(([name]) => /TOKEN|KEY|SECRET/.test(name))
    expect(secrets.length).toBeGreaterThan(3)
    for (const [, secret] of secrets) expect(text).not.toContain(secret)
    for (const { caption } of query(db, `select caption from posts where length(caption) > 12 limit 20`))
      expect(text).not.toContain(JSON.stringify(caption).slice(1, -1))
  })
})

it('a run that goes on has a trace of its own', async () => {
  const file = folder.file('again')
  expect((await traced(file, ['run', '--scope', 'posts', '--fresh', '--quiet', ...LIST])).code).toBe(0)
  const [again] = read(file)
  expect(again?.trace).not.toBe(spans[0]?.trace)
  expect(query(db, 'select trace_id from sync_runs order by id desc limit 1')).toEqual([
    { trace_id: again?.trace },
  ])
})

it('without an SDK there is a trace id all the same, and nothing else', async () => {
  const bare = folder.file('bare.db')
  const { code, stderr } = await socsync(
    ['run', '--scope', 'profile', '--log-format', 'json', '--db', bare, ...LIST],
    {
      env: sandbox.env,
    },
  )
  expect(code, stderr).toBe(0)
  const [{ trace_id: trace } = {}] = query(bare, 'select trace_id from sync_runs')
  expect(trace).toMatch(/^[\da-f]{32}$/)
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ trace_id: trace })
})
