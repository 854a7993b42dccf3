// @module-tag long
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { noBrowser, openBrowser } from '../support/browser.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { copyDatabase } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

const DAY = 86_400_000
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const OVERLAPS = readFileSync(join(import.meta.dirname, '../support/in-page/overlaps.js'), 'utf8')
/** Where pictures go for whoever wants to look at them. */
const PICTURES = process.env.PAGE_PICTURES

/** What people call themselves, and some who want to be more than text. */
const NAMES = [
  '<script>document.title = "run"</script>',
  '"><img src=x onerror="document.title = 1">',
  'ตลาดเช้าริมแม่น้ำเจ้าพระยาวันอาทิตย์',
  '👩‍👩‍👧‍👦🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸🌸',
  'صحيفة الصباح اليومية في المدينة القديمة',
  'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW',
]

const folder = tempFolder()
const db = folder.file('socsync.db')
const file = folder.file('report.html')
let sandbox: TestSandbox
let page: Document

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env, cwd: folder.path })
const report = async (...args: readonly string[]): Promise<Document> => {
  const ended = await call('report', '--out', '-', ...args)
  expect(ended.code, ended.stderr).toBe(0)
  return documentOf(ended.stdout)
}

/** What is used of a parsed page here. */
interface Document {
  querySelector(selector: string): Element | null
  querySelectorAll(selector: string): Iterable<Element>
}
interface Element extends Document {
  readonly textContent: string
  getAttribute(name: string): string | null
}
const documentOf = (text: string): Document => parseHTML(text).document as unknown as Document
const textOf = (element: Element | null | undefined): string =>
  (element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
/** A table by its caption: rows of cells, without the heads. */
const tableOf = (of: Document, caption: string): string[][] => {
  const found = [...of.querySelectorAll('table')].find(
    table => textOf(table.querySelector('caption')) === caption,
  )
  return [...(found?.querySelectorAll('tbody tr') ?? [])].map(row =>
    [...row.querySelectorAll('th, td')].map(textOf),
  )
}
const numberOf = (text: string | undefined): number => Number((text ?? '').replaceAll(',', ''))
const shown = (value: unknown): string => (value === null ? '–' : Number(value).toLocaleString('en-GB'))
const change = (sql: string): void => {
  const writing = openWrite(db)
  writing.exec(sql)
  writing.close()
}

beforeAll(async () => {
  sandbox = await startSandbox({ moving: true })
  const list = [14, 13, 13].flatMap((count, n) => {
    const network = ['instagram', 'tiktok', 'youtube'][n] ?? ''
    return sandbox.entities(network, count).map(id => `${network}:${id}`)
  })
  for (let night = 0; night < 5; night += 1) {
    const scope = night === 0 ? 'all' : 'posts'
    const ended = await call(
      ...['run', '--scope', scope, '--since', '2026-07-01', '--limit-comments', '10', '--quiet', ...list],
    )
    expect(ended.code, ended.stderr).toBe(0)
    sandbox.advance((night + 1) * DAY)
  }
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
  // Those whose names stand in every chart.
  NAMES.forEach((name, n) => {
    change(`update profiles set name = ${quoted(name)} where (network, id) = (
      select network, profile_id from posts where like_count is not null and comments_count is not null
      group by network, profile_id order by avg(like_count) desc, network, profile_id limit 1 offset ${n})`)
  })
  change(`
    update posts set title = '</title><script>1</script>', permalink = 'javascript:alert(1)', like_count = 90000000
      where (network, id) = (select network, id from posts where network = 'youtube' and comments_count > 0 and missing_since is null order by id limit 1);
    update profiles set followers_count = null where name = ${quoted(NAMES[2] ?? '')};
    insert into metrics select network, 'profile', id, 'followers_count', '2026-10-08T00:00:00.000Z', null
      from profiles where name = ${quoted(NAMES[2] ?? '')}`)
  const ended = await call('report', '--out', file)
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '' })
  expect(ended.stderr).toMatch(/^\d+ profiles in .*report\.html\n$/)
  page = documentOf(readFileSync(file, 'utf8'))
})
afterAll(async () => {
  await sandbox?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('a report', () => {
  it('tells what the list is', () => {
    const networks = query(
      db,
      `select network, count(*) as asked,
        (select count(*) from profiles where profiles.network = entities.network) as stored,
        (select sum(followers_count) from profiles where profiles.network = entities.network) as followers,
        (select count(*) from posts where posts.network = entities.network and missing_since is null
          and coalesce(kind, '') <> 'story') as posts
      from entities group by network order by network`,
    )
    const told = tableOf(page, 'Networks')
    expect(told).toHaveLength(3)
    expect(
      told.map(([, asked, stored, followers, posts]) => [
        asked,
        stored,
        followers?.replace(/ \(.*/, ''),
        posts,
      ]),
    ).toEqual(
      networks.map(({ asked, stored, followers, posts }) => [asked, stored, followers, posts].map(shown)),
    )
    expect(textOf(page.querySelector('h1'))).toBe('Report on 40 profiles')
    expect(textOf(page.querySelector('header'))).toContain('The numbers are made up')
    expect(textOf(page.querySelector('header'))).toContain('All days and hours are in UTC')
  })

  it('draws what was observed of each profile, and tells it as a table', () => {
    const cards = [...page.querySelectorAll('.card')]
    const [{ stored } = {}] = query(db, 'select count(*) as stored from profiles')
    expect(cards).toHaveLength(Number(stored))
    const [most = {}] = query(
      db,
      `select id, network, last_synced_at, followers_count, (
          select group_concat(value, ' ') from (select value from metrics where network = profiles.network
            and subject = 'profile' and subject_id = profiles.id and name = 'followers_count' order by observed_at)) as seen
        from profiles where followers_count is not null order by followers_count desc limit 1`,
    )
    const [first] = cards
    const rows = [...(first?.querySelectorAll('tbody tr') ?? [])].map(
      row => [...row.querySelectorAll('th, td')].map(textOf)[1],
    )
    const seen = String(most.seen).split(' ').map(shown)
    // When it was read last it stood there, too.
    expect(rows.slice(0, seen.length)).toEqual(seen)
    expect(rows.at(-1)).toBe(shown(most.followers_count))
    expect(first?.querySelector('path')?.getAttribute('d')).toMatch(/^M[\d.]+,/)
    const hidden = cards.find(card => textOf(card).startsWith(NAMES[2] ?? '?'))
    expect(textOf(hidden)).toContain('hidden')
  })

  it('tells when posts are published, by hour and weekday in UTC', () => {
    const counts = query(
      db,
      `select (strftime('%w', created_at) + 6) % 7 as weekday, cast(strftime('%H', created_at) as integer) as hour, count(*) as posts
      from posts where missing_since is null and coalesce(kind, '') <> 'story' group by 1, 2 order by 1, 2`,
    )
    expect(counts.length).toBeGreaterThan(50)
    const told = tableOf(page, 'Posts by weekday and hour: numbers')
    expect(told.map(([weekday]) => weekday)).toEqual([
      ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    ])
    expect(
      told.flatMap((row, weekday) =>
        row.slice(1, 25).flatMap((posts, hour) => (posts === '0' ? [] : [[weekday, hour, numberOf(posts)]])),
      ),
    ).toEqual(counts.map(({ weekday, hour, posts }) => [weekday, hour, posts]))
  })

  it('names the posts with the most reactions', () => {
    const top = query(
      db,
      `select like_count + comments_count + coalesce(share_count, 0) as reactions, view_count as views from posts
      where missing_since is null and coalesce(kind, '') <> 'story' and like_count is not null and comments_count is not null
      order by 1 desc limit 15`,
    )
    const told = tableOf(page, 'Posts with the most reactions')
    expect(told.map(row => [row[4], row[8]])).toEqual(
      top.map(({ reactions, views }) => [reactions, views].map(shown)),
    )
    expect(told[0]?.[0]).toBe('</title><script>1</script>')
  })

  it('says what changed, what is missing and why, and what it cost', () => {
    expect(tableOf(page, 'Changes').map(([kind]) => kind)).toContain('new')
    const missing = tableOf(page, 'Profiles of which not all came').map(([reason, means]) => [reason, means])
    expect(missing).toContainEqual(['private', 'private'])
    expect(missing).toContainEqual(['not-found', 'not there: deleted, renamed, or never existed'])
    const comments = tableOf(page, 'Comments that the networks declare and that are not here')
    expect(comments.map(([reason]) => reason)).toContain('unsupported-by-network')
    const costs = query(
      db,
      `select pool, count(distinct run_id) as runs, sum(calls) as calls, sum(units) as units
      from run_costs group by network, pool order by network, pool`,
    )
    expect(tableOf(page, 'Calls and units of quota').map(row => row.slice(1))).toEqual(
      costs.map(({ pool, runs, calls, units }) => [pool, shown(runs), shown(calls), shown(units)]),
    )
  })

  it('gives each chart a title, a sentence, names of its axes, and its numbers as a table', () => {
    const charts = [...page.querySelectorAll('svg.chart')]
    expect(charts.length).toBeGreaterThan(40)
    for (const chart of charts) {
      const ids = (chart.getAttribute('aria-labelledby') ?? '').split(' ')
      expect(chart.getAttribute('role')).toBe('img')
      expect(ids.map(id => textOf(chart.querySelector(`#${id}`)).length > 5)).toEqual([true, true])
      expect(textOf(chart)).toMatch(/followers|weekday.*hour of the day|reactions per post/)
    }
    const figures = [...page.querySelectorAll('figure')].filter(figure => figure.querySelector('.chart'))
    expect(figures.filter(figure => figure.querySelector('details table') === null)).toEqual([])
  })

  it('takes what people call themselves for text, and follows no address but those of pages', () => {
    expect([...page.querySelectorAll('script, img, iframe, object, embed, link, base, form')]).toEqual([])
    const attributes = [...page.querySelectorAll('*')].flatMap(element =>
      ['href', 'src', 'srcset', 'xlink:href', 'onerror', 'onload', 'style'].flatMap(name => {
        const value = element.getAttribute(name)
        return value === null ? [] : [`${name}=${value}`]
      }),
    )
    expect(
      attributes.filter(one => !/^href=(#[a-z]+$|https:\/\/)/.test(one) && !/^style=font-/.test(one)),
    ).toEqual([])
    expect(textOf(page.querySelector('style'))).not.toMatch(/url\(|@import/)
    const policy = page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content')
    expect(policy).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/)
    const profiles = tableOf(page, 'Profiles').map(([name]) => name)
    for (const name of NAMES) expect(profiles.some(told => told?.startsWith(name))).toBe(true)
  })

  it('is of a network, of a profile, of what is new, and of as many profiles as wanted', async () => {
    const youtube = await report('--network', 'youtube')
    expect(tableOf(youtube, 'Networks').map(([name]) => name)).toEqual(['YouTube'])
    expect(tableOf(youtube, 'Calls and units of quota').every(([name]) => name === 'YouTube')).toBe(true)
    expect(textOf(youtube.querySelector('h1'))).toBe('Report on 13 YouTube profiles')

    const one = await report('--entity', 'instagram:two.pages.of.50')
    expect(tableOf(one, 'Profiles')).toHaveLength(1)
    expect([...one.querySelectorAll('.card')]).toHaveLength(1)
    // There is nobody to compare it with.
    expect(tableOf(page, 'Followers compared: numbers')).toHaveLength(8)
    expect(tableOf(one, 'Followers compared: numbers')).toEqual([])
    const [posts] = query(
      db,
      `select count(*) as posts from posts join profiles on profiles.network = posts.network and profiles.id = profile_id
      where username = 'two.pages.of.50' and posts.missing_since is null and coalesce(kind, '') <> 'story'`,
    )
    expect(tableOf(one, 'Networks')[0]?.[4]).toBe(shown(posts?.posts))

    const since = '2026-10-04T00:00:00.000Z'
    const lately = await report('--since', since)
    const [count] = query(
      db,
      `select count(*) as posts from posts where missing_since is null and coalesce(kind, '') <> 'story' and created_at >= '${since}'`,
    )
    const sum = (of: Document): number =>
      tableOf(of, 'Networks').reduce((all, row) => all + numberOf(row[4]), 0)
    expect(sum(lately)).toBe(count?.posts)
    expect(sum(lately)).toBeLessThan(sum(page))
    const moments = [...lately.querySelectorAll('.card tbody th')].map(textOf)
    expect(moments.length).toBeGreaterThan(40)
    expect(moments.every(at => at >= '2026-10-04')).toBe(true)
    // What held before the period holds at its beginning.
    expect(moments).toContain('2026-10-04 00:00 UTC')

    const few = await report('--limit', '3')
    expect([...few.querySelectorAll('.card')]).toHaveLength(3)
    expect(tableOf(few, 'Networks')).toEqual(tableOf(page, 'Networks'))
    const [{ stored } = {}] = query(db, 'select count(*) as stored from profiles')
    expect(textOf(few.querySelector('#growth'))).toContain(`${Number(stored) - 3} more are stored`)
  })

  it('of a profile that was asked for and has not come says why', async () => {
    const gone = await report('--entity', 'tiktok:gone.author')
    expect(textOf(gone.querySelector('h1'))).toBe('Report on gone.author')
    expect(tableOf(gone, 'Profiles of which not all came')[0]?.[0]).toBe('not-found')
  })

  it('replaces a file only when told to, and says to programs what it wrote', async () => {
    const named = folder.file('named.html')
    writeFileSync(named, 'mine')
    const refused = await call('report', '--out', named)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('is there already')
    expect(readFileSync(named, 'utf8')).toBe('mine')
    const usual = await call('report', '--json', '--force')
    const { out, bytes, profiles, left } = JSON.parse(usual.stdout)
    expect({ out, bytes, left }).toEqual({
      out: 'report.html',
      bytes: readFileSync(file).length,
      left: 0,
    })
    expect(profiles).toBeGreaterThan(30)
  })

  it('draws a long history by some of its moments, its first and its last among them', async () => {
    const long = folder.file('long.db')
    copyDatabase(db, long)
    const writing = openWrite(long)
    writing.exec(`insert into metrics
      with recursive days (n) as (select 1 union all select n + 1 from days where n < 400)
      select network, 'profile', id, 'followers_count', strftime('%Y-%m-%dT00:00:00.000Z', '2026-09-30', '-' || n || ' days'), 400 - n
      from days join profiles on username = 'two.pages.of.50'`)
    writing.close()
    const ended = await socsync(
      ['report', '--out', '-', '--entity', 'instagram:two.pages.of.50', '--db', long],
      { env: sandbox.env, cwd: folder.path },
    )
    expect(ended.code, ended.stderr).toBe(0)
    const rows = [...documentOf(ended.stdout).querySelectorAll('.card tbody tr')].map(textOf)
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.length).toBeLessThanOrEqual(60)
    const [last] = query(db, "select followers_count from profiles where username = 'two.pages.of.50'")
    expect([rows[0], rows.at(-1)?.replace(/.* UTC/, '')]).toEqual([
      '2025-08-26 00:00 UTC0',
      shown(last?.followers_count),
    ])
  })

  it('of an empty database is one clear line, and no file', async () => {
    const empty = folder.file('empty.db')
    copyDatabase(db, empty)
    const writing = openWrite(empty)
    writing.pragma('foreign_keys = off')
    for (const table of ['entity_aliases', 'entities']) writing.exec(`delete from ${table}`)
    writing.close()
    const out = folder.file('empty.html')
    const ended = await socsync(['report', '--db', empty, '--out', out], { env: sandbox.env })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^socsync: there is no profile in .*empty\.db yet\n/)
    expect(existsSync(out)).toBe(false)
  })
})

if (noBrowser !== null) process.stderr.write(`the report is not looked at: ${noBrowser}\n`)

describe.skipIf(noBrowser !== null)('a report in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  it.each([
    ['360 px', 360, 'light', 'screen'],
    ['360 px, dark', 360, 'dark', 'screen'],
    ['800 px', 800, 'light', 'screen'],
    ['800 px, dark', 800, 'dark', 'screen'],
    ['1,280 px', 1280, 'light', 'screen'],
    ['1,280 px, dark', 1280, 'dark', 'screen'],
    ['paper', 700, 'light', 'print'],
    ['paper, dark', 700, 'dark', 'print'],
  ] as const)(
    'has no text over another, asks nobody, and has no serious finding of axe: %s',
    async (name, width, colorScheme, media) => {
      const context = await browser.newContext({ viewport: { width, height: 900 } })
      const opened = await context.newPage()
      const asked: string[] = []
      const complaints: string[] = []
      opened.on('request', request => asked.push(request.url()))
      opened.on('console', message => complaints.push(message.text()))
      opened.on('pageerror', error => complaints.push(String(error)))
      await opened.emulateMedia({ media, colorScheme })
      await opened.goto(`file://${file}`)
      if (PICTURES !== undefined) {
        mkdirSync(PICTURES, { recursive: true })
        await opened.screenshot({ path: join(PICTURES, `report ${name}.png`), fullPage: true })
      }
      expect(await opened.title()).toBe('Report on 40 profiles')
      expect(await opened.locator('svg.chart:visible').count()).toBeGreaterThan(35)
      expect(await opened.evaluate(OVERLAPS)).toEqual([])
      expect(await opened.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
        0,
      )
      const colours = (await opened.evaluate(
        `['color', 'backgroundColor'].map(name => getComputedStyle(document.body)[name])`,
      )) as string[]
      // On paper there is no night.
      const isDark = colorScheme === 'dark' && media === 'screen'
      expect(colours).toEqual(
        isDark
          ? ['rgb(232, 235, 238)', 'rgb(20, 24, 29)']
          : [media === 'print' ? 'rgb(0, 0, 0)' : 'rgb(27, 31, 36)', 'rgb(255, 255, 255)'],
      )
      expect(asked).toEqual([`file://${file}`])
      expect(complaints).toEqual([])
      await opened.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
      expect(await opened.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
        0,
      )
      await opened.evaluate(AXE)
      const { violations } = (await opened.evaluate('axe.run(document)')) as {
        readonly violations: readonly {
          readonly id: string
          readonly impact: string
          readonly nodes: readonly { readonly html: string }[]
        }[]
      }
      expect(
        violations
          .filter(({ impact }) => ['serious', 'critical'].includes(impact))
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
      ).toEqual([])
      await context.close()
    },
  )
})
