import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { differences, openWrite, query, type Row } from '../support/tables.ts'

/** One wrong call. `<name>` in arguments and texts is a path in the test's folder. */
interface Case {
  readonly args: readonly string[]
  /** What stderr must say: the place, and what is allowed. */
  readonly says: readonly (string | RegExp)[]
  readonly code?: number
  /** In place of the sandbox's variables of the same name; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
  /** Lines of a list that are named, each in a line of its own. */
  readonly badLines?: number
  /** The others are long. */
  readonly brief?: true
}

const RUN = ['run', '--network', 'instagram']
/** A server's database is there, and empty. */
const NONE = /no database (at|yet)/
const IDS = ['--ids', '<good.txt>']
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'good.txt': 'one.post\n',
  'empty.txt': '',
  'comments.txt': '\ufeff# nobody\r\n\r\n   # here\r\n',
  'binary.txt': Uint8Array.from({ length: 600 }, (_, n) => n % 256),
  'utf16.txt': Buffer.from('\ufeffone.post\n', 'utf16le'),
  'line-7.txt': '# a list\none.post\n\none.page.of.50\n@likes.hidden\n\nnot an id!\none.post\n',
  'mixed.txt': 'instagram:one.post\nyoutube:@somebody\nnobody.says.where\n',
  'two-bad.txt': 'one.post\nnot one!\none.post\nnor this\n',
  'other-network.txt': 'one.post\nhttps://www.youtube.com/@somebody\n',
  'custom-address.txt': 'https://www.youtube.com/c/somebody\n',
  'text.db': 'This is a letter, and no database.\n'.repeat(200),
  'config.json': '{ "concurency": 3 }',
  'broken.json': '{ "concurrency": 3,, }',
  'credentials.json': '{}',
}

