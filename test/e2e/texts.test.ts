import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SocialRecord } from '../../src/core/records.ts'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { parseCsv } from '../support/csv.ts'
import { readParquet } from '../support/duckdb.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query, type Row } from '../support/tables.ts'

const folder = tempFolder()
const db = folder.file('socsync.db')
let sandbox: TestSandbox
let world: SocialRecord[]

const PROFILES = [
  'instagram:strange.texts',
  'instagram:long.caption',
  'tiktok:nul.and.void',
  `youtube:${YOUTUBE_SPECIALS.channels.forms}`,
  `youtube:${YOUTUBE_SPECIALS.channels.thai}`,
]
/** The columns that are not text or number in JSON. */
const FLAGS = new Set(['verified', 'made_for_kids', 'stem_verified', 'paid_promotion'])
const LISTED = ['hashtags', 'mentions', 'tags', 'topics', 'effect_ids']
const JSONS = new Set([...LISTED, 'extra', 'cursor', 'scopes', 'reasons'])

/** The key of each list, and the table that it is read from where that has another name. */
/** The rows of a table, with the names of the profile that each is of. */
const withNames = (table: string, profile = `${table}.profile_id`): string =>
  `(select ${table}.*, profiles.id as profile_id, profiles.username as profile_username, profiles.name as profile_name from ${table}
    left join profiles on profiles.network = ${table}.network and profiles.id = ${profile})`

/** The same with the address of the post that each is of. */
const withPost = (table: string): string =>
  `(select ${table}.*, permalink as post_permalink, profiles.username as profile_username, profiles.name as profile_name
    from ${table} join posts on posts.network = ${table}.network and posts.id = post_id
    join profiles on profiles.network = posts.network and profiles.id = profile_id)`

const PROFILE_OF_JOB = `(select profile_id from entities
  where entities.network = sync_jobs.network and entities.entity_id = sync_jobs.entity_id)`

const LISTS = {
  profiles: { key: ['network', 'id'] },
  posts: { key: ['network', 'id'], from: withNames('posts') },
  media: { key: ['network', 'post_id', 'position'], from: withPost('media') },
  comments: { key: ['network', 'id'], from: withPost('comments') },
  metrics: {
    key: ['network', 'subject', 'subject_id', 'name', 'observed_at'],
    from: `(select metrics.*, permalink as post_permalink, profiles.username as profile_username, profiles.name as profile_name
      from metrics left join posts on subject = 'post' and posts.network = metrics.network and posts.id = subject_id
      join profiles on profiles.network = metrics.network and profiles.id = coalesce(posts.profile_id, subject_id))`,
  },
  engagement: { key: ['network', 'post_id'], from: withNames('engagement') },
  flat: {
    key: ['network', 'post_id'],
    from: `(select posts.*, posts.id as post_id, permalink as post_permalink, username as profile_username, name as profile_name,
        profiles.url as profile_url, followers_count as profile_followers_count, engagement, parts as engagement_parts,
        coalesce(media_count, 0) as media_count, coalesce(stored_comments_count, 0) as stored_comments_count
      from posts join profiles on profiles.network = posts.network and profiles.id = posts.profile_id
      join (select network, post_id, engagement, parts from engagement) as worked_out on worked_out.network = posts.network and worked_out.post_id = posts.id
      left join (select network, post_id, count(*) as media_count from media group by 1, 2) as pictures
        on pictures.network = posts.network and pictures.post_id = posts.id
      left join (select network, post_id, count(*) as stored_comments_count from comments group by 1, 2) as said
        on said.network = posts.network and said.post_id = posts.id)`,
  },
  jobs: { key: ['id'], from: withNames('sync_jobs', PROFILE_OF_JOB) },
  tasks: {
    key: ['id'],
    from: `(select sync_tasks.*, sync_jobs.network, permalink as post_permalink, profiles.username as profile_username,
        profiles.name as profile_name
      from sync_tasks join sync_jobs on sync_jobs.id = sync_tasks.job_id
      left join posts on posts.network = sync_jobs.network and posts.id = sync_tasks.post_id
      left join profiles on profiles.network = sync_jobs.network and profiles.id = ${PROFILE_OF_JOB})`,
  },
} as const satisfies Readonly<Record<string, { key: readonly string[]; from?: string }>>

/** How each format is read, by nobody who wrote it. */
const DECODERS: Readonly<Record<string, (path: string) => readonly Row[] | Promise<readonly Row[]>>> = {
  csv: path => parseCsv(readFileSync(path, 'utf8')),
  json: path => JSON.parse(readFileSync(path, 'utf8')),
  jsonl: path =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line)),
  parquet: async path => {
    const rows = await readParquet(path)
    return rows.map(row =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
    )
  },
}

/** A moment or an integer of a typed format, as the file has it. */
const plain = (value: unknown): unknown =>
  value instanceof Date ? value.toISOString() : typeof value === 'bigint' ? Number(value) : value

