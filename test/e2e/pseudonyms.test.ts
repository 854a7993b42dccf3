// @module-tag long
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textsOf } from '../support/artefact-texts.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { readParquet } from '../support/duckdb.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

const LIST = [
  'youtube:UCtggNqnHV2t1SqIx2UqiMdg',
  'youtube:UC4PxMN_1ESeaVOhEKlToRCg',
  'instagram:two.pages.of.50',
  'instagram:17841273339442756',
  'tiktok:ada.bakes',
  'tiktok:open.heart',
]
const FORMATS = ['csv', 'json', 'jsonl', 'parquet'] as const
const GONE = 'zoe.mentioned.by.nobody.else'
const MAIL = 'zoe.writes@mail.example.org'

const folder = tempFolder()
const db = folder.file('socsync.db')
const keyFile = folder.file('some.key')
let sandbox: TestSandbox
/** Whom comments are by, by ids and names, but for the profiles of the list. */
let authors: readonly string[]
/** By what the profiles of the list are known. */
let listed: readonly string[]
const said: string[] = []

const call = async (
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
  const ended = await socsync([...args, '--db', db], { env: sandbox.env })
  said.push(ended.stdout, ended.stderr)
  return ended
}

const covered = (whom: string): readonly string[] => ['--pseudonymise', whom, '--pseudonym-key', keyFile]

/** Everything that `export` and `report` can write. */
const writeAll = async (into: string, flags: readonly string[]): Promise<void> => {
  const written = [
    ...FORMATS.map(format => ['export', 'all', '--format', format, '--out', join(into, format)]),
    ['export', 'all', '--package', '--format', 'jsonl', '--out', join(into, 'package')],
    ['export', 'all', '--format', 'singer', '--out', join(into, 'all.singer')],
    ['export', 'comments', '--zstd', '--out', join(into, 'comments.csv.zst')],
    ['export', 'flat', '--columns', 'post_id,caption', '--out', join(into, 'flat.csv')],
    ['export', 'graph', '--out', join(into, 'people.gexf')],
    ['export', 'graph', '--out', join(into, 'people.graphml')],
    ['report', '--since', '2026-01-01', '--out', join(into, 'report.html')],
  ]
  for (const args of written) expect((await call(...args, ...flags)).code, args.join(' ')).toBe(0)
}

/** All texts that lie in a folder, what is packed as it is unpacked. */
const textsIn = async (path: string): Promise<readonly (readonly [file: string, text: string])[]> => {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const texts: [string, string][] = []
  for (const file of files) {
    const at = join(file.parentPath, file.name)
    for (const [, text] of textsOf(at, 100)) texts.push([file.name, text.toLowerCase()])
    if (file.name.endsWith('.parquet'))
      for (const row of await readParquet(at))
        texts.push([file.name, Object.values(row).map(String).join('\n').toLowerCase()])
  }
  return texts
}

/** Which names stand in the texts, as whole words: those of the world are of words that texts are of, too. */
const findIn = async (
  path: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const wanted = new Set(names.map(name => name.toLowerCase()))
  const found = new Map<string, Set<string>>()
  for (const [file, text] of await textsIn(path))
    for (const [word] of text.matchAll(/[\p{L}\p{N}_.-]{2,}/gu)) {
      // In an address of mail, and before a full stop, a dot is at the end.
      const bare = word.replace(/^\.+|\.+$/g, '')
      if (!wanted.has(bare)) continue
      const in_ = found.get(file) ?? new Set()
      found.set(file, in_.add(bare))
    }
  return found
}

