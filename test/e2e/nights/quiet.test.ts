import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import type { LoggedCall } from '../../../src/sandbox/log.ts'
import { socsync, tempFolder } from '../../support/cli.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { query, resultRows } from '../../support/tables.ts'

interface Case {
  readonly network: string
  ids(sandbox: TestSandbox): readonly string[]
  callOf(call: LoggedCall): string
  /** The most calls of an unchanged night, by what they ask for. */
  most(profiles: number, posts: number): Readonly<Record<string, number>>
}

const { channels } = YOUTUBE_SPECIALS
const CASES: readonly Case[] = [
  {
    network: 'youtube',
    ids: sandbox => [...sandbox.entities('youtube', 26), channels.prolific, channels.old],
    callOf: ({ path }) => path.split('/').at(-1) ?? '',
    most: (profiles, posts) => ({
      channels: Math.ceil(profiles / 50),
      playlistItems: profiles,
      videos: Math.ceil(posts / 50),
    }),
  },
  {
    network: 'instagram',
    ids: sandbox => sandbox.entities('instagram', 50),
    callOf: () => 'business_discovery',
    most: profiles => ({ business_discovery: profiles }),
  },
  {
    network: 'tiktok',
    ids: sandbox => sandbox.entities('tiktok', 42).slice(30, 42),
    callOf: ({ path }) => path.replace(/^\/v2\/research\//, '').replace(/\/$/, ''),
    // Fourteen days are one window, which twenty share.
    most: profiles => ({ 'user/info': profiles, 'video/query': Math.ceil(profiles / 20) }),
  },
]

describe.each(CASES)('an unchanged night of $network', ({ network, ids, callOf, most }) => {
  const folder = tempFolder()
  const db = folder.file('quiet.db')
  let sandbox: TestSandbox
  let list: readonly string[]

  const run = async (scope: string): Promise<readonly LoggedCall[]> => {
    sandbox.log.clear()
    const args = ['run', '--network', network, '--scope', scope, '--db', db, '--quiet', ...list]
    expect(await socsync(args, { env: sandbox.env })).toMatchObject({ code: 0, stderr: '' })
    return sandbox.log.calls.filter(({ path }) => !path.includes('oauth'))
  }

  beforeAll(async () => {
    sandbox = await startSandbox({ networks })
    list = ids(sandbox)
  })
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const long = { timeout: 300_000, tags: network === 'instagram' ? [] : ['long'] }
  it('asks for what may have changed, and for nothing else', long, async () => {
    const first = await run('all')
    const rows = resultRows(db)
    const metrics = query(db, 'select count(*) as count from metrics')
    // Young posts are looked at again: a week on there are none.
    sandbox.advance(6 * 86_400_000)
    const second = await run('all')
    const made: Record<string, number> = {}
    for (const call of second) made[callOf(call)] = (made[callOf(call)] ?? 0) + 1
    const [{ posts } = { posts: 0 }] = query(db, 'select count(*) as posts from posts')
    const allowed = most(list.length, Number(posts))
    const over = Object.entries(made).filter(([call, count]) => count > (allowed[call] ?? 0))
    expect({ over, made }).toEqual({ over: [], made })
    expect(resultRows(db)).toEqual(rows)
    expect(query(db, 'select count(*) as count from metrics')).toEqual(metrics)
    console.log(
      `| ${network} | ${list.length} | ${posts} | ${first.length} | ${second.length} | ${JSON.stringify(made)} |`,
    )
  })
})
