import { writeFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { generateApi } from 'swagger-typescript-api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { networks } from '../../../src/networks/registry.ts'
import { Api } from '../../fixtures/rest-client.ts'
import { tempFolder } from '../../support/cli.ts'
import { fc } from '../../support/fc.ts'
import { serveHere } from '../../support/in-process.ts'
import { isOnServer } from '../../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, TOKEN } from '../../support/server.ts'
import { openWrite } from '../../support/tables.ts'

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly about: Json
  readonly statuses: readonly number[]
}

interface Asked {
  readonly run?: string
  readonly job?: string
  readonly transform?: string
  readonly schedule?: string
  /** In the place of any. */
  readonly id?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const folder = tempFolder()
let env: Record<string, string>
let sandbox: TestSandbox
let server: Awaited<ReturnType<typeof serveHere>>
let document: Json
let operations: readonly Operation[]
/** `startRun 202` for each answer that came. */
const seen = new Set<string>()

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  env = { ...sandbox.env, SOCSYNC_CONFIG: folder.file('config.json') }
  const service = (name: string) => ({ url: sandbox.transformUrl(name), elements: ['posts.caption'] })
  const transforms = { mood: service('mood'), locked: { ...service('locked'), token_variable: 'NO_TOKEN' } }
  writeFileSync(folder.file('config.json'), JSON.stringify({ transforms }))
  server = await serveHere({ env, limits: { refusedPerMinute: 1_000_000 } })
  document = await (await fetch(`${server.origin}/openapi.json`, { headers: authorised })).json()
  operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, about]) => ({
      id: about.operationId,
      method: method.toUpperCase(),
      path,
      about,
      statuses: Object.keys(about.responses).map(Number),
    })),
  )
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Query parameters without which it is not understood. */
const neededBy = ({ about }: Operation): Record<string, string> =>
  Object.fromEntries(
    (about.parameters ?? [])
      .filter((one: Json) => one.in === 'query' && one.required)
      .map(({ name }: Json) => [name, '1']),
  )

const authorised = { authorization: `Bearer ${TOKEN}` }

/** Asks, holds the answer against the document, and notes it. */
const call = async (
  operation: Operation,
  asked: Asked = {},
  origin = server.origin,
): Promise<Response & { json: Json }> => {
  const of = {
    jobs: asked.job,
    runs: asked.run,
    transforms: asked.transform ?? 'mood',
    schedules: asked.schedule ?? 'nightly',
  }
  const id = asked.id ?? of[operation.path.split('/')[2] as keyof typeof of] ?? '1'
  const query = new URLSearchParams({ ...neededBy(operation), ...asked.query }).toString()
  const path = operation.path.replace(/\{(id|name)\}/, encodeURIComponent(id))
  const response = await fetch(`${origin}${path}${query === '' ? '' : `?${query}`}`, {
    method: operation.method,
    headers: { ...authorised, ...asked.headers },
    ...(asked.body === undefined ? {} : { body: asked.body }),
  })
  const text = await response.text()
  const told = `${operation.id} ${response.status}`
  expect(
    operation.statuses,
    `${told}: ${text.slice(0, 300)} for ${JSON.stringify(asked).slice(0, 300)}`,
  ).toContain(response.status)
  seen.add(told)
  const described = operation.about.responses[response.status]
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';')
  if (described.content === undefined) expect(text, told).toBe('')
  else expect(Object.keys(described.content), told).toContain(type)
  const schema = described.content?.[type]?.schema
  const json = /json$/.test(type) && type !== 'application/x-ndjson' ? JSON.parse(text) : null
  if (json !== null) {
    const result = readerOf(schema).safeParse(json)
    expect(result.error?.issues, `${told}: ${text.slice(0, 300)}`).toBeUndefined()
  }
  return Object.assign(response, { json })
}

const readers = new Map<string, z.ZodType>()
/** What reads by a schema of the document, made from its text alone. */
const readerOf = (schema: Json): z.ZodType => {
  const key = JSON.stringify(schema)
  const known = readers.get(key)
  if (known !== undefined) return known
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  )
  const reader = z.fromJSONSchema(JSON.parse(text))
  readers.set(key, reader)
  return reader
}

const operation = (id: string): Operation => operations.find(one => one.id === id)!
const json = { 'content-type': 'application/json' }
const wish = (body: object) => ({ headers: json, body: JSON.stringify(body) })
const ended = async (id: string): Promise<Json> => {
  for (;;) {
    const { json: run } = await call(operation('getRun'), { run: id })
    if (run.state === 'ended') return run
    await new Promise(resume => setTimeout(resume, 50))
  }
}
const startRun = async (body: object, headers: Record<string, string> = {}): Promise<Json> =>
  (await call(operation('startRun'), { ...wish(body), headers: { ...json, ...headers } })).json

