import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { YOUTUBE_ACCESS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const DAY = 86_400_000

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
beforeEach(async () => {
  sandbox = await startSandbox({ networks })
  folder = tempFolder()
})
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

type Variables = Readonly<Record<string, string>>

const INSTAGRAM: Variables = { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxNearExpiry' }
const GOOGLE: Variables = {
  SOCSYNC_YOUTUBE_CLIENT_ID: YOUTUBE_ACCESS.clientId,
  SOCSYNC_YOUTUBE_CLIENT_SECRET: YOUTUBE_ACCESS.clientSecret,
  SOCSYNC_YOUTUBE_REFRESH_TOKEN: YOUTUBE_ACCESS.refreshToken,
}
const CREDENTIALS = /^SOCSYNC_\w+_(ACCESS_TOKEN|USER_ID|APP_ID|APP_SECRET|API_KEY|CLIENT_KEY|CLIENT_SECRET)$/

/** Nothing but the given credentials, and a home of the test's own. */
const bare = (variables: Variables): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(sandbox.env).filter(([name]) => !CREDENTIALS.test(name))),
  XDG_CONFIG_HOME: folder.path,
  ...variables,
})

/** `socsync` with these credentials. */
const call = (args: readonly string[], variables: Variables): Promise<Ended> =>
  socsync(args, { cwd: folder.path, env: bare(variables) })

interface Told {
  readonly credential: string
  readonly works: boolean | null
  readonly [key: string]: unknown
}

const ask = async (
  what: 'status' | 'refresh',
  variables: Variables,
  ...flags: readonly string[]
): Promise<{ code: number | null; told: readonly Told[]; stderr: string }> => {
  const { code, stdout, stderr } = await call(['auth', what, '--json', ...flags], variables)
  return { code, told: stdout === '' ? [] : JSON.parse(stdout).credentials, stderr }
}

/** That moment by the sandbox's clock, to the minute: a process's own clock runs on a little. */
const inDays = (days: number): string =>
  expect.stringContaining(new Date(sandbox.clock.now() + days * DAY).toISOString().slice(0, 16))
const kept = () => folder.file('socsync/credentials.json')
const entries = async (network: string): Promise<Record<string, string>[]> =>
  JSON.parse(await readFile(kept(), 'utf8'))[network]
const asked = (path: string): number =>
  sandbox.log.calls.filter(one => `${one.path} ${one.status}`.includes(path)).length

/** A user's token of TikTok, in a credentials file, with the client that renews it. */
const tiktokFile = async (): Promise<string> => {
  const file = folder.file('tokens.credentials.json')
  const client = {
    client_key: sandbox.environment.SOCSYNC_TIKTOK_CLIENT_KEY,
    client_secret: sandbox.environment.SOCSYNC_TIKTOK_CLIENT_SECRET,
  }
  const pair = {
    name: 'ada',
    access_token: DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN,
    refresh_token: DISPLAY.SOCSYNC_TIKTOK_REFRESH_TOKEN,
  }
  await writeFile(file, JSON.stringify({ tiktok: [{ ...pair, ...client }] }), { mode: 0o600 })
  return file
}

