import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { keepSaid, noteSecrets } from '../../support/artefacts.ts'
import { tempFolder } from '../../support/cli.ts'
import { searchArtefacts } from '../../support/suite.ts'

/** Of these tests alone: the suite that they are part of does not search for it. */
const SECRET = `planted"/+=%|&<'of-the-suite`
const GIVEN = new Map([[SECRET, 'the planted one']])
const WORDS = readFileSync(join(import.meta.dirname, '../../support/cli.ts'), 'utf8')
const around = (text: string): string => WORDS + text + WORDS.slice(0, 100)
const packed = (pack: (text: string) => Buffer): Buffer => {
  const bytes = pack(around(SECRET))
  expect(bytes.includes(SECRET), 'it stands there as it is').toBe(false)
  return bytes
}

const folder = tempFolder()
// Whatever the suite keeps: these are no artefacts.
afterAll(() => rmSync(folder.path, { recursive: true }))

const open: Database.Database[] = []
afterAll(() => open.forEach(db => void db.close()))

/** A database of one row with these values, and `after` done to it; it stays open, so that its log stays. */
const database = (path: string, text: string, blob: Buffer | null, after = 'select 1'): void => {
  const db = new Database(path)
  open.push(db)
  db.exec('pragma journal_mode = wal; create table things (text text, body blob)')
  db.prepare('insert into things values (?, ?)').run(text, blob)
  db.exec(after)
}

/** Each kind of artefact, as one who leaves the secret in it would make it. */
const KINDS: Readonly<Record<string, (path: string) => void>> = {
  'a text': path => writeFileSync(path, around(SECRET)),
  'a long text, over the end of a part of it': path =>
    writeFileSync(path, `${'x'.repeat(8 * 2 ** 20 - 10)}${SECRET}`),
  'an address': path => writeFileSync(path, around(`?key=${encodeURIComponent(SECRET)}`)),
  'an address within an address': path =>
    writeFileSync(path, around(encodeURIComponent(`?key=${encodeURIComponent(SECRET)}`))),
  'a form': path => writeFileSync(path, around(String(new URLSearchParams({ key: SECRET })))),
  JSON: path => writeFileSync(path, JSON.stringify({ log: JSON.stringify({ key: SECRET }) })),
  ...Object.fromEntries(
    ['', 'a', 'ab'].flatMap(before =>
      (['base64', 'base64url'] as const).map(alphabet => [
        `${alphabet}, after ${before.length} bytes`,
        (path: string) => writeFileSync(path, Buffer.from(`${before}${SECRET}:x`).toString(alphabet)),
      ]),
    ),
  ),
  'a packed file (gzip)': path => writeFileSync(path, packed(gzipSync)),
  'a packed file (zstd)': path => writeFileSync(path, packed(zstdCompressSync)),
  'a text in a database': path => database(path, around(SECRET), null),
  'a text in pieces in a database': path => {
    // 908 of 5,000 bytes lie in the row's own page (the file format, section 1.6).
    database(path, `${'x'.repeat(890)}${SECRET}`.padEnd(4_996, 'x'), null)
    expect(readFileSync(`${path}-wal`).includes(SECRET), 'it stands there as it is').toBe(false)
  },
  'a packed body in a database': path => database(path, '', packed(zstdCompressSync)),
  'a bare body in a database': path => database(path, '', Buffer.from(around(SECRET))),
  'a deleted row': path => database(path, around(SECRET), null, 'delete from things'),
  'a database that is spoilt': path => {
    database(path, around(SECRET), null, 'pragma wal_checkpoint(truncate)')
    writeFileSync(path, readFileSync(path).fill(0xff, 100, 3_000))
  },
}

describe('a secret is found, and named without being shown, in', () => {
  it.each(Object.entries(KINDS))('%s', (kind, make) => {
    const place = folder.file(kind.replaceAll(/\W+/g, '-'))
    mkdirSync(place)
    make(join(place, 'left'))
    const { found, secrets } = searchArtefacts(place, GIVEN)
    expect(secrets).toBe(1)
    expect(found.length).toBeGreaterThanOrEqual(1)
    for (const line of found) expect(line).toMatch(/^the planted one: in left(-wal)?, .*, made by/)
    expect(found.join()).not.toContain('planted"')
    expect(searchArtefacts(place, new Map([[`${SECRET}-not`, 'another']])).found).toEqual([])
  })
})

describe('of a suite', () => {
  it('secrets come from credentials files as well, which alone may hold them', () => {
    const place = folder.file('given')
    mkdirSync(join(place, 'socsync'), { recursive: true })
    const credentials = { tiktok: [{ name: 'nobody-in-particular', client_key: 'k', client_secret: SECRET }] }
    writeFileSync(join(place, 'socsync/credentials.json'), JSON.stringify(credentials))
    writeFileSync(join(place, 'a.log'), `nobody-in-particular ${SECRET}`)
    expect(searchArtefacts(place, new Map())).toMatchObject({
      artefacts: 1,
      secrets: 1,
      found: [expect.stringMatching(/^a client_secret of tiktok, from a credentials file: in a\.log/)],
    })
  })

  it('what is made and said bears the name of its test, and what a process is given is searched for', () => {
    const suite = process.env.TMPDIR ?? ''
    using mine = tempFolder()
    keepSaid('a word')
    noteSecrets({
      SOCSYNC_YOUTUBE_API_KEY: 'one-of-nobody,another-of-nobody',
      SOCSYNC_DB: 'a-file-of-nobody',
    })
    const name = 'test/unit/support/suite.test.ts > what is made and said bears the name'
    const records = readdirSync(suite).filter(entry => entry.includes(String(process.pid)))
    expect(readFileSync(`${mine.path}.made-by`, 'utf8')).toContain(name)
    // The last that this process said: a worker has more files than this one.
    const said = records.map(entry => Number(/^said-\d+-(\d+)$/.exec(entry)?.[1] ?? 0))
    const last = join(suite, `said-${process.pid}-${Math.max(...said)}`)
    expect(readFileSync(last, 'utf8')).toBe('a word')
    expect(readFileSync(`${last}.made-by`, 'utf8')).toContain(name)
    const notes = readFileSync(join(suite, records.find(entry => entry.startsWith('secrets')) ?? ''), 'utf8')
    expect(notes).toContain('"a SOCSYNC_YOUTUBE_API_KEY","another-of-nobody"')
    expect(notes).not.toContain('a-file-of-nobody')
  })
})

/** Else it would be cleared away before it is searched. */
it('no test makes a temporary folder by itself', () => {
  const root = join(import.meta.dirname, '../..')
  const makers = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.ts') && /\bmkdtemp(Sync)?\(/.test(readFileSync(join(root, name), 'utf8')),
  )
  // The folders of a test's server and of a pool are their users', and a view of a server's database is no file of socsync's.
  const apart = ['support/on-server-worker.ts', 'support/pgbouncer.ts', 'support/postgres-server.ts']
  expect(makers.sort()).toEqual(['support/artefacts.ts', ...apart, 'support/suite.ts'])
})
