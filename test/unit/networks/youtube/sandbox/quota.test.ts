import { expect, test } from 'vitest'
import { ERROR_FORMS } from '../../../../../src/networks/youtube/sandbox/error-forms.ts'
import { YOUTUBE_ACCESS, YOUTUBE_SPECIALS } from '../../../../../src/networks/youtube/sandbox.ts'
import { type Opened, open } from './open.ts'

const { channels, forms } = YOUTUBE_SPECIALS
const channel = { part: 'id', id: channels.big }
const ask = ({ ask: send }: Opened) => send('channels', channel)

test.each([
  ['summer time', Date.UTC(2026, 9, 2, 7)],
  ['the night after the clocks went back', Date.UTC(2026, 10, 2, 8)],
  ['the night before they go forward', Date.UTC(2027, 2, 14, 8)],
  ['the night after', Date.UTC(2027, 2, 15, 7)],
])('the day begins at midnight in Los Angeles: %s', (_, midnight) => {
  const opened = open({ rules: [{ name: 'default-allowance', value: 2 }] })
  opened.setNow(midnight - 1)
  expect([ask(opened), ask(opened), ask(opened)].map(({ status }) => status)).toEqual([200, 200, 403])
  expect(opened.used()).toEqual({ 'project-1 default': 2 })
  opened.setNow(midnight)
  expect(opened.used()).toEqual({})
  expect(ask(opened).status).toBe(200)
})

test('each pool is charged by its own methods, for what is invalid too, to the project of the key', () => {
  const opened = open()
  ask(opened)
  expect(opened.ask('videos', { part: 'nonsense' }).status).toBe(400)
  opened.ask('search', { part: 'id', channelId: channels.big })
  opened.ask('videos:batchGetStats', { part: 'id', id: forms.short })
  opened.askBare('channels', { ...channel, key: YOUTUBE_ACCESS.secondApiKey })
  opened.askBare('channels', { ...channel, key: YOUTUBE_ACCESS.otherProjectApiKey })
  opened.askBare('channels', { ...channel, key: 'nonsense' })
  opened.askBare('channels', channel)
  expect(opened.used()).toEqual({
    'project-1 default': 3,
    'project-1 search': 1,
    'project-1 batch-stats': 1,
    'project-2 default': 1,
  })
})

test('a day that is used up has two forms, and more by switch', () => {
  const exhausted = (rules: { name: string; value: string | number }[], method: string, query: object) =>
    open({ rules }).ask(method, { part: 'id', ...query })
  const none = { name: 'default-allowance', value: 0 }
  expect(exhausted([none], 'channels', channel).body.error).toMatchObject({
    code: 403,
    errors: [
      {
        domain: 'youtube.quota',
        reason: 'quotaExceeded',
        debugInfo: expect.stringContaining('INSUFFICIENT_TOKENS'),
      },
    ],
  })
  expect(exhausted([none], 'channels', channel).body.error).not.toHaveProperty('status')
  for (const [pool, method, query] of [
    ['search', 'search', {}],
    ['batch-stats', 'videos:batchGetStats', { id: 'x' }],
  ] as const) {
    expect(exhausted([{ name: `${pool}-allowance`, value: 0 }], method, query).body.error).toMatchObject({
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      errors: [{ reason: 'rateLimitExceeded' }],
      details: [
        {
          metadata: {
            quota_unit: '1/d/{project}',
            quota_limit: expect.stringMatching(/PerDay/),
            quota_limit_value: '0',
          },
        },
      ],
    })
  }
  const older = [none, { name: 'quota-form', value: 'dailyLimitExceeded' }]
  expect(exhausted(older, 'channels', channel).refusal).toEqual([403, 'dailyLimitExceeded'])
})

test('so many a minute, by switch', () => {
  const opened = open({
    rules: [
      { name: 'per-minute', value: 2 },
      { name: 'retry-after', value: 7 },
    ],
  })
  const statuses = [ask(opened), ask(opened), ask(opened)]
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(statuses[2]?.headers['retry-after']).toBe('7')
  expect(statuses[2]?.text).toContain('1/min/{project}')
  opened.setNow(Date.UTC(2026, 9, 1, 0, 1))
  expect(ask(opened).status).toBe(200)
})