describe('auth status', () => {
  test('tells of every credential who it is, what it may do, until when, and whether it works', async () => {
    const { code, told } = await ask('status', sandbox.environment)
    expect(code).toBe(0)
    expect(told).toMatchObject([
      {
        credential: 'instagram-1',
        works: true,
        who: 'system user 122100000000000555',
        permissions: expect.arrayContaining(['instagram_basic', 'instagram_manage_comments']),
        expires_at: 'never',
      },
      { credential: 'youtube-1', works: true, permissions: null, expires_at: 'never' },
      { credential: 'tiktok-1', works: true, expires_at: null },
    ])
    const { stdout } = await call(['auth', 'status'], sandbox.environment)
    expect(stdout).toContain('instagram-1 (user token) works\n  who          system user')
    expect(stdout).toMatch(/tiktok-1 .*works\n {2}who {6}client \w+\n {2}expires {2}not known/)
  })

  test('ends with 5 where one of several is dead, and says why', async () => {
    const app = sandbox.environment
    const { code, told } = await ask('status', {
      SOCSYNC_INSTAGRAM_ACCESS_TOKEN:
        'EAAJsandboxUser,EAAJsandboxExpired,EAAJsandboxRevoked,EAAJnobodyKnowsThisOne',
      SOCSYNC_INSTAGRAM_APP_ID: `${app.SOCSYNC_INSTAGRAM_APP_ID},,,`,
      SOCSYNC_INSTAGRAM_APP_SECRET: `${app.SOCSYNC_INSTAGRAM_APP_SECRET},,,`,
      SOCSYNC_YOUTUBE_API_KEY: YOUTUBE_ACCESS.disabledApiKey,
    })
    expect(code).toBe(5)
    expect(told.map(({ credential, works }) => [credential, works])).toEqual([
      ['instagram-1', true],
      ['instagram-2', false],
      ['instagram-3', false],
      ['instagram-4', false],
      ['youtube-1', false],
    ])
    expect(told[0]).toMatchObject({ expires_at: inDays(30), error_type: null, problem: null })
    for (const dead of told.slice(1)) {
      expect(dead).toMatchObject({ error_type: 'unauthorised', problem: expect.stringMatching(/\w+/) })
    }
  })

  test('asks as a run would: permissions of a refresh token, an account of the Instagram side', async () => {
    const { code, told } = await ask('status', {
      ...GOOGLE,
      SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxInstagram',
    })
    expect(code).toBe(0)
    expect(told).toMatchObject([
      { credential: 'instagram-1', who: expect.stringMatching(/^@\w+/), expires_at: null },
      { credential: 'youtube-1', permissions: ['youtube.force-ssl'], expires_at: null },
    ])
    const revoked = { ...GOOGLE, SOCSYNC_YOUTUBE_REFRESH_TOKEN: YOUTUBE_ACCESS.revokedRefreshToken }
    const dead = await ask('status', revoked)
    expect([dead.code, dead.told[0]?.works]).toEqual([5, false])
  })

  test("charges what the network counts to the ledger of the database, and to nobody's run", async () => {
    const { SOCSYNC_YOUTUBE_API_KEY = '' } = sandbox.environment
    const key = { SOCSYNC_YOUTUBE_API_KEY }
    const [channel = ''] = sandbox.entities('youtube', 1)
    const db = folder.file('socsync.db')
    expect((await call(['run', '--network', 'youtube', '--scope', 'profile', channel], key)).code).toBe(0)
    const used = () => query(db, "select used from quota where pool = 'default'")
    const counted = () =>
      sandbox.sandboxes
        .get('youtube')
        ?.quota()
        .find(({ pool }) => pool === 'default')?.used
    expect(used()).toEqual([{ used: 1 }])
    expect((await ask('status', key)).code).toBe(0)
    expect([used(), counted()]).toEqual([[{ used: 2 }], 2])
    expect(query(db, 'select sum(units) as units from run_costs')).toEqual([{ units: 1 }])
  })

  test('against the built-in sandbox leaves the credentials of environment and file alone', async () => {
    const { code, told } = await ask(
      'status',
      {
        SOCSYNC_CLOCK: '',
        SOCSYNC_TIKTOK_ACCESS_TOKEN: 'act.of-a-real-person',
        SOCSYNC_INSTAGRAM_ACCESS_TOKEN_FILE: '/nowhere',
        SOCSYNC_YOUTUBE_PROJECT: 'a,b',
      },
      '--sandbox',
      '--credentials',
      '/nowhere',
    )
    expect([code, told.map(({ kind, works }) => [kind, works])]).toEqual([
      0,
      [
        ['user token', true],
        ['API key', true],
        ['research client', true],
      ],
    ])
  })

  test('ends with 75 where a network cannot be reached, with 5 where nothing is set, with 2 for what is no network', async () => {
    const away = await ask('status', { ...GOOGLE, SOCSYNC_YOUTUBE_BASE_URL: 'http://127.0.0.1:1' })
    expect([away.code, away.told[0]?.works]).toEqual([75, null])
    expect(away.told[0]?.problem).toMatch(/\w+/)
    const none = await ask('status', {})
    expect([none.code, none.stderr]).toEqual([5, expect.stringContaining('no network has a credential')])
    const other = await ask('status', INSTAGRAM, '--network', 'youtube')
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining('SOCSYNC_YOUTUBE_API_KEY')])
    const wrong = await ask('status', INSTAGRAM, '--network', 'instagran')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('instagram')])
  })
})

describe('what is set in part', () => {
  test('a half of a credential is named beside the others that are whole, with what to set, and ends with 5', async () => {
    const { code, told } = await ask('status', { ...INSTAGRAM, SOCSYNC_TIKTOK_CLIENT_KEY: 'aw1' })
    expect(code).toBe(5)
    expect(told).toMatchObject([
      { credential: 'instagram-1', works: true, own_id: expect.any(String) },
      {
        credential: 'tiktok',
        works: false,
        own_ids: [],
        error_type: 'misconfigured',
        problem: 'TikTok has no credential; only SOCSYNC_TIKTOK_CLIENT_KEY is set',
        advice: expect.stringContaining('SOCSYNC_TIKTOK_CLIENT_SECRET'),
      },
    ])
    const { stdout } = await call(['auth', 'status'], { ...INSTAGRAM, SOCSYNC_TIKTOK_CLIENT_KEY: 'aw1' })
    expect(stdout).toMatch(
      /^tiktok \(not whole\) is set up wrong\n {2}problem {2}TikTok has no credential; only/m,
    )
  })

  test('where nobody said which account asks, each that may be listed has its id', async () => {
    const { SOCSYNC_INSTAGRAM_USER_ID: _, ...nameless } = sandbox.environment
    const { told } = await ask('status', nameless, '--network', 'instagram')
    const [mine] = told
    const { own_id: first, own_ids: ids, who } = mine ?? ({} as Partial<Told>)
    expect(ids).toHaveLength((String(who).match(/@/g) ?? [1]).length)
    expect(ids).toContain(first)
    for (const id of ids as string[]) expect(id).toMatch(/^\d{15,}$/)
  })
})

