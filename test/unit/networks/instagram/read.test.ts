import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultError } from '../../../../src/core/fault.ts'
import type { Json } from '../../../../src/core/json.ts'
import type { FetchContext, PageRequest, RawPage } from '../../../../src/core/stream.ts'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import { learnedOf } from '../../../../src/networks/evidence.ts'
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
/** Epoch milliseconds. */
let clock: number

beforeEach(async () => {
  calls = []
  usages = []
  clock = 1_000_000
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
  there: async () => new Set(),
  counters: async () => new Map(),
  observed: async () => [],
  now: () => clock,
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
    openInstagram(
      { access_token: token, user_id: OWN },
      { baseUrl, http, memory, clock: { now: () => clock, sleep: async () => {} } },
    ),
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
  it('that is named is left out for that profile alone', async () => {
    answer = ({ fields }) =>
      fields.includes('alt_text')
        ? error('(#100) Tried accessing nonexisting field (alt_text) on node type (ShadowIGMedia)')
        : FOUND
    await fetchPage('discovery', 'someone')
    await fetchPage('discovery-media', 'other')
    expect(calls.map(({ fields }) => fields.includes('alt_text'))).toEqual([true, false, true, false])
    expect(calls[3]?.fields).toContain('media_audio_type')
  })

  it('of three profiles and given for none is asked of nobody for 30 days, and then again', async () => {
    const refusal = error('(#100) The field alt_text is no longer supported from version v27.0 on')
    answer = ({ fields }) => (fields.includes('alt_text') ? refusal : FOUND)
    const asks = async (name: string): Promise<number> => {
      const before = calls.length
      await fetchPage('discovery', name)
      return calls.length - before
    }
    expect([await asks('a'), await asks('b'), await asks('c'), await asks('d')]).toEqual([2, 2, 2, 1])
    clock += 30 * 86_400_000
    expect(await asks('d')).toBe(2)
  })

  it('that another profile is given is asked for again', async () => {
    const refusal = error('(#100) Tried accessing nonexisting field (alt_text) on node type (ShadowIGMedia)')
    const children = { data: [{ id: '3', alt_text: 'a boat' }] }
    const media = { data: [{ id: '2', alt_text: 'a pier', children }] }
    answer = ({ fields }) =>
      fields.includes('username(given)')
        ? { body: { business_discovery: { id: '1', media } } }
        : fields.includes('alt_text')
          ? refusal
          : FOUND
    for (const name of ['a', 'b', 'given', 'c', 'd']) await fetchPage('discovery', name)
    expect(calls).toHaveLength(9)
    expect(learnedOf(memory.values, clock)).toEqual([])
  })

  it('that is not named is found by halving, and only that one is dropped', async () => {
    answer = ({ fields }) =>
      /children\{[^}]*thumbnail_url/.test(fields)
        ? error('(#100) Field is not available for Carousel children media')
        : FOUND
    await fetchPage('discovery', 'someone')
    expect(calls.length).toBeLessThan(9)
    expect(calls.at(-1)?.fields).toMatch(
      /children\{id,media_type,media_url,alt_text\},view_count,thumbnail_url,/,
    )
    expect([...memory.values.keys()]).toEqual([
      `learned/${OWN}/the field media.children.thumbnail_url of other accounts`,
    ])
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

  it('that is one of many is looked for three times in a page, which then does without all of them', async () => {
    answer = ({ fields }) =>
      /_count(?=[,}])/.test(fields.replace(/(followers|media|comments)_count/g, '')) ||
      fields.includes('website') ||
      fields.includes('biography')
        ? error('(#100) Please read documentation for supported fields')
        : FOUND
    await fetchPage('discovery', 'someone')
    expect(calls.length).toBeLessThan(25)
    expect(calls.at(-1)?.fields).not.toContain('caption')
  })
})

describe('a page with a cursor', () => {
  it('that is called an invalid parameter has lost its place', async () => {
    answer = () => error('Invalid parameter')
    const page = fetchPage('discovery-media', 'someone', { cursor: { after: 'QVFIU' } })
    expect(await faultOf(page)).toEqual({ kind: 'cursor-expired', code: '100' })
    expect(calls).toHaveLength(1)
  })

  it('does without a field that is named all the same', async () => {
    answer = ({ fields }) =>
      fields.includes('alt_text') ? error('(#100) The field alt_text is no longer supported') : FOUND
    await fetchPage('discovery-media', 'someone', { cursor: { after: 'QVFIU' } })
    expect(calls).toHaveLength(2)
  })
})

describe('a refused metric', () => {
  it.each([
    [
      'by name',
      '(#100) The Media Insights API does not support the reposts metric for this media product type.',
    ],
    ['by place', '(#100) metric[4] must be one of the following values: reach, views'],
    [
      'by a version',
      '(#100) Starting from version v27.0 and above, the reposts metric is no longer supported for this media.',
    ],
    ['in other words', '(#100) The metric reposts is not supported for the queried media'],
    ['in a word of the text', '(#100) reposts cannot be had from here'],
  ])('%s is left out, and after three media asked of none', async (_, message) => {
    answer = ({ query }) =>
      query.get('metric')?.includes('reposts') ? error(message) : { body: { data: [] } }
    for (const id of ['101', '102', '103', '104']) {
      await fetchPage('insights', `17900000000000${id}`, { cursor: { sort: 'reel' } })
    }
    const asked = calls.map(({ query }) => query.get('metric')?.includes('reposts'))
    expect(asked).toEqual([true, false, true, false, true, false, false])
    expect(calls[6]?.query.get('metric')).toContain('ig_reels_avg_watch_time')
    expect(learnedOf(memory.values, clock)).toMatchObject([
      { account: OWN, fact: 'the metric reposts of reels' },
    ])
  })

  it('of one media is nobody else’s', async () => {
    const rows = (names: string | null) =>
      (names ?? '').split(',').map(name => ({ name, values: [{ value: 1 }] }))
    answer = ({ path, query }) =>
      path.includes('102') && query.get('metric')?.split(',').includes('views')
        ? error('(#100) The metric views is not supported for the queried media')
        : { body: { data: rows(query.get('metric')) } }
    for (let night = 0; night < 4; night++) {
      for (const id of ['101', '102', '103'])
        await fetchPage('insights', `17900000000000${id}`, { cursor: { sort: 'reel' } })
    }
    expect(calls).toHaveLength(16)
    const without = calls.filter(({ query }) => !query.get('metric')?.split(',').includes('views'))
    expect(without.map(({ path }) => path)).toEqual(
      Array.from({ length: 4 }, () => '/v26.0/17900000000000102/insights'),
    )
    expect(learnedOf(memory.values, clock)).toEqual([])
  })

  it('that no text names is found by halving', async () => {
    answer = ({ query }) =>
      query.get('metric')?.includes('shares') ? error('Invalid parameter') : { body: { data: [] } }
    await fetchPage('insights', '17900000000000101', { cursor: { sort: 'reel' } })
    expect(calls.length).toBeLessThan(8)
    expect(calls.at(-1)?.query.get('metric')?.split(',')).toHaveLength(12)
  })

  it('is not looked for where all are refused', async () => {
    answer = () => error('Invalid parameter')
    const page = fetchPage('insights', '17900000000000101', { cursor: { sort: 'reel' } })
    expect(await faultOf(page)).toEqual({ kind: 'rejected', code: '100' })
    expect(calls.length).toBeLessThan(8)
    expect([...memory.values.keys()]).toEqual([])
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

  it('is remembered for 30 days, and believed of all after three', async () => {
    answer = call => (Number(call.query.get('limit')) > 12 ? REDUCE : { body: { data: [] } })
    const sizes = async (id: string): Promise<string> => {
      const before = calls.length
      await fetchPage('replies', id)
      return calls.slice(before).map(shape).join(' ')
    }
    expect(await sizes('1')).toBe('50 25 12')
    expect(await sizes('1')).toBe('12')
    expect([await sizes('2'), await sizes('3'), await sizes('4')]).toEqual(['50 25 12', '50 25 12', '12'])
    expect(learnedOf(memory.values, clock).map(({ fact }) => fact)).toEqual([
      'pages of 50 of replies',
      'pages of 25 of replies',
    ])
    clock += 30 * 86_400_000
    expect(await sizes('1')).toBe('50 25 12')
  })

  it('for the server fails as outages do: a smaller one is tried once, and remembered', async () => {
    const outage = error('An unexpected error has occurred. Please retry your request later.', 2, 500)
    answer = call => (/limit\(50\)/.test(call.fields) ? outage : FOUND)
    await fetchPage('discovery', 'someone')
    await fetchPage('discovery', 'someone')
    const asked = calls.map(({ fields }) => /limit\((\d+)\)/.exec(fields)?.[1])
    expect(asked).toEqual(['50', '25', '25'])
  })

  it('is tried in another size each time, and once, where the size is not the matter', async () => {
    answer = () => error('An unexpected error has occurred. Please retry your request later.', 2, 500)
    const sizes: string[] = []
    for (let night = 0; night < 4; night++) {
      const before = calls.length
      expect(await faultOf(fetchPage('discovery', 'someone'))).toMatchObject({ kind: 'transient', code: '2' })
      const asked = calls.slice(before).map(({ fields }) => /limit\((\d+)\)/.exec(fields)?.[1])
      sizes.push(asked.join(' '))
    }
    expect(sizes).toEqual(['50 25', '50 12', '50 6', '50 3'])
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

  it('of 200 with nothing of what was asked for is a failure that may pass', async () => {
    answer = () => ({ body: { id: OWN } })
    const then = { kind: 'not-found', code: 'no-data', reason: 'unavailable' }
    const empty = { kind: 'transient', code: 'no-data', tries: 2 }
    expect(await faultOf(fetchPage('discovery', 'someone'))).toEqual({ ...empty, then })
    const paged = { cursor: { after: 'QVFIU' } }
    expect(await faultOf(fetchPage('discovery-media', 'someone', paged))).toEqual(empty)
    expect(await faultOf(fetchPage('media', OWN))).toEqual(empty)
    answer = () => ({ body: {} })
    expect(await faultOf(fetchPage('account', OWN))).toEqual({ ...empty, then })
    expect(await faultOf(fetchPage('insights', '17900000000000101'))).toEqual(empty)
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
