import { execFile } from 'node:child_process'
import { chmod, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CredentialSources,
  type Credentials,
  loadCredentials,
} from '../../../../src/app/credentials/credentials.ts'
import type { CredentialNetwork } from '../../../../src/app/credentials/environment.ts'
import { fingerprint } from '../../../../src/app/credentials/renewal.ts'
import { BadInput, NoCredential } from '../../../../src/core/errors.ts'
import { FaultError } from '../../../../src/core/fault.ts'
import type { Credential, CredentialValues } from '../../../../src/networks/contract.ts'
import { tempFolder } from '../../../support/cli.ts'

const field = (key: string, network: string, required = true, secret = true) => ({
  key,
  variable: `SOCSYNC_${network}_${key}`.toUpperCase(),
  required,
  secret,
})
const INSTAGRAM: CredentialNetwork = {
  name: 'instagram',
  title: 'Instagram',
  credentials: [
    {
      name: 'user token',
      quota: 'some',
      fields: [field('access_token', 'instagram'), field('user_id', 'instagram', false, false)],
    },
  ],
}
const TIKTOK: CredentialNetwork = {
  name: 'tiktok',
  title: 'TikTok',
  credentials: [
    {
      name: 'research client',
      quota: 'some',
      fields: [field('client_key', 'tiktok', true, false), field('client_secret', 'tiktok')],
    },
    {
      name: 'user token',
      quota: 'some',
      fields: [field('access_token', 'tiktok'), field('refresh_token', 'tiktok', false)],
    },
  ],
}

let temporary: ReturnType<typeof tempFolder>
let folder = ''
let fallbackFile = ''
beforeEach(() => {
  temporary = tempFolder()
  folder = temporary.path
  fallbackFile = join(folder, 'renewed.json')
})
afterEach(() => temporary[Symbol.dispose]())

const put = async (name: string, content: unknown, mode = 0o600): Promise<string> => {
  const file = join(folder, name)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  await chmod(file, mode)
  return file
}

const load = (sources: Partial<CredentialSources>) =>
  loadCredentials({ env: {}, file: null, fallbackFile, networks: [INSTAGRAM, TIKTOK], ...sources })

const refusal = async (loading: Promise<unknown>): Promise<BadInput> => {
  const error: unknown = await loading.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  return error as BadInput
}

