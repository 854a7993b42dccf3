import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import type { Json } from '../../src/core/json.ts'
import { networks } from '../../src/networks/registry.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { YOUTUBE_ACCESS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, start, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openRead } from '../support/tables.ts'

/** With every character that is written otherwise in an address, in a form, in JSON or in HTML. */
const ODD = `"/+=%|&<'`
const DEAD = {
  instagram: { access_token: `EAAcanary${ODD}token-1`, app_id: '1', app_secret: `canary${ODD}app-secret-2` },
  youtube: { api_key: `AIzacanary${ODD}key-3` },
  google: {
    client_id: 'id',
    client_secret: `canary${ODD}google-4`,
    refresh_token: `1//canary${ODD}refresh-5`,
  },
  tiktok: {
    access_token: `act.canary${ODD}6`,
    refresh_token: `rft.canary${ODD}7`,
    client_key: 'key',
    client_secret: `canary${ODD}client-8`,
  },
}
const PUBLIC: readonly string[] = ['app_id', 'client_id', 'client_key']

const secretsIn = (values: object): string[] =>
  Object.entries(values).flatMap(([key, value]) => (PUBLIC.includes(key) ? [] : [String(value)]))

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let secrets: readonly string[]
/** What socsync said, by what it was asked. */
const said: { readonly args: string; readonly code: number | null; readonly text: string }[] = []

/** The ways in which a text is written elsewhere. */
const formsOf = (text: string): readonly string[] => {
  const once = encodeURIComponent(text)
  const json = JSON.stringify(text).slice(1, -1)
  const bytes = Buffer.from(text)
  return [
    ...new Set([
      text,
      once,
      once.toLowerCase(),
      encodeURIComponent(once),
      new URLSearchParams({ x: text }).toString().slice(2),
      json,
      json.replaceAll('/', '\\/'),
      JSON.stringify(json).slice(1, -1),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]),
  ]
}

/** Tokens that the sandbox gave out: nobody can list them beforehand. */
const MINTED = /(?:clt|act|rft)\.[A-Za-z0-9]{44}|ya29\.sandbox\.[\w.-]+|(?:IGAA|EAA)J\w+ZD[a-z0-9]{6}/g

/** The secrets in a text, with where they stand. */
const leaks = (place: string, text: string): string[] => {
  const listed = secrets.flatMap(secret => formsOf(secret).filter(form => text.includes(form)))
  return [...listed, ...(text.match(MINTED) ?? [])].map(form => `${place}: ${form}`)
}

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
  const { clientSecret, refreshToken } = YOUTUBE_ACCESS
  const given = ours.filter(([name]) => !name.endsWith('CLIENT_KEY')).map(([, value]) => value)
  const dying = Object.values(DEAD).flatMap(secretsIn)
  secrets = [...given, ...dying, ...Object.values(DISPLAY), clientSecret, refreshToken]
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
        client_secret: clientSecret,
        refresh_token: refreshToken,
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
  const dead = {
    instagram: [{ name: 'dead', ...DEAD.instagram }],
    youtube: [
      { name: 'dead', ...DEAD.youtube },
      { name: 'dead-google', ...DEAD.google },
    ],
    tiktok: [{ name: 'dead', ...DEAD.tiktok }],
  }
  await writeFile(folder.file('alive.json'), JSON.stringify(alive), { mode: 0o600 })
  await writeFile(folder.file('dead.json'), JSON.stringify(dead), { mode: 0o600 })
  const ids = networks.map(({ name }) => `${name}:${sandbox.entities(name, 1)}`)
  // What a user's token of TikTok may ask for.
  const own = [...ids.slice(0, 2), 'tiktok:-000AbCdEfGhIjKlMnOpQrStUvWxYz012345']

  await call([...RUN, ...ids])
  await call([...RUN, `instagram:${sandbox.env.SOCSYNC_INSTAGRAM_USER_ID}`])
  for (const file of ['alive.json', 'dead.json']) {
    await call([...RUN, '--credentials', file, ...own], none)
    await call(['auth', 'status', '--credentials', file], none)
    await call(['auth', 'refresh', '--credentials', file, '--json'], none)
  }
  const processes = [
    { known: given, flags: [], list: ids, env: {} },
    { known: dying, flags: ['--credentials', 'dead.json'], list: own, env: none },
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
    ['jobs', '--status', 'failed,partial'],
    ['networks'],
    ['networks', '--json'],
    ['export', 'all', '--format', 'json', '--out', 'json'],
    ['export', 'all', '--format', 'csv', '--excel', '--out', 'csv'],
    ['export', 'jobs', '--format', 'jsonl'],
    ['export', 'tasks'],
    ['auth', 'status', '--network', 'nowhere'],
    ['run', '--access-token', secrets[0] ?? '', 'x'],
    ['run', '--network', 'instagram', 'not an id'],
    ['status', '--db', 'nothing.db'],
  ]
  await Promise.all(reading.map(args => call(args)))
  await writeFile(folder.file('broken.json'), `{"instagram": [{"access_token": "${secrets[0]}}]}`, {
    mode: 0o600,
  })
  await call(['auth', 'status', '--credentials', 'broken.json'])
  await writeFile(folder.file('open.json'), JSON.stringify(dead), { mode: 0o644 })
  await call(['auth', 'status', '--credentials', 'open.json'])
  await call(['auth', 'status'], { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: `${secrets[0]} ${secrets[1]}` })
}, 300_000)

