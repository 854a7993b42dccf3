// @module-tag long
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { filesOf } from '../support/documents.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openWrite } from '../support/tables.ts'

const DAY_MS = 86_400_000
/** So many posts have moved on the last night. */
const MOVED = 5

interface Line {
  readonly network: keyof typeof QUIET_DAYS
  readonly profile: string
  readonly flags: readonly string[]
  readonly calls: readonly number[]
}

const TITLES = { youtube: 'YouTube', tiktok: 'TikTok' } as const
/** After so many days no post is young any more, and TikTok's search still goes back to the newest ones. */
const QUIET_DAYS = { youtube: 6, tiktok: 1 } as const

/** The rows of the tables below `### YouTube` and `### TikTok` in docs/cost.md. */
const LINES: readonly Line[] = Object.entries(TITLES).flatMap(([network, title]) => {
  const [text = ''] = filesOf('docs/cost.md').map(file => file.text)
  const [, section = ''] = text.split(`\n### ${title}\n`)
  const [own = ''] = section.split('\n## ')
  return own
    .split('\n### ')[0]
    ?.split('\n')
    .flatMap(line => {
      const [, profile, , flags, ...rest] = line.split('|').map(cell => cell.trim().replaceAll('`', ''))
      if (!flags?.startsWith('--scope')) return []
      return [
        { network, profile: profile ?? '', flags: flags.split(' '), calls: rest.slice(0, 3).map(Number) },
      ]
    }) as Line[]
})

/**
 * Calls by the sandbox's count: of the first run, of a night on which nothing moved, and of one on which so many of the newest
 * posts have a comment more. The file is made to lack those comments, which to a run is the same.
 */
const callsOf = async ({ network, profile, flags }: Line): Promise<readonly number[]> => {
  await using sandbox = await startSandbox({ networks })
  using folder = tempFolder()
  const db = folder.file('least.db')
  // A user's token is renewed by night, and kept where the settings are.
  const own = profile === 'me' && { ...DISPLAY, XDG_CONFIG_HOME: folder.path }
  const run = async (): Promise<number> => {
    sandbox.log.clear()
    const args = ['run', '--network', network, '--db', db, '--quiet', ...flags, profile]
    const ended = await socsync(args, { env: { ...sandbox.env, ...own } })
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    return sandbox.log.calls.filter(({ path }) => !path.includes('oauth')).length
  }
  const first = await run()
  sandbox.advance(QUIET_DAYS[network] * DAY_MS)
  const quiet = await run()
  const file = openWrite(db)
  file
    .prepare(
      `delete from comments where id in (
        select id from (
          select comments.id, max(comments.created_at) from comments join (
            select id as post from posts where comments_declared > 0 order by created_at desc limit ${MOVED}
          ) on post_id = post where parent_id is null and coalesce(reply_count, 0) = 0 group by post_id))`,
    )
    .run()
  file
    .prepare(
      `update posts set comments_declared = comments_declared - 1, comments_count = comments_count - 1 where id in (
        select id from posts where comments_declared > 0 order by created_at desc limit ${MOVED})`,
    )
    .run()
  file.close()
  sandbox.advance(DAY_MS)
  return [first, quiet, await run()]
}

// The rows of a file are changed.
describe.skipIf(isOnServer)('the table of least calls in docs/cost.md', { timeout: 1_200_000 }, () => {
  it('has rows for each network', () => {
    expect(LINES.filter(({ network }) => network === 'youtube').length).toBeGreaterThanOrEqual(4)
    expect(LINES.filter(({ network }) => network === 'tiktok').length).toBeGreaterThanOrEqual(8)
  })

  it.each(LINES)('$network, $profile $flags: $calls', async line => {
    expect(await callsOf(line)).toEqual(line.calls)
  })
})
