// @module-tag long
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { startSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const { giant, hidden } = YOUTUBE_SPECIALS.channels
const DAY_MS = 86_400_000

const sandbox = perTest(() => startSandbox({ networks, size: 'large' }))
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: sandbox().env })
const OLDER = ['--network', 'youtube', '--lists', 'older'] as const
const run = (...args: readonly string[]): Promise<Ended> =>
  call('run', '--refresh-after', '0s', ...OLDER, ...args)
/** How often each method was asked, since the log was cleared. */
const calls = (): Record<string, number> => {
  const names = sandbox().log.calls.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
  sandbox().log.clear()
  return Object.fromEntries([...Map.groupBy(names, name => name)].map(([name, of]) => [name, of.length]))
}
/** Searches that are most likely made. */
const planned = async (...args: readonly string[]): Promise<number> => {
  const { plan } = JSON.parse((await call('plan', ...OLDER, ...args, '--json')).stdout)
  const costs: readonly { pool: string; calls: { likely: number } }[] = plan.networks[0].costs
  return costs.filter(({ pool }) => pool === 'search').reduce((sum, { calls }) => sum + calls.likely, 0)
}
const posts = (): unknown => query(db(), 'select count(*) as n, count(distinct id) as d from posts')[0]

describe('videos beyond the newest 20,000, YouTube', { timeout: 600_000 }, () => {
  it('are searched for over as many days as it takes, as plan says, and not where a channel has fewer', async () => {
    await run(giant, hidden, '--scope', 'profile')
    calls()
    const plan = await planned(giant, hidden)
    const first = await run(giant, hidden)
    expect(first.code).toBe(75)
    const made = calls()
    expect(made.search).toBe(100)

    let searches = 100
    for (
      let day = 0;
      day < 3 &&
      query(db(), `select 1 from sync_tasks where stream = 'older' and status = 'succeeded'`).length === 0;
      day++
    ) {
      sandbox().advance(DAY_MS)
      expect((await call('resume', '--all')).code).toBe(0)
      searches += calls().search ?? 0
    }
    expect(posts()).toEqual({ n: 25_000 + 12, d: 25_000 + 12 })
    // From some weeks before the end of the uploads on, and a search that finds nothing.
    expect(searches).toBeGreaterThan(5000 / 50)
    expect(Math.abs(searches - plan)).toBeLessThanOrEqual(searches * 0.05)

    sandbox().advance(DAY_MS)
    expect((await run(giant, hidden)).code).toBe(0)
    expect(calls()).not.toHaveProperty('search')
    expect(await planned(giant, hidden)).toBe(0)
    expect((await call('db', 'check')).code).toBe(0)
  })
})
