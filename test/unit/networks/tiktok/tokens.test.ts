import { describe, expect, test } from 'vitest'
import { EVERYTHING } from '../../../support/params.ts'
import { stillClock } from '../../../support/still-clock.ts'
import { OPEN_ID, ok, openTiktok, refusal, serve, task, walk } from './harness.ts'

const DEAD = refusal(401, 'access_token_invalid', 'The access token is invalid or not found in the request.')
const USER = ok('{"video_count":1}')
const own = {
  access_token: 'act.first-token-0',
  refresh_token: 'rft.first-token-0',
  client_key: 'k',
  client_secret: 's',
}

describe('client tokens', () => {
  test('many callers, one token; it is renewed before it ends', async () => {
    const clock = stillClock()
    await using server = await serve(() => USER)
    await using opened = openTiktok(server.origin, { clock })
    await Promise.all(['a', 'b', 'c'].map(name => walk(opened, [task('user', name)])))
    expect(server.forms.map(form => Object.fromEntries(form))).toEqual([
      { client_key: 'key-of-nobody', client_secret: 'secret-of-nobody', grant_type: 'client_credentials' },
    ])
    await clock.sleep(7_100_000)
    await walk(opened, [task('user', 'd')])
    expect(server.calls.map(({ authorization }) => authorization)).toEqual([
      ...Array(3).fill('Bearer clt.token-number-1'),
      'Bearer clt.token-number-2',
    ])
    expect(opened.charged.get('main')).toBe(4)
  })

  test('one that dies in the middle is renewed once for all, and the call replayed and charged', async () => {
    await using server = await serve(({ authorization }) => (authorization.endsWith('-1') ? DEAD : USER))
    await using opened = openTiktok(server.origin)
    const walks = await Promise.all(['a', 'b', 'c'].map(name => walk(opened, [task('user', name)])))
    expect(walks.map(({ end }) => end)).toEqual([null, null, null])
    expect(server.forms).toHaveLength(2)
    expect(opened.charged.get('main')).toBe(6)
  })

  test('a caller that goes away takes the others no token away', async () => {
    await using server = await serve(() => USER)
    await using opened = openTiktok(server.origin)
    const cut = new AbortController()
    const stream = opened.source.streams.find(({ name }) => name === 'user')
    const request = (name: string) => ({
      tasks: [task('user', name)],
      cursor: null,
      params: EVERYTHING,
      room: null,
      startedAt: '2026-03-01T12:00:00.000Z',
    })
    const leader = stream?.fetch(request('a'), opened.context(cut.signal))
    const follower = stream?.fetch(request('b'), opened.context())
    cut.abort(new Error('cut off'))
    await expect(leader).rejects.toThrow('cut off')
    await expect(follower).resolves.toMatchObject({ parts: [{ status: 200 }] })
  })

  test('refused again it is not tried a third time', async () => {
    await using server = await serve(() => DEAD)
    await using opened = openTiktok(server.origin)
    const { fault } = await walk(opened, [task('user', 'a')])
    expect(fault).toEqual({ kind: 'unauthorised', code: 'access_token_invalid' })
    expect(server.calls).toHaveLength(2)
  })

  test('no secret stands in what is stored', async () => {
    await using server = await serve(() => USER)
    await using opened = openTiktok(server.origin)
    const { raws } = await walk(opened, [task('user', 'a')])
    expect(raws[0]?.parts[0]?.request).toEqual({
      method: 'POST',
      path: '/v2/research/user/info/',
      fields: expect.any(Array),
      body: { username: 'a' },
    })
    expect(JSON.stringify(raws)).not.toMatch(/clt\.|secret/)
  })
})

describe("a user's token", () => {
  test('the rotated pair is handed over before its first use, and the next renewal takes it', async () => {
    const order: string[] = []
    const alive = new Set(['Bearer act.token-number-1'])
    await using server = await serve(({ authorization }) => {
      order.push(authorization)
      return alive.has(authorization) ? ok(`{"user":{"open_id":"${OPEN_ID}"}}`) : DEAD
    })
    await using opened = openTiktok(server.origin, { kind: 'user token', values: own })
    opened.renewed.push = change => order.push(`saved ${change.access_token} ${change.refresh_token}`)

    expect((await walk(opened, [task('own-profile', OPEN_ID)])).records).toHaveLength(1)
    alive.clear()
    alive.add('Bearer act.token-number-2')
    expect((await walk(opened, [task('own-profile', OPEN_ID)])).records).toHaveLength(1)

    expect(order).toEqual([
      'Bearer act.first-token-0',
      'saved act.token-number-1 rft.token-number-1',
      'Bearer act.token-number-1',
      'Bearer act.token-number-1',
      'saved act.token-number-2 rft.token-number-2',
      'Bearer act.token-number-2',
    ])
    const spent = server.forms.map(form => form.get('refresh_token'))
    expect(spent).toEqual(['rft.first-token-0', 'rft.token-number-1'])
  })

  test('a renewal is heard to its end though its caller is cut off', async () => {
    await using server = await serve(() => DEAD)
    await using opened = openTiktok(server.origin, { kind: 'user token', values: own })
    const cut = new AbortController()
    const { call, ...rest } = opened.context(cut.signal)
    const stream = opened.source.streams.find(({ name }) => name === 'own-profile')
    const request = {
      tasks: [],
      cursor: null,
      params: EVERYTHING,
      room: null,
      startedAt: '2026-03-01T12:00:00.000Z',
    }
    const context = {
      ...rest,
      // The caller goes away the moment that the renewal is sent.
      call: ((price, send) => {
        const sent = call(price, send)
        if (price.units === 0) cut.abort(new Error('cut off'))
        return sent
      }) as typeof call,
    }
    await expect(stream?.fetch(request, context)).rejects.toThrow()
    await expect.poll(() => opened.renewed).toHaveLength(1)
  })

  test('without what renews it, it ends', async () => {
    await using server = await serve(() => DEAD)
    const { access_token } = own
    await using opened = openTiktok(server.origin, { kind: 'user token', values: { access_token } })
    const { fault } = await walk(opened, [task('own-profile', OPEN_ID)])
    expect(fault).toEqual({ kind: 'unauthorised', code: 'access_token_invalid' })
    expect(server.calls).toHaveLength(1)
    expect(opened.source.owner).toMatch(/^[0-9a-f]{16}$/)
  })
})
