import { describe, expect, test } from 'vitest'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import type { Memory } from '../../../../src/networks/contract.ts'
import { youtube } from '../../../../src/networks/youtube/index.ts'
import type { Channel, TokenResponse } from '../../../../src/networks/youtube/wire.ts'
import {
  type Answer,
  type Call,
  CLIENT,
  context,
  faultOf,
  KEY,
  listOf,
  NOON,
  open,
  params,
  refusal,
  remember,
  serve,
} from './harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const PIER_ITEM = { id: PIER, snippet: { title: 'North Pier', customUrl: '@North.Pier' } } as const
const FORCE_SSL = 'https://www.googleapis.com/auth/youtube.force-ssl'

const asPerson =
  (answer: (call: Call) => Answer) =>
  (call: Call): Answer =>
    call.path === '/token'
      ? {
          body: {
            access_token: 't',
            expires_in: 3599,
            token_type: 'Bearer',
            scope: FORCE_SSL,
          } satisfies TokenResponse,
        }
      : answer(call)

const externalId = (source: ReturnType<typeof open>, id: string) =>
  source.opening(id, params())?.tasks[0]?.externalId ?? null

describe('the own channel', () => {
  test('is learned in one call, once, and is meant by me and by its handle', async () => {
    await using server = await serve(asPerson(() => listOf<Channel>('channel', [PIER_ITEM])))
    const memory: Memory = remember()
    const source = open(server.baseUrl, { values: CLIENT, memory })
    expect(externalId(source, 'me')).toBeNull()
    const { ctx, spent } = context()
    await source.introduce?.(ctx)
    await source.introduce?.(ctx)
    await open(server.baseUrl, { values: CLIENT, memory }).introduce?.(ctx)
    expect(spent).toEqual({ default: 1 })
    expect(server.calls.at(-1)?.query).toEqual({ part: 'snippet', mine: 'true' })
    expect(['me', '@north.pier', PIER, '@other'].map(id => externalId(source, id))).toEqual([
      PIER,
      PIER,
      PIER,
      '@other',
    ])
    const another = open(server.baseUrl, { values: { ...CLIENT, refresh_token: 'another' }, memory })
    expect(externalId(another, 'me')).toBeNull()
  })

  test('may not be there, which is remembered too', async () => {
    await using server = await serve(asPerson(() => listOf<Channel>('channel', [])))
    const source = open(server.baseUrl, { values: CLIENT })
    const { ctx, spent } = context()
    await source.introduce?.(ctx)
    await source.introduce?.(ctx)
    expect(spent).toEqual({ default: 1 })
    expect(externalId(source, 'me')).toBeNull()
    expect(externalId(source, '@north.pier')).toBe('@north.pier')
  })

  test('waits for the next run where it cannot be asked for; a dead client is told', async () => {
    await using down = await serve(asPerson(() => refusal(503, 'backendError')))
    await open(down.baseUrl, { values: CLIENT }).introduce?.(context().ctx)
    await using dead = await serve(() => refusal(401, 'authError'))
    const work = open(dead.baseUrl, { values: CLIENT }).introduce?.(context().ctx)
    expect((await faultOf(work ?? Promise.resolve())).fault.kind).toBe('unauthorised')
  })

  test('an API key has none', () => {
    const source = open('http://127.0.0.1:9', { values: KEY })
    expect(source.introduce).toBeUndefined()
    expect(externalId(source, 'me')).toBeNull()
    expect(externalId(source, PIER)).toBe(PIER)
  })
})

describe('a sign of life', () => {
  test.each([
    ['an answer', () => listOf<Channel>('channel', []), 1],
    ['a refusal', () => refusal(400, 'keyInvalid', 'usageLimits'), 1],
    [
      'an answer of another method',
      ({ path }: Call) => (path.endsWith('/channels') ? refusal(503, 'backendError') : listOf('video', [])),
      2,
    ],
  ])('is %s', async (_, script, units) => {
    await using server = await serve(script)
    const { ctx, spent } = context()
    await open(server.baseUrl).alive?.(ctx)
    expect(spent).toEqual({ default: units })
  })

  test('is missing where neither method answers', async () => {
    await using server = await serve(() => refusal(503, 'backendError'))
    const { ctx, spent } = context()
    const { fault } = await faultOf(open(server.baseUrl).alive?.(ctx) ?? Promise.resolve())
    expect(fault.kind).toBe('transient')
    expect(spent).toEqual({ default: 2 })
  })
})

describe('what is said of a credential', () => {
  const inspect = (baseUrl: string, values: Record<string, string>) => {
    const clock = { now: () => NOON, sleep: async () => {} }
    return youtube.tokens.inspect(
      {
        credential: { kind: 'any', name: 'youtube-1', values },
        baseUrl,
        clock,
        http: openHttp({ clock, redactor: new Redactor(Object.values(values)) }),
        memory: remember(),
        insights: {},
        renew: async (stale, make) => ({ ...stale, ...(await make(stale)) }),
      },
      context().ctx,
    )
  }

  test('the channel behind a client, and what to list for it', async () => {
    await using server = await serve(asPerson(() => listOf<Channel>('channel', [PIER_ITEM])))
    expect(await inspect(server.baseUrl, CLIENT)).toMatchObject({
      works: true,
      who: 'North Pier',
      ownId: PIER,
      problem: null,
    })
  })

  test.each([
    ['accessNotConfigured', 'Library'],
    ['ipRefererBlocked', 'Application restrictions'],
  ])('%s does not work, and what to set', async (reason, where) => {
    await using server = await serve(() => refusal(403, reason, 'usageLimits'))
    const report = await inspect(server.baseUrl, KEY)
    expect(report).toMatchObject({ works: false, who: null })
    expect(report.problem).toContain(reason)
    expect(report.problem).toContain(where)
  })

  test('a dead key is refused as ever', async () => {
    await using server = await serve(() => refusal(400, 'keyInvalid', 'usageLimits'))
    expect((await faultOf(inspect(server.baseUrl, KEY))).fault.kind).toBe('unauthorised')
  })
})