describe('auth refresh', () => {
  test('keeps a long-lived token of Instagram, readable by its owner alone, and the next process has it', async () => {
    const { code, told } = await ask('refresh', INSTAGRAM)
    expect(code).toBe(0)
    expect(told).toMatchObject([{ credential: 'instagram-1', renewed: true, expires_at: inDays(60) }])
    expect((await stat(kept())).mode & 0o777).toBe(0o600)
    const [entry] = await entries('instagram')
    expect(entry).toMatchObject({ name: 'instagram-1', expires_at: inDays(60) })
    expect(entry?.access_token).toMatch(/^IGAAJsandboxNearExpiryZD/)

    sandbox.advance(3 * DAY)
    expect(await ask('status', INSTAGRAM)).toMatchObject({ code: 0, told: [{ expires_at: inDays(57) }] })
  })

  test('leaves alone what never ends, and what cannot be renewed', async () => {
    const { code, told } = await ask('refresh', sandbox.environment)
    expect(code).toBe(0)
    expect(told.map(({ renewed }) => renewed)).toEqual([false, false, false])
    await expect(stat(kept())).rejects.toThrow('ENOENT')
  })

  test('proves a refresh token of Google, and writes nothing', async () => {
    expect(await ask('refresh', GOOGLE)).toMatchObject({ code: 0, told: [{ renewed: true }] })
    await expect(stat(kept())).rejects.toThrow('ENOENT')
  })

  test('says so where the network refuses: a token too young, one that is dead', async () => {
    const young = await ask('refresh', { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxFresh' })
    expect(young).toMatchObject({ code: 3, told: [{ works: null, error_type: 'rejected' }] })
    const dead = await ask('refresh', { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJnobodyKnowsThisOne' })
    expect(dead).toMatchObject({ code: 5, told: [{ works: false, error_type: 'unauthorised' }] })
  })

  test('a rotated pair of TikTok: two at once spend the old refresh token once, and both are well', async () => {
    const file = await tiktokFile()
    sandbox.setSwitch('slow', { match: '/v2/oauth/', value: 700 })
    const flags = ['--credentials', file]
    const both = await Promise.all([ask('refresh', {}, ...flags), ask('refresh', {}, ...flags)])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both[0].told).toMatchObject([{ credential: 'ada', renewed: true, expires_at: inDays(365) }])
    expect(asked('/v2/oauth/token/ 400')).toBe(0)
    const after = await ask('status', {}, ...flags)
    expect(after).toMatchObject({
      code: 0,
      told: [{ who: '@ada.bakes', permissions: expect.arrayContaining(['video.list']) }],
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })
})

describe('a run', () => {
  test('renews a token of Instagram whose end it does not know, or that is near, and no other', async () => {
    const id = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
    const run = async () =>
      (await call(['run', '--network', 'instagram', '--scope', 'profile', id], INSTAGRAM)).code
    const renewals = (): number => asked('/refresh_access_token 200')
    expect([await run(), renewals()]).toEqual([0, 1])
    expect([await run(), renewals()]).toEqual([0, 1])
    sandbox.advance(44 * DAY)
    expect([await run(), renewals()]).toEqual([0, 1])
    sandbox.advance(2 * DAY)
    expect([await run(), renewals()]).toEqual([0, 2])
    expect(await entries('instagram')).toMatchObject([{ expires_at: inDays(60) }])
  })

  test('goes on with a token of Instagram that cannot be renewed yet, and asks again a day later', {
    tags: ['long'],
  }, async () => {
    const fresh = { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxFresh' }
    const id = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
    const run = async () =>
      (await call(['run', '--network', 'instagram', '--scope', 'profile', id], fresh)).code
    expect([await run(), asked('/refresh_access_token')]).toEqual([0, 1])
    expect([await run(), asked('/refresh_access_token')]).toEqual([0, 1])
    sandbox.advance(DAY + 60_000)
    expect([await run(), asked('/refresh_access_token 200')]).toEqual([0, 1])
  })

  test('renews a dead pair of TikTok; of two at once neither loses it', { tags: ['long'] }, async () => {
    const file = await tiktokFile()
    await ask('refresh', {}, '--credentials', file)
    const openId = JSON.parse(await readFile(file, 'utf8')).tiktok[0].open_id
    const run = (db: string) =>
      call(
        ['run', '--network', 'tiktok', '--scope', 'profile', '--credentials', file, '--db', db, '--', openId],
        {},
      )
    const before = asked('/v2/oauth/token/ 200')
    expect((await run('one.db')).code).toBe(0)
    expect(asked('/v2/oauth/token/ 200')).toBe(before)
    sandbox.advance(2 * DAY)
    sandbox.setSwitch('slow', { match: '/v2/oauth/', value: 700 })
    const both = await Promise.all([run('two.db'), run('three.db')])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(asked('/v2/oauth/token/ 200')).toBe(before + 1)
    expect(asked('/v2/oauth/token/ 400')).toBe(0)
  })
})
