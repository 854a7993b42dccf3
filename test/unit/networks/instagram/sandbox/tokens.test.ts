import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { APP, PAGES, TOKENS } from '../../../../../src/networks/instagram/sandbox/tokens.ts'
import { codeOf, DAY, HOUR, open } from './open.ts'

const { own, get, send, truth, set, clear } = open()
const post = truth().find(record => record.type === 'post')?.id ?? ''
const discovery = { fields: 'business_discovery.username(one.post){id}' }

describe('what each token may do', () => {
  const all = (token: string) => [
    codeOf(get(own, { fields: 'username' }, token)),
    codeOf(get(`${post}/comments`, {}, token)),
    codeOf(get(`${own}/insights`, { metric: 'reach', period: 'day' }, token)),
    codeOf(get(own, discovery, token)),
  ]

  it.each([
    ['system', ['', '', '', '']],
    ['user', ['', '', '', '']],
    ['withoutComments', ['', '10', '', '']],
    ['withoutInsights', ['', '', '10', '10']],
    ['withoutBasic', ['10', '10', '10', '10']],
    ['dataAccessEnded', ['', '', '', '']],
    ['page', ['', '', '', '10']],
    ['instagram', ['', '', '', '100']],
    ['expired', ['190/463', '190/463', '190/463', '190/463']],
    ['revoked', ['190/467', '190/467', '190/467', '190/467']],
    ['app', ['100/33', '100/33', '100/33', '100/33']],
  ] as const)('%s', (name, codes) => {
    expect(all(TOKENS[name])).toEqual(codes)
  })

  it('a permission that lacks fails the whole request, nested or not', () => {
    const fields = 'id,comments.limit(1){id}'
    expect(codeOf(get(`${own}/media`, { fields }, TOKENS.withoutComments))).toBe('10')
  })

  it('nothing without a token, or with one that nobody gave out', () => {
    expect(codeOf(get(own, {}, null))).toBe('104')
    expect(codeOf(get('me', {}, null))).toBe('2500')
    expect(codeOf(get('me', {}, TOKENS.app))).toBe('2500')
    expect(codeOf(get(own, {}, 'EAAnonsense'))).toBe('190')
    const dead = get(own, {}, TOKENS.expired)
    expect(dead.headers['www-authenticate']).toMatch(
      /^OAuth "Facebook Platform" "invalid_token" "Error validating/,
    )
  })

  it('whom `me` means', () => {
    const read = (token: string, fields: string) => get('me', { fields }, token).json
    expect(read(TOKENS.system, 'id')).not.toEqual({ id: own })
    expect(read(TOKENS.page, 'id')).toEqual({ id: PAGES[0].id })
    const accounts = get('me/accounts', { fields: 'id,instagram_business_account{id,username}' }).json.data
    expect(accounts).toEqual([
      { id: PAGES[0].id, instagram_business_account: { id: own, username: 'north.pier' } },
      {
        id: PAGES[1].id,
        instagram_business_account: { id: expect.any(String), username: 'north.pier.roasters' },
      },
      { id: PAGES[2].id },
    ])
    expect(
      get(PAGES[0].id, { fields: 'instagram_business_account' }).json.instagram_business_account,
    ).toEqual({ id: own })
  })
})

describe('the Instagram host', () => {
  it('has an id of its own for the account, and its own fields and words', () => {
    const { json } = get('me', { fields: 'id,user_id,username,account_type' }, TOKENS.instagram)
    expect(json).toMatchObject({ user_id: own, username: 'north.pier' })
    expect(json.id).not.toBe(own)
    expect(get(json.id, { fields: 'user_id' }, TOKENS.instagram).json.user_id).toBe(own)
    expect(get('me/media', { limit: '3' }, TOKENS.instagram).json.data).toHaveLength(3)
    expect(codeOf(get(post, { fields: 'saved_count' }, TOKENS.instagram))).toBe('100')
    expect(codeOf(get(own, { fields: 'account_type' }))).toBe('100')
    const missing = get('17900000000000001', {}, TOKENS.instagram)
    expect(missing.json.error.type).toBe('IGApiException')
    expect(codeOf(get('', { ids: post }, TOKENS.instagram))).toBe('2500')
  })

  it('refuses the other host’s tokens, where the Host header says which it is', () => {
    const at = (host: string, token: string) =>
      codeOf(send('GET', `/v26.0/${own}?access_token=${token}`, { headers: { host } }))
    expect(at('graph.instagram.com', TOKENS.system)).toBe('190')
    expect(at('graph.facebook.com', TOKENS.instagram)).toBe('190')
    expect(at('graph.instagram.com', TOKENS.instagram)).toBe('')
    expect(at('graph.facebook.com:443', TOKENS.system)).toBe('')
  })
})

