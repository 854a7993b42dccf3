// @module-tag long
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { networks } from '../../src/networks/registry.ts'
import { socsync, start, tempFolder } from '../support/cli.ts'
import { openTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { searchFor } from '../support/secret-search.ts'
import { type Json, startServer } from '../support/server.ts'

/** With every character that is written otherwise in an address, in a form, in JSON or in HTML. */
const ODD = `canary"/+=%|&<'@:of-the-password`

let sandbox: TestSandbox
let db: TestDatabase
let other: TestDatabase
/** The database of another program. */
let foreign: TestDatabase
let folder: ReturnType<typeof tempFolder>
let search: ReturnType<typeof searchFor>
/** What socsync said, by what it was asked. */
const said: { readonly args: string; readonly code: number | null; readonly text: string }[] = []

const call = async (
  args: readonly string[],
  { url = db.url, env = {} }: { readonly url?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> => {
  const { code, stdout, stderr } = await socsync(args, {
    cwd: folder.path,
    env: { ...sandbox.env, XDG_CONFIG_HOME: folder.path, SOCSYNC_DB: url, ...env },
  })
  said.push({ args: args.join(' '), code, text: stdout + stderr })
}
const leaks = (place: string, text: string): string[] => search.in(text).map(secret => `${place}: ${secret}`)
const at = (change: (url: URL) => void): string => {
  const url = new URL(db.url)
  change(url)
  return url.href
}

/** One or more calls of each command. */
const CALLS: readonly string[] = [
  'run --verbose --scope all IDS',
  'run --queue --scope posts IDS',
  'run --queue --scope posts --json IDS',
  'worker --drain --verbose',
  'plan --scope all IDS',
  'resume --all --verbose',
  'resume 999',
  'status',
  'status --json',
  'status 1 --json',
  'status 999',
  'jobs --json',
  'export all --format json --out json',
  'export jobs',
  'export comments --pseudonymise all --pseudonym-key some.key',
  'export comments --pseudonymise all',
  'diff --since 7d',
  'report --out report.html --json',
  'networks',
  'schedule add nightly --cron CRON --scope posts --json IDS',
  'schedule add nightly --cron CRON IDS',
  'schedule add yearly --cron never IDS',
  'schedule list --json',
  'schedule run-now nightly',
  'schedule run-now none',
  'schedule remove nightly',
  'transform run',
  'transform run --queue',
  'transform status',
  'transform retry none',
  'doctor',
  'doctor --json',
  'config show',
  'config show --json',
  'config schema',
  'completion bash',
  'man',
  'version --json',
  'help environment',
  'auth status',
  'auth refresh',
  'auth quota --reopen youtube',
  'db check',
  'db check --json',
  'db backup',
  'db migrate --json',
  'db copy --from HERE --to THERE --json',
  'db copy --from HERE --to HERE',
  'db copy --from HERE --to FOREIGN',
  'db prune --older-than 90d',
  'db purge --network tiktok --entity nobody',
  'db rebuild --dry-run',
  'db drift',
]
/** What does not end by itself, or has no database. */
const APART: readonly string[] = ['serve', 'sandbox']

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  folder = tempFolder()
  ;[db, other, foreign] = await Promise.all([
    openTestDatabase('empty'),
    openTestDatabase('empty'),
    openTestDatabase('empty'),
  ])
  await foreign.rows('create table theirs (id int)')
  search = searchFor(
    new Map([
      [new URL(db.url).password, 'the password'],
      [ODD, 'a wrong password'],
    ]),
  )
  const ids = networks.map(({ name }) => `${name}:${sandbox.entities(name, 1)}`)
  const places: Readonly<Record<string, string>> = {
    CRON: '0 3 * * *',
    HERE: db.url,
    THERE: other.url,
    FOREIGN: foreign.url,
  }
  for (const line of CALLS)
    await call(line.split(' ').flatMap(word => (word === 'IDS' ? ids : [places[word] ?? word])))
  const wrong: readonly string[] = [
    at(url => {
      url.password = encodeURIComponent(ODD)
    }),
    // Not encoded: it is no URL, or another one than was meant.
    db.url.replace(/:[^:@]*@/, `:${ODD}@`),
    db.url.replace(/:[^:@]*@/, ':100%-canary-of-the-password@'),
    at(url => {
      url.port = '1'
    }),
    at(url => {
      url.pathname = '/none'
    }),
    at(url => {
      url.username = 'nobody'
    }),
    `${db.url}?password=${encodeURIComponent(ODD)}`,
    `${db.url}?sslmode=sometimes`,
    foreign.url,
  ]
  // Of a command that only reads, of one that writes, and of the run itself with its log.
  for (const url of wrong)
    await Promise.all([
      call(['status', '--json'], { url }),
      call(['db', 'migrate'], { url }),
      call(['run', '--verbose', ...ids], { url }),
    ])
  const bare = at(url => {
    url.password = ''
  })
  await call(['status'], { url: bare, env: { PGPASSWORD: new URL(db.url).password } })
  await call(['run', '--verbose', ...ids], { url: bare, env: { PGPASSWORD: ODD } })
}, 600_000)
afterAll(async () => {
  for (const one of [db, other, foreign]) await one?.[Symbol.asyncDispose]()
  folder?.[Symbol.dispose]()
  await sandbox?.[Symbol.asyncDispose]()
})

describe('the password of a database', () => {
  test('each command is asked', () => {
    const leaves = (command: Command, path: readonly string[]): string[] =>
      command.commands.length === 0
        ? [path.join(' ')]
        : command.commands.flatMap(child => leaves(child, [...path, child.name()]))
    const asked = [...CALLS, ...APART]
    const left = leaves(buildProgram(), []).filter(
      name => !asked.some(line => line === name || line.startsWith(`${name} `)),
    )
    expect(left).toEqual([])
  })

  test('is in nothing that socsync says, whatever it is asked and whatever goes wrong', () => {
    expect(said.flatMap(({ args, text }) => leaks(args, text))).toEqual([])
    expect(said.filter(({ text }) => /canary|of-the-password/.test(text))).toEqual([])
    // The database was spoken of, without it.
    const { username, host, pathname } = new URL(db.url)
    const name = `postgres://${username}@${host}${pathname}`
    expect(said.filter(({ text }) => text.includes(name)).length).toBeGreaterThan(10)
    expect(said.map(({ code }) => code)).toEqual(expect.arrayContaining([0, 1, 2]))
    expect(said.filter(({ text }) => text.includes('this is a bug'))).toEqual([])
  })

  test('is in no table, and in no file', async () => {
    const tables = await db.rows(
      "select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'",
    )
    expect(tables.length).toBeGreaterThan(20)
    for (const { name } of tables)
      for (const { text } of await db.rows(`select row_to_json(one)::text as text from "${name}" as one`))
        expect(leaks(String(name), String(text))).toEqual([])
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(name =>
      statSync(join(folder.path, name)).isFile(),
    )
    expect(files).toContain('json/manifest.json')
    expect(files.flatMap(name => leaks(name, readFileSync(join(folder.path, name), 'latin1')))).toEqual([])
  })

  test('is in no answer of the server, nor in its log', { timeout: 300_000 }, async () => {
    await using server = await startServer({ env: sandbox.env, args: ['--verbose'], db: db.url })
    const document = await server.get<Json>('/openapi.json')
    const paths = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      methods.get ? [path] : [],
    )
    expect(paths.length).toBeGreaterThan(12)
    const told: string[] = []
    for (const path of [...paths, '/', '/v1/nothing', '/v1/runs?cursor=nonsense']) {
      const filled = path.replace('{id}', '1').replace('{name}', 'none').replace('{kind}', 'posts')
      const answer = await server.ask(filled)
      told.push(`${filled}: ${await answer.text()} ${JSON.stringify([...answer.headers])}`)
    }
    const { body } = await server.post('/v1/runs', {
      network: 'youtube',
      ids: ['@one.video'],
      scope: ['posts'],
    })
    told.push(JSON.stringify(body))
    const { stdout, stderr } = await server.end('SIGTERM')
    for (const text of [...told, stdout, stderr]) expect(leaks(text.slice(0, 60), text)).toEqual([])
  })

  test('is in no log of a server or worker whose database goes away', { timeout: 300_000 }, async () => {
    const own = await openTestDatabase('migrated')
    const server = await startServer({ env: sandbox.env, args: ['--verbose'], db: own.url })
    const worker = start(['worker', '--verbose', '--db', own.url], { env: sandbox.env })
    try {
      await expect.poll(() => worker.stderr(), { timeout: 60_000 }).toContain('worker.started')
      await own[Symbol.asyncDispose]()
      const told = await Promise.all(
        ['/v1/runs', '/v1/workers', '/ready'].map(async path => (await server.ask(path)).text()),
      )
      await expect
        .poll(() => worker.stderr() + worker.stdout(), { timeout: 60_000 })
        .toMatch(/no database|cannot/)
      const log = server.running.stderr() + server.running.stdout()
      for (const text of [...told, log, worker.stderr()]) expect(leaks(text.slice(0, 60), text)).toEqual([])
    } finally {
      worker.kill('SIGKILL')
      await worker.ended
      await server[Symbol.asyncDispose]()
    }
  })
})
