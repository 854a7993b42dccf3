// @module-tag long
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { socsync, tempFolder } from '../../support/cli.ts'
import { isOnServer } from '../../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, startServer, type TestServer } from '../../support/server.ts'
import { query } from '../../support/tables.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const LIST = [
  'instagram:two.pages.of.50',
  'instagram:albums.only',
  'tiktok:quiet.page',
  'instagram:one.post',
  'tiktok:ada.bakes',
]

let sandbox: TestSandbox
let server: TestServer
/** Of the first run. */
let run: Json

/** What a GET answers, whatever it is. */
const answer = async (path: string): Promise<{ status: number; body: Json }> => {
  const response = await server.ask(path)
  return { status: response.status, body: await response.json() }
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  server = await startServer({ env: sandbox.env })
  const made = await server.post<Json>('/v1/runs', { ids: LIST, scope: ['all'] })
  run = await server.ended(made.body.id)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
})

describe('the price of a run', () => {
  it('is what `plan` tells of the same list, and nothing is fetched or made for it', async () => {
    const calls = sandbox.log.calls.length
    const asked = { ids: ['youtube:@ตลาดเช้า', ...LIST], scope: ['all'], fresh: true }
    const { status, body } = await server.post<Json>('/v1/plan', asked)
    expect(status).toBe(200)
    const args = ['plan', '--scope', 'all', '--fresh', '--json', '--db', server.db, ...asked.ids]
    const { plan } = JSON.parse((await socsync(args, { env: sandbox.env })).stdout)
    // Its clock is a little later by then.
    const timeless = ({ networks: of, units }: Json) => ({
      units,
      networks: of.map(({ costs, pools, ...rest }: Json) => ({
        ...rest,
        costs: costs.map(({ units: _, ...cost }: Json) => cost),
        pools: pools.map(({ done_at: _, ...pool }: Json) => pool),
      })),
    })
    expect(timeless(body)).toEqual(timeless(plan))
    expect(body.units.likely).toBeGreaterThan(10)
    expect(sandbox.log.calls.length).toBe(calls)
    expect((await answer('/v1/runs')).body.items).toHaveLength(1)
  })

  it('is held against a budget', async () => {
    const asked = { ids: LIST, scope: ['all'], fresh: true }
    const fits = async (budget: number): Promise<boolean> =>
      (await server.post<Json>('/v1/plan', { ...asked, budget })).body.fits_budget
    expect([await fits(0), await fits(100_000)]).toEqual([false, true])
  })

  it('is refused where the run would be, by lines and fields, and not by flags', async () => {
    const refused = async (body: unknown): Promise<Json> => {
      const [plan, start] = [await server.post<Json>('/v1/plan', body), await server.post('/v1/runs', body)]
      expect(plan).toEqual(start)
      expect(JSON.stringify(plan.body)).not.toMatch(/--[a-z]/)
      return plan
    }
    expect(await refused({ ids: ['youtube:@nasa', '#', 'nobody knows'] })).toMatchObject({
      status: 422,
      body: {
        detail: 'line 3: "nobody knows" does not say which network it means',
        hint: 'give `network`, or write instagram:…, youtube:…, tiktok:…',
      },
    })
    const mixed = await refused({ network: 'tiktok', ids: ['https://www.youtube.com/@nasa'] })
    expect(mixed.body.hint).toBe('leave `network` out where a list holds several networks')
  })
})

describe('profiles by name', () => {
  const names = async (path: string): Promise<string[]> =>
    (await answer(`/v1/profiles?${path}`)).body.items.map(({ username }: Json) => username)

  it('have the names that are stored, and the job that is newest', async () => {
    const { body } = await answer('/v1/profiles?sort=name')
    const stored = query(
      server.db,
      'select id, username, name, followers_count from profiles order by username',
    )
    expect(
      body.items.map(({ profile_id: id, username, name, followers_count }: Json) => ({
        ...{ id, username, name, followers_count },
      })),
    ).toEqual(stored)
    expect(body.items.map(({ job }: Json) => [job.run_id, job.status])).toEqual(
      LIST.map(() => [run.id, 'succeeded']),
    )
  })

  it('are found by a part of each of their names, and of their ids, in any letter case', async () => {
    const [{ id, name }] = query(server.db, `select * from profiles where username = 'one.post'`) as [Json]
    for (const part of ['NE.POS', '@one.post', id, name.slice(1, 9).toUpperCase()])
      expect(await names(`q=${encodeURIComponent(part)}`), part).toContain('one.post')
    expect(await names('q=%25')).toEqual([])
    expect(await names('network=tiktok&sort=name')).toEqual(['ada.bakes', 'quiet.page'])
    expect(await names('status=failed')).toEqual([])
  })

  it('stand in the order that is asked for, both ways, and are counted whatever a page shows', async () => {
    const pages = async (sort: string): Promise<string[]> => {
      const found: string[] = []
      for (let cursor = ''; ; ) {
        const { body } = await answer(`/v1/profiles?limit=3&sort=${sort}${cursor}`)
        expect(body.total).toBe(LIST.length)
        found.push(...body.items.map(({ username }: Json) => username))
        if (body.next === null) return found
        cursor = `&cursor=${body.next}`
      }
    }
    const ordered = (by: string): string[] =>
      query(server.db, `select username from profiles order by ${by}`).map(({ username }) => String(username))
    expect(await pages('name')).toEqual(ordered('username'))
    expect(await pages('-name')).toEqual(ordered('username desc'))
    expect(await pages('followers')).toEqual(ordered('followers_count'))
    expect(await pages('-followers')).toEqual(ordered('followers_count desc'))
    for (const sort of ['newest', 'status', 'done'])
      expect(await pages(`-${sort}`)).toEqual((await pages(sort)).toReversed())
  })

  it('keep a place for the order that it is of', async () => {
    const { next } = (await answer('/v1/profiles?limit=1&sort=name')).body
    for (const sort of ['-name', 'followers', 'done', '-newest']) {
      const { status, body } = await answer(`/v1/profiles?limit=1&sort=${sort}&cursor=${next}`)
      expect([status, body.errors?.[0]?.place]).toEqual([400, 'query.cursor'])
    }
  })
})

