import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../../src/core/clock.ts'
import { windowOf } from '../../../../src/core/window.ts'
import type { Channel, TokenResponse } from '../../../../src/networks/youtube/wire.ts'
import {
  type Call,
  CLIENT,
  context,
  faultOf,
  follow,
  KEY,
  listOf,
  NOON,
  open,
  refusal,
  requestFor,
  serve,
  step,
  streamOf,
} from './harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const FORCE_SSL = 'https://www.googleapis.com/auth/youtube.force-ssl'
const READONLY = 'https://www.googleapis.com/auth/youtube.readonly'

/** A token endpoint whose tokens are numbered, and an API that takes those that `good` says. */
const guarded = (good: (token: string) => boolean, scope = FORCE_SSL) => {
  let issued = 0
  return ({ path, headers }: Call) => {
    if (path === '/token') {
      issued++
      const access_token = `token-number-${issued}`
      const body: TokenResponse = { access_token, expires_in: 3599, token_type: 'Bearer', scope }
      return { body }
    }
    const token = headers.authorization?.replace('Bearer token-number-', '') ?? ''
    return good(token)
      ? listOf<Channel>('channel', [{ id: PIER, snippet: { title: 'North Pier' } }])
      : refusal(401, 'authError')
  }
}

const paths = (calls: readonly Call[]) => calls.map(({ path }) => path.split('/').at(-1))

describe('an API key', () => {
  test('goes in a header, and stands in no address and no raw page', async () => {
    await using server = await serve(() => ({
      body: { kind: 'youtube#channelListResponse', items: [{ id: PIER, snippet: { title: KEY.api_key } }] },
    }))
    const { raw } = await step(open(server.baseUrl), 'channels', [PIER])
    expect(server.calls[0]?.headers).toMatchObject({ 'x-goog-api-key': KEY.api_key })
    expect(server.calls[0]?.headers['user-agent']).toContain('gzip')
    expect(server.calls[0]?.query).not.toHaveProperty('key')
    expect(JSON.stringify(raw)).not.toContain(KEY.api_key)
  })

  test('that is refused is not tried again', async () => {
    await using server = await serve(guarded(() => false))
    const { fault } = await faultOf(step(open(server.baseUrl), 'channels', [PIER]))
    expect(fault).toEqual({ kind: 'unauthorised', code: 'authError' })
    expect(paths(server.calls)).toEqual(['channels'])
  })
})

describe('an OAuth client', () => {
  test('fetches one token for calls that begin together, which costs nothing', async () => {
    await using server = await serve(guarded(() => true))
    const source = open(server.baseUrl, { values: CLIENT })
    const { ctx, spent } = context()
    const stream = streamOf(source, 'channels')
    const request = requestFor(stream, PIER)
    await Promise.all([1, 2, 3, 4].map(() => stream.fetch(request, ctx)))
    expect(paths(server.calls).toSorted()).toEqual(['channels', 'channels', 'channels', 'channels', 'token'])
    expect(spent).toEqual({ default: 4 })
    expect(Object.fromEntries(new URLSearchParams(server.calls[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: CLIENT.refresh_token,
      client_id: CLIENT.client_id,
      client_secret: CLIENT.client_secret,
    })
  })

  test('renews a token before its end', async () => {
    await using server = await serve(guarded(() => true))
    let now = NOON
    const clock: Clock = { now: () => now, sleep: async () => {} }
    const source = open(server.baseUrl, { values: CLIENT, clock })
    const profile = () => follow(source, [PIER], { kinds: ['profile'] }, () => now)
    await profile()
    now += 3_400_000
    await profile()
    now += 100_000
    await profile()
    expect(paths(server.calls)).toEqual(['token', 'channels', 'channels', 'token', 'channels'])
  })

  test('renews a refused token once, for all who were refused, and gives up when the new one is refused too', async () => {
    await using server = await serve(guarded(token => token === '2'))
    const source = open(server.baseUrl, { values: CLIENT })
    const { ctx, spent } = context()
    const stream = streamOf(source, 'channels')
    const request = requestFor(stream, PIER)
    await Promise.all([1, 2, 3].map(() => stream.fetch(request, ctx)))
    expect(paths(server.calls).filter(path => path === 'token')).toHaveLength(2)
    expect(spent).toEqual({ default: 6 })

    await using closed = await serve(guarded(() => false))
    const { fault } = await faultOf(step(open(closed.baseUrl, { values: CLIENT }), 'channels', [PIER]))
    expect(fault).toEqual({ kind: 'unauthorised', code: 'authError' })
    expect(paths(closed.calls)).toEqual(['token', 'channels', 'token', 'channels'])
  })

  test('whose token lacks youtube.force-ssl reads all but comments, and spends nothing on those', async () => {
    await using server = await serve(guarded(() => true, READONLY))
    const source = open(server.baseUrl, { values: CLIENT })
    expect((await step(source, 'channels', [PIER])).page.records).toHaveLength(1)
    const { fault, message } = await faultOf(step(source, 'threads', ['vidPlain00A']))
    expect(fault).toEqual({ kind: 'forbidden', code: 'insufficientPermissions', reason: 'refused' })
    expect(message).toContain('youtube.force-ssl')
    expect(paths(server.calls)).toEqual(['token', 'channels'])
  })
})

describe('quota', () => {
  const [pool] = open('http://127.0.0.1:9').limits.pools

  test.each([
    ['summer', '2026-07-01T12:00:00Z', '2026-07-01T07:00:00.000Z', '2026-07-02T07:00:00.000Z'],
    ['winter', '2026-12-01T12:00:00Z', '2026-12-01T08:00:00.000Z', '2026-12-02T08:00:00.000Z'],
    ['the 23-hour day', '2026-03-08T12:00:00Z', '2026-03-08T08:00:00.000Z', '2026-03-09T07:00:00.000Z'],
  ])('turns at midnight in California: %s', (_, now, start, end) => {
    if (pool?.window.kind !== 'day') throw new Error('no day')
    const window = windowOf(pool.window, Date.parse(now))
    expect(new Date(window.start).toISOString()).toBe(start)
    expect(new Date(window.end - pool.window.marginMs).toISOString()).toBe(end)
  })

  test('has the buckets of June 2026, the first as large as the user says', () => {
    const pools = (values = {}) =>
      open('http://127.0.0.1:9', { values: { ...KEY, ...values } }).limits.pools.map(
        ({ name, allowance }) => [name, allowance],
      )
    expect(pools()).toEqual([
      ['default', 10_000],
      ['search', 100],
      ['batch-stats', 10_000],
    ])
    expect(pools({ daily_units: '1000000' })[0]).toEqual(['default', 1_000_000])
    expect(pools({ daily_units: '0' })[0]).toEqual(['default', 0])
    expect(() => pools({ daily_units: 'many' })).toThrow(/DAILY_UNITS/)
  })

  test('belongs to a key, or to the project that the user names; the key cannot be read from it', () => {
    const owner = (values: Record<string, string>) => open('http://127.0.0.1:9', { values }).owner
    expect(owner(KEY)).toMatch(/^[0-9a-f]{12}$/)
    expect(owner(KEY)).toBe(owner(KEY))
    expect(owner(KEY)).not.toBe(owner({ api_key: 'another-key' }))
    expect(owner(CLIENT)).not.toBe(owner({ ...CLIENT, client_id: 'other' }))
    expect(owner({ ...KEY, project: 'newsroom' })).toBe(owner({ ...CLIENT, project: 'newsroom' }))
  })
})