const CASES: Readonly<Record<string, Case>> = {
  'a plan of a run for a transform that there is none of': {
    args: ['plan', '--network', 'instagram', ...IDS, '--transform', 'mood'],
    says: ['no transform is configured', 'in the config file'],
  },
  'credentials of networks for transforms': {
    args: ['transform', 'run', '--credentials', '<credentials.json>'],
    says: ["unknown option '--credentials'"],
  },
  'a status of a job with what is about a run': {
    args: ['status', '17', '--fail-if-older', '26h'],
    says: ['--fail-if-older', 'not about a job', 'leave them out, or the 17'],
  },
  'an id file that is not there': {
    brief: true,
    args: [...RUN, '--ids', '<gone.txt>'],
    says: ['<gone.txt>', 'does not exist'],
  },
  'an id file that is a folder': { args: [...RUN, '--ids', '<.>'], says: ['is a folder'] },
  'an empty id file': {
    args: [...RUN, '--ids', '<empty.txt>'],
    says: ['<empty.txt>', 'holds no id', '@username'],
  },
  'an id file of comments': { args: [...RUN, '--ids', '<comments.txt>'], says: ['holds no id'] },
  'empty standard input': {
    args: [...RUN, '--ids', '-'],
    says: ['standard input', 'holds no id'],
    stdin: '',
  },
  'a binary id file': {
    brief: true,
    args: [...RUN, '--ids', '<binary.txt>'],
    says: ['<binary.txt>, line 1', 'NUL', 'UTF-8'],
  },
  'an id file in UTF-16': {
    args: [...RUN, '--ids', '<utf16.txt>'],
    says: ['<utf16.txt>', 'UTF-16', 'UTF-8'],
  },
  'line 7 is no id': {
    brief: true,
    args: [...RUN, '--ids', '<line-7.txt>'],
    says: ['<line-7.txt>, line 7', '"not an id!"', 'allowed', '@username'],
  },
  'several lines are no ids': {
    brief: true,
    args: [...RUN, '--ids', '<two-bad.txt>'],
    badLines: 2,
    says: ['2 lines name no profile', '<two-bad.txt>, line 2', '"not one!"', 'line 4', '"nor this"'],
  },
  'a line of standard input is no id': {
    brief: true,
    args: [...RUN, '--ids', '-'],
    stdin: 'one.post\nno/slash/here\n',
    says: ['standard input, line 2', '"no/slash/here"'],
  },
  'an argument is no id': { args: [...RUN, 'one.post', 'two posts'], says: ['argument 2', '"two posts"'] },
  'a line without its network': {
    args: ['run', '--ids', '<mixed.txt>'],
    says: ['<mixed.txt>, line 3', 'which network', '--network'],
  },
  'a line of another network': {
    args: [...RUN, '--ids', '<other-network.txt>'],
    says: ['<other-network.txt>, line 2', 'youtube', 'instagram'],
  },
  'an address that no API looks up': {
    args: ['run', '--ids', '<custom-address.txt>'],
    says: ['<custom-address.txt>, line 1', '@handle'],
  },
  'no ids': { brief: true, args: RUN, says: ['no ids', '--ids'] },
  'ids given twice': { args: [...RUN, ...IDS, 'one.post'], says: ['twice', '--ids'] },
  'an unknown network': {
    brief: true,
    args: ['run', '--network', 'instagran', ...IDS],
    says: ['--network', '"instagran"', 'did you mean instagram?'],
  },
  'an unknown scope': {
    args: [...RUN, ...IDS, '--scope', 'profile,coments'],
    says: ['--scope', 'coments', 'did you mean comments?', 'profile, posts, comments, likes, all'],
  },
  'an unknown command': { args: ['exprot', 'posts'], says: ["'exprot'", 'did you mean export?'] },
  'an unknown flag': {
    brief: true,
    args: [...RUN, ...IDS, '--concurency', '2'],
    says: ['--concurency', 'did you mean --concurrency?'],
  },
  'a flag without its value': { args: [...RUN, ...IDS, '--scope'], says: ['--scope'] },
  'concurrency 0': {
    brief: true,
    args: [...RUN, ...IDS, '--concurrency', '0'],
    says: ['--concurrency', '"0"', 'whole number from 1'],
  },
  'concurrency of a word': {
    args: [...RUN, ...IDS, '--concurrency', 'many'],
    says: ['--concurrency', '"many"'],
  },
  'concurrency 0 in a variable': {
    args: [...RUN, ...IDS],
    env: { SOCSYNC_CONCURRENCY: '0' },
    says: ['SOCSYNC_CONCURRENCY', 'whole number from 1'],
  },
  'a limit below 0': { args: [...RUN, ...IDS, '--limit-posts=-1'], says: ['--limit-posts', '"-1"'] },
  'an unknown depth of replies': {
    args: [...RUN, ...IDS, '--replies', 'some'],
    says: ['--replies', 'none or inline or full'],
  },
  'a day that is none': {
    brief: true,
    args: [...RUN, ...IDS, '--since', '2026-02-30'],
    says: ['--since', '2026-02-30', '2026-03-01'],
  },
  'a time without its unit': { args: [...RUN, ...IDS, '--max-wait', '60'], says: ['--max-wait', '60s'] },
  'a key of the config file that nobody knows': {
    brief: true,
    args: [...RUN, ...IDS, '--config', '<config.json>'],
    says: ['"concurency"', '<config.json>', 'did you mean "concurrency"?'],
  },
  'several settings that are wrong': {
    args: [...RUN, ...IDS, '--concurrency', '0', '--scope', 'coments'],
    says: [
      '2 settings are wrong',
      '--concurrency "0" must be',
      '--scope "coments" must be',
      'did you mean comments?',
    ],
    badLines: 2,
  },
  'a config file that is no JSON': {
    args: [...RUN, ...IDS, '--config', '<broken.json>'],
    says: ['<broken.json>', 'line 1, column 20'],
  },
  'a credentials file that others can read': {
    brief: true,
    args: [...RUN, ...IDS, '--credentials', '<credentials.json>'],
    says: ['<credentials.json>', /chmod 600|only|alone/],
  },
  'a database in a folder that is not there': {
    args: [...RUN, ...IDS, '--db', '<nowhere/x.db>'],
    says: ['<nowhere>', 'does not exist', '--db'],
  },
  'a database that is a folder': {
    args: [...RUN, ...IDS, '--db', '<.>'],
    says: ['<.>', 'is a folder, and no database', 'name a file in it with --db'],
  },
  'status of a folder': {
    brief: true,
    args: ['status', '--db', '<.>'],
    says: ['is a folder, and no database', 'name a file in it with --db'],
  },
  'an end before its beginning': {
    brief: true,
    args: [...RUN, ...IDS, '--since', '2026-05-01', '--until', '2026-01-01'],
    says: ['nothing lies between --since 2026-05-01', '--until 2026-01-01', 'the earlier one'],
  },
  'a moment as people say it': {
    args: [...RUN, ...IDS, '--since', 'last-week'],
    says: ['--since "last-week"', 'last (what is new since the last run)', '2026-03-01'],
  },
  'a moment as people say it, as long as an id': {
    args: [...RUN, ...IDS, '--since', 'three-days-ago'],
    says: ['--since "three-days-ago"', 'is no date'],
  },
  'a file that ends as JSON for CSV': {
    args: ['export', 'posts', '--format', 'csv', '--out', '<p.json>', '--db', '<made.db>'],
    says: ['p.json', 'ends as json', '--format says csv', 'leave --format out'],
  },
  'a file that is no database': {
    brief: true,
    args: [...RUN, ...IDS, '--db', '<text.db>'],
    says: ['<text.db>', 'database'],
  },
  'the database of another program': {
    brief: true,
    args: [...RUN, ...IDS, '--db', '<other.db>'],
    says: ['<other.db>', 'another program'],
  },
  'the database of a newer version': {
    brief: true,
    args: [...RUN, ...IDS, '--db', '<newer.db>'],
    says: ['<newer.db>', 'newer'],
  },
  'status of the database of a newer version': {
    args: ['status', '--db', '<newer.db>'],
    says: ['<newer.db>', 'newer'],
  },
  'export from a file that is no database': {
    args: ['export', 'posts', '--db', '<text.db>'],
    says: ['<text.db>', 'database'],
  },
  'status of no database': { brief: true, args: ['status'], says: [NONE, '--db', 'SOCSYNC_DB'] },
  'JSON for Excel': {
    args: ['export', 'posts', '--format', 'json', '--excel', '--db', '<made.db>'],
    says: ['--excel is about CSV', 'leave out --excel or --format json'],
  },
  'jobs of no database': { args: ['jobs'], says: [NONE] },
  'export of no database': { args: ['export', 'posts'], says: [NONE] },
  'resume of no database': { args: ['resume', '--all'], says: [NONE] },
  'nothing to resume is named': {
    brief: true,
    args: ['resume', '--db', '<made.db>'],
    says: ['nothing to resume', '--all'],
  },
  'two things to resume': {
    args: ['resume', '1', '--all', '--db', '<made.db>'],
    says: ['more than one', '--all'],
  },
  'an unknown job to resume': {
    args: ['resume', '999', '--db', '<made.db>'],
    says: ['no job 999', 'socsync jobs'],
  },
  'an unknown job': {
    brief: true,
    args: ['status', '999', '--db', '<made.db>'],
    says: ['no job 999', 'socsync jobs'],
  },
  'an unknown run to resume': { args: ['resume', '--run', '999', '--db', '<made.db>'], says: ['no run 999'] },
  'an unknown run': { args: ['status', '--run', '999', '--db', '<made.db>'], says: ['no run 999'] },
  'an unknown job to export': {
    args: ['export', 'posts', '--job', '999', '--db', '<made.db>'],
    says: ['no job 999'],
  },
  'a report of no database': { args: ['report'], says: [NONE] },
  'a report of an unknown profile': {
    args: ['report', '--entity', 'nobody.here', '--db', '<made.db>'],
    says: ['no profile "nobody.here"', 'socsync jobs'],
  },
  'a report into a folder that is not there': {
    args: ['report', '--out', 'none/report.html', '--db', '<made.db>'],
    says: ['report.html', 'its folder does not exist'],
  },
  'a report of no profile at all': {
    args: ['report', '--limit', '0', '--db', '<made.db>'],
    says: ['--limit', 'from 1 on'],
  },
  'diff of no database': { args: ['diff'], says: [NONE] },
  'diff of an unknown run': {
    brief: true,
    args: ['diff', '--run', '999', '--db', '<made.db>'],
    says: ['no run 999'],
  },
  'diff by a run and since a day': {
    args: ['diff', '--run', '1', '--since', '7d', '--db', '<made.db>'],
    says: ['--since', '--run', 'one of them'],
  },
  'diff since an id': {
    args: ['diff', '--since', '18052375423433059', '--db', '<made.db>'],
    says: ['--since', 'a date or a length of time', '7d'],
  },
  'diff of an unknown profile': {
    args: ['diff', '--entity', 'nobody.here', '--db', '<made.db>'],
    says: ['no profile "nobody.here"', 'socsync jobs'],
  },
  'diff of so many rows': {
    args: ['diff', '--limit', '3', '--format', 'csv', '--db', '<made.db>'],
    says: ['--limit', '--format'],
  },
  'a job that is no number': { args: ['status', 'one', '--db', '<made.db>'], says: ['"one"', 'number'] },
  'an unknown status': {
    args: ['jobs', '--status', 'parcial', '--db', '<made.db>'],
    says: ['--status', 'did you mean partial?'],
  },
  'an unknown list to export': {
    args: ['export', 'post', '--db', '<made.db>'],
    says: ['"post"', 'did you mean posts?'],
  },
  'an unknown format': {
    brief: true,
    args: ['export', 'posts', '--format', 'jsonll', '--db', '<made.db>'],
    says: ['--format', 'did you mean jsonl?'],
  },
  'an unknown column': {
    args: ['export', 'posts', '--columns', 'id,captoin', '--db', '<made.db>'],
    says: ['"captoin"', 'did you mean caption?'],
  },
  'an export over a file that is there': {
    brief: true,
    args: ['export', 'posts', '--out', '<good.txt>', '--db', '<made.db>'],
    says: ['<good.txt>', '--force'],
  },
  'everything without a folder': { args: ['export', 'all', '--db', '<made.db>'], says: ['folder', '--out'] },
  'no credential': {
    brief: true,
    args: [...RUN, ...IDS],
    env: { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: undefined },
    code: 5,
    says: ['SOCSYNC_INSTAGRAM_ACCESS_TOKEN'],
  },
  'an empty credential': {
    args: ['run', '--network', 'youtube', '@somebody'],
    env: { SOCSYNC_YOUTUBE_API_KEY: '' },
    code: 5,
    says: ['SOCSYNC_YOUTUBE_API_KEY'],
  },
  'half a credential': {
    brief: true,
    args: ['run', '--network', 'tiktok', 'shelf.keeper'],
    env: { SOCSYNC_TIKTOK_CLIENT_SECRET: undefined },
    code: 5,
    says: ['SOCSYNC_TIKTOK_CLIENT_SECRET'],
  },
  'credentials that do not pair': {
    args: ['run', '--network', 'tiktok', 'shelf.keeper'],
    env: { SOCSYNC_TIKTOK_CLIENT_KEY: 'one,two' },
    says: ['SOCSYNC_TIKTOK_CLIENT_KEY', 'SOCSYNC_TIKTOK_CLIENT_SECRET'],
  },
  'an address in clear': {
    brief: true,
    args: [...RUN, ...IDS],
    env: { SOCSYNC_INSTAGRAM_BASE_URL: 'http://graph.example.org' },
    says: ['SOCSYNC_INSTAGRAM_BASE_URL', 'https://'],
  },
  'a clock that is not for the real networks': {
    args: [...RUN, ...IDS],
    env: { SOCSYNC_YOUTUBE_BASE_URL: undefined },
    says: ['SOCSYNC_CLOCK', 'youtube'],
  },
}