/** Rows by list and format. */
const exports = new Map<string, readonly Row[]>()

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok] })
  const command = ['run', '--scope', 'all', '--since', '2023-01-01', '--quiet', '--db', db, ...PROFILES]
  const ended = await socsync(command, { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  world = PROFILES.flatMap(id => sandbox.truth(...(id.split(':') as [string, string])))
  for (const format of Object.keys(DECODERS)) {
    const all = ['export', 'all', '--format', format, '--out', folder.file(format), '--db', db]
    const exported = await socsync(all)
    expect(exported.code, exported.stderr).toBe(0)
    for (const list of Object.keys(LISTS)) {
      const path = folder.file(`${format}/${list}.${format}`)
      exports.set(`${list} ${format}`, (await DECODERS[format]?.(path)) ?? [])
    }
  }
}, 120_000)

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** A stored value as a format tells it. */
const told = (value: unknown, column: string, format: string): unknown => {
  if (value === null) return null
  if (FLAGS.has(column)) return format === 'csv' ? String(value === 1) : value === 1
  if (format === 'csv') return String(value)
  return JSONS.has(column) && format !== 'parquet' ? JSON.parse(String(value)) : value
}

const read = (format: string, table: string): readonly Row[] => exports.get(`${table} ${format}`) ?? []

/** Of posts: not in the table, or with what follows from it; shown by completeness.test.ts. */
const WORKED_OUT: ReadonlySet<string> = new Set([
  'posts comments_reason',
  'posts stored_comments_count',
  'profiles posts_reason',
  'profiles stored_posts_count',
])

describe.each(Object.keys(DECODERS))('export as %s', format => {
  it.each(Object.entries<{ key: readonly string[]; from?: string }>(LISTS))(
    'every cell of %s is what the file holds',
    (list, { key, from }) => {
      const exported = read(format, list)
      const keyOf = (row: Row): string => key.map(column => row[column]).join(' ')
      const stored = new Map(query(db, `select * from ${from ?? list}`).map(row => [keyOf(row), row]))
      expect(exported.length).toBe(stored.size)
      expect(exported.length).toBeGreaterThan(0)
      const wrong = exported.flatMap(row =>
        Object.entries(row).filter(([column, value]) => {
          if (WORKED_OUT.has(`${list} ${column}`)) return false
          const right = told(stored.get(keyOf(row))?.[column], column, format)
          return JSON.stringify(value) !== JSON.stringify(right)
        }),
      )
      expect(wrong.slice(0, 5)).toEqual([])
    },
  )

  it('texts come out as they went in, a NUL as U+FFFD', () => {
    const exported = new Map(
      [...read(format, 'posts'), ...read(format, 'comments')].map(row => [row.id, row]),
    )
    const texts = new Set<string>()
    for (const record of world) {
      if (record.type !== 'post' && record.type !== 'comment') continue
      const row = exported.get(record.id)
      if (row === undefined) continue
      const text = record.type === 'post' ? record.caption : record.content
      expect(row.id).toBeTypeOf('string')
      expect(record.type === 'post' ? row.caption : row.content).toBe(text || (text ?? null))
      if (text) texts.add(text)
    }
    const all = [...texts]
    expect(
      all.some(text => text.length > 100_000),
      'a caption of 100 kB',
    ).toBe(true)
    for (const sign of [
      '👩‍👩‍👧‍👦🏳️‍🌈',
      'שלום',
      '\ufffd',
      '\r\n',
      '"quoted"',
      '\u2028',
      '\u001b[31m',
      '\u202e',
      'e\u0301',
    ]) {
      expect(
        all.some(text => text.includes(sign)),
        JSON.stringify(sign),
      ).toBe(true)
    }
    expect(all.some(text => text.includes('\0'))).toBe(false)
    expect([...exported.keys()].filter(id => /^\d{19}$/.test(String(id))).length).toBeGreaterThan(50)
  })
})

it('--excel: a byte-order mark, ids as text, nothing that runs as a formula', async () => {
  const { stdout } = await socsync(['export', 'posts', '--excel', '--db', db])
  expect(stdout.startsWith('\ufeff')).toBe(true)
  const rows = parseCsv(stdout.slice(1))
  const stored = new Map(query(db, 'select * from posts').map(row => [row.id, row]))
  expect(rows.length).toBe(stored.size)
  let guarded = 0
  for (const row of rows) {
    expect(row.id).toMatch(/^'\d+$|^[\w-]{11}$|^'[\w-]{11}$/)
    const right = stored.get(row.id?.replace(/^'/, ''))?.caption
    if (row.caption !== right) {
      guarded += 1
      expect(row.caption).toBe(`'${right}`)
    }
    expect(row.caption ?? '').not.toMatch(/^[=+\-@\t\r\n]/)
  }
  expect(guarded).toBeGreaterThanOrEqual(2)
})

it('ids in status and jobs --json are strings, counters numbers', async () => {
  const [status, job, jobs] = await Promise.all(
    [['status'], ['status', '1'], ['jobs']].map(args => socsync([...args, '--json', '--db', db])),
  )
  for (const ended of [status, job, jobs]) expect(JSON.parse(ended?.stdout ?? '').schema).toBe(1)
  const listed = JSON.parse(jobs?.stdout ?? '').jobs
  expect(listed.map((one: { entity_id: unknown }) => one.entity_id).sort()).toEqual(
    PROFILES.map(id => id.slice(id.indexOf(':') + 1)).sort(),
  )
  const longDigits = /(":|[[,])\s*\d{16,}/
  for (const ended of [status, job, jobs]) expect(ended?.stdout).not.toMatch(longDigits)
})

it('the manifest of a whole export tells its files, rows and checksums', () => {
  const manifest = JSON.parse(readFileSync(folder.file('csv/manifest.json'), 'utf8'))
  for (const { name, rows, bytes, sha256 } of manifest.files) {
    const content = readFileSync(folder.file(`csv/${name}`))
    expect({ name, bytes, sha256 }).toEqual({
      name,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })
    expect(rows).toBe(parseCsv(content.toString()).length)
  }
})