describe('the environment', () => {
  test('gives credentials that pair by position', async () => {
    const credentials = await load({
      env: { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'EAA1, EAA2 ,EAA3', SOCSYNC_INSTAGRAM_USER_ID: '11,,33' },
    })
    expect(credentials.of(INSTAGRAM)).toEqual([
      { kind: 'user token', name: 'instagram-1', values: { access_token: 'EAA1', user_id: '11' } },
      { kind: 'user token', name: 'instagram-2', values: { access_token: 'EAA2' } },
      { kind: 'user token', name: 'instagram-3', values: { access_token: 'EAA3', user_id: '33' } },
    ])
    expect(credentials.secrets).toEqual(['EAA1', 'EAA2', 'EAA3'])
  })

  test('takes the first kind that is complete', async () => {
    const half = { SOCSYNC_TIKTOK_CLIENT_KEY: 'key', SOCSYNC_TIKTOK_ACCESS_TOKEN: 'act.1' }
    expect((await load({ env: half })).of(TIKTOK)).toMatchObject([{ kind: 'user token' }])
    const both = { ...half, SOCSYNC_TIKTOK_CLIENT_SECRET: 'hidden' }
    expect((await load({ env: both })).of(TIKTOK)).toEqual([
      { kind: 'research client', name: 'tiktok-1', values: { client_key: 'key', client_secret: 'hidden' } },
    ])
  })

  test('names variables and counts where lists are unequal', async () => {
    const env = { SOCSYNC_TIKTOK_CLIENT_KEY: 'a,b', SOCSYNC_TIKTOK_CLIENT_SECRET: 'EAAsecret' }
    const error = await refusal(load({ env }))
    expect(error.message).toBe(
      'lists of different lengths: SOCSYNC_TIKTOK_CLIENT_KEY 2, SOCSYNC_TIKTOK_CLIENT_SECRET 1',
    )
  })

  test.each([
    ['EAA1,', 'SOCSYNC_INSTAGRAM_ACCESS_TOKEN is empty at position 2'],
    ['EAA1\nX-Evil: 1', 'SOCSYNC_INSTAGRAM_ACCESS_TOKEN holds a space, a line break'],
    ['EAA\u200b1', 'SOCSYNC_INSTAGRAM_ACCESS_TOKEN holds a space, a line break'],
  ])('refuses %j and does not show it', async (token, message) => {
    const error = await refusal(load({ env: { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: token } }))
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('EAA')
  })

  test('may name a file, whose last line end does not count', async () => {
    const file = await put('token', 'EAA1,EAA2\r\n', 0o644)
    const env = { SOCSYNC_INSTAGRAM_ACCESS_TOKEN_FILE: file }
    expect((await load({ env })).secrets).toEqual(['EAA1', 'EAA2'])
    const both = { ...env, SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'EAA3' }
    expect((await refusal(load({ env: both }))).message).toBe(
      'SOCSYNC_INSTAGRAM_ACCESS_TOKEN and SOCSYNC_INSTAGRAM_ACCESS_TOKEN_FILE are both set',
    )
    const missing = { SOCSYNC_INSTAGRAM_ACCESS_TOKEN_FILE: join(folder, 'none') }
    expect((await refusal(load({ env: missing }))).message).toBe(
      `SOCSYNC_INSTAGRAM_ACCESS_TOKEN_FILE: ${join(folder, 'none')} does not exist`,
    )
  })

  test('may be what systemd hands over', async () => {
    await put('socsync_instagram_access_token', 'EAA1\n', 0o400)
    const env = { CREDENTIALS_DIRECTORY: folder }
    expect((await load({ env })).secrets).toEqual(['EAA1'])
    expect((await load({ env: { ...env, SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'EAA2' } })).secrets).toEqual([
      'EAA2',
    ])
  })

  test('says what to set where nothing is', async () => {
    const credentials = await load({
      env: { SOCSYNC_TIKTOK_CLIENT_KEY: 'key', SOCSYNC_TIKTOK_CLIENT_SECRET: '' },
    })
    expect(() => credentials.of(TIKTOK)).toThrow(NoCredential)
    expect(() => credentials.of(TIKTOK)).toThrow(
      expect.objectContaining({
        message: 'TikTok has no credential; only SOCSYNC_TIKTOK_CLIENT_KEY is set',
        hint:
          'set SOCSYNC_TIKTOK_CLIENT_KEY and SOCSYNC_TIKTOK_CLIENT_SECRET, or SOCSYNC_TIKTOK_ACCESS_TOKEN, ' +
          'or name a credentials file with --credentials',
      }),
    )
  })
})

describe('the credentials file', () => {
  test('gives entries by network, each with a name', async () => {
    const file = await put('c.json', {
      instagram: [
        { access_token: 'EAA1', user_id: '178' },
        { name: 'press', access_token: 'EAA2' },
      ],
      tiktok: [{ client_key: 'k', client_secret: 's1' }, { access_token: 'act.1' }],
    })
    const credentials = await load({ file })
    expect(credentials.of(INSTAGRAM)).toEqual([
      { kind: 'user token', name: 'instagram-1', values: { access_token: 'EAA1', user_id: '178' } },
      { kind: 'user token', name: 'press', values: { access_token: 'EAA2' } },
    ])
    expect(credentials.of(TIKTOK).map(({ kind }) => kind)).toEqual(['research client', 'user token'])
    expect(credentials.secrets).toEqual(['EAA1', 'EAA2', 's1', 'act.1'])
  })

  test('replaces what the environment calls by the same name, and adds to the rest', async () => {
    const file = await put('c.json', {
      instagram: [{ access_token: 'file' }, { name: 'x', access_token: 'more' }],
    })
    const credentials = await load({ file, env: { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'env1,env2' } })
    expect(credentials.of(INSTAGRAM).map(({ name, values }) => [name, values.access_token])).toEqual([
      ['instagram-1', 'file'],
      ['instagram-2', 'env2'],
      ['x', 'more'],
    ])
  })

  test.each([0o640, 0o604, 0o660, 0o644])(
    'of mode %o is refused, with the command that mends it',
    async mode => {
      const file = await put('c.json', { instagram: [{ access_token: 'EAA1' }] }, mode)
      const error = await refusal(load({ file }))
      expect(error.message).toBe(`the credentials file ${file} is open to other users`)
      expect(error.hint).toBe(`chmod 600 ${file}`)
    },
  )

  test.each([
    [{ instagrm: [] }, '"instagrm" in', 'did you mean "instagram"?'],
    [
      { instagram: [{ acces_token: 'EAAsecret' }] },
      '"acces_token" in instagram[0]',
      'did you mean "access_token"?',
    ],
    [{ instagram: [{ access_token: 'EAAsecret', user_id: 178 }] }, 'user_id of instagram[0]', ''],
    [{ instagram: [{ user_id: '178' }] }, 'instagram[0] in', 'give access_token'],
    [{ instagram: [{ access_token: 'EAAsecret\n' }] }, 'access_token of instagram[0]', ''],
    [{ instagram: { access_token: 'EAAsecret' } }, '"instagram" in', ''],
    [{ instagram: [{ name: 'a b', access_token: 'EAAsecret' }] }, 'name of instagram[0]', ''],
    [
      {
        instagram: [
          { name: 'a', access_token: '1' },
          { name: 'a', access_token: '2' },
        ],
      },
      'are called "a"',
      '',
    ],
    ['{"instagram": [{"access_token": "EAAsecret}]}', 'line 1, column 33', ''],
  ])('%j is refused without its values', async (content, message, hint) => {
    const error = await refusal(load({ file: await put('c.json', content) }))
    expect(error.message).toContain(message)
    expect(error.message).toContain('c.json')
    expect(error.hint ?? '').toContain(hint)
    expect(`${error.stack} ${error.hint} ${String(error.cause)}`).not.toContain('EAAsecret')
  })

  test('must be there where it was named, and need not be where it was not', async () => {
    const file = join(folder, 'none.json')
    expect((await refusal(load({ file }))).message).toBe(`the credentials file ${file} does not exist`)
    await expect(load({})).resolves.toBeDefined()
  })
})

