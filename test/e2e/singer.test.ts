// @module-tag long
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXPORT_KINDS } from '../../src/export/kinds.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { readSinger, type SingerOutput } from '../support/singer.ts'
import { query } from '../support/tables.ts'

const folder = tempFolder()
const db = folder.file('socsync.db')
let output: SingerOutput

const call = async (...args: readonly string[]) => socsync(['export', ...args, '--db', db])

beforeAll(async () => {
  await using sandbox = await startSandbox()
  const ids = ['instagram:two.pages.of.50', 'tiktok:shelf.keeper', 'youtube:UCtggNqnHV2t1SqIx2UqiMdg']
  const run = [
    'run',
    '--scope',
    'all',
    '--since',
    '2026-08-01',
    '--limit-comments',
    '20',
    '--quiet',
    '--db',
    db,
    ...ids,
  ]
  const ended = await socsync(run, { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  const all = await call('all', '--format', 'singer')
  expect(all).toMatchObject({ code: 0, stderr: '' })
  output = readSinger(all.stdout)
}, 60_000)
afterAll(() => folder[Symbol.dispose]())

const LISTED = ['hashtags', 'mentions', 'tags', 'topics', 'effect_ids']
const JSONS = new Set([...LISTED, 'extra', 'cursor', 'scopes', 'reasons', 'result'])

describe('export --format singer', () => {
  it('has each list as a stream, with the rows of the others formats', async () => {
    expect([...output.streams.keys()]).toEqual([...EXPORT_KINDS])
    for (const kind of ['posts', 'comments', 'tasks'] as const) {
      const rows = JSON.parse((await call(kind, '--format', 'json')).stdout)
      const records = output.streams
        .get(kind)
        ?.records.map(record =>
          Object.fromEntries(
            Object.entries(record).map(([name, value]) => [
              name,
              JSONS.has(name) && typeof value === 'string' ? JSON.parse(value) : value,
            ]),
          ),
        )
      expect(rows.length).toBeGreaterThan(5)
      expect(records).toEqual(rows)
    }
  })

  it('no two records of a stream have one key', () => {
    for (const [name, { keys, records }] of output.streams) {
      expect(keys.length, name).toBeGreaterThan(0)
      expect(new Set(records.map(record => keys.map(key => record[key]).join(' '))).size, name).toBe(
        records.length,
      )
    }
  })

  it('writes one list, or all, to a file, compressed too', async () => {
    const out = folder.file('posts.singer')
    expect(await call('posts', '--out', out)).toMatchObject({ code: 0, stdout: '' })
    const { streams } = readSinger(readFileSync(out, 'utf8'))
    expect([...streams.keys()]).toEqual(['posts'])
    expect(streams.get('posts')).toEqual(output.streams.get('posts'))
    const all = folder.file('all.singer.gz')
    const ended = await call('all', '--out', all)
    expect(ended.stderr).toMatch(/^\d+ rows in /)
    expect(readFileSync(all).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })

  it('has bookmarks that --since takes: an hour before the newest row, and never before the last one', async () => {
    const bookmarks = output.state?.bookmarks as Record<string, Record<string, string>>
    const [{ newest } = {}] = query(db, 'select max(fetched_at) as newest from posts')
    const hourBefore = new Date(Date.parse(String(newest)) - 3_600_000).toISOString()
    expect(bookmarks.posts).toEqual({ fetched_at: hourBefore })
    expect(output.streams.get('posts')?.bookmarks).toEqual(['fetched_at'])
    expect(Object.keys(bookmarks)).toEqual(expect.arrayContaining(['profiles', 'metrics', 'flat']))
    // A job's row moves, and its moment does not.
    expect(bookmarks.jobs).toBeUndefined()
    const again = readSinger((await call('posts', '--format', 'singer', '--since', hourBefore)).stdout)
    expect(again.streams.get('posts')?.records).toEqual(output.streams.get('posts')?.records)
    const later = '2026-10-02T00:00:00.000Z'
    const none = readSinger((await call('posts', '--format', 'singer', '--since', later)).stdout)
    expect(none).toMatchObject({ state: { bookmarks: { posts: { fetched_at: later } } } })
    expect(none.streams.get('posts')?.records).toEqual([])
  })

  it('needs the columns that tell rows apart', async () => {
    expect((await call('posts', '--format', 'singer', '--columns', 'network,id,caption')).code).toBe(0)
    const refused = await call('media', '--format', 'singer', '--columns', 'url,network')
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/leaves out post_id and position.*\n.*network, post_id, position/)
  })
})

describe('the reader of messages refuses', () => {
  const schema = {
    ...{ type: 'SCHEMA', stream: 's', key_properties: ['id'] },
    schema: { type: 'object', properties: { id: { type: ['string'] }, n: { type: ['null', 'integer'] } } },
  }
  it.each([
    ['a record without a schema', [{ type: 'RECORD', stream: 's', record: { id: '1' } }]],
    ['a record without its key', [schema, { type: 'RECORD', stream: 's', record: { n: 1 } }]],
    ['a value of another type', [schema, { type: 'RECORD', stream: 's', record: { id: '1', n: 'x' } }]],
    ['a key that is no property', [{ ...schema, key_properties: ['other'] }]],
    ['a state without a value', [{ type: 'STATE' }]],
    ['another type', [{ type: 'ROW', stream: 's' }]],
  ])('%s', (_, messages) => {
    expect(() => readSinger(messages.map(message => `${JSON.stringify(message)}\n`).join(''))).toThrow()
  })
})
