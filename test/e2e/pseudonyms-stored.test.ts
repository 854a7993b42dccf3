// @module-tag long
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPseudonyms } from '../../src/pseudonyms/pseudonym.ts'
import { textsOf } from '../support/artefact-texts.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
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
const RUN = ['run', '--scope', 'all', '--lists', 'liked', '--limit-comments', '10', '--refresh-after', '0s']

const plainFolder = tempFolder()
const plain = plainFolder.file('plain.db')
/** Everything in it is searched. */
const folder = tempFolder()
const db = folder.file('socsync.db')
const keyFolder = tempFolder()
const keyFile = keyFolder.file('some.key')
const config = keyFolder.file('config.json')
let sandbox: TestSandbox
const said: string[] = []

const call = async (
  where: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> => socsync([...args, '--db', where], { env: { ...sandbox.env, ...env } })
/** As it is said in the config file. */
const private_ = async (...args: readonly string[]): Promise<Ended> => {
  const ended = await call(db, args, { SOCSYNC_CONFIG: config })
  said.push(ended.stdout, ended.stderr)
  return ended
}

const commentsOf = (where: string): readonly Row[] =>
  query(where, 'select * from comments order by network, id')

/** Ids and names of authors but those of the list, as they stand in the plain database. */
const authors = (): readonly string[] => {
  const listed = new Set(
    [
      ...query(plain, 'select id, username from profiles').flatMap(({ id, username }) => [id, username]),
      ...query(plain, 'select entity_id from entities').map(row => row.entity_id),
    ].map(word => String(word).replace(/^@/, '').toLowerCase()),
  )
  const words = commentsOf(plain)
    .flatMap(row => [row.author_id, row.author_name])
    .flatMap(word => (word === null ? [] : [String(word).replace(/^@/, '').toLowerCase()]))
  return [...new Set(words)].filter(word => !listed.has(word))
}

/** Which of these stand as words in a text. */
const namesIn = (text: string, names: ReadonlySet<string>): readonly string[] => [
  ...new Set(
    [...text.toLowerCase().matchAll(/[\p{L}\p{N}_.-]{2,}/gu)]
      .map(([word]) => word.replace(/^\.+|\.+$/g, ''))
      .filter(word => names.has(word)),
  ),
]

beforeAll(async () => {
  sandbox = await startSandbox()
  writeFileSync(config, JSON.stringify({ privacy: { pseudonymise: true }, pseudonym_key: keyFile }))
  for (let night = 0; night < 2; night++) {
    const named = await call(plain, [...RUN, '--quiet', ...LIST])
    expect(named.code, named.stderr).toBe(0)
    const log = folder.file(`night-${night}.log`)
    const ended = await private_(...RUN, '--verbose', '--log-file', log, ...LIST)
    expect(ended.code, ended.stderr).toBe(0)
    sandbox.advance(86_400_000)
  }
}, 240_000)

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  for (const one of [plainFolder, folder, keyFolder]) one[Symbol.dispose]()
})