test.each(Object.entries(ERROR_FORMS))('the switch error: %s', (name, form) => {
  const opened = open({ rules: [{ name: 'error', value: name, match: 'channels', times: 1 }] })
  const { status, body } = ask(opened)
  expect([status, body.error]).toMatchObject([
    form.status,
    { code: form.status, message: form.message, errors: [{ reason: form.reason, domain: form.domain }] },
  ])
  expect(ask(opened).status).toBe(200)
  expect(opened.used()).toEqual({ 'project-1 default': 2 })
})

const refresh = {
  grant_type: 'refresh_token',
  client_id: YOUTUBE_ACCESS.clientId,
  client_secret: YOUTUBE_ACCESS.clientSecret,
}

const postToken = (opened: Opened, form: Record<string, string>) =>
  opened.send({ method: 'POST', path: '/token', body: new URLSearchParams(form).toString() })

test('the token endpoint renews, and says what is wrong', () => {
  const opened = open()
  const renewed = postToken(opened, { ...refresh, refresh_token: YOUTUBE_ACCESS.refreshToken })
  expect(renewed.body).toEqual({
    access_token: expect.stringMatching(/^ya29\./),
    expires_in: 3599,
    scope: expect.stringMatching(/force-ssl$/),
    token_type: 'Bearer',
  })
  const refused = [
    postToken(opened, { ...refresh, refresh_token: YOUTUBE_ACCESS.revokedRefreshToken }),
    postToken(opened, { ...refresh, refresh_token: YOUTUBE_ACCESS.refreshToken, client_secret: 'x' }),
    postToken(opened, { ...refresh, grant_type: 'password' }),
    postToken(opened, {}),
  ]
  expect(refused.map(({ status, body }) => [status, body.error])).toEqual([
    [400, 'invalid_grant'],
    [401, 'invalid_client'],
    [400, 'unsupported_grant_type'],
    [400, 'invalid_request'],
  ])
})

test('the token endpoint fails, and gives shorter lives, by switch', () => {
  const opened = open({
    rules: [
      { name: 'token-error', value: 'internal_failure', times: 1 },
      { name: 'token-lifetime', value: 60 },
    ],
  })
  const form = { ...refresh, refresh_token: YOUTUBE_ACCESS.refreshToken }
  expect(postToken(opened, form)).toMatchObject({ status: 500, body: { error: 'internal_failure' } })
  const { access_token, expires_in } = postToken(opened, form).body
  expect(expires_in).toBe(60)
  const headers = { authorization: `Bearer ${access_token}` }
  opened.setNow(Date.UTC(2026, 9, 1, 0, 0, 59))
  expect(opened.askBare('channels', channel, headers).status).toBe(200)
  opened.setNow(Date.UTC(2026, 9, 1, 0, 1))
  expect(opened.askBare('channels', channel, headers).status).toBe(401)
})

test('an access token is taken in three places, for an hour, by its permission', () => {
  const opened = open()
  const tokenOf = (name: 'refreshToken' | 'readonlyRefreshToken') =>
    String(postToken(opened, { ...refresh, refresh_token: YOUTUBE_ACCESS[name] }).body.access_token)
  const token = tokenOf('refreshToken')
  const threads = { part: 'id', allThreadsRelatedToChannelId: channels.threads }
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
  expect(opened.askBare('channels', channel, bearer(token)).status).toBe(200)
  expect(opened.askBare('channels', { ...channel, access_token: token }).status).toBe(200)
  expect(opened.askBare('channels', channel, { 'x-goog-api-key': YOUTUBE_ACCESS.apiKey }).status).toBe(200)
  expect(opened.askBare('commentThreads', threads, bearer(token)).status).toBe(200)
  const readonly = bearer(tokenOf('readonlyRefreshToken'))
  expect(opened.askBare('commentThreads', threads, readonly).refusal).toEqual([
    403,
    'insufficientPermissions',
  ])
  expect(opened.askBare('channels', channel, bearer(`${token}x`)).refusal).toEqual([401, 'authError'])
  opened.setNow(Date.UTC(2026, 9, 1, 1))
  expect(opened.askBare('channels', channel, bearer(token)).refusal).toEqual([401, 'authError'])
  expect(opened.askBare('channels', channel).refusal).toEqual([403, 'forbidden'])
})
