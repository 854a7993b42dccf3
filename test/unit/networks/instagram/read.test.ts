import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultError } from '../../../../src/core/fault.ts'
import type { Json } from '../../../../src/core/json.ts'
import type { FetchContext, PageRequest, RawPage } from '../../../../src/core/stream.ts'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import { COMMENTS, OWN, openInstagram, openMemory, requestFor, streamOf } from './harness.ts'

interface Answer {
  readonly status?: number
  readonly body: Json | string
  readonly headers?: Readonly<Record<string, string>>
}

/** What the server saw of one call. */
interface Call {
  readonly path: string
  readonly fields: string
  readonly query: URLSearchParams
}

let server: Server
let http: ReturnType<typeof openHttp>
let memory: ReturnType<typeof openMemory>
let calls: Call[]
let usages: unknown[][]
let answer: (call: Call) => Answer

beforeEach(async () => {
  calls = []
  usages = []
  memory = openMemory()
  http = openHttp({ redactor: new Redactor(), clock: { now: () => 0, sleep: async () => {} } })
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    const call = { path: pathname, fields: searchParams.get('fields') ?? '', query: searchParams }
    calls.push(call)
    const { status = 200, body, headers = {} } = answer(call)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await http.close()
  await new Promise(resolve => server.close(resolve))
})

/** One attempt per call: what follows a fault is the engine's. */
const ctx: FetchContext = {
  signal: new AbortController().signal,
  call: (_, send) => send(ctx.signal),
  usage: (...told) => void usages.push(told),
  known: async () => new Set(),
  now: () => 1_000_000,
}

const fetchPage = (
  name: string,
  externalId: string,
  more: Partial<PageRequest> = {},
  token = 'EAAinvented',
): Promise<RawPage> => {
  const address = server.address()
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const stream = streamOf(
    openInstagram({ access_token: token, user_id: OWN }, { baseUrl, http, memory }),
    name,
  )
  return stream.fetch(requestFor(stream, { externalId, entityId: OWN }, more), ctx)
}

const faultOf = async (page: Promise<RawPage>): Promise<unknown> => {
  const error = await page.then(
    () => null,
    (caught: unknown) => caught,
  )
  if (error instanceof FaultError) return error.fault
  throw error ?? new Error('no fault')
}

const error = (message: string, code = 100, status = 400): Answer => ({
  status,
  body: { error: { message, type: 'OAuthException', code } },
})
const FOUND: Answer = { body: { business_discovery: { id: '1' }, id: OWN } }

describe('a refused field', () => {
  it('that is named is dropped, once for all', async () => {
    answer = ({ fields }) =>
      fields.includes('alt_text')
        ? error('(#100) Tried accessing nonexisting field (alt_text) on node type (ShadowIGMedia)')
        : FOUND
    await fetchPage('discovery', 'someone')
    await fetchPage('discovery-media', 'other')
    expect(calls).toHaveLength(3)
    expect(calls[2]?.fields).toContain('media_audio_type')
  })

  it('that is not named is found by halving, and only that one is dropped', async () => {
    answer = ({ fields }) =>
      fields.includes('thumbnail_url}')
        ? error('(#100) Field is not available for Carousel children media')
        : FOUND
    await fetchPage('discovery', 'someone')
    expect(calls.length).toBeLessThan(9)
    expect(calls.at(-1)?.fields).toMatch(/children\{id,media_type,media_url\},view_count,thumbnail_url,/)
    expect([...memory.values.values()]).toEqual([['business_discovery.media.children.thumbnail_url']])
  })

  it('that is needed fails the page, and teaches nothing', async () => {
    answer = () => error('(#100) Please read documentation for supported fields')
    expect(await faultOf(fetchPage('discovery', 'someone'))).toEqual({ kind: 'rejected', code: '100' })
    expect(calls).toHaveLength(2)
    answer = () => error('(#100) Tried accessing nonexisting field (timestamp) on node type (ShadowIGMedia)')
    expect(await faultOf(fetchPage('discovery', 'someone'))).toEqual({ kind: 'rejected', code: '100' })
    expect(calls).toHaveLength(3)
    expect([...memory.values.keys()]).toEqual([])
  })
})

describe('a refused metric', () => {
  it.each([
    [
      'by name',
      '(#100) The Media Insights API does not support the reposts metric for this media product type.',
    ],
    ['by place', '(#100) metric[4] must be one of the following values: reach, views'],
  ])('%s is dropped, once for all', async (_, message) => {
    answer = ({ query }) =>
      query.get('metric')?.includes('reposts') ? error(message) : { body: { data: [] } }
    await fetchPage('insights', '17900000000000101', { cursor: { sort: 'reel' } })
    await fetchPage('insights', '17900000000000102', { cursor: { sort: 'reel' } })
    expect(calls.map(({ query }) => query.get('metric')?.includes('reposts'))).toEqual([true, false, false])
    expect(calls[2]?.query.get('metric')).toContain('ig_reels_avg_watch_time')
  })

  it('that was not asked for fails the task', async () => {
    answer = () => error('(#100) The Media Insights API does not support the plays metric.')
    const page = fetchPage('insights', '17900000000000101', { cursor: { sort: 'video' } })
    expect(await faultOf(page)).toEqual({ kind: 'rejected', code: '100' })
  })
})

