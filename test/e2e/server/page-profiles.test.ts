// @module-tag long
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { noBrowser, openBrowser } from '../../support/browser.ts'
import { tempFolder } from '../../support/cli.ts'
import { parseCsv } from '../../support/csv.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, startServer, type TestServer, TOKEN } from '../../support/server.ts'
import { openWrite, query } from '../../support/tables.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures go for whoever wants to look at them. */
const PICTURES = process.env.PAGE_PICTURES
const LIST = ['instagram:two.pages.of.50', 'instagram:one.post', 'tiktok:ada.bakes', 'tiktok:quiet.page']

if (noBrowser !== null) process.stderr.write(`the tests of the page are left out: ${noBrowser}\n`)

describe.skipIf(noBrowser !== null)('profiles and prices on the status page, in a browser', () => {
  const folder = tempFolder()
  let sandbox: TestSandbox
  let server: TestServer
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Europe/Zurich',
      acceptDownloads: true,
      ...options,
    })
    const opened = await context.newPage()
    opened.setDefaultTimeout(60_000)
    opened.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    opened.on('pageerror', error => complaints.push(String(error)))
    await opened.goto(`${server.origin}/#token=${TOKEN}`)
    await opened.locator('#rows tr').first().waitFor()
    return opened
  }
  const picture = async (of: Page, name: string, fullPage = true): Promise<void> => {
    if (PICTURES === undefined) return
    mkdirSync(PICTURES, { recursive: true })
    await of.screenshot({ path: join(PICTURES, `${name}.png`), fullPage })
  }
  const names = (): Promise<string[]> => page.locator('#rows .name').allTextContents()
  const shows = (expected: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect(await names()).toEqual(expected), { timeout: 30_000 })
  /** What a CSV button saves, as rows by the names of their columns. */
  const saved = async (button: Locator): Promise<Record<string, string | null>[]> => {
    const download = page.waitForEvent('download')
    await button.click()
    const text = readFileSync(await (await download).path(), 'utf8')
    expect(text.startsWith('\ufeff')).toBe(true)
    return parseCsv(text.slice(1))
  }
  const serious = async (of: Page): Promise<string[]> => {
    await of.evaluate(AXE)
    const { violations } = (await of.evaluate('axe.run(document)')) as Json
    return violations
      .filter(({ impact }: Json) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }: Json) => `${id}: ${nodes[0]?.html}`)
  }

  beforeAll(async () => {
    sandbox = await startSandbox({ networks, moving: true })
    const { SOCSYNC_YOUTUBE_API_KEY: key = '' } = sandbox.env
    const env = { ...sandbox.env, SOCSYNC_YOUTUBE_API_KEY: `${key},dead` }
    server = await startServer({ env, folder })
    const run = async (ids: readonly string[], scope: string): Promise<void> => {
      const { body } = await server.post<Json>('/v1/runs', { ids, scope: [scope], fresh: true })
      await server.ended(body.id)
    }
    const channels = sandbox.entities('youtube', 60).map(id => `youtube:${id}`)
    await run([...LIST, ...channels], 'profile')
    await run(channels.slice(0, 3), 'posts')
    await run(LIST, 'all')
    sandbox.advance(4 * 86_400_000)
    await run(LIST, 'all')
    // Four days ago they had fewer followers, and an hour later as many as now.
    const file = openWrite(server.db)
    file.exec(`update metrics set value = value - 7 where subject = 'profile' and name = 'followers_count'
      and network in ('instagram', 'tiktok') and observed_at < (select max(created_at) from sync_runs)`)
    file.close()
    sandbox.advance(3_600_000)
    await run(['tiktok:quiet.page'], 'profile')
    // Whoever serves goes by the time that it had when it began.
    await server[Symbol.asyncDispose]()
    server = await startServer({ env, folder })
    browser = await openBrowser()
    page = await open()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await sandbox?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('says first that a credential is refused, which one, and since when', async () => {
    await page.getByRole('heading', { level: 2, name: 'YouTube refuses a credential' }).waitFor()
    await page
      .locator('#deck')
      .getByText(/youtube-2 \(in SOCSYNC_YOUTUBE_API_KEY\): .*, since .* Renew it/)
      .waitFor()
  })

  it('names the zone of its times', async () => {
    await page.getByText(/^All times are those of Europe\/Zurich, (CES?T|GMT\+[12])\.$/).waitFor()
  })

  it('tells what moved since yesterday, who moved most, and all of that as CSV', async () => {
    const { counts, movers } = await server.get<Json>('/v1/changes?limit=100')
    const posts = counts
      .filter(({ change, subject }: Json) => change === 'new' && subject === 'post')
      .reduce((sum: number, { count }: Json) => sum + count, 0)
    const part = page.getByRole('region', { name: 'What moved since yesterday', exact: true }).first()
    await part.getByText(new RegExp(`^Since .*: .*${posts.toLocaleString('en-GB')} new posts?`)).waitFor()
    const moved = movers.filter(({ subject }: Json) => subject === 'profile')
    expect(moved.length).toBeGreaterThan(0)
    expect(await part.locator('tbody tr').count()).toBeGreaterThan(0)
    const rows = await saved(page.getByRole('button', { name: 'What moved as CSV' }))
    expect(rows).toHaveLength(moved.reduce((sum: number, { largest }: Json) => sum + largest.length, 0))
    const followers = moved.find(({ field }: Json) => field === 'followers_count').largest[0]
    expect(rows[0]).toMatchObject({
      profile: followers.profile,
      from: String(followers.from),
      to: String(followers.to),
      field: 'followers_count',
    })
    await picture(page, 'profiles')
  })

  it('counts all that match, and not what it shows', async () => {
    await page.getByText('64 profiles, 50 shown').waitFor()
    await page.locator('#filter-network').selectOption('tiktok')
    await page.getByText('2 profiles', { exact: true }).waitFor()
    await page.locator('#filter-network').selectOption('')
    await page.getByRole('button', { name: 'More profiles' }).click()
    await page.getByText('64 profiles', { exact: true }).waitFor()
    await vi.waitFor(async () => expect(await names()).toHaveLength(64), { timeout: 30_000 })
    // What the page asks for anew by itself is as long as what it shows.
    await page.waitForResponse(answer => new URL(answer.url()).pathname === '/v1/profiles')
    await page.waitForResponse(answer => new URL(answer.url()).pathname === '/v1/runs')
    await page.waitForResponse(answer => new URL(answer.url()).pathname === '/v1/profiles')
    expect(await names()).toHaveLength(64)
  })

  it('has names and handles beside ids, and finds each of them', async () => {
    const [profile] = query(server.db, `select * from profiles where username = 'one.post'`) as [Json]
    const search = page.getByLabel('Profile', { exact: true })
    for (const text of [profile.name, profile.id, 'NE.POS']) {
      await search.fill(text)
      await shows(['one.post'])
    }
    const row = page.locator('#rows tr').filter({ hasText: 'one.post' })
    await row.getByText('Instagram', { exact: true }).waitFor()
    await row.getByText(`${profile.name} · ${profile.id}`).waitFor()
    await search.fill('')
  })

  it('is put in order by its columns, both ways', async () => {
    await page.locator('#filter-network').selectOption('instagram')
    const ordered = (by: string): string[] =>
      query(server.db, `select username from profiles where network = 'instagram' order by ${by}`).map(
        ({ username }) => String(username),
      )
    const column = page.getByRole('columnheader', { name: 'Followers' })
    await column.getByRole('button').click()
    await shows(ordered('followers_count desc'))
    expect(await column.getAttribute('aria-sort')).toBe('descending')
    await column.getByRole('button').click()
    await shows(ordered('followers_count'))
    expect(await column.getAttribute('aria-sort')).toBe('ascending')
    await page.getByLabel('Order').selectOption('-name')
    await shows(ordered('username desc'))
    expect(await column.getAttribute('aria-sort')).toBe('none')
    await page.getByLabel('Order').selectOption('-newest')
    await page.locator('#filter-network').selectOption('')
  })

  it('saves all profiles that match, runs, posts and counters, so that a spreadsheet keeps their ids', async () => {
    const profiles = await saved(page.getByRole('button', { name: 'All of these profiles as CSV' }))
    expect(profiles).toHaveLength(64)
    const [stored] = query(server.db, `select * from profiles where username = 'one.post'`) as [Json]
    expect(profiles.find(({ username }) => username === 'one.post')).toMatchObject({
      profile_id: `'${stored.id}`,
      name: stored.name,
      followers_count: String(stored.followers_count),
      status: 'succeeded',
    })
    const runs = await saved(page.getByRole('button', { name: 'All runs as CSV' }))
    expect(runs.map(({ id, profiles: count }) => [id, count])).toEqual([
      ['5', '1'],
      ['4', '4'],
      ['3', '4'],
      ['2', '3'],
      ['1', '64'],
    ])
    await page.getByRole('button', { name: 'two.pages.of.50', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'two.pages.of.50' })
    const posts = await saved(dialog.getByRole('button', { name: 'All posts as CSV' }))
    const [{ count }] = query(
      server.db,
      `select count(*) as count from posts where profile_id = (select id from profiles where username = 'two.pages.of.50')`,
    ) as [Json]
    expect(posts).toHaveLength(count)
    const counters = await saved(dialog.getByRole('button', { name: 'All counters as CSV' }))
    expect(counters.map(({ counter }) => counter)).toContain('followers_count')
    await page.keyboard.press('Escape')
  })

  it('shows the newest posts of a profile, and what is said below one of them', async () => {
    const [post] = query(
      server.db,
      `select posts.*, (select count(*) from comments where comments.network = posts.network and post_id = posts.id) as stored
        from posts where profile_id = 'ada.bakes' order by created_at desc limit 1`,
    ) as [Json]
    await page.getByRole('button', { name: 'ada.bakes', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'ada.bakes' })
    const first = dialog.locator('.posts > li').first()
    await first.getByText(post.caption.trim()).waitFor()
    await first.getByText(`${post.like_count.toLocaleString('en-GB')} like`).waitFor()
    const said = dialog.getByRole('button', { name: /^Comments of / }).first()
    await said.click()
    expect(await said.getAttribute('aria-expanded')).toBe('true')
    await dialog.locator('.comment').first().waitFor()
    await picture(page, 'posts', false)
    await page.keyboard.press('Escape')
  })

  it('draws a counter from nothing on, and up to the last look at it', async () => {
    await page.getByRole('button', { name: 'quiet.page', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'quiet.page' })
    const plot = dialog.locator('svg.plot')
    await plot.waitFor()
    const ticks = await plot.locator('text[text-anchor="end"]').allTextContents()
    expect(ticks).toContain('0')
    await dialog.getByText(/Followers: .*\. Last looked at .*\.$/).waitFor()
    const way = (await plot.locator('path.way').getAttribute('d')) ?? ''
    expect(Number(/L([\d.]+) [\d.]+$/.exec(way)?.[1])).toBe(546)
    await page.keyboard.press('Escape')
  })

  it('lays several profiles beside each other, by keyboard alone', async () => {
    await page.locator('#rows').waitFor()
    for (const name of ['two.pages.of.50', 'ada.bakes']) {
      await page.getByRole('checkbox', { name: `Choose ${name}` }).focus()
      await page.keyboard.press('Space')
    }
    await page.getByRole('button', { name: 'Compare 2' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: '2 profiles' })
    await dialog.getByRole('row', { name: /two\.pages\.of\.50/ }).waitFor()
    expect(await dialog.getByRole('img', { name: /^Followers: / }).count()).toBe(2)
    expect(await saved(dialog.getByRole('button', { name: 'The numbers as CSV' }))).toHaveLength(2)
    await picture(page, 'compared', false)
    await page.keyboard.press('Escape')
    await expect
      .poll(() => page.evaluate('document.activeElement.id'), { timeout: 30_000 })
      .toBe('compare-open')
  })

  it('shows what a pasted list would cost before it can be started', async () => {
    await page.getByRole('button', { name: 'Start a run' }).click()
    const go = page.getByRole('button', { name: 'Start', exact: true })
    expect(await go.isDisabled()).toBe(true)
    const ids = ['youtube:@ตลาดเช้า', '', 'instagram:albums.only']
    await page.getByLabel('Profiles, one a line').fill(ids.join('\n'))
    const price = page.getByRole('region', { name: 'What it would cost' })
    await price.getByText(/^YouTube: .* calls/).waitFor()
    const asked = { ids: ids.filter(Boolean), scope: ['posts'] }
    const { body } = await server.post<Json>('/v1/plan', asked)
    const [instagram] = body.networks
    await price
      .getByText(
        `Instagram: ${instagram.calls.low} to ${instagram.calls.high} calls, most likely ${instagram.calls.likely}`,
      )
      .waitFor()
    await price
      .getByText(/units?, .*of the [\d,]+ a day; today [\d,]+ are left: (most likely )?enough\./)
      .waitFor()
    await expect.poll(() => go.isDisabled(), { timeout: 30_000 }).toBe(false)
    await picture(page, 'price', false)
    expect((await server.get<Json>('/v1/runs')).items).toHaveLength(5)
    // What is wanted is another thing now, and so is its price.
    await page.getByRole('radio', { name: 'the profile' }).check()
    expect(await go.isDisabled()).toBe(true)
    await price.getByText('YouTube: 1 call', { exact: true }).waitFor()
    await expect.poll(() => go.isDisabled(), { timeout: 30_000 }).toBe(false)
    await go.click()
    await expect
      .poll(async () => (await server.get<Json>('/v1/runs')).items.length, { timeout: 60_000 })
      .toBe(6)
    await server.ended('6')
  })

  it.each([
    ['360 px', { viewport: { width: 360, height: 740 } }],
    ['360 px, dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
    ['800 px', { viewport: { width: 800, height: 900 } }],
    ['1,280 px, dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ] as const)('fits, and has no serious finding of axe, its dialogs too: %s', async (name, options) => {
    const other = await open(options)
    const looked = async (what: string): Promise<void> => {
      await picture(other, `${what} ${name}`, what === 'desk')
      expect(
        await other.evaluate('document.documentElement.scrollWidth - innerWidth'),
        what,
      ).toBeLessThanOrEqual(0)
      expect(await serious(other), what).toEqual([])
    }
    await other.locator('#changes table').waitFor()
    await looked('desk')
    await other.getByLabel('Profile', { exact: true }).fill('ada.bakes')
    await other.getByRole('button', { name: 'ada.bakes', exact: true }).click()
    await other.locator('.posts > li').first().waitFor()
    await other
      .getByRole('button', { name: /^Comments of / })
      .first()
      .click()
    await other.locator('.comment').first().waitFor()
    await looked('profile')
    await other.keyboard.press('Escape')
    await other.getByRole('button', { name: 'Start a run' }).click()
    await other.getByLabel('Profiles, one a line').fill(LIST.join('\n'))
    await other.locator('.price').waitFor()
    await looked('start')
    await other.context().close()
  })

  it('made no complaint', () => {
    expect(complaints).toEqual([])
  })
})