describe('what is stored with privacy.pseudonymise', () => {
  it('names no author, in no file that comes of it', async () => {
    const names = new Set(authors())
    expect(names.size).toBeGreaterThan(500)
    for (const args of [
      ['export', 'all', '--format', 'jsonl', '--out', folder.file('jsonl')],
      ['export', 'all', '--package', '--out', folder.file('package')],
      ['export', 'graph', '--out', folder.file('people.gexf')],
      ['report', '--since', '2026-01-01', '--out', folder.file('report.html')],
      ['diff', '--json'],
      ['db', 'drift'],
      ['status'],
    ])
      expect((await private_(...args)).code, args.join(' ')).toBe(0)
    writeFileSync(folder.file('said.txt'), said.join('\n'))
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter(file =>
      file.isFile(),
    )
    expect(files.length).toBeGreaterThan(isOnServer ? 20 : 22)
    for (const file of files)
      for (const [where, text] of textsOf(`${file.parentPath}/${file.name}`, 100))
        expect(namesIn(text, names), `${file.name} ${where}`).toEqual([])
    // The search finds them where they are.
    const text = commentsOf(plain)
      .map(row => JSON.stringify(row))
      .join('\n')
    expect(namesIn(text, names).length).toBe(names.size)
  })

  it('is the same rows otherwise, after two nights: one person, one pseudonym', () => {
    const named = commentsOf(plain)
    const covered = commentsOf(db)
    const without = ({
      author_id,
      author_name,
      content,
      extra,
      job_id,
      fetched_at,
      first_seen_at,
      ...rest
    }: Row) => Object.fromEntries(Object.entries(rest).filter(([name]) => !/walk|_by$/.test(name)))
    expect(covered.map(without)).toEqual(named.map(without))
    const owners = new Map(
      query(plain, 'select network, id, profile_id from posts').map(row => [
        `${row.network} ${row.id}`,
        row.profile_id,
      ]),
    )
    const pseudonyms = new Map<unknown, unknown>()
    let own = 0
    for (const [at, row] of named.entries()) {
      const owner = owners.get(`${row.network} ${row.post_id}`)
      for (const column of ['author_id', 'author_name']) {
        const stored = covered[at]?.[column]
        if (row[column] === null) expect(stored).toBeNull()
        else if (row.author_id === owner) {
          own += 1
          expect(stored).toBe(row[column])
        } else {
          expect(stored).toMatch(/^@?p_[a-z2-7]{20}$/)
          expect(pseudonyms.get(row[column]) ?? stored).toBe(stored)
          pseudonyms.set(row[column], stored)
        }
      }
    }
    expect(own).toBeGreaterThan(0)
    expect(new Set(pseudonyms.values()).size).toBe(pseudonyms.size)
    const count = (where: string) =>
      ['profiles', 'posts', 'media', 'likes', 'metrics', 'revisions'].map(
        table => query(where, `select count(*) as n from ${table}`)[0]?.n,
      )
    expect(count(db)).toEqual(count(plain))
  })

  it('keeps no answer as received, and the profiles of the list as they are', () => {
    expect(query(db, 'select count(*) as n from raw_pages')).toEqual([{ n: 0 }])
    expect(query(plain, 'select count(*) as n from raw_pages')[0]?.n).toBeGreaterThan(0)
    const columns = 'network, id, username, name, url, website, followers_count'
    const profiles = `select ${columns} from profiles order by network, id`
    expect(query(db, profiles)).toEqual(query(plain, profiles))
  })

  it('has the pseudonyms that an export of names has under the same key, and keeps its own in one', async () => {
    const rowsOf = async (where: string): Promise<Row[]> => {
      const flags = ['--pseudonymise', 'authors', '--pseudonym-key', keyFile, '--format', 'jsonl']
      const { stdout } = await call(where, ['export', 'comments', ...flags])
      return stdout
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line))
    }
    const of = (rows: readonly Row[]) =>
      rows.map(({ author_id, author_name }) => ({ author_id, author_name }))
    const exported = await rowsOf(db)
    expect(of(exported)).toEqual(of(commentsOf(db)))
    const names = new Set(authors())
    const named = commentsOf(plain)
    const isAuthor = (_: Row, at: number) => names.has(String(named[at]?.author_id).toLowerCase())
    const fromNames = (await rowsOf(plain)).filter(isAuthor)
    expect(fromNames.length).toBeGreaterThan(200)
    expect(of(fromNames)).toEqual(of(exported.filter(isAuthor)))
  })

  it('says once where its key was made, and what it is for', () => {
    const told = said
      .join('')
      .split('\n')
      .filter(line => line.includes('made the key of pseudonyms'))
    expect(told).toEqual([expect.stringContaining(`in ${keyFile}: keep it, since without it`)])
  })

  it('is not mixed with names, nor with another key, and says what to do', async () => {
    const rows = () => [plain, db].map(where => query(where, 'select count(*) as n from sync_runs')[0]?.n)
    const before = rows()
    const other = keyFolder.file('other.key')
    const missing = keyFolder.file('missing.key')
    writeFileSync(other, `${'a1'.repeat(32)}\n`, { mode: 0o600 })
    const refused = async (where: string, env: Record<string, string>, problem: string): Promise<void> => {
      for (const args of [
        [...RUN, ...LIST],
        ['resume', '1'],
      ]) {
        const ended = await call(where, args, env)
        expect(ended, ended.stderr).toMatchObject({ code: 2, stdout: '' })
        expect(ended.stderr.split('\n')[0]).toContain(problem)
      }
    }
    await refused(plain, { SOCSYNC_CONFIG: config }, 'has people by their names')
    await refused(db, {}, 'has pseudonyms in place of people')
    const under = (file: string) => ({ SOCSYNC_CONFIG: config, SOCSYNC_PSEUDONYM_KEY: file })
    await refused(db, under(other), 'has pseudonyms under another key')
    await refused(db, under(missing), 'missing.key')
    expect(existsSync(missing)).toBe(false)
    expect(rows()).toEqual(before)
  })

  it('is said to be pseudonyms in packages and manifests that nobody told of it, and of the database', async () => {
    for (const [where, flags] of [
      ['told.package', ['--package']],
      ['told.csv', ['--format', 'csv']],
      ['told.all', ['--package', '--pseudonymise', 'all', '--pseudonym-key', keyFile]],
    ] as const) {
      const ended = await call(db, ['export', 'all', ...flags, '--out', keyFolder.file(where)])
      expect(ended.code, ended.stderr).toBe(0)
    }
    const read = (file: string): string => readFileSync(keyFolder.file(file), 'utf8')
    expect(JSON.parse(read('told.package/manifest.json'))).toMatchObject({ pseudonymised: 'authors' })
    expect(JSON.parse(read('told.csv/manifest.json'))).toMatchObject({ pseudonymised: 'authors' })
    expect(JSON.parse(read('told.all/manifest.json'))).toMatchObject({ pseudonymised: 'all' })
    for (const file of ['README.md', 'ro-crate-metadata.json', 'croissant.json', 'datapackage.json']) {
      expect(read(`told.package/${file}`), file).toContain('pseudonymised, not anonymous')
      expect(read(`told.package/${file}`), file).toContain('replaced before they were stored')
    }
    const described = JSON.parse(read('told.package/datapackage.json'))
    expect(described.socsync.pseudonymised).toBe('authors')
    const isCovered = (list: string, column: string): boolean =>
      described.resources
        .find(({ name }: Row) => name === list)
        .schema.fields.find(({ name }: Row) => name === column).socsync.pseudonymised
    expect(isCovered('comments', 'author_id')).toBe(true)
    expect(isCovered('posts', 'caption')).toBe(true)
    expect(isCovered('comments', 'profile_username')).toBe(false)
    expect(isCovered('profiles', 'username')).toBe(false)
    // A service's answer is stored as it came.
    expect(isCovered('transforms', 'result')).toBe(false)
    const columnOf = (folder: string): string =>
      Object.values(JSON.parse(read(`${folder}/metadata.json`)).databases as Row)
        .map(one => JSON.stringify(one))
        .join()
    for (const folder of ['told.package', 'told.all']) {
      expect(columnOf(folder)).toMatch(/"author_id":"[^"]*Pseudonymised\./)
      expect(columnOf(folder)).not.toMatch(/"username":"[^"]*Pseudonymised\./)
    }
  })

  it('of a profile is purged with what it wrote elsewhere', async () => {
    const pseudonyms = openPseudonyms(Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex'))
    const id = 'UC4PxMN_1ESeaVOhEKlToRCg'
    const write = openWrite(db)
    write
      .prepare(
        "update comments set author_id = ? where id = (select c.id from comments c join posts p on p.network = c.network and p.id = c.post_id where c.network = 'youtube' and p.profile_id <> ? order by c.id limit 1)",
      )
      .run(pseudonyms('youtube', id), id)
    write.close()
    const wrote = () =>
      query(db, `select count(*) as n from comments where author_id = '${pseudonyms('youtube', id)}'`)[0]?.n
    expect(wrote()).toBe(1)
    const ended = await private_('db', 'purge', '--network', 'youtube', '--entity', id, '--yes')
    expect(ended.code, ended.stderr).toBe(0)
    expect(wrote()).toBe(0)
  })
})
