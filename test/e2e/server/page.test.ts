// @module-tag long
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { noBrowser, openBrowser } from '../../support/browser.ts'
import { tempFolder } from '../../support/cli.ts'
import { isOnServer } from '../../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { startServer, type TestServer, TOKEN } from '../../support/server.ts'
import { openWrite } from '../../support/tables.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

/** A script of `test/support/in-page`, for the browser to run. */
const inPage = (name: string): string =>
  readFileSync(new URL(`../../support/in-page/${name}.js`, import.meta.url), 'utf8')

/** Where pictures go for whoever wants to look at them. */
const PICTURES = process.env.PAGE_PICTURES

if (noBrowser !== null) process.stderr.write(`the tests of the page are left out: ${noBrowser}\n`)

describe.skipIf(noBrowser !== null)('the status page, in a browser', () => {
  const folder = tempFolder()
  let sandbox: TestSandbox
  let server: TestServer
  let browser: Browser
  let page: Page
  /** What the browser complains about, and whom it asks beside the server. */
  const complaints: string[] = []
  const elsewhere: string[] = []

  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      ...options,
    })
    const opened = await context.newPage()
    opened.setDefaultTimeout(60_000)
    opened.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    opened.on('pageerror', error => complaints.push(String(error)))
    opened.on('request', request => {
      if (!request.url().startsWith(server.origin)) elsewhere.push(request.url())
    })
    await opened.goto(`${server.origin}/#token=${TOKEN}`)
    return opened
  }
  const picture = async (of: Page, name: string, fullPage = true): Promise<void> => {
    if (PICTURES === undefined) return
    mkdirSync(PICTURES, { recursive: true })
    await of.screenshot({ path: join(PICTURES, `${name}.png`), fullPage })
  }
  const focused = (): Promise<unknown> =>
    page.evaluate('document.activeElement.textContent || document.activeElement.id')
  const headline = (text: string | RegExp) => page.getByRole('heading', { level: 2, name: text })
  const startRun = async (ids: string, scope = 'posts'): Promise<void> => {
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.getByLabel('Profiles, one a line').fill(ids)
    await page.getByRole('radio', { name: scope }).check()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
  }

  beforeAll(async () => {
    sandbox = await startSandbox({ networks, moving: true })
    const mood = { url: sandbox.transformUrl('mood'), elements: ['posts.caption'] }
    writeFileSync(folder.file('config.json'), JSON.stringify({ transforms: { mood } }))
    server = await startServer({ env: { ...sandbox.env, SOCSYNC_CONFIG: folder.file('config.json') } })
    browser = await openBrowser()
    page = await open()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await sandbox?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('takes the token out of the address, and keeps it for this tab alone', async () => {
    await headline('Nothing was fetched yet').waitFor()
    expect(page.url()).toBe(`${server.origin}/`)
    expect(await page.evaluate('[localStorage.length, document.cookie, sessionStorage.length]')).toEqual([
      0,
      '',
      1,
    ])
    await page.reload()
    await headline('Nothing was fetched yet').waitFor()
  })

  it('starts a run and shows it live until it is done, without being asked', async () => {
    // So slow that the run is still under way when the page has been drawn on a busy machine.
    sandbox.setSwitch('slow', { value: 3000 })
    await startRun('instagram:two.pages.of.50\ninstagram:albums.only\nyoutube:@ตลาดเช้า\ntiktok:quiet.page')
    await headline(/Under way: \d of 4 profiles done/).waitFor()
    expect(await page.getByRole('status').first().textContent()).toBe('live')
    const workers = page.getByRole('region', { name: 'Workers' })
    await workers.getByRole('heading', { name: isOnServer ? /^Worker on / : /^Server on / }).waitFor()
    await workers.getByText('sees to run 1').waitFor()
    await picture(page, 'live', false)
    sandbox.switches.clear()
    await headline('Everything is in').waitFor()
    if (isOnServer) await workers.getByText('waits for work').waitFor()
    else await workers.waitFor({ state: 'hidden' })
    await page.getByText('4 succeeded · ').waitFor()
    await page.getByRole('row', { name: /two\.pages\.of\.50.*succeeded/s }).waitFor()
    await page.getByText('What happened').click()
    const lines = page.getByRole('list', { name: 'What happened in run 1' }).getByRole('listitem')
    await lines.filter({ hasText: 'instagram two.pages.of.50 succeeded' }).waitFor()
    expect(await lines.filter({ hasText: 'succeeded' }).count()).toBe(4)
    await picture(page, 'light')
  })

  it('refuses a bad list in the words of the command line, and keeps what was typed', async () => {
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.getByLabel('Profiles, one a line').fill('\n\nnobody knows')
    const refused = page.locator('#start-refused')
    await refused.filter({ hasText: 'line 3: "nobody knows" does not say which network it means' }).waitFor()
    expect(await refused.textContent()).not.toMatch(/--\w/)
    expect(await page.getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
    expect(await page.getByLabel('Profiles, one a line').inputValue()).toBe('\n\nnobody knows')
    complaints.splice(0)
    await page.keyboard.press('Escape')
  })

  it('says why something is not whole, and resumes it', async () => {
    sandbox.setSwitch('status', { network: 'instagram', value: 400, times: 1 })
    await startRun('instagram:one.post')
    await headline('Instagram calls a request wrong').waitFor()
    await page
      .locator('#deck')
      .getByText(/1 profile is not whole/)
      .waitFor()
    const row = page.getByRole('row', { name: /one\.post/ })
    await row.getByText('failed').waitFor()
    await row.getByText('the network calls the request wrong').waitFor()
    await picture(page, 'failed')
    await row.getByRole('button', { name: 'Resume one.post' }).click()
    await headline('Everything is in').waitFor()
    await row.getByText('succeeded').waitFor()
    expect(await row.getByRole('button', { name: /Resume/ }).count()).toBe(0)
  })

  it('filters by name, network and status', async () => {
    const names = (): Promise<string[]> => page.locator('#rows .name').allTextContents()
    const shows = (expected: string[]): Promise<void> =>
      vi.waitFor(async () => expect((await names()).sort()).toEqual([...expected].sort()), {
        timeout: 30_000,
      })
    await page.getByLabel('Profile', { exact: true }).fill('PAGE')
    await shows(['two.pages.of.50', 'quiet.page'])
    await page.locator('#filter-network').selectOption('tiktok')
    await shows(['quiet.page'])
    await page.locator('#filter-status').selectOption('failed')
    await shows([])
    await page.getByText('No profile is like that.').waitFor()
    for (const id of ['#filter-status', '#filter-network']) await page.locator(id).selectOption('')
    await page.getByLabel('Profile', { exact: true }).fill('')
    await vi.waitFor(async () => expect(await names()).toHaveLength(5), { timeout: 30_000 })
  })

  it('hands what landed to a transform, and once more what failed', async () => {
    const card = page.locator('#transforms article')
    await card.getByText('nothing was handed over yet').waitFor()
    sandbox.setSwitch('fail', { network: 'transforms', value: 'the model is tired', times: 2 })
    sandbox.setSwitch('slow', { network: 'transforms', value: 1000 })
    await card.getByRole('button', { name: 'Run mood' }).click()
    await card.getByText('at work').waitFor()
    await vi.waitFor(() => expect(sandbox.transforms.counts().mood?.jobs).toBeGreaterThan(2), 30_000)
    await picture(page, 'transform')
    sandbox.switches.clear()
    await card.getByRole('button', { name: 'Retry 2 failed' }).click()
    await card.getByText(/^[\d,]+ done$/).waitFor()
    await card.getByRole('button', { name: 'Run mood' }).waitFor()
    await picture(page, 'transformed')
  })

  it('starts a run whose posts are queued for a transform', async () => {
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.getByLabel('Profiles, one a line').fill('instagram:long.caption')
    await page.getByRole('checkbox', { name: 'mood' }).check()
    await picture(page, 'start', false)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.locator('#transforms').getByText('not submitted yet').waitFor()
  })

  it('keeps a run for set times, shows what starts it, runs it now and removes it', async () => {
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.getByLabel('Profiles, one a line').fill('instagram:one.post')
    await page.getByText('At set times instead of now').click()
    await page.getByLabel('Name of the schedule').fill('nightly')
    await page.getByLabel('Times, as in a crontab').fill('0 3 * *')
    await page.getByLabel('Time zone').fill('Europe/Zurich')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.locator('#start-refused').filter({ hasText: 'it has 4 fields, not five' }).waitFor()
    complaints.splice(0)
    await page.getByLabel('Times, as in a crontab').fill('0 3 * * *')
    await picture(page, 'schedule-start', false)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const card = page.locator('#schedules article')
    await card.getByText(/^next at .*; not run yet$/).waitFor()
    const crontab = card.getByText('What starts it: a line for your crontab')
    // On a server's database its worker starts it.
    if (isOnServer) expect([await crontab.count(), await card.getByText('No worker').count()]).toEqual([0, 0])
    else {
      await crontab.click()
      expect(await card.locator('pre').textContent()).toMatch(
        /^CRON_TZ=Europe\/Zurich\n0 3 \* \* \* .* schedule run-now nightly --db \/.*server\.db --config \/.* --quiet$/,
      )
    }
    await card.getByRole('button', { name: 'Run nightly now' }).click()
    await card.getByText(/last run \d+, .*: 1 (succeeded|skipped)$/).waitFor()
    await picture(page, 'schedule')
    await card.getByRole('button', { name: 'Remove nightly' }).click()
    await page.locator('#schedules-part').waitFor({ state: 'hidden' })
  })

  it('shows how a profile grew and how whole it is', async () => {
    for (let day = 0; day < 6; day++) {
      sandbox.advance(4 * 86_400_000)
      const run = await server.post<{ id: string }>('/v1/runs', {
        network: 'instagram',
        ids: ['two.pages.of.50'],
        scope: ['posts'],
        fresh: true,
      })
      await server.ended(run.body.id)
    }
    await page
      .locator('#filter')
      .evaluate((form: { dispatchEvent(event: Event): unknown }) => form.dispatchEvent(new Event('input')))
    await page.getByRole('button', { name: 'two.pages.of.50', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'two.pages.of.50' })
    await dialog.getByRole('img', { name: /Followers: [\d,]+, (up|down) [\d,]+ since/ }).waitFor()
    expect(await dialog.locator('circle').count()).toBeGreaterThan(2)
    expect(await dialog.getByText(/^\d+ of \d+$/).count()).toBeGreaterThan(0)
    await picture(page, 'growth', false)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(focused, { timeout: 30_000 }).toBe('two.pages.of.50')
  })

  it('gives the focus back to the row of a profile though it was drawn anew', async () => {
    await page.getByRole('button', { name: 'two.pages.of.50', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'two.pages.of.50' })
    await dialog.waitFor()
    await page.evaluate(
      `(() => {
        for (const row of document.querySelectorAll('#rows > *')) row.dataset.state = 'old'
        document.querySelector('#filter').dispatchEvent(new Event('input'))
      })()`,
    )
    await expect.poll(() => page.locator('#rows > [data-state="old"]').count(), { timeout: 30_000 }).toBe(0)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(focused, { timeout: 30_000 }).toBe('two.pages.of.50')
  })

  it('gives the focus back to the row of a profile though it stands for a newer job by then', async () => {
    const name = page.getByRole('button', { name: 'two.pages.of.50', exact: true })
    const before = await page.locator('#rows > tr').filter({ has: name }).getAttribute('data-key')
    await name.click()
    const dialog = page.getByRole('dialog', { name: 'two.pages.of.50' })
    await dialog.waitFor()
    const wish = { network: 'instagram', ids: ['two.pages.of.50'], scope: ['posts'], fresh: true }
    await server.ended((await server.post<{ id: string }>('/v1/runs', wish)).body.id)
    await page
      .locator('#filter')
      .evaluate((form: { dispatchEvent(event: Event): unknown }) => form.dispatchEvent(new Event('input')))
    const old = page.locator(`#rows > [data-key="${before}"]`)
    await expect.poll(() => old.count(), { timeout: 30_000 }).toBe(0)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(focused, { timeout: 30_000 }).toBe('two.pages.of.50')
  })

  it('names what keeps failing, why posts are missing, and what is new of what came', async () => {
    const file = openWrite(server.db)
    const job = `(select max(id) from sync_jobs where entity_id = 'two.pages.of.50')`
    file.exec(`
      update profiles set posts_count = posts_count + 9 where username = 'two.pages.of.50';
      update entities set posts_unlisted = posts_unlisted + 9 where entity_id = 'two.pages.of.50';
      insert into sync_tasks (job_id, kind, stream, external_id, post_id, status, reason, error_type, last_error, failing_since, failed_runs, not_before)
      values (${job}, 'posts', 'insights', 'M2', 'M2', 'skipped', 'unavailable', 'network_error',
        'An unexpected error has occurred. Please retry your request later.', '2026-10-03T04:00:00.000Z', 4, '2099-01-01T02:00:00.000Z')`)
    file.close()
    await page.reload()
    const row = page.getByRole('row', { name: /two\.pages\.of\.50/ })
    await row.getByText('1 thing fails since 3 Oct').waitFor()
    await row.getByRole('button', { name: 'two.pages.of.50', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'two.pages.of.50' })
    await dialog.getByText('1 thing keeps failing').waitFor()
    await dialog.getByText('instagram insights of post M2 of two.pages.of.50: ').waitFor()
    await dialog.getByText('An unexpected error has occurred.').waitFor()
    await dialog.getByText(/since 3 Oct, in 4 runs; tried again from 1 Jan 2099/).waitFor()
    await dialog.getByText(/^9 posts: read to the end/).waitFor()
    await picture(page, 'failing', false)
    await page.keyboard.press('Escape')
    await page.locator('.run-head').nth(1).click()
    await page.getByText(/\(none new\).* came, by /).waitFor()
    await picture(page, 'failing-run')
    await page.locator('.run-head').nth(1).click()
  })

  it('can be used by keyboard alone', async () => {
    await page.reload()
    await headline('Everything is in').waitFor()
    const isAt = async (what: string): Promise<void> =>
      await expect.poll(focused, { timeout: 30_000 }).toBe(what)
    await page.keyboard.press('Tab')
    await isAt('Skip to the profiles')
    await page.keyboard.press('Tab')
    await isAt('Start a run')
    await page.keyboard.press('Enter')
    await isAt('start-ids')
    await page.keyboard.press('Escape')
    await isAt('Start a run')
    await page.keyboard.press('Tab')
    const run = page.locator('.run-head').first()
    expect(await run.evaluate((one: { matches(selector: string): boolean }) => one.matches(':focus'))).toBe(
      true,
    )
    expect(await run.getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Enter')
    await page.getByText(/ came, by /).waitFor()
    // Drawn anew, it is still where the person was.
    expect(await run.evaluate((one: { matches(selector: string): boolean }) => one.matches(':focus'))).toBe(
      true,
    )
  })

  it('names everything that can be used or read, in light, dark and a narrow window', async () => {
    for (const [name, options] of [
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 390, height: 844 } }],
      ['narrow-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
    ] as const) {
      const other = await open(options)
      await other.getByRole('heading', { name: 'Everything is in' }).waitFor()
      await picture(other, name)
      const nameless = await other.evaluate(inPage('nameless'))
      expect(nameless).toEqual([])
      expect(await other.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      expect(await other.evaluate(inPage('contrasts'))).toEqual([])
      await other.context().close()
    }
  })

  it('asks for the token where it has none or a wrong one', async () => {
    const stranger = await (await browser.newContext()).newPage()
    await stranger.goto(server.origin)
    await stranger.getByRole('heading', { name: 'A token, please' }).waitFor()
    await stranger.locator('#gate-token').fill('wrong')
    await stranger.getByRole('button', { name: 'Open' }).click()
    await stranger.getByText('This token is not the one.').waitFor()
    await picture(stranger, 'gate', false)
    await stranger.locator('#gate-token').fill(TOKEN)
    await stranger.getByRole('button', { name: 'Open' }).click()
    await stranger.getByRole('heading', { name: 'Everything is in' }).waitFor()
    await stranger.context().close()
  })

  it('does not call it whole where nothing of a list is there, and names the first', async () => {
    await page.reload()
    await headline('Everything is in').waitFor()
    await startRun('youtube:@nobody-of-this-name\nyoutube:@nor-this-one')
    await headline('Nothing of the list is there').waitFor()
    await page
      .locator('#deck')
      .getByText(/^youtube:@nobody-of-this-name: not there.* So it is with 1 more\./)
      .waitFor()
  })

  it('made no complaint, and asked nobody else', () => {
    expect(complaints).toEqual([])
    expect(elsewhere).toEqual([])
  })
})