const base = tempFolder()
let sandbox: TestSandbox

/** What a wrong call must leave as it is: texts to the byte, databases to the row, and no file more. */
const contents = (folder: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(name => !/-(wal|shm)$/.test(name))
      .map(name => {
        const file = join(folder, name)
        return [name, /^(made|newer)\.db$/.test(name) ? rowsOf(file) : readFileSync(file).toString('base64')]
      }),
  )

const rowsOf = (file: string): Record<string, Row[]> =>
  Object.fromEntries(
    query(file, `select name from sqlite_schema where type = 'table'`).map(({ name }) => [
      String(name),
      query(file, `select * from ${name}`),
    ]),
  )

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok] })
  for (const [name, content] of Object.entries(FILES)) writeFileSync(base.file(name), content)
  chmodSync(base.file('credentials.json'), 0o644)
  const other = new Database(base.file('other.db'))
  other.exec('create table recipes (name text)')
  other.close()
  const made = base.file('made.db')
  const first = await socsync([...RUN, 'one.post', '--quiet', '--db', made], { env: sandbox.env })
  expect(first.code, first.stderr).toBe(0)
  if (!isOnServer) {
    // A writer that leaves takes the write-ahead log with it.
    openWrite(made).close()
    copyFileSync(made, base.file('newer.db'))
    const newer = openWrite(base.file('newer.db'))
    newer.exec(`insert into kysely_migration select '999-tomorrow', max(timestamp) from kysely_migration`)
    newer.close()
  }
  sandbox.log.clear()
}, 60_000)

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  base[Symbol.dispose]()
})