afterAll(async () => {
  folder[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

/** The files that hold secrets because somebody put them there. */
const GIVEN = new Set(['alive.json', 'dead.json', 'broken.json', 'open.json'])
const files = (): string[] =>
  readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(
    name => statSync(join(folder.path, name)).isFile() && !GIVEN.has(name),
  )

/** All that a database holds, as text: bodies unpacked. */
function* cells(path: string): Generator<readonly [place: string, text: string]> {
  const db = openRead(path)
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[]
    for (const table of tables) {
      for (const row of db.prepare(`select * from "${table}"`).iterate() as Iterable<
        Record<string, unknown>
      >) {
        for (const [column, value] of Object.entries(row)) {
          const text = Buffer.isBuffer(value) ? zstdDecompressSync(value).toString() : String(value ?? '')
          if (text !== '') yield [`${table}.${column}`, text]
        }
      }
    }
  } finally {
    db.close()
  }
}

describe('no secret', () => {
  test('escapes the search itself, in any form', () => {
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(12)
      for (const form of formsOf(secret)) expect(leaks('here', `x${form}y`)).not.toEqual([])
    }
    expect(leaks('here', `clt.${'a1'.repeat(22)}`)).not.toEqual([])
  })

  test('is in what socsync said, whatever it was asked and whatever went wrong', () => {
    expect(said.flatMap(({ args, text }) => leaks(args, text))).toEqual([])
    // The echoes did come by, and were printed without what they echoed.
    expect(said.filter(({ text }) => text.includes('***')).length).toBeGreaterThan(10)
    expect(said.map(({ code }) => code)).toEqual(expect.arrayContaining([0, 2, 3, 5, 75]))
  })

  test('is in the database, answers as received included', () => {
    const stored = [...cells(folder.file('socsync.db'))]
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
    expect(all.filter(flag => /token|secret|key|password/i.test(flag))).toEqual([])

    sandbox.setSwitch('hang')
    const { pid, kill, ended } = start(
      ['run', '--credentials', 'dead.json', `instagram:${sandbox.entities('instagram', 1)}`],
      { cwd: folder.path, env: sandbox.env },
    )
    const before = sandbox.log.calls.length
    await expect.poll(() => sandbox.log.calls.length, { timeout: 20_000 }).toBeGreaterThan(before)
    try {
      const cmdline = (await readFile(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' ')
      expect(cmdline).toContain('dead.json')
      expect(leaks('cmdline', cmdline)).toEqual([])
      expect(openToOthers()).toEqual([])
      expect(files()).toContain('socsync.db-wal')
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
  expect(files()).toEqual(expect.arrayContaining(['socsync.db', 'json/posts.json', 'csv/posts.csv']))
  expect(openToOthers()).toEqual([])
})
