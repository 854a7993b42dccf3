import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const CHANNEL = 'UC86Dj282KrHLD9gLYw_YC2A'
const DAY = 86_400_000
const folder = tempFolder()
const db = folder.file('quota.db')
let sandbox: TestSandbox

const call = (...args: readonly string[]) => socsync([...args, '--db', db], { env: sandbox.env })
const run = () =>
  call('run', '--network', 'youtube', '--scope', 'profile', '--quiet', '--refresh-after', '0s', CHANNEL)
const change = (sql: string): void => {
  const file = openWrite(db)
  file.exec(sql)
  file.close()
}
const ledger = async (...args: readonly string[]) =>
  JSON.parse((await call('auth', 'quota', '--json', ...args)).stdout)

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const first = await run()
  expect(first.code, first.stderr).toBe(0)
}, 60_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('auth quota', () => {
  it('shows the ledger, and a person reopens what a network closed', { tags: ['long'] }, async () => {
    const now = sandbox.clock.now()
    const [open] = (await ledger()).quota
    expect(open).toMatchObject({ network: 'youtube', used: 1, allowance: 10_000, exhausted_until: null })
    expect(Date.parse(open.window_start)).toBeLessThanOrEqual(now)
    expect(Date.parse(open.resets_at)).toBeGreaterThan(now)
    expect((await call('auth', 'quota')).stdout).toMatch(
      /^youtube +\w+ +default +1 +of 10,000 used since 2026-10-01 07:00 UTC +resets 2026-10-02 07:\d\d UTC$/m,
    )
    expect((await call('status')).stdout).toMatch(
      /^quota +youtube default: 1 of 10,000 used since 2026-10-01 07:00 UTC$/m,
    )

    const until = new Date(now + DAY).toISOString()
    change(`update quota set exhausted_until = '${until}', refused_as = 'quota-exhausted'`)
    expect((await ledger()).quota).toMatchObject([{ exhausted_until: until, refused_as: 'quota-exhausted' }])
    expect((await call('auth', 'quota')).stdout).toContain('used up until 2026-10-02 12:')
    expect((await run()).code).toBe(75)
    const closed = await call('status')
    expect(closed.stdout).toMatch(
      /^quota +youtube default: .* · used up until 2026-10-02 12:\d\d UTC, in 2\d h \d+ min$/m,
    )
    expect(closed.stdout).toMatch(
      /^next +socsync resume --run 2 --db \S+\n +after 2026-10-02 12:\d\d UTC, in 2\d h \d+ min$/m,
    )
    const waiting = `select count(*) as n from sync_jobs where not_before is not null`
    expect(query(db, waiting)).toEqual([{ n: 1 }])

    expect(await ledger('--reopen', 'youtube')).toMatchObject({
      quota: [{ exhausted_until: null, used: 1 }],
      reopened: { pools: 1, jobs: 1 },
    })
    expect(query(db, waiting)).toEqual([{ n: 0 }])
    expect((await run()).code).toBe(0)

    // A day that was used up under a smaller allowance is open, as a run finds it too.
    change(
      `update quota set exhausted_until = '${until}', refused_as = 'quota-exhausted', allowance = 5000 where used > 0`,
    )
    expect((await ledger()).quota).toMatchObject([{ exhausted_until: null, allowance: 10_000 }])
    expect((await call('auth', 'quota')).stdout).not.toContain('used up')
    expect((await run()).code).toBe(0)
    expect((await call('auth', 'quota', '--reopen', 'youtube')).stdout).toMatch(
      /^nothing of youtube was closed$/m,
    )
  })

  it('refuses a network that there is none of, with those that there are', async () => {
    const ended = await call('auth', 'quota', '--reopen', 'youtub')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('did you mean youtube? allowed: instagram, youtube, tiktok')
  })
})

it('what is not asked for stands in networks and status, for as long as it is believed', async () => {
  const remember = (fact: string, subjects: readonly string[], at: number): void =>
    change(`insert into memory (network, key, value, learned_at)
      values ('youtube', 'learned/me/${fact}', '${JSON.stringify({ subjects, at })}', '2026-10-01T00:00:00.000Z')`)
  // By the time that runs have, which is the sandbox's: by the real one all of it has lapsed.
  const now = sandbox.clock.now()
  remember('replies of threads', ['a', 'b', 'c'], now - DAY)
  remember('too few', ['a', 'b'], now - DAY)
  remember('long ago', ['a', 'b', 'c'], now - 31 * DAY)
  const until = new Date(now + 29 * DAY).toISOString()
  const rule = { network: 'youtube', account: 'me', fact: 'replies of threads', until }
  const told = JSON.parse((await call('networks', '--json')).stdout)
  expect(
    told.networks.map(({ name, not_asked }: { name: string; not_asked: unknown }) => [name, not_asked]),
  ).toEqual([
    ['instagram', []],
    ['youtube', [rule]],
    ['tiktok', []],
  ])
  expect((await call('networks')).stdout).toContain('youtube: replies of threads, refused to me')
  expect(JSON.parse((await call('status', '--json')).stdout).not_asked).toEqual([rule])
  expect((await call('status')).stdout).toMatch(/^not asked youtube: replies of threads, refused to me/m)
})
