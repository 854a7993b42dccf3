import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DISPLAY } from '../../../../../src/networks/tiktok/sandbox.ts'
import { DAY, HOUR, open } from './open.ts'

describe('being let in', () => {
  test('a client token lives 7,200 seconds, in an envelope of its own', async () => {
    const { oauth, ask, advance, display } = open()
    expect(await oauth({ grant_type: 'client_credentials' })).toEqual({
      status: 200,
      access_token: expect.stringMatching(/^clt\./),
      expires_in: 7_200,
      token_type: 'Bearer',
    })
    const info = () => ask('/v2/research/user/info/?fields=display_name', { username: 'ada.bakes' })
    expect((await info()).status).toBe(200)
    advance(7_199_000)
    expect((await info()).status).toBe(200)
    advance(1_000)
    expect(await info()).toMatchObject({ status: 401, data: {}, error: { code: 'access_token_invalid' } })
    const wrong = await ask(
      '/v2/research/user/info/?fields=display_name',
      {},
      { authorization: `bearer ${DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN}` },
    )
    expect(wrong).toMatchObject({ status: 401, error: { code: 'scope_not_authorized' } })
    const { access_token } = await oauth({ grant_type: 'client_credentials' })
    expect(await display('/v2/user/info/?fields=open_id', null, access_token)).toMatchObject({
      status: 401,
      error: { code: 'scope_not_authorized' },
    })
  })

  test('refusals of tokens are flat', async () => {
    const { oauth, on } = open()
    const flat = (status: number, error: string) => ({
      status,
      error,
      error_description: expect.any(String),
      log_id: expect.any(String),
    })
    expect(await oauth({ grant_type: 'client_credentials', client_secret: 'no' })).toEqual(
      flat(401, 'invalid_client'),
    )
    expect(await oauth({ grant_type: 'password' })).toEqual(flat(400, 'unsupported_grant_type'))
    expect(await oauth({})).toEqual(flat(400, 'invalid_request'))
    expect(await oauth({ grant_type: 'refresh_token', refresh_token: 'rft.no' })).toEqual(
      flat(400, 'invalid_grant'),
    )
    on('oauth-error', { times: 1 })
    expect(await oauth({ grant_type: 'client_credentials' })).toEqual(flat(503, 'temporarily_unavailable'))
    on('oauth-error-status', { value: 200 })
    expect(await oauth({})).toEqual(flat(200, 'invalid_request'))
  })

  test('a refresh rotates the refresh token, or not; a revoked token is dead', async () => {
    const { oauth, display, on, advance } = open()
    const refresh = (refresh_token: string) => oauth({ grant_type: 'refresh_token', refresh_token })
    const first = await refresh(DISPLAY.SOCSYNC_TIKTOK_REFRESH_TOKEN)
    expect(first).toMatchObject({
      expires_in: 86_400,
      refresh_expires_in: 31_536_000,
      scope: expect.stringContaining('video.list'),
    })
    expect((await refresh(DISPLAY.SOCSYNC_TIKTOK_REFRESH_TOKEN)).error).toBe('invalid_grant')
    on('refresh-rotation', { value: false })
    on('short-tokens')
    const second = await refresh(first.refresh_token)
    expect(second).toMatchObject({ expires_in: 7_200, refresh_token: first.refresh_token })
    const info = () => display('/v2/user/info/?fields=open_id', null, second.access_token)
    expect((await info()).data.user.open_id).toBe(second.open_id)
    expect(await oauth({ token: second.access_token }, '/v2/oauth/revoke/')).toEqual({ status: 200 })
    expect((await info()).error.code).toBe('access_token_invalid')
    advance(DAY)
    expect((await display('/v2/user/info/?fields=open_id', null)).status).toBe(401)
  })

  test('a code is exchanged once, with its verifier, for the scopes that were agreed to', async () => {
    const { send, oauth, display, box } = open()
    const challenge = createHash('sha256').update('verifier-of-this-test').digest('hex')
    const redirect_uri = 'http://127.0.0.1:9/callback'
    const agree = async (scope: string) => {
      const query = new URLSearchParams({
        client_key: box.credentials.SOCSYNC_TIKTOK_CLIENT_KEY ?? '',
        scope,
        redirect_uri,
        state: 's',
        code_challenge: challenge,
      })
      const { status, headers } = await send(`/v2/auth/authorize/?${query}`, '', {}, 'GET')
      expect(status).toBe(302)
      return new URL(headers?.location ?? '').searchParams
    }
    const code = (await agree('user.info.basic')).get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri }
    expect((await oauth({ ...form, code_verifier: 'another' })).error).toBe('invalid_grant')
    expect((await oauth({ ...form, code_verifier: 'verifier-of-this-test' })).error).toBe('invalid_grant')
    const again = (await agree('user.info.basic')).get('code') ?? ''
    const granted = await oauth({ ...form, code: again, code_verifier: 'verifier-of-this-test' })
    expect((await display('/v2/user/info/?fields=display_name', null, granted.access_token)).status).toBe(200)
    for (const path of ['/v2/user/info/?fields=display_name,username', '/v2/user/info/?fields=likes_count']) {
      expect((await display(path, null, granted.access_token)).error.code).toBe('scope_not_authorized')
    }
    expect((await display('/v2/video/list/?fields=id', {}, granted.access_token)).status).toBe(401)
    expect((await agree('user.info.basic,video.upload')).get('error')).toBe('invalid_scope')
  })
})

describe('quota', () => {
  const info = (world: ReturnType<typeof open>) =>
    world.ask('/v2/research/user/info/?fields=display_name', { username: 'ada.bakes' })

  test('1,000 calls a day, failed ones too, until 00:00 UTC', async () => {
    const world = open({ rules: [{ name: 'error-500', times: 3 }] })
    for (let n = 0; n < 3; n++) expect((await info(world)).error.code).toBe('internal_error')
    expect((await world.search('ada.bakes', ['20260901', '20261002'])).status).toBe(400)
    for (let n = 0; n < 996; n++) expect((await info(world)).status).toBe(200)
    expect(world.box.quota()[0]?.used).toBe(1_000)
    expect(await info(world)).toMatchObject({ status: 429, error: { code: 'daily_quota_limit_exceeded' } })
    expect((await world.ask('/v2/research/user/followers/', { username: 'ada.bakes' })).status).toBe(200)
    expect(world.box.quota()).toMatchObject([
      { pool: 'main', used: 1_000 },
      { pool: 'follow', used: 1 },
    ])
    world.on('main-allowance', { value: 1_001 })
    expect((await info(world)).status).toBe(200)
    expect((await info(world)).status).toBe(429)
    world.advance(DAY)
    expect(world.box.quota()[0]?.used).toBe(0)
  })

  test('the day turns at midnight, not a day after the first call', async () => {
    const world = open({ rules: [{ name: 'main-allowance', value: 1 }] })
    world.advance(23 * HOUR)
    expect((await info(world)).status).toBe(200)
    expect((await info(world)).status).toBe(429)
    world.advance(HOUR)
    expect((await info(world)).status).toBe(200)
  })

  test('what refusals cost is open, and a short-term limit too', async () => {
    const world = open({
      rules: [
        { name: 'charge-400', value: false },
        { name: 'per-second', value: 2 },
      ],
    })
    const wrong = () => world.ask('/v2/research/user/info/?fields=no', {})
    expect([(await wrong()).status, (await wrong()).status, (await wrong()).status]).toEqual([400, 400, 429])
    expect(world.box.quota()[0]?.used).toBe(0)
    world.advance(1_000)
    expect((await wrong()).status).toBe(400)
  })
})