/** Databases that only a file can be. */
const OF_FILES = /<((text|other|newer|nowhere.x)\.db|\.)>/

describe('bad input: one clear line, an exit code, nothing fetched, nothing changed', () => {
  for (const [name, { args, says, code = 2, env = {}, stdin, badLines = 0, brief }] of Object.entries(
    CASES,
  )) {
    const isOfFile = OF_FILES.test(args[args.indexOf('--db') + 1] ?? '')
    it.skipIf(isOnServer && isOfFile).concurrent(name, { tags: brief ? [] : ['long'] }, async () => {
      using folder = tempFolder()
      cpSync(base.path, folder.path, { recursive: true, preserveTimestamps: true })
      const placed = (text: string): string =>
        text.replace(/<([^>]*)>/g, (_, place: string) => {
          if (place === '.') return folder.path
          // On a server one is enough: nobody changes it.
          return (isOnServer && place === 'made.db' ? base : folder).file(place)
        })
      const before = contents(folder.path)
      const given = Object.entries({ ...sandbox.env, ...env }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      )
      const ended = await socsync(args.map(placed), {
        env: Object.fromEntries(given),
        cwd: folder.path,
        ...(stdin === undefined ? {} : { stdin }),
      })
      expect({ code: ended.code, stdout: ended.stdout }, ended.stderr).toEqual({ code, stdout: '' })
      for (const part of says) {
        if (typeof part === 'string') expect(ended.stderr).toContain(placed(part))
        else expect(ended.stderr).toMatch(part)
      }
      // One line that says what is wrong; further ones only say what is allowed.
      const [first, ...more] = ended.stderr.trimEnd().split('\n')
      expect(first).toMatch(/^socsync: /)
      expect(more.length).toBeLessThanOrEqual(2 + badLines)
      expect(contents(folder.path)).toEqual(before)
    })
  }

  it('sends no request', () => {
    expect(sandbox.log.calls).toEqual([])
  })
})