const REDUCE = error("Please reduce the amount of data you're asking for, then retry your request", 1, 500)

describe('a page that is too heavy', () => {
  const shape = ({ fields, query }: Call): string =>
    `${query.get('limit')}${fields.includes('comments.limit') ? 'c' : ''}${fields.includes('replies.limit') ? 'r' : ''}`

  it('is halved, then asked without replies, then without comments, to a single post', async () => {
    answer = () => REDUCE
    expect(await faultOf(fetchPage('media', OWN, { params: COMMENTS }))).toEqual({
      kind: 'rejected',
      code: '1',
    })
    expect(calls.map(shape)).toEqual([
      '25cr',
      '12cr',
      '6cr',
      '25c',
      '12c',
      '6c',
      '100',
      '50',
      '25',
      '12',
      '6',
      '3',
      '1',
    ])
  })

  it('teaches a general size to all, and a smaller one to its own account', async () => {
    answer = call => (Number(call.query.get('limit')) > 6 ? REDUCE : { body: { data: [] } })
    await fetchPage('media', OWN, { params: COMMENTS })
    await fetchPage('media', '17841400000000002', { params: COMMENTS })
    expect(calls.map(shape)).toEqual(['25cr', '12cr', '6cr', '12cr', '6cr'])
    expect([...memory.values.entries()]).toEqual([['v26.0/facebook/media/replies/step', 1]])
  })

  it('is not asked for again in the same size where little is wanted', async () => {
    answer = () => REDUCE
    await faultOf(fetchPage('stories', OWN, { room: 3 }))
    expect(calls.map(shape)).toEqual(['3', '1'])
  })
})

describe('an answer', () => {
  it('tells the lane what is used, of the pool it is about', async () => {
    answer = () => ({
      ...FOUND,
      headers: { 'x-app-usage': '{"call_count":80,"total_cputime":1,"total_time":1}' },
    })
    await fetchPage('discovery', 'someone')
    const entry = { type: 'instagram', call_count: 96, estimated_time_to_regain_access: 5 }
    const limit = error('(#80002) There have been too many calls to this Instagram account.', 80002)
    const headers = { 'x-business-use-case-usage': JSON.stringify({ [OWN]: [entry] }) }
    answer = () => ({ ...limit, headers })
    const until = 1_000_000 + 5 * 60_000
    expect(await faultOf(fetchPage('account', OWN))).toEqual({
      kind: 'rate-limited',
      code: '80002',
      pool: `account:${OWN}`,
      until,
    })
    expect(usages).toEqual([
      ['app', 0.8, undefined],
      [`account:${OWN}`, 0.96, until],
    ])
  })

  it('of 200 with an error in it is that error', async () => {
    answer = () => ({ ...error('Invalid user id', 110), status: 200 })
    expect(await faultOf(fetchPage('discovery', 'someone'))).toMatchObject({ kind: 'not-found', code: '110' })
  })

  it('in HTML is a failure that may pass', async () => {
    answer = () => ({ status: 502, body: '<html>bad gateway</html>' })
    expect(await faultOf(fetchPage('discovery', 'someone'))).toEqual({ kind: 'transient', code: '502' })
    answer = () => ({ body: '<html>log in</html>' })
    expect(await faultOf(fetchPage('discovery', 'someone'))).toMatchObject({ kind: 'transient' })
  })

  it('of a proxy that wants us to wait is waited for as long as it says', async () => {
    answer = () => ({ status: 429, body: 'slow down', headers: { 'retry-after': '120' } })
    expect(await faultOf(fetchPage('discovery', 'someone'))).toEqual({
      kind: 'rate-limited',
      code: '429',
      pool: 'app',
      until: 1_120_000,
    })
  })
})

describe('a call', () => {
  it('asks the Instagram side for its own fields, without a proof', async () => {
    answer = () => ({ body: { id: '99', user_id: OWN, username: 'north.pier' } })
    const raw = await fetchPage('account', OWN, {}, 'IGAAinvented')
    expect(calls.at(-1)?.fields).toContain('account_type')
    expect([...(calls.at(-1)?.query.keys() ?? [])]).toEqual(['fields'])
    expect(raw.parts[0]?.request).toEqual({
      method: 'GET',
      path: `/v26.0/${OWN}`,
      query: { fields: calls.at(-1)?.fields },
    })
  })

  it('bounds own posts by seconds, a little wide', async () => {
    answer = () => ({ body: { data: [] } })
    const since = '2026-01-01T00:00:00.000Z'
    await fetchPage('media', OWN, {
      cursor: { after: 'QUZURVI', refused: true },
      params: { ...COMMENTS, since, until: '2026-02-01T00:00:00.500Z' },
    })
    const query = Object.fromEntries(calls[0]?.query ?? [])
    expect(query).toMatchObject({ since: '1767225599', until: '1769904001', after: 'QUZURVI', limit: '100' })
    expect(Object.keys(query)).not.toContain('refused')
  })
})
