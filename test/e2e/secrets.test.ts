// @module-tag long
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import type { Json } from '../../src/core/json.ts'
import { TOKENS } from '../../src/networks/instagram/sandbox/tokens.ts'
import { networks } from '../../src/networks/registry.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { YOUTUBE_ACCESS } from '../../src/networks/youtube/sandbox.ts'
import { cellsOf } from '../support/artefact-texts.ts'
import { socsync, start, tempFolder } from '../support/cli.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { formsOf, searchFor } from '../support/secret-search.ts'
import { isGiven, SANDBOX_SECRETS, secretsOfFile } from '../support/secrets.ts'

/** With every character that is written otherwise in an address, in a form, in JSON or in HTML. */
const ODD = `"/+=%|&<'`
const DEAD = {
  instagram: [
    {
      name: 'dead',
      access_token: `EAAcanary${ODD}token-1`,
      app_id: '1',
      app_secret: `canary${ODD}app-secret-2`,
    },
  ],
  youtube: [
    { name: 'dead', api_key: `AIzacanary${ODD}key-3` },
    {
      name: 'dead-google',
      client_id: 'id',
      client_secret: `canary${ODD}google-4`,
      refresh_token: `1//canary${ODD}refresh-5`,
    },
  ],
  tiktok: [
    {
      name: 'dead',
      access_token: `act.canary${ODD}6`,
      refresh_token: `rft.canary${ODD}7`,
      client_key: 'key',
      client_secret: `canary${ODD}client-8`,
    },
  ],
}
const CANARIES = secretsOfFile(JSON.stringify(DEAD))
const SECRETS = new Map([...SANDBOX_SECRETS, ...CANARIES])
const search = searchFor(SECRETS)
const [living = '', another = ''] = Object.values(TOKENS)

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
/** What socsync said, by what it was asked. */
const said: { readonly args: string; readonly code: number | null; readonly text: string }[] = []

/** Which secrets a text holds, with where it stands. */
const leaks = (place: string, text: string): string[] => search.in(text).map(secret => `${place}: ${secret}`)

const call = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> => {
  const { code, stdout, stderr } = await socsync(args, {
    cwd: folder.path,
    env: { ...sandbox.env, XDG_CONFIG_HOME: folder.path, ...env },
  })
  said.push({ args: args.join(' '), code, text: stdout + stderr })
  return code
}

/** What a network might say back: every secret that the process has, as it is in a header, an address and a form. */
const echoOf = (known: readonly string[]): string =>
  known
    .flatMap(text => [text, encodeURIComponent(text), `access_token=${new URLSearchParams({ x: text })}`])
    .join(' ')

/** Answers that carry the echo. Each is given to every call of one command. */
const answersTo = (known: readonly string[]): readonly (readonly [name: string, value: Json])[] => {
  const message = echoOf(known)
  const error = {
    message,
    code: 190,
    type: message,
    errors: [{ reason: 'authError', domain: message, message }],
    error_user_msg: message,
    log_id: message,
  }
  return [
    ['status', { status: 400, body: { error } }],
    ['status', { status: 401, body: { error: { ...error, code: 'access_token_invalid' } } }],
    ['status', { status: 400, body: { error: 'invalid_grant', error_description: message } }],
    ['status', { status: 200, body: { error: 'invalid_grant', error_description: message } }],
    ['status', { status: 403, body: message }],
    ['status', { status: 502, headers: { 'content-type': 'text/html' }, body: `<p>${message}</p>` }],
    ['status', { status: 200, body: `not json: ${message}` }],
    ['status', { status: 200, body: lovely(message) }],
    [
      'redirect',
      `https://evil.test/?${known.map(secret => `access_token=${encodeURIComponent(secret)}`).join('&')}`,
    ],
  ]
}

/** Of the shape that each of the three takes for a success, told from the profile. */
const lovely = (text: string) => ({
  kind: 'youtube#channelListResponse',
  error: { code: 'ok', message: '', log_id: text },
  id: '17841400000000777',
  username: text,
  biography: text,
  media_count: text,
  business_discovery: {
    id: '178',
    username: text,
    biography: text,
    media_count: 0,
    media: { data: [{ id: text, caption: text }] },
  },
  data: {
    display_name: text,
    bio_description: text,
    video_count: text,
    user: { open_id: text, display_name: text },
  },
  items: [{ id: `UC${'x'.repeat(22)}`, snippet: { title: text, description: text, unheard_of: text } }],
})