describe('the document', () => {
  it('is OpenAPI 3.1 to a validator that nobody here wrote', async () => {
    expect(await new Validator().validate(document)).toEqual({ valid: true })
    expect(document.openapi).toBe('3.1.0')
    expect(operations.length).toBeGreaterThanOrEqual(25)
  })

  it('says that ids are strings and counters numbers, and leaves out no secret way in', () => {
    const { Run, Job, PostsRow } = document.components.schemas
    expect([Run.properties.id.type, Job.properties.run_id.type]).toEqual(['string', 'string'])
    expect(PostsRow.properties.id).toMatchObject({ type: ['string', 'null'] })
    expect(PostsRow.properties.like_count).toMatchObject({ anyOf: [{ type: 'integer' }, { type: 'null' }] })
    expect(document.security).toEqual([{ token: [] }])
  })

  it('makes a client; the one in `test/fixtures` is that (vitest -u writes it anew)', async () => {
    const { files } = await generateApi({
      spec: structuredClone({ ...document, info: { ...document.info, version: '1' } }),
      output: false,
      fileName: 'rest-client.ts',
      httpClientType: 'fetch',
      generateUnionEnums: true,
      silent: true,
    })
    const made = `// @ts-nocheck\n// Made from /openapi.json by swagger-typescript-api: vitest -u writes it anew.\n${files[0]?.fileContent}`
    await expect(made).toMatchFileSnapshot('../../fixtures/rest-client.ts')
  })
})

describe('the client that the document makes', () => {
  it('starts a run, watches it, and reads what came', async () => {
    const api = new Api({
      baseUrl: server.origin,
      baseApiParams: { headers: authorised },
    })
    const { data: run } = await api.v1.startRun({
      network: 'instagram',
      ids: ['albums.only'],
      scope: ['posts'],
    })
    const stream = await api.v1.watchRun(run.id, { format: 'text' })
    expect(stream.data).toContain('event: end')
    const { data: jobs } = await api.v1.listJobs({ run: run.id })
    const [job] = jobs.items
    expect(job).toMatchObject({ entity_id: 'albums.only', status: 'succeeded' })
    const { data: posts } = await api.v1.listPosts(job!.id, { limit: '5' })
    expect(posts.items).toHaveLength(5)
    await api.v1.runTransform('mood')
    await vi.waitFor(async () => {
      const { data: mood } = await api.v1.getTransform('mood')
      expect([mood.state, mood.versions[0]?.elements.queued]).toEqual(['idle', 0])
    }, 60_000)
    const { data: results } = await api.v1.listTransformResults('mood', { status: 'done', limit: '1' })
    expect(results.items[0]?.result).toMatchObject({ words: expect.any(Number) })
    const { data: more } = await api.v1.listPosts(job!.id, { limit: '5', cursor: posts.next ?? '' })
    expect(more.items[0]?.id).not.toBe(posts.items[0]?.id)
    await expect(api.v1.getRun('999999')).rejects.toMatchObject({
      status: 404,
      error: { type: 'urn:socsync:problem:not-found' },
    })
  })
})

