import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_PLAYLISTS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openRead, query } from '../support/tables.ts'

/** Tables that grow with lists and nights. */
const LARGE = [
  'sync_jobs',
  'sync_tasks',
  'sync_walks',
  'walk_cursors',
  'entities',
  'entity_aliases',
  'profiles',
  'posts',
  'media',
  'comments',
  'likes',
  'collections',
  'collection_items',
  'metrics',
  'revisions',
  'raw_pages',
  'raw_bodies',
  'rejects',
  'quota',
]
const LIST = [
  'instagram:two.pages.of.50',
  'tiktok:shelf.keeper',
  'tiktok:pier.way47',
  'youtube:UCtggNqnHV2t1SqIx2UqiMdg',
  'youtube:UC4PxMN_1ESeaVOhEKlToRCg',
  'youtube:post:RGvbbiQUAcc',
  `youtube:playlist:${YOUTUBE_PLAYLISTS.shared}`,
]

const folder = tempFolder()
const db = folder.file('run.db')
/** Each statement of the runs and how SQLite goes about it. */
let plans: { readonly sql: string; readonly steps: readonly string[] }[]

beforeAll(async () => {
  await using sandbox = await startSandbox({ networks })
  const noted = folder.file('statements')
  const hook = new URL('../support/note-statements.ts', import.meta.url).href
  // Makes the file: what migrations do, they do once.
  const first = ['run', '--scope', 'profile', '--quiet', '--db', db, 'tiktok:ada.bakes']
  expect(await socsync(first, { env: sandbox.env })).toMatchObject({ code: 0, stderr: '' })
  const env = { ...sandbox.env, NODE_OPTIONS: `--import ${hook}`, STATEMENTS: noted }
  const call = async (...args: readonly string[]): Promise<void> => {
    const ended = await socsync([...args, '--quiet', '--db', db], { env })
    expect([0, 3], ended.stderr).toContain(ended.code)
  }
  const run = ['run', '--scope', 'all', '--since', '2026-06-01']
  // Cut short, gone on with while it is waited for others, a later night, and what is left of it.
  await call(...run, '--budget', '12', ...LIST)
  await call(...run, '--wait', ...LIST)
  sandbox.advance(86_400_000)
  await call('run', '--scope', 'posts', '--budget', '130', ...LIST)
  await call('resume', '--run', '4')
  await call('plan', '--scope', 'all', ...LIST)
  const file = openRead(db)
  const statements = new Set(
    readFileSync(noted, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as string),
  )
  plans = [...statements]
    .filter(sql => /^\s*(select|insert|update|delete|with)\b/i.test(sql))
    .map(sql => {
      const values = Array.from(sql.matchAll(/\?/g), () => null)
      const rows = file.prepare(`explain query plan ${sql}`).all(...values) as { detail: string }[]
      return { sql, steps: rows.map(({ detail }) => detail) }
    })
  file.close()
}, 120_000)
afterAll(() => folder[Symbol.dispose]())

describe('The price of a run', () => {
  it('is worked out profile by profile, however many posts there are', () => {
    const found = plans.filter(({ sql }) => /json_each\(\?\)\) as started/.test(sql))
    expect(found.length).toBeGreaterThan(2)
    for (const { steps } of found) {
      const [list, posts] = [/^SCAN json_each\b/, /^SEARCH posts\b.*id=/].map(step =>
        steps.findIndex(detail => step.test(detail)),
      )
      expect(list).toBeGreaterThanOrEqual(0)
      expect(posts).toBeGreaterThan(Number(list))
    }
  })
})

describe('Each statement of a run', () => {
  /** What the page at the end of a run tells is counted once. */
  const isReport = (sql: string): boolean =>
    /\bstored\b.*\bcomments_reason\b|\blimit \d+\)|run_costs\.network/s.test(sql)

  it('reads along an index, however large the file', () => {
    expect(query(db, 'select count(*) as n from sync_jobs')[0]?.n).toBeGreaterThan(LIST.length)
    expect(plans.length).toBeGreaterThan(100)
    const scan = new RegExp(`^SCAN (${LARGE.join('|')})\\b|AUTOMATIC`)
    const slow = plans.filter(({ sql, steps }) => !isReport(sql) && steps.some(step => scan.test(step)))
    expect(slow).toEqual([])
  })

  it.each([
    {
      what: 'tasks that wait to share a walk',
      says: /"sync_tasks"\."walk_id" is null/,
      index: 'sync_tasks_waiting',
    },
    { what: 'limits that were met', says: /"exhausted_until" > \?/, index: 'quota_refused' },
    {
      what: 'walks that are due to a credential',
      says: /"sync_walks".*not_before is null.*"credential" = \?.*limit/,
      index: 'sync_walks_due (run_id=? AND network=? AND stream=? AND credential=?',
    },
    {
      what: 'deferred walks whose moment has come',
      says: /"sync_walks" set "not_before" = \?/,
      index: 'sync_walks_deferred (run_id=? AND network=? AND not_before<?)',
    },
  ])('finds $what among those alone', ({ says, index }) => {
    const found = plans.filter(({ sql }) => says.test(sql))
    expect(found).not.toEqual([])
    for (const { steps } of found) expect(steps.join('\n')).toContain(index)
  })
})