describe('renewed tokens', () => {
  const keep = (credentials: Credentials, credential: Credential, values: CredentialValues) =>
    credentials.renew(TIKTOK, credential, credential.values, async () => values)
  const env = { SOCSYNC_TIKTOK_ACCESS_TOKEN: 'act.1,act.2', SOCSYNC_TIKTOK_REFRESH_TOKEN: 'rft.1,rft.2' }
  const valuesOf = async (sources: Partial<CredentialSources>) =>
    (await load(sources)).of(TIKTOK).map(({ values }) => `${values.access_token} ${values.refresh_token}`)

  test('win over the environment that they came from, again and again', async () => {
    const first = await load({ env })
    await keep(first, first.of(TIKTOK)[1]!, { access_token: 'act.9', refresh_token: 'rft.9' })
    expect(await valuesOf({ env })).toEqual(['act.1 rft.1', 'act.9 rft.9'])
    expect((await stat(fallbackFile)).mode & 0o777).toBe(0o600)
    const second = await load({ env })
    expect(second.secrets).toEqual(['act.1', 'rft.1', 'act.2', 'rft.2', 'act.9', 'rft.9'])
    await keep(second, second.of(TIKTOK)[1]!, { access_token: 'act.10' })
    expect(await valuesOf({ env })).toEqual(['act.1 rft.1', 'act.10 rft.9'])
    expect(await readdir(folder)).toEqual(['renewed.json'])
    expect(await readFile(fallbackFile, 'utf8')).not.toMatch(/act\.2|rft\.2/)
  })

  test('are forgotten once the environment has a new token, or none', async () => {
    const before = await load({ env })
    await keep(before, before.of(TIKTOK)[0]!, { access_token: 'act.9' })
    const changed = { ...env, SOCSYNC_TIKTOK_ACCESS_TOKEN: 'act.5,act.2' }
    expect(await valuesOf({ env: changed })).toEqual(['act.5 rft.1', 'act.2 rft.2'])
    const none = await load({})
    expect(() => none.of(TIKTOK)).toThrow(NoCredential)
    const after = await load({ env: changed })
    await keep(after, after.of(TIKTOK)[0]!, { access_token: 'act.6' })
    expect(await valuesOf({ env: changed })).toEqual(['act.6 rft.1', 'act.2 rft.2'])
  })

  test('of an entry of the file are written into it, and the others stay', async () => {
    const file = await put('c.json', {
      instagram: [{ access_token: 'EAA1' }],
      tiktok: [
        { client_key: 'k', client_secret: 's' },
        { access_token: 'act.1', refresh_token: 'rft.1' },
      ],
    })
    const credentials = await load({ file })
    await keep(credentials, credentials.of(TIKTOK)[1]!, { access_token: 'act.2' })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      instagram: [{ access_token: 'EAA1' }],
      tiktok: [
        { client_key: 'k', client_secret: 's' },
        { access_token: 'act.2', refresh_token: 'rft.1' },
      ],
    })
  })

  test('of several processes at once are all kept', async () => {
    const script = `
      import { renewing } from '${join(import.meta.dirname, '../../../../src/app/credentials/renewal.ts')}'
      for (let i = 0; i < 10; i++) {
        await renewing(process.argv[1], save => save({ network: 'tiktok', name: process.argv[2] + i, values: { access_token: 'a' }, renews: 'r' }))
      }`
    const run = promisify(execFile)
    await Promise.all(
      ['a', 'b', 'c'].map(name =>
        run(process.execPath, ['--input-type=module', '--eval', script, fallbackFile, name]),
      ),
    )
    const { tiktok } = JSON.parse(await readFile(fallbackFile, 'utf8')) as { tiktok: { name: string }[] }
    const names = tiktok.map(({ name }) => name).sort()
    expect(names).toEqual(['a', 'b', 'c'].flatMap(name => Array.from({ length: 10 }, (_, i) => name + i)))
    expect(await readdir(folder)).toEqual(['renewed.json'])
  })

  test('are made once by two who find the same token dead, and both get them', async () => {
    const [first, second] = [await load({ env }), await load({ env })]
    const made: string[] = []
    const make = async ({ refresh_token = '' }: CredentialValues): Promise<CredentialValues> => {
      made.push(refresh_token)
      return { access_token: `act.${made.length + 8}`, refresh_token: `rft.${made.length + 8}` }
    }
    const stale = first.of(TIKTOK)[0]!
    const values = await Promise.all(
      [first, second].map(credentials => credentials.renew(TIKTOK, stale, stale.values, make)),
    )
    expect(made).toEqual(['rft.1'])
    expect(values.map(({ access_token }) => access_token)).toEqual(['act.9', 'act.9'])
    expect(await second.renew(TIKTOK, stale, values[1]!, make)).toMatchObject({ access_token: 'act.10' })
    expect(made).toEqual(['rft.1', 'rft.9'])
  })

  test('are taken from the file where a refusal shows that somebody else renewed them, and only then', async () => {
    const credentials = await load({ env })
    const [stale] = credentials.of(TIKTOK)
    const refused = new FaultError({ kind: 'unauthorised', code: 'invalid_grant' }, 'refused')
    const renewed = credentials.renew(TIKTOK, stale!, stale!.values, async () => {
      await put('renewed.json', {
        tiktok: [{ name: stale!.name, renews: fingerprint(stale!.values), access_token: 'act.7' }],
      })
      throw refused
    })
    expect(await renewed).toMatchObject({ access_token: 'act.7', refresh_token: 'rft.1' })
    const again = credentials.renew(TIKTOK, stale!, await renewed, () => Promise.reject(refused))
    await expect(again).rejects.toBe(refused)
  })

  test('do not wait for a dead process', async () => {
    const lock = `${fallbackFile}.lock`
    await writeFile(lock, 'somebody')
    const past = new Date(Date.now() - 60_000)
    await utimes(lock, past, past)
    const credentials = await load({ env })
    await keep(credentials, credentials.of(TIKTOK)[0]!, { access_token: 'act.9' })
    expect(await readdir(folder)).toEqual(['renewed.json'])
  })

  test('go to a folder that is made for them, or nowhere', async () => {
    const place = join(folder, 'new', 'c.json')
    const credentials = await load({ env, fallbackFile: place })
    await keep(credentials, credentials.of(TIKTOK)[0]!, { access_token: 'act.9' })
    expect(await valuesOf({ env, fallbackFile: place })).toEqual(['act.9 rft.1', 'act.2 rft.2'])
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700)
    const nowhere = await load({ env, fallbackFile: null })
    await keep(nowhere, nowhere.of(TIKTOK)[0]!, { access_token: 'act.9' })
    expect(await readdir(folder)).toEqual(['new'])
  })

  test('that could not be written are not asked for: an old token is worth more than a lost one', async () => {
    await put('file', '')
    const place = join(folder, 'file', 'c.json')
    const credentials = await load({ env, fallbackFile: place })
    const [stale] = credentials.of(TIKTOK)
    let asked = false
    const make = async (): Promise<CredentialValues> => {
      asked = true
      return {}
    }
    const error = await refusal(credentials.renew(TIKTOK, stale!, stale!.values, make))
    expect(asked).toBe(false)
    expect(error.message).toMatch(/file\/c\.json cannot be written: /)
  })
})