beforeAll(async () => {
  sandbox = await startSandbox()
  const run = [
    'run',
    '--scope',
    'all',
    '--lists',
    'liked',
    '--limit-comments',
    '10',
    '--quiet',
    '--refresh-after',
    '0s',
  ]
  for (let night = 0; night < 2; night++) {
    const ended = await call(...run, ...LIST)
    expect(ended.code, ended.stderr).toBe(0)
    sandbox.advance(86_400_000)
  }
  const all = query(db, 'select distinct network, author_id, author_name from comments')
  const profiles = query(db, 'select id, username, name from profiles')
  listed = [
    ...profiles.flatMap(({ id, username }) => [id, username]),
    ...query(db, 'select entity_id from entities').map(row => row.entity_id),
  ].flatMap(word => (word === null ? [] : [String(word).replace(/^@/, '')]))
  const ofList = new Set(listed)
  const known = all
    .filter(row => !ofList.has(String(row.author_id)))
    .flatMap(row => [row.author_id, row.author_name])
    .flatMap(word => (word === null ? [] : [String(word).replace(/^@/, '')]))
  authors = [...new Set(known), GONE].filter(word => !ofList.has(word))
  plant(all)
}, 240_000)

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Names where no world has them: in texts, addresses, what has no column, messages. */
const plant = (all: readonly Row[]): void => {
  const [one, other] = all.filter(
    row => row.network === 'youtube' && row.author_id !== null && !listed.includes(String(row.author_id)),
  )
  const [insta] = all.filter(row => row.network === 'instagram' && !listed.includes(String(row.author_name)))
  const text = [
    `@${GONE}: ${one?.author_name} and ${String(other?.author_name).toUpperCase()}: see https://www.youtube.com/channel/${one?.author_id}/about`,
    `https://www.instagram.com/${insta?.author_name}/ https://www.tiktok.com/@${GONE}/video/1 ${MAIL}`,
  ].join(' ')
  const extra = JSON.stringify({
    authorProfileImageUrl: 'https://yt3.ggpht.com/face-of-an-author',
    authorChannelUrl: `http://www.youtube.com/channel/${one?.author_id}`,
    owner: { id: other?.author_id, username: GONE },
    mentions: [insta?.author_name],
    [`@${GONE}`]: 1,
  })
  const write = openWrite(db)
  write.prepare('update posts set caption = ?, extra = ?').run(text, extra)
  write
    .prepare(
      "update comments set content = ? || ' ' || coalesce(author_name, '') || ' ' || coalesce(author_id, ''), extra = ?",
    )
    .run(text, extra)
  write.prepare('update profiles set bio = ?').run(text)
  write.prepare('update sync_tasks set last_error = ?').run(`nobody is called ${GONE}`)
  write.close()
}

const folders = { plain: folder.file('plain'), authors: folder.file('authors'), all: folder.file('all') }

describe('what goes out', () => {
  beforeAll(async () => {
    await writeAll(folders.plain, [])
    await writeAll(folders.authors, covered('authors'))
    await writeAll(folders.all, covered('all'))
  }, 240_000)

  it('names authors and profiles where nobody is pseudonymised: the search finds them', async () => {
    const found = await findIn(folders.plain, [...authors, ...listed, MAIL.split('@')[0] ?? ''])
    const files = [
      'comments.csv',
      'comments.json',
      'comments.jsonl',
      'comments.parquet',
      'comments.csv.zst',
      'all.singer',
    ]
    for (const file of files)
      for (const name of authors) expect(found.get(file), file).toContain(name.toLowerCase())
    for (const file of [
      'posts.csv',
      'flat.csv',
      'people.gexf',
      'people.graphml',
      'report.html',
      'tasks.jsonl',
    ])
      expect(found.get(file), file).toContain(GONE)
    for (const name of listed) expect(found.get('profiles.jsonl'), name).toContain(name.toLowerCase())
    expect(found.get('list.txt')).toContain('two.pages.of.50')
  })

  it('holds no id and no name of any author, in no file', async () => {
    const names = [...authors, 'zoe.writes', 'face-of-an-author']
    expect(names.length).toBeGreaterThan(500)
    expect(await findIn(folders.authors, names)).toEqual(new Map())
    expect(await findIn(folders.all, names)).toEqual(new Map())
  })

  it('names the profiles of the list, unless all are meant', async () => {
    const found = await findIn(folders.authors, listed)
    for (const name of listed) expect(found.get('profiles.jsonl'), name).toContain(name.toLowerCase())
    expect(found.get('list.txt')).toContain('two.pages.of.50')
    expect(await findIn(folders.all, listed)).toEqual(new Map())
  })

  it('has the same pseudonym for the same name in every list, format and run, and another one for another', async () => {
    const rowsOf = (which: keyof typeof folders, list: string): readonly Row[] =>
      readFileSync(join(folders[which], 'jsonl', `${list}.jsonl`), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line))
    const plain = rowsOf('plain', 'comments')
    const some = rowsOf('authors', 'comments')
    const every = rowsOf('all', 'comments')
    expect(some.map(({ id }) => id)).toEqual(plain.map(({ id }) => id))
    const pseudonyms = new Map<unknown, unknown>()
    for (const [at, row] of plain.entries())
      for (const column of ['author_id', 'author_name']) {
        const pseudonym = some[at]?.[column]
        if (row[column] === null) expect(pseudonym).toBeNull()
        else if (listed.includes(String(row[column]))) continue
        else {
          expect(pseudonyms.get(row[column]) ?? pseudonym).toBe(pseudonym)
          expect(every[at]?.[column]).toBe(pseudonym)
          pseudonyms.set(row[column], pseudonym)
        }
      }
    expect(new Set(pseudonyms.values()).size).toBe(pseudonyms.size)
    const [[, mentioned] = []] = [...pseudonyms].filter(([name]) => String(name).startsWith('@'))
    expect(mentioned).toMatch(/^@p_/)
    // Of profiles, posts and the graph.
    const [profile] = rowsOf('all', 'profiles').filter(({ network }) => network === 'youtube')
    expect(rowsOf('all', 'posts').map(row => row.profile_id)).toContain(profile?.id)
    expect(rowsOf('all', 'jobs').map(row => row.profile_id)).toContain(profile?.id)
    expect(readFileSync(join(folders.all, 'people.gexf'), 'utf8')).toContain(`youtube:${profile?.id}`)
    const again = await call('export', 'comments', '--format', 'jsonl', ...covered('authors'))
    expect(again.stdout).toBe(readFileSync(join(folders.authors, 'jsonl/comments.jsonl'), 'utf8'))
    const csv = readFileSync(join(folders.authors, 'csv/comments.csv'), 'utf8')
    for (const pseudonym of pseudonyms.values()) expect(csv).toContain(String(pseudonym))
  })

  it('keeps all else: rows, counters, moments, ids of posts, words', () => {
    const of = (which: keyof typeof folders): readonly Row[] =>
      JSON.parse(readFileSync(join(folders[which], 'json/comments.json'), 'utf8'))
    const without = ({ author_id, author_name, content, extra, ...rest }: Row): Row => rest
    expect(of('authors').map(without)).toEqual(of('plain').map(without))
    const [row] = of('authors')
    expect(row?.content).toMatch(
      /^@p_\S{20}: @p_\S{20} and @p_\S{20}: see https:\/\/www\.youtube\.com\/channel\/p_\S{20}\/about /,
    )
    expect(row?.content).toMatch(/ p_\S{20}@mail\.invalid /)
    expect(row?.extra).toMatchObject({ authorProfileImageUrl: null })
  })

  it('says so in the package and in the manifest, and which fields', () => {
    const read = (which: keyof typeof folders, file: string) =>
      readFileSync(join(folders[which], 'package', file), 'utf8')
    for (const whom of ['authors', 'all'] as const) {
      expect(JSON.parse(read(whom, 'manifest.json'))).toMatchObject({ pseudonymised: whom })
      for (const file of ['README.md', 'datapackage.json', 'croissant.json', 'ro-crate-metadata.json'])
        expect(read(whom, file), file).toMatch(/pseudonymised/i)
      // It is about the database itself, which is as it was.
      expect(read(whom, 'metadata.json')).not.toMatch(/pseudonymised/i)
      expect(read(whom, 'README.md')).toContain('pseudonymised, not anonymous')
    }
    expect(read('plain', 'README.md')).not.toContain('seudonym')
    expect(JSON.parse(read('plain', 'manifest.json')).pseudonymised).toBeUndefined()
  })

  it('never tells the key', async () => {
    const key = readFileSync(keyFile, 'utf8').trim()
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    if (!isOnServer) expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    for (const path of [folders.authors, folders.all])
      for (const [file, text] of await textsIn(path)) expect(text.includes(key), file).toBe(false)
    expect(said.join('\n')).not.toContain(key)
    expect(said.filter(text => text.includes('made the key of pseudonyms'))).toHaveLength(1)
  })
})