describe('--json: one object on standard error, with a code, what is wrong and what to do', () => {
  const made = (): readonly string[] => ['--db', base.file('made.db')]
  it.each([
    [
      'an unknown flag',
      () => [...RUN, 'one.post', '--jsno'],
      2,
      'bad_input',
      "unknown option '--jsno'",
      'did you mean --json?',
    ],
    [
      'an unknown command',
      () => ['exprot'],
      2,
      'bad_input',
      "unknown command 'exprot'",
      'did you mean export?',
    ],
    [
      'no word for what to export',
      () => ['export', '--excel'],
      2,
      'bad_input',
      'missing required argument',
      'socsync export --help shows its flags',
    ],
    [
      'a line that is no id',
      () => [...RUN, 'two posts'],
      2,
      'bad_input',
      'argument 1: "two posts"',
      '@username',
    ],
    ['an unknown run', () => ['status', '--run', '999', ...made()], 2, 'bad_input', 'no run 999', null],
    [
      'no credential',
      () => ['run', '--network', 'youtube', '@somebody'],
      5,
      'no_credential',
      'YouTube has no credential',
      'SOCSYNC_YOUTUBE_API_KEY',
    ],
  ] as const)('%s', async (_, args, exit, code, message, hint) => {
    const { SOCSYNC_YOUTUBE_API_KEY: _key, ...env } = sandbox.env
    const ended = await socsync([...args(), '--json'], { env, cwd: base.path })
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: exit, stdout: '' })
    const told = JSON.parse(ended.stderr)
    expect(Object.keys(told)).toEqual(['schema', 'code', 'message', 'hint', 'exit'])
    expect(told).toMatchObject({ schema: 1, code, message: expect.stringContaining(message), exit })
    if (hint === null) expect(told.hint).toBe(null)
    else expect(told.hint).toContain(hint)
  })
})