describe('requests made from the document', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '',
      '0',
      '-1',
      '../../etc/passwd',
      '%2e%2e%2f',
      '1e9',
      'null',
      "1' or 1=1--",
      '99999999999999999999',
      '2026-02-30',
      'http://169.254.169.254/',
    ),
  )
  const ofSchema = (schema: Json): fc.Arbitrary<Json> => {
    if (schema.$ref) return ofSchema(document.components.schemas[schema.$ref.split('/').at(-1)])
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern))
    if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? 0, max: 1_000 })
    if (schema.type === 'boolean') return fc.boolean()
    if (schema.type === 'array') return fc.array(ofSchema(schema.items), { minLength: 1, maxLength: 3 })
    if (schema.type === 'object' && schema.properties === undefined)
      return fc.dictionary(
        schema.propertyNames ? ofSchema(schema.propertyNames) : fc.string({ maxLength: 10 }),
        schema.additionalProperties.type
          ? ofSchema(schema.additionalProperties)
          : fc.oneof(junk, fc.constant([])),
        { maxKeys: 2 },
      )
    if (schema.type === 'object')
      return fc.record(
        Object.fromEntries(
          Object.entries<Json>(schema.properties).map(([name, part]) => [
            name,
            fc.oneof(ofSchema(part), ofSchema(part), junk, fc.constant(null)),
          ]),
        ),
        { requiredKeys: schema.required ?? [] },
      )
    return fc.oneof(junk, fc.constantFrom('instagram', 'one.post', '@ตลาดเช้า', '2026-03-01', '60s'))
  }
  /** What fetch takes as a header. */
  const header = (value: string): string => value.replaceAll(/[^\x21-\x7e]/g, '')

  const requests = (about: Json): fc.Arbitrary<Asked> => {
    const parameters: Json[] = about.parameters ?? []
    const of = (place: string) =>
      fc.record<Record<string, string>>(
        Object.fromEntries(
          parameters
            .filter(one => one.in === place)
            .map(one => [one.name, fc.oneof(ofSchema(one.schema), ofSchema(one.schema), junk).map(String)]),
        ),
        { requiredKeys: [] },
      )
    const schema = about.requestBody?.content['application/json'].schema
    const body =
      schema === undefined
        ? fc.constant(undefined)
        : fc.oneof(
            ofSchema(schema).map(value => JSON.stringify(value)),
            fc.json(),
          )
    return fc
      .record({
        id: fc.oneof(
          fc.constantFrom('1', '2', '3'),
          fc.constantFrom('1', '2', 'mood', 'locked'),
          junk.filter(id => id !== '' && id !== '.' && id !== '..'),
        ),
        query: of('query'),
        headers: of('header'),
        body,
      })
      .map(({ id, query, headers, body: text }) => ({
        id,
        query,
        headers: {
          ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, header(value)])),
          ...(text === undefined ? {} : json),
        },
        ...(text === undefined ? {} : { body: text }),
      }))
  }

  it('meet documented answers alone, and never a bug', async () => {
    const run = await startRun({ network: 'tiktok', ids: ['ada.bakes', 'quiet.page'], scope: ['all'] })
    await ended(run.id)
    for (const one of operations) {
      // A run that has ended, so that its stream of events ends too.
      await fc.assert(
        fc.asyncProperty(requests(one.about), async asked => {
          const { status } = await call(one, asked)
          expect(status).not.toBe(500)
        }),
        { numRuns: one.id === 'startRun' ? 60 : 40, endOnFailure: true },
      )
    }
  })

  it('of every documented kind there is one', { tags: ['long'] }, async () => {
    const run = await ended(
      (await startRun({ network: 'instagram', ids: ['two.pages.of.50'], scope: ['posts'] })).id,
    )
    const [job] = (await call(operation('listJobs'), { query: { run: run.id } })).json.items
    const known = { run: run.id, job: job.id }
    const big = { ...known, headers: json, body: JSON.stringify({ ids: ['x'.repeat(1_100_000)] }) }
    for (const one of operations) {
      const of = (status: number): boolean => one.statuses.includes(status)
      const paths = one.path.includes('{')
      if (of(401)) await call(one, { ...known, headers: { authorization: 'Bearer no' } })
      await call(one, { ...known, headers: { origin: 'https://evil.example' } })
      if (of(404) && paths) await call(one, { id: '999999' })
      if (of(413)) await call(one, big)
      if (of(415)) await call(one, { ...known, headers: { 'content-type': 'text/plain' }, body: 'x' })
      if (of(400) && one.method !== 'GET') await call(one, { ...known, headers: json, body: '{"ids":' })
      if (of(400) && one.method === 'GET') {
        const wrong =
          one.id === 'watchRun'
            ? { headers: { 'last-event-id': 'x'.repeat(101) } }
            : { query: { limit: '0' } }
        await call(one, { ...known, ...wrong })
      }
      if (of(200) && one.method === 'GET') {
        const first = await call(one, known)
        if (of(304))
          await call(one, { ...known, headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
      }
    }
    const events = await fetch(`${server.origin}/v1/runs/${run.id}/events`, { headers: authorised })
    const last = [...(await events.text()).matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''
    await call(operation('watchRun'), { ...known, headers: { 'last-event-id': last } })

    const key = { 'idempotency-key': 'documented' }
    const profile = { network: 'tiktok', ids: ['quiet.page'], scope: ['profile'] }
    await call(operation('planRun'), wish(profile))
    await call(operation('planRun'), wish({ ...profile, ids: ['a b'] }))
    await call(operation('listChanges'), { query: { since: '2026-03-01', run: run.id } })
    await startRun(profile, key)
    await startRun(profile, key)
    await startRun({ ...profile, ids: ['ada.bakes'] }, key)
    await startRun({ ...profile, ids: ['a b'] })

    sandbox.setSwitch('status', { network: 'instagram', value: 400, times: 2 })
    const failed = await ended(
      (
        await startRun({
          network: 'instagram',
          ids: ['one.post', 'albums.only'],
          scope: ['posts'],
          fresh: true,
        })
      ).id,
    )
    const [half] = (await call(operation('listJobs'), { query: { run: failed.id, status: 'failed' } })).json
      .items
    for (const [id, asked] of [
      ['resumeJob', { job: half.id }],
      ['resumeRun', { run: failed.id }],
    ] as const) {
      const made = (await call(operation(id), { ...asked, headers: { 'idempotency-key': id } })).json
      await call(operation(id), { ...asked, headers: { 'idempotency-key': id } })
      await call(operation(id), { ...asked, ...known, headers: { 'idempotency-key': 'documented' } })
      await ended(made.id)
      await call(operation(id), asked)
    }
    await call(operation('cancelRun'), { run: run.id })

    const nightly = { ...profile, name: 'nightly', cron: '0 3 * * *', time_zone: 'Europe/Zurich' }
    await call(operation('addSchedule'), wish(nightly))
    await call(operation('addSchedule'), wish(nightly))
    const { id: first } = (await call(operation('runSchedule'))).json
    // While it waits, or goes on: the sandbox is slow enough.
    sandbox.setSwitch('slow', { network: 'tiktok', value: 2000 })
    await ended(first)
    const { id: second } = (await call(operation('runSchedule'))).json
    await call(operation('runSchedule'))
    sandbox.switches.clear()
    await ended(second)
    const { json: listed } = await call(operation('listSchedules'))
    const [found] = listed.items.filter(({ name }: Json) => name === 'nightly')
    expect(found).toMatchObject({ last_run: { id: second, trigger: 'schedule' } })
    // Workers start it where there are any.
    if (isOnServer) expect(found.crontab).toBeNull()
    else
      expect(found.crontab).toMatch(
        /^CRON_TZ=Europe\/Zurich\n0 3 \* \* \* socsync schedule run-now nightly --db \//,
      )
    await call(operation('removeSchedule'))

    sandbox.setSwitch('slow', { network: 'transforms', value: 300 })
    await call(operation('runTransform'))
    await call(operation('cancelTransform'))
    await vi.waitFor(async () => {
      const { json: mood } = await call(operation('getTransform'))
      expect(mood.state).toBe('idle')
    }, 60_000)
    await call(operation('cancelTransform'))
    await call(operation('retryTransform'))
    await call(operation('runTransform'), { transform: 'locked' })
    const file = openWrite(server.db)
    file.exec(`update transforms set transform = 'gone' where id = (select min(id) from transforms)`)
    file.close()
    await call(operation('retryTransform'), { transform: 'gone' })

    await using none = await serveHere({ env: {} })
    await call(operation('startRun'), wish(profile), none.origin)
    await call(operation('planRun'), wish(profile), none.origin)
    await call(operation('addSchedule'), wish(nightly), none.origin)
    await using few = await serveHere({ env, limits: { perMinute: 1 } })
    await call(operation('health'), {}, few.origin)
    for (const one of operations) await call(one, known, few.origin)

    const slow = await startSandbox({ networks })
    slow.setSwitch('slow', { value: 300 })
    await using stopping = await serveHere({ env: { ...env, ...slow.env } })
    const begun = (
      await call(
        operation('startRun'),
        wish({ network: 'youtube', ids: slow.entities('youtube', 1), scope: ['all'] }),
        stopping.origin,
      )
    ).json
    const other = (
      await call(
        operation('startRun'),
        wish({ network: 'youtube', ids: slow.entities('youtube', 1), scope: ['all'] }),
        stopping.origin,
      )
    ).json
    for (let jobs = {}; Object.keys(jobs).length === 0; )
      ({ jobs } = (await call(operation('getRun'), { run: begun.id }, stopping.origin)).json)
    await call(operation('cancelRun'), { run: other.id }, stopping.origin)
    const stopped = stopping.stop()
    for (const one of operations)
      if (one.statuses.includes(503))
        await call(
          one,
          { run: begun.id, ...(one.method === 'POST' ? wish(profile) : {}) },
          stopping.origin,
        ).catch((error: unknown) => {
          // Where workers do the runs it waits for nothing, and may have ended by now.
          if (!isOnServer) throw error
        })
    await stopped
    await slow[Symbol.asyncDispose]()

    const documented = operations.flatMap(one => one.statuses.map(status => `${one.id} ${status}`))
    const wanted = documented.filter(answer => !isOnServer || !answer.endsWith(' 503'))
    expect(wanted.filter(answer => !seen.has(answer))).toEqual([])
  })
})
