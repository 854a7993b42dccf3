// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import type { LoggedCall } from '../../../src/sandbox/log.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { query, resultRows } from '../../support/tables.ts'

const DAY_MS = 86_400_000

interface Case {
  readonly network: string
  id(sandbox: TestSandbox): string
  /** The post whose comments a call asks for; null = it asks for something else. */
  postOf(call: LoggedCall): string | null
  /** Bounds of the runs, each earlier than the one before. */
  readonly days: readonly [late: string, early: string]
  readonly lookbackDays: number
}

const CASES: readonly Case[] = [
  {
    network: 'tiktok',
    id: () => 'ada.bakes',
    postOf: ({ body }) => /"video_id":"?(\d+)/.exec(body)?.[1] ?? null,
    days: ['2025-09-01', '2025-03-01'],
    lookbackDays: 3,
  },
  {
    network: 'youtube',
    id: () => YOUTUBE_SPECIALS.channels.old,
    postOf: ({ path, fields }) => (path.endsWith('/commentThreads') ? (fields.videoId ?? null) : null),
    days: ['2024-01-01', '2020-01-01'],
    lookbackDays: 3,
  },
  {
    network: 'instagram',
    id: ({ env }) => env.SOCSYNC_INSTAGRAM_USER_ID ?? '',
    postOf: ({ path }) => /\/(\d+)\/comments$/.exec(path)?.[1] ?? null,
    days: ['2026-08-01', '2026-01-01'],
    lookbackDays: 7,
  },
]

