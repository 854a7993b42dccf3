import { describe, expect, it } from 'vitest'
import { acquaintances } from '../../src/networks/tiktok/sandbox/world/relations.ts'
import { countUntil } from '../../src/networks/tiktok/sandbox/world/schedule.ts'
import { makeWorld } from '../../src/networks/tiktok/sandbox/world/world.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (args: readonly string[], env = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...sandbox().env, ...env } })
const LISTS = ['--network', 'tiktok', '--scope', 'profile', '--lists', 'followers,following'] as const
const run = (name: string, env = {}): Promise<Ended> => call(['run', '--quiet', ...LISTS, name], env)
const planned = async (name: string) =>
  JSON.parse((await call(['plan', '--json', ...LISTS, name])).stdout).plan.units

/** Who is listed, by name. */
const truth = (name: string, list: 'followers' | 'following'): Map<string, string> => {
  const creator = makeWorld(1, 'small').creators.named(name)
  if (creator === null) throw new Error(`${name} is not there`)
  const timeline = acquaintances(creator, list)
  const count = countUntil(timeline.schedule, sandbox().clock.now() / 1000)
  const people = Array.from({ length: count }, (_, n) => timeline.item(n)).filter(one => one !== null)
  return new Map(people.map(one => [one.username.split('\0')[0] ?? '', one.displayName]))
}
const stored = (kind: string): Map<unknown, unknown> =>
  new Map(
    query(db(), `select person_id, person_name from relations where kind = '${kind}'`).map(row => [
      row.person_id,
      row.person_name,
    ]),
  )
const calls = (list: string): number =>
  sandbox().log.calls.filter(({ path }) => path.endsWith(`/user/${list}/`)).length
const tasks = () =>
  query(db(), `select stream, status, reason from sync_tasks where stream like 'follow%' order by id`)

describe('followers and following', () => {
  it('are relations, by pages of a pool of their own, in as many calls as plan says', async () => {
    expect((await run('open.heart')).code).toBe(0)
    expect(stored('follower')).toEqual(truth('open.heart', 'followers'))
    expect(stored('following')).toEqual(truth('open.heart', 'following'))
    expect(stored('follower').size).toBeGreaterThan(100)
    const made = calls('followers') + calls('following')
    expect(query(db(), `select pool, used from quota order by pool`)).toEqual([
      { pool: 'follow', used: made },
      { pool: 'main', used: 1 },
    ])
    expect(tasks()).toEqual([
      { stream: 'followers', status: 'succeeded', reason: null },
      { stream: 'following', status: 'succeeded', reason: null },
    ])
    sandbox().advance(86_400_000)
    const plan = await planned('open.heart')
    sandbox().log.clear()
    expect((await run('open.heart')).code).toBe(0)
    const night = 1 + calls('followers') + calls('following')
    expect(Math.abs(plan.likely - night)).toBeLessThanOrEqual(Math.max(1, night * 0.05))
  })

  it('who follows no more is said by a whole list alone', async () => {
    expect((await run('open.heart')).code).toBe(0)
    const file = openWrite(db())
    file
      .prepare(
        `insert into relations (network, id, kind, profile_id, person_id, first_seen_at, fetched_at, job_id, walk_id)
          select network, kind || ':gone', kind, profile_id, 'gone', first_seen_at, fetched_at, job_id, 0 from relations
          group by kind`,
      )
      .run()
    file.close()
    sandbox().advance(86_400_000)
    sandbox().setSwitch('stuck-cursor', { network: 'tiktok', match: '/user/following' })
    await run('open.heart')
    const gone = `select kind, person_id from relations where missing_since is not null`
    expect(query(db(), gone)).toEqual([{ kind: 'follower', person_id: 'gone' }])
  })

  it('a list that is not shared is skipped, one that ends early is capped', async () => {
    expect((await run('closed.heart')).code).toBe(0)
    expect(tasks()[1]).toEqual({ stream: 'following', status: 'skipped', reason: 'not-shared' })
    expect((await run('wide.open')).code).toBe(0)
    expect(tasks()[2]).toEqual({ stream: 'followers', status: 'succeeded', reason: 'capped' })
    expect(calls('followers')).toBeGreaterThanOrEqual(45)
  })

  it('is read on after a kill: no page is asked for twice', async () => {
    const first = await run('wide.open', { SOCSYNC_CRASH_AT: 'page.committed:9' })
    expect(first.signal).toBe('SIGKILL')
    expect((await run('wide.open')).code).toBe(0)
    const places = sandbox()
      .log.calls.filter(({ path }) => path.endsWith('/user/followers/'))
      .map(({ body }) => JSON.parse(body).cursor)
    expect(new Set(places).size).toBeGreaterThanOrEqual(45)
    // What was in flight when it was killed is asked for once more.
    expect(places.length - new Set(places).size).toBeLessThanOrEqual(1)
    expect(new Set(stored('follower').keys())).toEqual(new Set(truth('wide.open', 'followers').keys()))
  })
})
