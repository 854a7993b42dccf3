import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readBaseUrl, readTestHooks } from '../../../../src/app/config/base-urls.ts'
import { type ConfigSources, loadConfig } from '../../../../src/app/config/config.ts'
import { faultIn } from '../../../../src/app/config/json-file.ts'
import { SETTINGS } from '../../../../src/app/config/settings.ts'
import { BadInput } from '../../../../src/core/errors.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perFile } from '../../../support/fresh.ts'

const NETWORKS = [
  {
    name: 'instagram',
    baseUrlVariable: 'SOCSYNC_INSTAGRAM_BASE_URL',
    insights: { account: ['reach', 'views'], reels: ['views', 'saved'] },
  },
  { name: 'youtube', baseUrlVariable: 'SOCSYNC_YOUTUBE_BASE_URL' },
]

const folder = perFile(tempFolder)

const configFile = async (content: unknown): Promise<string> => {
  const file = folder().file('socsync.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const load = (sources: Partial<ConfigSources>) =>
  loadConfig({ flags: {}, env: {}, networks: NETWORKS, ...sources })

const refusal = async (loading: Promise<unknown>): Promise<BadInput> => {
  const error: unknown = await loading.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  return error as BadInput
}

describe('settings', () => {
  test('flags win over environment, that over the file, that over the defaults', async () => {
    const config = await configFile({
      concurrency: 1,
      limit_posts: 1,
      limit_comments: 1,
      max_wait: '1m',
      db: 'data/a.db',
    })
    const { settings } = await load({
      flags: { config, concurrency: '3', lists: 'liked,pinned', scope: 'posts, comments' },
      env: {
        SOCSYNC_CONCURRENCY: '2',
        SOCSYNC_LIMIT_POSTS: '2',
        SOCSYNC_LIMIT_COMMENTS: '',
        SOCSYNC_STRICT: '1',
      },
    })
    expect(settings).toMatchObject({
      concurrency: 3,
      limitPosts: 2,
      limitComments: 1,
      maxWait: 60_000,
      lists: ['liked', 'pinned'],
      strict: true,
      scope: ['posts', 'comments'],
      db: folder().file('data/a.db'),
      replies: SETTINGS.replies.fallback,
      credentials: null,
    })
  })

  test('an address of a database in the file is no path', async () => {
    const config = await configFile({ db: 'postgres://host/db', scope: 'all' })
    const { settings } = await load({ env: { SOCSYNC_CONFIG: config } })
    expect(settings).toMatchObject({ db: 'postgres://host/db', scope: ['all'] })
  })

  test.each([
    [{ concurrency: '0' }, '--concurrency "0" must be a whole number from 1 on'],
    [{ limitPosts: '1e3' }, '--limit-posts "1e3" must be a whole number'],
    [{ limitPosts: '-1' }, '--limit-posts "-1" must be'],
    [{ replies: 'some' }, '--replies "some" must be none or inline or full'],
    [{ scope: 'posts,likez' }, '--scope "posts,likez" must be one or more of profile, posts'],
    [{ maxWait: 'soon' }, '--max-wait "soon" must be a length of time'],
    [{ refreshAfter: 'daily' }, '--refresh-after "daily" must be a length of time such as 60s'],
    [{ db: '' }, '--db "" must be the path of a file'],
  ])('refuse the flag %j', async (flags, message) => {
    expect((await refusal(load({ flags }))).message).toContain(message)
  })

  test('refuse a variable by its name', async () => {
    expect((await refusal(load({ env: { SOCSYNC_STRICT: 'maybe' } }))).message).toBe(
      'SOCSYNC_STRICT "maybe" must be true or false',
    )
  })
})

describe('the config file', () => {
  test.each([
    [{ concurency: 1 }, '"concurency"', 'did you mean "concurrency"?'],
    [{ base_url: {} }, '"base_url"', 'did you mean "base_urls"?'],
    [{ base_urls: { instragram: 'x' } }, '"instragram"', 'did you mean "instagram"?'],
    [{ access_token: 'EAAsecret' }, '"access_token"', 'known are db, credentials'],
    ['{"__proto__": 1}', '"__proto__"', 'known are'],
  ])('%j has an unknown key', async (content, named, hint) => {
    const error = await refusal(load({ flags: { config: await configFile(content) } }))
    expect(error.message).toContain(`${named} in `)
    expect(error.message).toContain('socsync.json')
    expect(error.hint).toContain(hint)
    expect(error.message + error.hint).not.toContain('EAAsecret')
  })

  test.each([
    [{ concurrency: 'EAAsecret' }, '"concurrency" in'],
    [{ raw: 'EAAsecret' }, 'must be pages or off'],
    [{ db: ['EAAsecret'] }, 'must be the path of a file'],
    ['[]', 'must be an object'],
    ['{\n  "db": "EAAsecret,\n}', 'line 2, column 9'],
    ['{"db": EAAsecret}', 'line 1, column 8'],
    ['{\n"db": "a",\n}', 'line 3, column 1'],
    ['\ufeff', 'line 1, column 1'],
  ])('%j is refused without showing what is in it', async (content, message) => {
    const error = await refusal(load({ flags: { config: await configFile(content) } }))
    expect(error.message).toContain(message)
    expect(error.message).toContain('socsync.json')
    expect(`${error.message} ${error.hint} ${error.stack} ${String(error.cause)}`).not.toContain('EAAsecret')
  })

  test('is not there, or is a folder', async () => {
    const missing = folder().file('none.json')
    expect((await refusal(load({ flags: { config: missing } }))).message).toBe(
      `the config file ${missing} does not exist`,
    )
    expect((await refusal(load({ flags: { config: folder().path } }))).message).toMatch(/is a folder$/)
  })

  test('faults in JSON are found where JSON.parse finds one, and only there', () => {
    const whole = '{"a": [1, -0.5e+3, true, null, "\\u00e9\\"\\\\", {}], "b": {"c": []}, "d": "\u2028é😀"}'
    expect(faultIn(whole)).toBeNull()
    for (let cut = 0; cut < whole.length; cut++) {
      for (const broken of [
        whole.slice(0, cut),
        `${whole.slice(0, cut)}\u0001${whole.slice(cut)}`,
        `${whole.slice(0, cut)},${whole.slice(cut)}`,
        whole.slice(0, cut) + whole.slice(cut + 1),
      ]) {
        let valid = true
        try {
          JSON.parse(broken)
        } catch {
          valid = false
        }
        expect([broken, faultIn(broken) === null]).toEqual([broken, valid])
      }
    }
  })
})

describe('insights', () => {
  const read = async (insights: unknown) => load({ flags: { config: await configFile({ insights }) } })

  test('are chosen by network and by what they are of', async () => {
    const { insights } = await read({ instagram: { reels: ['saved', 'views'], account: 'reach' } })
    expect([...insights]).toEqual([['instagram', { reels: ['saved', 'views'], account: ['reach'] }]])
    expect([...(await load({})).insights]).toEqual([])
  })

  test.each([
    [
      { instagram: { reels: ['veiws'] } },
      /insights.instagram.reels of .* must be one or more of views, saved/,
      'did you mean views?',
    ],
    [{ instagram: { reels: ['impressions'] } }, /must be one or more of views, saved$/, null],
    [{ instagram: { reels: [] } }, /must be one or more of views, saved$/, null],
    [{ instagram: { reels: ['views', 'views'] } }, /names views twice$/, null],
    [{ instagram: { reel: ['views'] } }, /"reel" in insights.instagram of /, 'did you mean "reels"?'],
    [{ youtube: {} }, /"youtube" in insights of .* is not known$/, 'known are instagram'],
    [{ instagram: ['views'] }, /insights.instagram of .* must be an object/, null],
  ])('%j is refused', async (insights, message, hint) => {
    const error = await refusal(read(insights))
    expect(error.message).toMatch(message)
    expect(error.hint).toBe(hint)
  })
})

describe('base addresses', () => {
  test('come from the variable, else from the file, else are the real ones', async () => {
    const config = await configFile({
      base_urls: { instagram: 'https://proxy.example/ig/', youtube: 'https://a.example' },
    })
    const env = { SOCSYNC_YOUTUBE_BASE_URL: 'http://127.0.0.1:8377/' }
    expect([...(await load({ flags: { config }, env })).baseUrls]).toEqual([
      ['instagram', 'https://proxy.example/ig'],
      ['youtube', 'http://127.0.0.1:8377'],
    ])
    expect([...(await load({})).baseUrls.values()]).toEqual([null, null])
  })

  test.each([
    'http://localhost:1',
    'http://[::1]:8377',
    'http://127.1.2.3',
    'http://0x7f.1/',
    'https://api.example//',
  ])('takes %s', text => {
    expect(readBaseUrl(text, 'X')).toMatch(/[^/]$/)
  })

  test.each([
    ['proxy.example', 'is no http or https address'],
    ['ftp://proxy.example', 'is no http or https address'],
    ['http://proxy.example', 'is http, and not on this machine'],
    ['http://127.0.0.1.example.org', 'is http, and not on this machine'],
    ['http://localhost.example', 'is http, and not on this machine'],
    ['http://169.254.169.254', 'is http, and not on this machine'],
    ['https://user:EAAsecret@proxy.example', 'must not hold a user or password'],
    ['https://proxy.example/?key=EAAsecret', 'must end before ? and #'],
    ['https://proxy.example/#EAAsecret', 'must end before ? and #'],
  ])('refuses %s', (text, why) => {
    const read = () => readBaseUrl(text, 'SOCSYNC_YOUTUBE_BASE_URL')
    expect(read).toThrow(BadInput)
    expect(read).toThrow(`SOCSYNC_YOUTUBE_BASE_URL ${why}`)
    expect(read).not.toThrow('EAAsecret')
  })
})

describe('what tests may set', () => {
  const local = new Map([
    ['instagram', 'http://127.0.0.1:1'],
    ['youtube', 'http://localhost:1'],
  ])

  test('is read where every network is a stand-in on this machine', () => {
    const env = { SOCSYNC_CLOCK: 'http://127.0.0.1:1/', SOCSYNC_CRASH_AT: 'page.committed:7' }
    expect(readTestHooks(env, local)).toEqual({ clock: 'http://127.0.0.1:1', crashAt: 'page.committed:7' })
    expect(readTestHooks({ SOCSYNC_CLOCK: '' }, new Map([['youtube', null]]))).toEqual({
      clock: null,
      crashAt: null,
    })
  })

  test.each([
    ['SOCSYNC_CLOCK', 'http://127.0.0.1:1', null],
    ['SOCSYNC_CRASH_AT', 'page.committed', null],
    ['SOCSYNC_CRASH_AT', 'page.committed', 'https://proxy.example'],
  ])('%s is refused otherwise', (variable, value, base) => {
    const read = () => readTestHooks({ [variable]: value }, new Map([...local, ['youtube', base]]))
    expect(read).toThrow(BadInput)
    expect(read).toThrow(`${variable} is for tests against a sandbox, but youtube would be the real one`)
  })

  test('a clock elsewhere is refused', () => {
    expect(() => readTestHooks({ SOCSYNC_CLOCK: 'http://clock.example' }, local)).toThrow(
      'not on this machine',
    )
    expect(() => readTestHooks({ SOCSYNC_CLOCK: 'https://clock.example' }, local)).toThrow(
      'not on this machine',
    )
  })
})