describe('the posts of a profile', () => {
  const jobOf = async (name: string): Promise<string> =>
    (await answer(`/v1/profiles?q=${name}`)).body.items[0].job.id

  it('come newest first, page by page, each once', async () => {
    const found: Json[] = []
    for (let cursor = ''; ; ) {
      const { body } = await answer(`/v1/jobs/${await jobOf('two.pages')}/posts?limit=40${cursor}`)
      found.push(...body.items)
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
    }
    const stored = query(
      server.db,
      `select id, caption, like_count from posts where profile_id = (select id from profiles where username = 'two.pages.of.50')
        order by created_at desc, id desc`,
    )
    expect(stored.length).toBeGreaterThan(80)
    expect(found.map(({ id, caption, like_count }) => ({ id, caption, like_count }))).toEqual(stored)
  })

  it('show what is said below one of them', async () => {
    const [{ post_id, count }] = query(
      server.db,
      `select post_id, count(*) as count from comments where network = 'tiktok' group by 1 order by 2 desc limit 1`,
    ) as [Json]
    const { body } = await answer(
      `/v1/jobs/${await jobOf('ada.bakes')}/comments?post_id=${post_id}&limit=200`,
    )
    expect(body.items).toHaveLength(Math.min(200, count))
    expect(body.items[0]).toMatchObject({ content: expect.any(String), created_at: expect.any(String) })
  })
})

describe('what changed', () => {
  it('is what `diff` counts of the same run, and of the last day unless a moment is said', async () => {
    const by = (await answer(`/v1/changes?run=${run.id}`)).body
    const args = ['diff', '--run', run.id, '--json', '--db', server.db]
    const diff = JSON.parse((await socsync(args, { env: sandbox.env })).stdout)
    expect(by.counts).toEqual(diff.counts)
    const day = (await answer('/v1/changes')).body
    // In whole minutes; what its run has slept of the sandbox's time the server has not heard of.
    const minutes = Math.round((sandbox.clock.now() - Date.parse(day.since)) / 60_000)
    expect(minutes).toBeGreaterThanOrEqual(24 * 60)
    expect(minutes).toBeLessThan(25 * 60)
    const since = ['diff', '--since', day.since, '--json', '--db', server.db]
    expect(day.counts).toEqual(JSON.parse((await socsync(since, { env: sandbox.env })).stdout).counts)
    expect(day.counts.length).toBeGreaterThan(3)
    expect((await answer('/v1/changes?since=2099-01-01')).body.counts).toEqual([])
    expect(await answer('/v1/changes?run=999')).toMatchObject({ status: 422 })
    expect(await answer('/v1/changes?entity=nobody')).toMatchObject({ status: 422 })
  })
})

describe('what needs a person', () => {
  // On a server's database it is not told every time which of a worker's credentials is asked with.
  it.skipIf(isOnServer)(
    'is a credential that is refused, by its name, though another one does its work; until it works again',
    async () => {
      const { SOCSYNC_YOUTUBE_API_KEY: key = '' } = sandbox.env
      const list = {
        ids: sandbox.entities('youtube', 12).map(id => `youtube:${id}`),
        scope: ['posts'],
        fresh: true,
      }
      const withKeys = async (keys: string, folder?: TestServer['folder']): Promise<TestServer> =>
        startServer({
          env: { ...sandbox.env, SOCSYNC_YOUTUBE_API_KEY: keys },
          ...(folder !== undefined && { folder, db: folder.file('server.db') }),
        })
      const needsAfterRun = async (of: TestServer): Promise<Json> => {
        const ended = await of.ended((await of.post<Json>('/v1/runs', list)).body.id)
        expect(Object.keys(ended.jobs), JSON.stringify(ended.errors)).not.toContain('failed')
        return (await of.get<Json>('/v1/needs')).items
      }
      const folder = tempFolder()
      try {
        {
          await using dead = await withKeys(`dead,${key}`, folder)
          // So slow that one key cannot take all of the work before the other has any.
          sandbox.setSwitch('slow', { network: 'youtube', value: 400 })
          expect(await needsAfterRun(dead)).toMatchObject([
            {
              kind: 'renew',
              network: 'youtube',
              error_type: 'unauthorised',
              credentials: [{ name: 'youtube-1', place: 'SOCSYNC_YOUTUBE_API_KEY' }],
            },
          ])
        }
        sandbox.switches.clear()
        await using mended = await withKeys(key, folder)
        expect(await needsAfterRun(mended)).toEqual([])
      } finally {
        folder[Symbol.dispose]()
      }
    },
  )
})