it('--out - is standard output, and the end of a file names its format', async () => {
  using folder = tempFolder()
  const to = (...flags: readonly string[]) =>
    socsync(['export', 'profiles', ...flags, '--db', base.file('made.db')], { cwd: folder.path })
  const dash = await to('--out', '-')
  expect(dash).toMatchObject({ code: 0, stderr: '' })
  expect(dash.stdout).toMatch(/^network,id,/)
  expect((await to('--out', folder.file('p.json'))).code).toBe(0)
  expect(JSON.parse(readFileSync(folder.file('p.json'), 'utf8'))).toHaveLength(1)
  expect(readdirSync(folder.path)).toEqual(['p.json'])
})

it('a token that the network refuses: exit 5, says which credential, and the work can be resumed', async () => {
  const db = base.file('refused.db')
  const ended = await socsync([...RUN, 'one.post', 'two.pages.of.50', '--db', db, '--quiet'], {
    env: { ...sandbox.env, SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'EAAJnobodyKnowsThisOne' },
  })
  expect(ended.code).toBe(5)
  expect(ended.stderr).toContain('unauthorised')
  expect(ended.stderr).toContain('SOCSYNC_INSTAGRAM_ACCESS_TOKEN')
  expect(ended.stdout + ended.stderr).not.toContain('EAAJnobodyKnowsThisOne')
  const again = await socsync(['resume', '--all', '--db', db, '--quiet'], { env: sandbox.env })
  expect(again.code).toBe(0)
  expect(
    differences(
      db,
      'instagram',
      ['one.post', 'two.pages.of.50'].flatMap(id => sandbox.truth('instagram', id)),
    ),
  ).toEqual([])
})

it.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written to (not as root, who may)',
  async () => {
    const locked = base.file('locked')
    mkdirSync(locked, { mode: 0o555 })
    const ended = await socsync([...RUN, 'one.post', '--db', join(locked, 'x.db')], { env: sandbox.env })
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain(locked)
  },
)
