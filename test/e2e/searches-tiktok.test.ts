import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PostRecord, SocialRecord } from '../../src/core/records.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query, resultRows } from '../support/tables.ts'

const DAY = 86_400_000
const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (args: readonly string[], on: TestSandbox, env = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...on.env, ...env } })
const run = (
  ids: readonly string[],
  more: readonly string[] = [],
  {
    on = sandbox(),
    env = {},
  }: { readonly on?: TestSandbox; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> => call(['run', '--network', 'tiktok', '--quiet', ...more, ...ids], on, env)
const planned = async (ids: readonly string[], more: readonly string[] = [], on = sandbox()) =>
  JSON.parse((await call(['plan', '--network', 'tiktok', '--json', ...more, ...ids], on)).stdout).plan.units

const isPost = (record: SocialRecord): record is PostRecord => record.type === 'post'
/** Of a hashtag, what was made from a day on. */
const truthSince = (tag: string, since: string, on = sandbox()): SocialRecord[] => {
  const all = on.truth('tiktok', `tag:${tag}`)
  const old = new Set(all.filter(isPost).flatMap(post => ((post.createdAt ?? '') < since ? [post.id] : [])))
  return all.filter(record => !old.has('postId' in record ? record.postId : 'id' in record ? record.id : ''))
}
const withoutComments = (records: readonly SocialRecord[]): SocialRecord[] =>
  records.filter(({ type }) => type !== 'comment')
const ago = (days: number, on = sandbox()): string =>
  new Date(on.clock.now() - days * DAY).toISOString().slice(0, 10)

const bodies = (path: string, on = sandbox()): Record<string, unknown>[] =>
  on.log.calls.filter(call => call.path.endsWith(path)).map(({ body }) => JSON.parse(body))
const searches = (on = sandbox()) => bodies('/video/query/', on)
const talked = (on = sandbox()) => bodies('/comment/list/', on)
const used = (): unknown => query(db(), 'select used from quota')[0]?.used

describe('hashtags in a list', () => {
  it('come with their videos and comments, in the fewest windows, as the truth has them and as plan says', async () => {
    const since = ago(100)
    const args = ['--since', since, '--scope', 'comments']
    const before = await planned(['tag:bread', 'tag:#パン'], args)
    const { code, stderr } = await run(['tag:Bread', 'https://www.tiktok.com/tag/パン', 'tag:bread'], args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(jobsOf(db())).toEqual(['tag:bread', 'tag:パン'].map(key => job(key, 'succeeded')))
    const truth = ['bread', 'パン'].flatMap(tag => truthSince(tag, since))
    const unique = [...new Map(truth.map(record => [JSON.stringify(record), record])).values()]
    expect(unique.filter(isPost).length).toBeGreaterThan(50)
    expect(differences(db(), 'tiktok', unique)).toEqual([])
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })
    const asked = searches()
    const further = asked.filter(({ cursor }) => cursor !== undefined).length
    expect(asked.length - further).toBe(2 * Math.ceil(100 / 30))
    // The counters of what is younger than ten days may be too old.
    const pages = unique
      .filter(isPost)
      .map(post =>
        Math.max(
          Date.parse(post.createdAt ?? '') > sandbox().clock.now() - 10 * DAY ? 1 : 0,
          Math.ceil((post.commentsCount ?? 0) / 100),
        ),
      )
    expect(talked()).toHaveLength(pages.reduce((sum, n) => sum + n, 0))
    expect(used()).toBe(asked.length + talked().length)
    expect(before.low).toBeLessThanOrEqual(Number(used()))
    expect(before.high).toBeGreaterThanOrEqual(Number(used()))
  })

  it('without a beginning are the last thirty days', async () => {
    expect((await run(['tag:bread'], ['--scope', 'posts'])).code).toBe(0)
    expect(searches()).toHaveLength(1)
    expect(searches()[0]).toMatchObject({
      query: { and: [{ operation: 'EQ', field_name: 'hashtag_name', field_values: ['bread'] }] },
      start_date: ago(30).replaceAll('-', ''),
      max_count: 100,
    })
    expect(differences(db(), 'tiktok', withoutComments(truthSince('bread', ago(30))))).toEqual([])
  })

  it('are read on after a kill: no search is made twice', async () => {
    const args = ['--since', ago(200), '--scope', 'posts']
    const first = await run(['tag:bread'], args, { env: { SOCSYNC_CRASH_AT: 'page.committed:3' } })
    expect(first.signal).toBe('SIGKILL')
    expect(searches()).toHaveLength(3)
    expect((await run(['tag:bread'], args)).code).toBe(0)
    expect(searches()).toHaveLength(Math.ceil(200 / 30))
    expect(differences(db(), 'tiktok', withoutComments(truthSince('bread', ago(200))))).toEqual([])
  })

  it('bring no more than the limit allows', async () => {
    const { code } = await run(['tag:bread'], ['--since', ago(300), '--scope', 'posts', '--limit-posts', '7'])
    expect(code).toBe(0)
    const { posts = [], collection_items: items = [] } = resultRows(db())
    expect([posts.length, items.length]).toEqual([7, 7])
    const newest = truthSince('bread', ago(300)).filter(isPost)
    const ids = newest.map(({ id }) => id).toSorted((a, b) => (a < b ? 1 : -1))
    expect(posts.map(({ id }) => String(id)).toSorted((a, b) => (a < b ? 1 : -1))).toEqual(ids.slice(0, 7))
  })

  it('a second night asks for what is new, and for comments whose number moved', async () => {
    await using moving = await startSandbox({ moving: true })
    const [list, args] = [
      ['tag:bread', 'tag:fyp'],
      ['--scope', 'comments'],
    ]
    expect((await run(list, ['--since', ago(60, moving), ...args], { on: moving })).code).toBe(0)
    const before = new Set(query(db(), 'select post_id from collection_items').map(row => row.post_id))
    moving.advance(5 * DAY)
    const night = ['--since', 'last', ...args]
    await run(list, night, { on: moving })
    moving.advance(DAY)
    moving.log.clear()
    await run(list, night, { on: moving })
    const asked = searches(moving)
    expect(asked).toHaveLength(2)
    // The watermark stays two days behind the run, and twelve days before it are looked at once more.
    expect(new Set(asked.map(({ start_date }) => start_date))).toEqual(
      new Set([ago(1 + 2 + 12, moving).replaceAll('-', '')]),
    )
    const after = query(db(), 'select post_id, missing_since from collection_items')
    expect(after.length).toBeGreaterThan(before.size)
    expect(after.filter(row => row.missing_since !== null)).toEqual([])
  })

  it('a run that goes further back than the first reads what that left out, and later ones go on', async () => {
    const asked = async (...more: readonly string[]): Promise<number> => {
      sandbox().log.clear()
      expect((await run(['tag:bread'], ['--scope', 'posts', ...more])).code).toBe(0)
      sandbox().advance(DAY)
      return searches().length
    }
    expect(await asked()).toBe(1)
    const since = ago(100)
    expect(await asked('--since', since)).toBe(4)
    expect(differences(db(), 'tiktok', withoutComments(truthSince('bread', since)))).toEqual([])
    for (const night of [3, 4]) {
      expect(await asked(), `night ${night}`).toBe(1)
      // Twelve days before the watermark, which stays two behind, and no whole month.
      const [body] = searches()
      expect(body?.start_date).toBe(ago(1 + 1 + 2 + 12).replaceAll('-', ''))
    }
    sandbox().advance(31 * DAY)
    expect(await asked()).toBe(1)
    expect(await asked()).toBe(1)
    expect(searches()[0]?.start_date).toBe(ago(1 + 1 + 2 + 12).replaceAll('-', ''))
  })

  it('a known night costs what plan says', async () => {
    const [list, args] = [
      ['tag:bread', 'tag:fyp'],
      ['--since', ago(60), '--scope', 'comments'],
    ]
    for (const night of [1, 2, 3]) {
      const plan = await planned(list, args)
      sandbox().log.clear()
      expect((await run(list, args)).code).toBe(0)
      const calls = searches().length + talked().length
      if (night > 1) expect(Math.abs(plan.likely - calls)).toBeLessThanOrEqual(Math.max(1, calls * 0.05))
      sandbox().advance(night === 1 ? 20 * DAY : DAY)
    }
  })

  it.each([
    ['an empty page that goes on', 'empty-page', { times: 1 }],
    ['a search id that is not known yet', 'invalid-search-id', { times: 2 }],
    ['internal errors', 'error-500', { times: 3 }],
    ['a cursor that stays', 'stuck-cursor', { times: 1 }],
    ['half an answer', 'cut-json', { times: 2 }],
    ['names that end in NULs', 'nul-names', { value: true }],
  ])('%s', { tags: ['long'] }, async (_, name, rule) => {
    sandbox().setSwitch(name, { network: 'tiktok', match: 'video/query', ...rule })
    expect((await run(['tag:bread'], ['--since', ago(60), '--scope', 'posts'])).code).toBe(0)
    expect(differences(db(), 'tiktok', withoutComments(truthSince('bread', ago(60))))).toEqual([])
  })

  it('days that are not given are left by name, and come another night', { tags: ['long'] }, async () => {
    const day = ago(20).replaceAll('-', '')
    sandbox().setSwitch('sick', {
      network: 'tiktok',
      match: 'video/query',
      value: { how: '500', from: day, to: day },
    })
    const args = ['--since', ago(60), '--scope', 'posts']
    await run(['tag:bread'], args)
    expect(query(db(), `select external_id, status from sync_tasks where stream = 'found-days'`)).toEqual([
      { external_id: ago(20), status: 'failed' },
    ])
    const truth = withoutComments(truthSince('bread', ago(60)))
    const left = truth.filter(isPost).filter(({ createdAt }) => createdAt?.startsWith(ago(20)))
    expect(left.length).toBeGreaterThan(0)
    expect(resultRows(db()).posts).toHaveLength(truth.filter(isPost).length - left.length)
    sandbox().switches.clear()
    sandbox().advance(2 * DAY)
    expect((await run(['tag:bread'], args)).code).toBe(0)
    expect(differences(db(), 'tiktok', truth)).toEqual([])
  })
})

describe('a search of one’s own', () => {
  const file = (name: string, text: unknown): string => {
    const path = folder().file(name)
    writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text))
    return path
  }
  const QUERY = {
    or: [
      { operation: 'IN', field_name: 'hashtag_name', field_values: ['bread', 'garten'] },
      { operation: 'EQ', field_name: 'hashtag_name', field_values: ['fyp'] },
    ],
    not: [{ operation: 'IN', field_name: 'region_code', field_values: ['US', 'DE'] }],
  }
  const matches = ({ hashtags, region }: PostRecord): boolean =>
    ['bread', 'garten', 'fyp'].some(tag => hashtags?.includes(tag)) && !['US', 'DE'].includes(region ?? '')

  it('brings what matches, by its file, and goes on from where it was on later nights', async () => {
    const search = file('rye.json', QUERY)
    const args = ['--since', ago(60), '--scope', 'posts', '--query', search]
    expect(await run([], args)).toMatchObject({ code: 0, stderr: '' })
    const truth = ['bread', 'garten', 'fyp'].flatMap(tag => truthSince(tag, ago(60)).filter(isPost))
    const ids = new Set(truth.filter(matches).map(({ id }) => id))
    expect(ids.size).toBeGreaterThan(10)
    const items = (): Set<unknown> =>
      new Set(
        query(db(), `select post_id from collection_items where collection_id = 'search:rye'`).map(
          row => row.post_id,
        ),
      )
    expect(items()).toEqual(ids)
    const [collection] = query(db(), 'select id, kind, title, extra from collections')
    expect(collection).toMatchObject({ id: 'search:rye', kind: 'search', title: 'rye' })
    expect(JSON.parse(String(collection?.extra))).toEqual({ query: QUERY })
    expect(searches()).toHaveLength(2)
    for (const { query: asked, is_random: random } of searches())
      expect([asked, random]).toEqual([QUERY, undefined])

    sandbox().advance(DAY)
    sandbox().log.clear()
    expect((await run(['search:rye'], args)).code).toBe(0)
    expect(searches()).toHaveLength(1)
    expect(items()).toEqual(ids)

    const { code, stdout } = await socsync(['db', 'rebuild', '--db', db(), '--sandbox'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(items()).toEqual(ids)
  })

  it('that TikTok would not take is refused with its place, before anything is sent', async () => {
    const [or] = QUERY.or
    const search = file('rye.json', { or: [or, { ...or, operation: 'LIKE' }] })
    const { code, stderr } = await run(['search:rye'], ['--query', search])
    expect(code).toBe(2)
    expect(stderr).toContain('or[1].operation: "LIKE"; allowed are EQ, IN, GT, GTE, LT, LTE')
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(sandbox().log.calls).toEqual([])
  })

  it('that TikTok refuses says so, and brings nothing', async () => {
    sandbox().setSwitch('in-limit', { network: 'tiktok', value: 1 })
    const { code } = await run([], ['--scope', 'posts', '--query', file('rye.json', QUERY)])
    expect(code).toBe(3)
    expect(query(db(), 'select status, error_type from sync_jobs')).toEqual([
      { status: 'failed', error_type: 'rejected' },
    ])
    // Without the field that may be spelled otherwise, and on another day.
    expect(searches()).toHaveLength(3)
  })
})