const RUN = ['run', '--verbose', '--scope', 'all', '--limit-posts', '3', '--max-wait', '1s', '--fresh']

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  folder = tempFolder()
  const ours = Object.entries(sandbox.environment).filter(([name]) => /TOKEN|SECRET|KEY$/.test(name))
  const given = ours.filter(([name]) => !name.endsWith('CLIENT_KEY')).map(([, value]) => value)
  const dying = [...CANARIES.keys()]
  // An empty variable counts as none.
  const none = Object.fromEntries(
    Object.keys(sandbox.environment).flatMap(name => (name.endsWith('_URL') ? [] : [[name, '']])),
  )

  const { SOCSYNC_TIKTOK_CLIENT_KEY: client_key, SOCSYNC_TIKTOK_CLIENT_SECRET: client_secret } =
    sandbox.environment
  const alive = {
    youtube: [
      {
        name: 'google',
        client_id: YOUTUBE_ACCESS.clientId,
        client_secret: YOUTUBE_ACCESS.clientSecret,
        refresh_token: YOUTUBE_ACCESS.refreshToken,
      },
    ],
    tiktok: [
      {
        name: 'ada',
        access_token: DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN,
        refresh_token: DISPLAY.SOCSYNC_TIKTOK_REFRESH_TOKEN,
        client_key,
        client_secret,
      },
    ],
  }
  await writeFile(folder.file('alive.credentials.json'), JSON.stringify(alive), { mode: 0o600 })
  await writeFile(folder.file('dead.credentials.json'), JSON.stringify(DEAD), { mode: 0o600 })
  const ids = networks.map(({ name }) => `${name}:${sandbox.entities(name, 1)}`)
  // What a user's token of TikTok may ask for.
  const own = [...ids.slice(0, 2), 'tiktok:-000AbCdEfGhIjKlMnOpQrStUvWxYz012345']

  await call([...RUN, ...ids])
  await call([...RUN, `instagram:${sandbox.env.SOCSYNC_INSTAGRAM_USER_ID}`])
  for (const file of ['alive.credentials.json', 'dead.credentials.json']) {
    await call([...RUN, '--credentials', file, ...own], none)
    await call(['auth', 'status', '--credentials', file], none)
    await call(['auth', 'refresh', '--credentials', file, '--json'], none)
  }
  const processes = [
    { known: given, flags: [], list: ids, env: {} },
    { known: dying, flags: ['--credentials', 'dead.credentials.json'], list: own, env: none },
  ]
  for (const { known, flags, list, env } of processes) {
    for (const [name, value] of answersTo(known)) {
      sandbox.switches.set({ name, value })
      await Promise.all([
        call([...RUN, ...flags, ...list], env),
        call(['auth', 'refresh', ...flags], env),
        call(['auth', 'status', '--json', ...flags], env),
      ])
      sandbox.switches.clear()
    }
    await call(['status', '--json'])
    await call(['resume', '--all', '--verbose', ...flags], env)
  }
  const reading = [
    ['status'],
    ['status', '1'],
    ['jobs', '--json'],
    ['report', '--json'],
    ['jobs', '--status', 'failed,partial'],
    ['networks'],
    ['networks', '--json'],
    ['doctor'],
    ['doctor', '--json'],
    ['config', 'show'],
    ['config', 'show', '--json'],
    ['export', 'all', '--format', 'json', '--out', 'json'],
    ['export', 'all', '--format', 'csv', '--excel', '--out', 'csv'],
    ['export', 'jobs', '--format', 'jsonl'],
    ['export', 'tasks'],
    ['export', 'comments', '--pseudonymise', 'all', '--pseudonym-key', 'some.key'],
    ['auth', 'status', '--network', 'nowhere'],
    ['run', '--access-token', living, 'x'],
    ['run', '--network', 'instagram', 'not an id'],
    ['status', '--db', 'nothing.db'],
  ]
  await Promise.all(reading.map(args => call(args)))
  await writeFile(folder.file('broken.credentials.json'), `{"instagram": [{"access_token": "${living}}]}`, {
    mode: 0o600,
  })
  await call(['auth', 'status', '--credentials', 'broken.credentials.json'])
  await writeFile(folder.file('open.credentials.json'), JSON.stringify(DEAD), { mode: 0o644 })
  await call(['auth', 'status', '--credentials', 'open.credentials.json'])
  await call(['auth', 'status'], { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: `${living} ${another}` })
}, 300_000)

