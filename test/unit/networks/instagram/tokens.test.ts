import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import { type Access, accessOf } from '../../../../src/networks/instagram/access.ts'
import { openInstagramSandbox } from '../../../../src/networks/instagram/sandbox.ts'
import { inspect, refresh } from '../../../../src/networks/instagram/tokens.ts'
import { startSandbox, type TestSandbox } from '../../../support/sandbox.ts'

const DAY = 86_400_000

let sandbox: TestSandbox
let http: ReturnType<typeof openHttp>
const { signal } = new AbortController()

beforeEach(async () => {
  sandbox = await startSandbox({ openers: { instagram: openInstagramSandbox } })
  http = openHttp({ redactor: new Redactor(), clock: sandbox.clock })
})
afterEach(async () => {
  await http.close()
  await sandbox.close()
})

const access = (token: string, app = true): Access =>
  accessOf(
    {
      kind: 'user token',
      name: 'instagram-1',
      values: {
        access_token: token,
        ...(app
          ? {
              app_id: sandbox.environment.SOCSYNC_INSTAGRAM_APP_ID ?? '',
              app_secret: sandbox.environment.SOCSYNC_INSTAGRAM_APP_SECRET ?? '',
            }
          : {}),
      },
    },
    sandbox.origin,
  )

const inDays = (days: number): string => new Date(sandbox.clock.now() + days * DAY).toISOString()

describe('inspect', () => {
  it('says what a person’s token is and when it ends', async () => {
    const state = await inspect(access('EAAJsandboxUser'), http, signal)
    expect(state).toMatchObject({
      valid: true,
      type: 'USER',
      appId: '645600000000077',
      issuedAt: inDays(-30),
      expiresAt: inDays(30),
      problem: null,
    })
    expect(state.scopes).toContain('instagram_manage_insights')
  })

  it('says that a system user’s never ends, also where only the token is known', async () => {
    const state = await inspect(access('EAAJsandboxSystemUser', false), http, signal)
    expect(state).toMatchObject({ valid: true, expiresAt: 'never' })
  })

  it('says why a token is dead', async () => {
    const state = await inspect(access('EAAJsandboxExpired'), http, signal)
    expect(state.valid).toBe(false)
    expect(state.problem).not.toBeNull()
  })

  it('asks the account itself on the Instagram side', async () => {
    const state = await inspect(access('IGAAJsandboxInstagram'), http, signal)
    expect(state).toMatchObject({
      valid: true,
      userId: sandbox.environment.SOCSYNC_INSTAGRAM_USER_ID,
      expiresAt: null,
    })
    expect(await inspect(access('IGAAgarbage'), http, signal)).toMatchObject({
      valid: false,
      problem: expect.stringContaining('190'),
    })
  })
})

describe('refresh', () => {
  it.each(['EAAJsandboxUser', 'IGAAJsandboxNearExpiry'])('gives %s sixty more days', async token => {
    const renewed = await refresh(access(token), http, signal)
    expect(renewed.token).not.toBe(token)
    expect(renewed.expiresAt).toBe(inDays(60))
    expect(await inspect(access(renewed.token), http, signal)).toMatchObject({ valid: true })
  })

  it('is refused for what is dead or too young, and without the app', async () => {
    await expect(refresh(access('EAAJsandboxExpired'), http, signal)).rejects.toMatchObject({
      fault: { kind: 'unauthorised' },
    })
    await expect(refresh(access('IGAAJsandboxFresh'), http, signal)).rejects.toThrow('Instagram refused')
    await expect(refresh(access('EAAJsandboxUser', false), http, signal)).rejects.toThrow('id and the secret')
  })
})
