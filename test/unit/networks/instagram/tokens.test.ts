import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exactly } from '../../../../src/core/stream.ts'
import { Lane } from '../../../../src/engine/lane.ts'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import { type Access, accessOf } from '../../../../src/networks/instagram/access.ts'
import { credentialCheck } from '../../../../src/networks/instagram/credential-check.ts'
import { openInstagramSandbox } from '../../../../src/networks/instagram/sandbox.ts'
import { inspect, refresh } from '../../../../src/networks/instagram/tokens.ts'
import { startSandbox, type TestSandbox } from '../../../support/sandbox.ts'
import { openInstagram, openMemory } from './harness.ts'

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

describe('what `auth status` tells', () => {
  const OWN = '17841273339442756'
  const look = async (values: Readonly<Record<string, string>>) => {
    const lane = new Lane({
      runId: null,
      source: openInstagram(values, { baseUrl: sandbox.origin, http, clock: sandbox.clock }),
      concurrency: exactly(1),
      ledger: {
        charge: async () => null,
        turn: async () => 0,
        takeBack: async () => {},
        exhaust: async () => {},
        machines: null,
      },
      clock: sandbox.clock,
      emit: () => {},
      maxWaitMs: 0,
      random: () => 0,
    })
    const memory = openMemory()
    const credential = { kind: 'user token', name: 'instagram-1', values: { access_token: '', ...values } }
    return credentialCheck.inspect(
      {
        credential,
        baseUrl: sandbox.origin,
        http,
        clock: sandbox.clock,
        memory,
        insights: {},
        renew: async stale => stale,
      },
      lane.context(signal),
    )
  }

  it('a token that lives is of no use once the access to data has ended', async () => {
    const told = await look({ access_token: 'EAAJsandboxDataAccessEnded', user_id: OWN })
    expect(told).toMatchObject({ works: false, problem: expect.stringContaining('ended on') })
    expect(told.problem).toContain(inDays(-10).slice(0, 10))
  })

  it('names the permissions that it lacks', async () => {
    const told = await look({ access_token: 'EAAJsandboxWithoutBasic' })
    expect(told).toMatchObject({ works: false, problem: expect.stringContaining('instagram_basic') })
    const insights = { access_token: 'EAAJsandboxWithoutInsights' }
    expect(await look({ ...insights, user_id: OWN })).toMatchObject({
      works: false,
      problem: 'it has no permission for instagram_manage_insights',
    })
    // An own account is read without it.
    expect(await look(insights)).toMatchObject({ works: true, problem: null })
  })

  it('says which id to list', async () => {
    expect(await look({ access_token: 'EAAJsandboxSystemUser', user_id: OWN })).toMatchObject({ ownId: OWN })
    expect(await look({ access_token: 'IGAAJsandboxInstagram' })).toMatchObject({
      ownId: OWN,
      who: '@north.pier',
    })
    const several = await look({ access_token: 'EAAJsandboxUser' })
    expect(several).toMatchObject({ works: true, ownId: OWN })
    expect(several.who).toMatch(/@north\.pier 17841\d+, @north\.pier\.roasters 17841\d+/)
  })

  it.each([
    ['108000000000001', 'instagram_business_account'],
    ['north.pier', 'neither the id of its Page nor a name'],
    ['17841499999999999', 'not granted to this token'],
  ])('finds that %s is not the id that is wanted', async (id, advice) => {
    const told = await look({ access_token: 'EAAJsandboxSystemUser', user_id: id })
    expect(told).toMatchObject({ works: false, problem: expect.stringContaining(advice) })
    expect(told).not.toHaveProperty('ownId')
  })
})