describe('the key', () => {
  it('is another one, and so are the pseudonyms', async () => {
    const exported = async (key: string) =>
      (await call('export', 'comments', '--pseudonymise', 'authors', '--pseudonym-key', key)).stdout
    const one = await exported(folder.file('one.key'))
    expect(await exported(folder.file('one.key'))).toBe(one)
    expect(await exported(folder.file('other.key'))).not.toBe(one)
  })

  it('lies beside the database where none is named; a server has no place for it', async () => {
    const ended = await call('export', 'profiles', '--pseudonymise', 'all')
    if (isOnServer) {
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toContain('--pseudonym-key')
    } else {
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stderr).toContain(`made the key of pseudonyms in ${db}.pseudonym-key`)
      expect(statSync(`${db}.pseudonym-key`).mode & 0o777).toBe(0o600)
    }
  })

  it('is refused where it is damaged, or others may read it, before anything is written', async () => {
    const damaged = folder.file('damaged.key')
    writeFileSync(damaged, 'no key\n', { mode: 0o600 })
    const open = folder.file('open.key')
    writeFileSync(open, `${'0'.repeat(64)}\n`)
    chmodSync(open, 0o644)
    for (const [file, problem] of [
      [damaged, 'holds no key'],
      [open, 'is open to other users'],
    ] as const) {
      const ended = await call('export', 'comments', '--pseudonymise', 'authors', '--pseudonym-key', file)
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr.split('\n')[0]).toContain(problem)
      expect(ended.stderr).not.toContain('0'.repeat(64))
    }
  })
})

it.each([
  [['export', 'posts', '--pseudonymise', 'nobody'], /--pseudonymise "nobody" is not known/],
  [['export', 'posts', '--pseudonym-key', 'a.key'], /--pseudonym-key goes with --pseudonymise/],
])('%j is refused', async (args, problem) => {
  const ended = await call(...args)
  expect(ended).toMatchObject({ code: 2, stdout: '' })
  expect(ended.stderr).toMatch(problem)
})