describe.each(CASES)('bounded nights of $network', { timeout: 1_200_000 }, of => {
  let sandbox: TestSandbox
  let folder: ReturnType<typeof tempFolder>
  let id: string
  const [late, early] = of.days

  const open = async (moving: boolean): Promise<void> => {
    sandbox = await startSandbox({ networks, moving })
    id = of.id(sandbox)
  }
  beforeEach(() => {
    folder = tempFolder()
  })
  afterEach(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const call = (file: string, ...flags: readonly string[]): Promise<Ended> =>
    socsync(['run', '--network', of.network, '--db', folder.file(file), '--quiet', ...flags, id], {
      env: sandbox.env,
    })

  /** A run a day after the one before; fails where it asks for comments of a post that are known and whose number did not move. */
  const night = async (flags: readonly string[], file = 'a.db'): Promise<void> => {
    sandbox.advance(DAY_MS)
    sandbox.log.clear()
    const before = tableOf(file)
    const ended = await call(file, '--scope', 'all', ...flags)
    expect([0, 3, 6], ended.stderr + ended.stdout).toContain(ended.code)
    const after = tableOf(file)
    const asked = new Set(sandbox.log.calls.flatMap(one => of.postOf(one) ?? []))
    const young = new Date(sandbox.clock.now() - (of.lookbackDays + 1) * DAY_MS).toISOString()
    const inVain = [...asked].filter(post => {
      const known = before.get(post)
      if (known === undefined || known.comments_synced_at === null) return false
      const now = after.get(post)
      return now?.comments_count === known.comments_declared && String(known.created_at) < young
    })
    expect({ flags, inVain }).toEqual({ flags, inVain: [] })
  }

  const tableOf = (file: string) => {
    const rows = query(
      folder.file(file),
      'select id, created_at, comments_count, comments_declared, comments_synced_at from posts',
    )
    return new Map(rows.map(row => [String(row.id), row]))
  }
  const oldest = (file = 'a.db'): string =>
    String(query(folder.file(file), 'select min(created_at) as oldest from posts')[0]?.oldest)
  const marks = (): Record<string, { from: string | null; to: string }> =>
    JSON.parse(String(query(folder.file('a.db'), 'select watermarks from entities')[0]?.watermarks))
  const calls = (): number => sandbox.log.calls.filter(({ path }) => !path.includes('oauth')).length

  it('last never goes below what is covered, and what is wider pays for what is new', async () => {
    await open(false)
    await call('a.db', '--scope', 'all', '--since', late)
    const first = calls()
    expect(oldest() >= late).toBe(true)

    await night(['--since', 'last'])
    expect(calls()).toBeLessThan(first)
    const quiet = calls()
    expect([oldest() >= late, marks().posts?.from?.slice(0, 10)]).toEqual([true, late])

    await night(['--since', early])
    expect([oldest() < late, oldest() >= early]).toEqual([true, true])
    expect(marks().comments?.from?.slice(0, 10)).toBe(early)

    // Narrower, in each way, takes nothing from what is covered.
    await night(['--since', late])
    await night(['--since', late, '--full-every', '1h', '--scope', 'posts'])
    expect(marks().posts?.from?.slice(0, 10)).toBe(early)
    await night(['--since', 'last'])
    expect(calls()).toBeLessThanOrEqual(quiet + 1)
    expect(oldest() >= early).toBe(true)

    await night([])
    expect(oldest() < early).toBe(true)
    expect([marks().posts?.from, marks().comments?.from]).toEqual([null, null])
    await night(['--since', 'last'])
    await night(['--since', late])
    await night(['--since', 'last'])
    await call('b.db', '--scope', 'all')
    expect(resultRows(folder.file('a.db'))).toEqual(resultRows(folder.file('b.db')))
  })

  it('a scope that widens begins where posts are covered, and only then goes further back', async () => {
    await open(false)
    await call('a.db', '--scope', 'posts', '--since', late)
    await night(['--since', 'last'])
    expect(oldest() >= late).toBe(true)
    const talkedOf = query(
      folder.file('a.db'),
      'select count(*) as n from posts where comments_count > 0 and comments_synced_at is null',
    )
    expect(talkedOf).toEqual([{ n: 0 }])
    expect(marks().comments?.from?.slice(0, 10)).toBe(late)
    await night([])
    await call('b.db', '--scope', 'all')
    expect(resultRows(folder.file('a.db'))).toEqual(resultRows(folder.file('b.db')))
  })

  it('what a budget left is read by last, and by a wider run', async () => {
    await open(false)
    await call('whole.db', '--scope', 'all', '--since', late)
    const wanted = resultRows(folder.file('whole.db'))
    // One call after the other: the list of posts is read first, and some of their comments are not.
    const budget = ['--concurrency', '1', '--budget', String(calls() - 3)]
    for (const then of [['--since', 'last'], []]) {
      const file = `${then.length}.db`
      const cut = await call(file, '--scope', 'all', '--since', late, ...budget)
      expect(cut.code, cut.stderr).toBe(3)
      for (let n = 0; n < 2; n++) await night(then, file)
      if (then.length > 0) expect(resultRows(folder.file(file))).toEqual(wanted)
      else await call('b.db', '--scope', 'all')
      if (then.length === 0) expect(resultRows(folder.file(file))).toEqual(resultRows(folder.file('b.db')))
    }
  })

  it('a month of a world that moves: nothing is read in vain, and nothing is left out', async () => {
    await open(true)
    await call('a.db', '--scope', 'all', '--since', late)
    const order: readonly (readonly string[])[] = [
      ['--since', 'last'],
      ['--since', 'last'],
      ['--since', early],
      ['--since', late],
      ['--since', 'last'],
      [],
      ['--since', early],
      ['--since', 'last'],
    ]
    for (const flags of order) {
      sandbox.advance(2 * DAY_MS)
      await night(flags)
    }
    sandbox.advance(30 * DAY_MS)
    await call('a.db', '--scope', 'all')
    await call('b.db', '--scope', 'all')
    const there = (file: string, table: string): readonly unknown[] =>
      query(folder.file(file), `select id from ${table} where missing_since is null order by id`)
    const kept = new Set(there('a.db', 'posts').map(row => JSON.stringify(row)))
    expect(there('b.db', 'posts').filter(row => !kept.has(JSON.stringify(row)))).toEqual([])
    const talk = new Set(there('a.db', 'comments').map(row => JSON.stringify(row)))
    expect(there('b.db', 'comments').filter(row => !talk.has(JSON.stringify(row)))).toEqual([])
  })
})