afterAll(async () => {
  folder[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

const files = (): string[] =>
  readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(
    name => statSync(join(folder.path, name)).isFile() && !isGiven(name),
  )

describe('no secret', () => {
  test('escapes the search itself, in any form', () => {
    expect(search.secrets).toBe(SECRETS.size)
    for (const [secret, name] of SECRETS) {
      for (const form of formsOf(secret)) expect(search.in(`x${form}y`)).toContain(name)
    }
    expect(search.in(`clt.${'a1'.repeat(22)}`)).toHaveLength(1)
  })

  test('is in what socsync said, whatever it was asked and whatever went wrong', () => {
    expect(said.flatMap(({ args, text }) => leaks(args, text))).toEqual([])
    // The echoes did come by, and were printed without what they echoed.
    expect(said.filter(({ text }) => text.includes('***')).length).toBeGreaterThan(10)
    expect(said.map(({ code }) => code)).toEqual(expect.arrayContaining([0, 2, 3, 5, 75]))
  })

  test('is in the database, answers as received included', () => {
    const stored = [...cellsOf(folder.file('socsync.db'))]
    expect(stored.filter(([place]) => place === 'raw_bodies.body').length).toBeGreaterThan(5)
    expect(stored.filter(([place, text]) => place === 'raw_bodies.body' && text.includes('***'))).not.toEqual(
      [],
    )
    expect(stored.filter(([place, text]) => place.endsWith('error') && text.includes('***'))).not.toEqual([])
    expect(stored.flatMap(([place, text]) => leaks(place, text))).toEqual([])
  })

  test('is in a file, byte for byte', () => {
    expect(files().length).toBeGreaterThan(20)
    const found = files().flatMap(name => leaks(name, readFileSync(join(folder.path, name), 'latin1')))
    expect(found).toEqual([])
  })

  test('is an argument: there is no flag for one, and a running process shows none', async () => {
    const flags = (command: Command): string[] => [
      ...command.options.map(({ long }) => long ?? ''),
      ...command.commands.flatMap(flags),
    ]
    const all = flags(buildProgram())
    expect(all.length).toBeGreaterThan(50)
    // Names of files, which are checked to be their owner's alone.
    const named = new Set(all.filter(flag => /token|secret|key|password/i.test(flag)))
    expect([...named].sort()).toEqual(['--pseudonym-key', '--tls-key'])

    sandbox.setSwitch('hang')
    const { pid, kill, ended } = start(
      ['run', '--credentials', 'dead.credentials.json', `instagram:${sandbox.entities('instagram', 1)}`],
      { cwd: folder.path, env: sandbox.env },
    )
    const before = sandbox.log.calls.length
    await expect.poll(() => sandbox.log.calls.length, { timeout: 20_000 }).toBeGreaterThan(before)
    try {
      const cmdline = (await readFile(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' ')
      expect(cmdline).toContain('dead.credentials.json')
      expect(leaks('cmdline', cmdline)).toEqual([])
      expect(openToOthers()).toEqual([])
      if (!isOnServer) expect(files()).toContain('socsync.db-wal')
    } finally {
      kill('SIGKILL')
      await ended
      sandbox.switches.clear()
    }
  })
})

/** Files that anybody but their owner may read or write. */
const openToOthers = (): string[] =>
  files().filter(name => (statSync(join(folder.path, name)).mode & 0o077) !== 0)

test("every file that socsync makes is its owner's alone", () => {
  expect(files()).toEqual(
    expect.arrayContaining([...(isOnServer ? [] : ['socsync.db']), 'json/posts.json', 'csv/posts.csv']),
  )
  expect(openToOthers()).toEqual([])
})