describe('the life of tokens', () => {
  const refresh = (world: ReturnType<typeof open>, token: string) =>
    world.send('GET', `/refresh_access_token?grant_type=ig_refresh_token&access_token=${token}`)

  it('a token near its end can be refreshed, and lives 60 days from then', () => {
    const world = open()
    const { access_token: token, expires_in: seconds } = refresh(world, TOKENS.nearExpiry).json
    expect(seconds).toBe(5_184_000)
    world.advance(3 * DAY)
    expect(codeOf(world.get('me', {}, TOKENS.nearExpiry))).toBe('190/463')
    expect(codeOf(refresh(world, TOKENS.nearExpiry))).toBe('190/463')
    expect(codeOf(world.get('me', {}, token))).toBe('')
    world.advance(57 * DAY)
    expect(codeOf(world.get('me', {}, token))).toBe('190/463')
  })

  it('a token of less than 24 hours cannot', () => {
    const world = open()
    expect(codeOf(refresh(world, TOKENS.fresh))).toBe('100')
    world.advance(24 * HOUR)
    expect(refresh(world, TOKENS.fresh).status).toBe(200)
    expect(codeOf(refresh(world, TOKENS.user))).toBe('190')
  })

  it('a user’s token is exchanged for a long-lived one, with the right secret', () => {
    const exchange = (secret: string) =>
      send(
        'GET',
        `/v26.0/oauth/access_token?grant_type=fb_exchange_token&client_id=${APP.id}&client_secret=${secret}&fb_exchange_token=${TOKENS.user}`,
      )
    expect(codeOf(exchange('wrong'))).toBe('1')
    const { access_token: token } = exchange(APP.secret).json
    expect(get(own, {}, token).json).toEqual({ id: own })
  })

  it('debug_token says what a token is', () => {
    const inspect = (token: string) => get('debug_token', { input_token: token }, TOKENS.app).json.data
    expect(inspect(TOKENS.system)).toMatchObject({
      app_id: APP.id,
      type: 'SYSTEM_USER',
      is_valid: true,
      expires_at: 0,
      scopes: expect.arrayContaining(['instagram_basic', 'instagram_manage_comments']),
    })
    expect(inspect(TOKENS.withoutComments).scopes).not.toContain('instagram_manage_comments')
    expect(inspect(TOKENS.withoutBasic)).toMatchObject({ is_valid: true, scopes: [] })
    const ended = inspect(TOKENS.dataAccessEnded)
    expect(ended).toMatchObject({ is_valid: true, expires_at: Date.UTC(2026, 2, 31, 12) / 1000 })
    expect(ended.data_access_expires_at * 1000).toBe(Date.UTC(2026, 1, 19, 12))
    expect(inspect(TOKENS.expired)).toMatchObject({ is_valid: false, error: { code: 190, subcode: 463 } })
    expect(inspect(TOKENS.nearExpiry).expires_at * 1000).toBe(Date.UTC(2026, 2, 3, 12))
    expect(inspect('EAAnonsense')).toMatchObject({ is_valid: false, scopes: [] })
  })

  it('an appsecret_proof is checked where it comes, and asked for where that is switched on', () => {
    const proof = (secret: string) => createHmac('sha256', secret).update(TOKENS.system).digest('hex')
    expect(get(own, { appsecret_proof: proof(APP.secret) }).status).toBe(200)
    expect(get(own, { appsecret_proof: proof('another') }).json.error.message).toContain(
      'Invalid appsecret_proof',
    )
    set('proof-required')
    expect(get(own).json.error).toMatchObject({ code: 100, type: 'GraphMethodException' })
    expect(get(own, { appsecret_proof: proof(APP.secret) }).status).toBe(200)
    clear()
  })
})
