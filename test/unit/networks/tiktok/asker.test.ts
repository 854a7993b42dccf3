import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/core/json.ts'
import { tiktok } from '../../../../src/networks/tiktok/index.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { fixture, OPEN_ID, ok, openTiktok, refusal, serve } from './harness.ts'

const OWN = { kind: 'user token', values: { access_token: 'act.of-nobody-00' } }
const startOf = (opened: ReturnType<typeof openTiktok>, id: string) =>
  opened.source.opening(id, EVERYTHING)?.tasks ?? null

describe('who a token is for', () => {
  test('is asked once, and remembered: the own account is known by its name, its open_id and me', async () => {
    await using server = await serve(() => fixture('own-user'))
    const memory = new Map<string, Json>()
    await using opened = openTiktok(server.origin, { ...OWN, memory })
    expect(startOf(opened, 'me')).toEqual([{ stream: 'own-profile', externalId: 'me' }])
    expect(startOf(opened, 'ada.bakes')).toBeNull()
    await opened.source.introduce?.(opened.context())
    for (const id of ['me', 'ada.bakes', OPEN_ID]) {
      expect(startOf(opened, id)).toEqual([{ stream: 'own-profile', externalId: OPEN_ID }])
    }
    expect(startOf(opened, 'bea')).toBeNull()
    expect(startOf(opened, `${OPEN_ID}6`)).toBeNull()

    await using later = openTiktok(server.origin, { ...OWN, memory })
    await later.source.introduce?.(later.context())
    expect(startOf(later, 'ada.bakes')).not.toBeNull()
    expect(server.calls).toHaveLength(1)
  })

  test('a name that the owner keeps back is done without', async () => {
    await using server = await serve(({ fields }) =>
      fields.includes('username') ? refusal(401, 'scope_not_authorized', 'scope') : fixture('own-user'),
    )
    await using opened = openTiktok(server.origin, OWN)
    await opened.source.introduce?.(opened.context())
    expect(startOf(opened, OPEN_ID)).not.toBeNull()
  })

  test('a token without any permission says which it lacks', async () => {
    await using server = await serve(() => refusal(401, 'scope_not_authorized', 'scope'))
    await using opened = openTiktok(server.origin, OWN)
    await expect(opened.source.introduce?.(opened.context())).rejects.toMatchObject({
      fault: { kind: 'misconfigured', advice: expect.stringContaining('user.info.basic') },
    })
    expect(server.calls).toHaveLength(2)
  })

  test('me is nobody to a research client', async () => {
    await using opened = openTiktok('http://127.0.0.1:9')
    expect(startOf(opened, 'me')).toBeNull()
  })
})

describe('a sign of life', () => {
  test.each([
    ['an account', ok('{"display_name":"TikTok"}')],
    [
      'a refusal of it',
      refusal(400, 'invalid_params', '`username: tiktok` is invalid: cannot find the user'),
    ],
    ['a refusal of the client', refusal(401, 'scope_not_authorized', 'no')],
  ])('is %s', async (_, answer) => {
    await using server = await serve(() => answer)
    await using opened = openTiktok(server.origin)
    await expect(opened.source.alive?.(opened.context())).resolves.toBeUndefined()
    expect(opened.charged).toEqual(new Map([['main', 1]]))
  })

  test('is not a 500, which is believed at once', async () => {
    await using server = await serve(() => refusal(500, 'internal_error', 'no'))
    await using opened = openTiktok(server.origin)
    await expect(opened.source.alive?.(opened.context())).rejects.toMatchObject({
      fault: { kind: 'transient' },
    })
    expect(server.calls).toHaveLength(1)
  })
})

describe('what a credential can do', () => {
  const inspect = async (origin: string, options: Parameters<typeof openTiktok>[1] = {}) => {
    await using opened = openTiktok(origin, options)
    return await tiktok.tokens.inspect(opened.options, opened.context())
  }

  test('a client is asked one question, whose refusal says what it lacks', async () => {
    await using lets = await serve(() => ok('{"display_name":"TikTok"}'))
    expect(await inspect(lets.origin)).toMatchObject({ works: true, who: 'client key-of-nobody' })
    expect(lets.calls).toHaveLength(1)
    await using refuses = await serve(() => refusal(401, 'scope_not_authorized', 'no'))
    await expect(inspect(refuses.origin)).rejects.toMatchObject({
      fault: { kind: 'misconfigured', advice: expect.stringContaining('no Research approval') },
    })
    expect(refuses.calls).toHaveLength(1)
  })

  test('with the day used up it says that this cannot be known', async () => {
    await using server = await serve(() => refusal(429, 'daily_quota_limit_exceeded', 'limit'))
    const { works, who } = await inspect(server.origin)
    expect(works).toBe(true)
    expect(who).toContain('cannot be asked')
  })

  test('a token says whom to list', async () => {
    await using server = await serve(() => fixture('own-user'))
    expect(await inspect(server.origin, OWN)).toMatchObject({ who: '@ada.bakes', ownId: OPEN_ID })
  })
})
