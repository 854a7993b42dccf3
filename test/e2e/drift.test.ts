// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startProxy } from '../support/proxy.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const DAY = 86_400_000
const { channels } = YOUTUBE_SPECIALS
const LIST = [
  ...['instagram:two.pages.of.50', `instagram:${userId(1)}`],
  ...[`youtube:${channels.members}`, `youtube:${channels.forms}`, 'youtube:@ตลาดเช้า'],
  ...['tiktok:shelf.keeper', 'tiktok:pier.way47', 'tiktok:open.heart'],
]

interface Line {
  readonly network: string
  readonly stream: string
  readonly path: string
  readonly count: number
  readonly first_seen_at: string
  readonly last_seen_at: string
  readonly missing_since?: string
  readonly kept?: string
  readonly types?: Readonly<Record<string, { count: number; first_seen_at: string }>>
}

const folder = tempFolder()
const db = folder.file('drift.db')
let sandbox: TestSandbox
/** The days of the nights: of three the answers are as the sandbox sends them, of the last they are not. */
const days: string[] = []

const night = async (env: Readonly<Record<string, string>>): Promise<void> => {
  sandbox.advance(DAY)
  days.push(new Date(sandbox.clock.now()).toISOString().slice(0, 10))
  const args = [
    'run',
    '--scope',
    'all',
    '--lists',
    'liked,pinned,reposted',
    '--quiet',
    '--full-every',
    '1h',
    '--db',
    db,
  ]
  const { code, stderr } = await socsync([...args, ...LIST], { env })
  expect([0, 3], stderr).toContain(code)
}
const drift = async (...flags: readonly string[]) => {
  const { code, stdout, stderr } = await socsync(['db', 'drift', '--json', '--db', db, ...flags])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}
/** Look-ups of videos aside: how many a night takes is not the question here. */
const named = (lines: readonly Line[]): string[] =>
  lines
    .filter(({ network, stream }) => network !== 'youtube' || stream !== 'videos')
    .map(({ network, stream, path }) => `${network} ${stream} ${path}`)
    .sort()

/** What changes at the networks: a field more, a field less, a field of another type, and one that cannot be read. */
const NEWS: readonly (readonly [of: string, from: RegExp, to: string])[] = [
  [
    '/youtube/v3/videos',
    /"statistics":\{/g,
    '"statistics":{"brandNewCount":"7","12345678901":{"by":"countess"},',
  ],
  ['/youtube/v3/videos', /"definition":"\w+",?/g, ''],
  ['/youtube/v3/videos', /"viewCount":"(\d+)"/g, '"viewCount":$1'],
  ['/youtube/v3/channels', /"publishedAt":"[^"]+"/g, '"publishedAt":"soon"'],
  ['/v2/research/video/query', /"region_code":/g, '"mood":["calm",{"of":1}],"region_code":'],
  ['/v2/research/video/query', /"share_count":(\d+)/g, '"share_count":"$1"'],
  ['/v26.0/', /"media_type":/g, '"weather":null,"media_type":'],
]

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  for (let n = 0; n < 3; n++) await night(sandbox.env)
  const news = (text: string, path: string): string =>
    NEWS.reduce(
      (edited, [of, from, to]) => (path.startsWith(of) ? edited.replaceAll(from, to) : edited),
      text,
    )
  await using proxy = await startProxy(sandbox.origin, news)
  await night(proxy.environment(sandbox.env))
}, 300_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('db drift', () => {
  it('knows all that the networks sent so far', async () => {
    const { unknown, pages, unread } = await drift()
    expect(unread).toBe(0)
    expect(pages).toBe(query(db, 'select count(*) as n from raw_pages where part = 0')[0]?.n)
    expect(unknown.every((line: Line) => line.first_seen_at.startsWith(days[3] ?? '-'))).toBe(true)
  })

  it('names what is new, since when, and where it is kept; what is in it is not told', async () => {
    const { unknown } = await drift()
    expect(named(unknown)).toEqual([
      'instagram discovery $.business_discovery.media.data[].children.data[].weather',
      'instagram discovery $.business_discovery.media.data[].weather',
      'instagram discovery-media $.business_discovery.media.data[].children.data[].weather',
      'instagram discovery-media $.business_discovery.media.data[].weather',
      'instagram media $.data[].children.data[].weather',
      'instagram media $.data[].weather',
      'instagram stories $.data[].weather',
      'tiktok videos $.data.videos[].mood',
      'youtube uploads $(videos).items[].statistics.*',
      'youtube uploads $(videos).items[].statistics.brandNewCount',
    ])
    const mood = unknown.find(({ path }: Line) => path.endsWith('.mood'))
    expect(mood).toMatchObject({ kept: 'extra', types: { list: { count: mood.count } } })
    expect(mood.first_seen_at).toMatch(days[3] ?? '-')
    expect(unknown.find(({ path }: Line) => path.endsWith('brandNewCount'))).toMatchObject({ kept: 'extra' })
  })

  it('names what came before and comes no more', async () => {
    const { vanished } = await drift()
    expect(named(vanished)).toEqual(['youtube uploads $(videos).items[].contentDetails.definition'])
    const [{ last_seen_at, missing_since }] = vanished
    expect([last_seen_at.slice(0, 10), missing_since.slice(0, 10)]).toEqual([days[2], days[3]])
  })

  it('names what is of another type than before, and each from when on', async () => {
    const { retyped } = await drift()
    expect(named(retyped)).toEqual([
      'tiktok videos $.data.videos[].share_count',
      'youtube uploads $(videos).items[].statistics.viewCount',
    ])
    const { types } = retyped.find(({ network }: Line) => network === 'youtube')
    expect(types.text.first_seen_at).toMatch(days[0] ?? '-')
    expect(types.number.first_seen_at).toMatch(days[3] ?? '-')
  })

  it('counts what could not be read', async () => {
    const { rejects } = await drift()
    expect(named(rejects)).toEqual(['youtube channels channels.items[].snippet.publishedAt'])
    expect(rejects[0]).toMatchObject({ reason: 'expected a date', count: 3 })
  })

  it('is asked of one network, and since a day', { tags: ['long'] }, async () => {
    const { unknown, retyped, rejects } = await drift('--network', 'tiktok')
    const networksOf = [...unknown, ...retyped, ...rejects].map(({ network }: Line) => network)
    expect(new Set(networksOf)).toEqual(new Set(['tiktok']))
    expect(named((await drift('--since', days[3] ?? '')).unknown)).toEqual(named((await drift()).unknown))
    expect((await drift('--since', '2030-01-01')).unknown).toEqual([])
    expect((await socsync(['db', 'drift', '--db', db, '--since', 'monday'])).code).toBe(2)
  })

  it('shows tables to people, and no value of anybody', async () => {
    const { stdout } = await socsync(['db', 'drift', '--db', db])
    expect(stdout).toMatch(
      /\nunknown fields\n[\s\S]*\nvanished fields\n[\s\S]*\nretyped fields\n[\s\S]*\nnot readable\n/,
    )
    expect(stdout).toMatch(/ {2}tiktok +videos +\$\.data\.videos\[\]\.mood +\d+ +list +extra +/)
    for (const secret of [
      'countess',
      '12345678901',
      'calm',
      'soon',
      'shelf.keeper',
      ...Object.values(sandbox.env),
    ]) {
      expect(stdout).not.toContain(secret)
    }
  })
})
