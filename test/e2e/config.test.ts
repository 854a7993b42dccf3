// @module-tag long
import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { socsync, tempFolder } from '../support/cli.ts'
import { filesOf } from '../support/documents.ts'

const folder = tempFolder()
afterAll(() => folder[Symbol.dispose]())

interface Value {
  readonly name: string
  readonly value: unknown
  readonly from: string
}

describe('config show', () => {
  it('each value with where it comes from, and no secret', async () => {
    const config = folder.file('config.json')
    const url = 'https://moods.example'
    writeFileSync(
      config,
      JSON.stringify({
        $schema: './config.schema.json',
        scope: ['comments'],
        max_wait: '90m',
        limit_posts: 5,
        base_urls: { tiktok: 'https://tiktok.example' },
        transforms: { mood: { url, elements: 'posts.caption' } },
      }),
    )
    const credentials = folder.file('credentials.json')
    const key = 'AIzaOfConfigShow'
    writeFileSync(credentials, JSON.stringify({ youtube: [{ api_key: key, name: 'mine' }] }), { mode: 0o600 })
    const token = 'EAAofConfigShow0123'
    const password = 'sesame-of-config'
    const env = {
      HOME: folder.path,
      SOCSYNC_CONFIG: config,
      SOCSYNC_LIMIT_POSTS: '7',
      SOCSYNC_INSTAGRAM_ACCESS_TOKEN: token,
      SOCSYNC_INSTAGRAM_USER_ID: '17841400000000000',
      SOCSYNC_YOUTUBE_BASE_URL: 'https://youtube.example',
    }
    const flags = ['--db', `postgres://me:${password}@db.example/socsync`, '--credentials', credentials]
    const { code, stdout, stderr } = await socsync(['config', 'show', '--json', ...flags], { env })
    expect(code, stderr).toBe(0)
    const told = JSON.parse(stdout) as { values: Value[]; credentials: unknown[]; file: string }
    const of = (name: string): Value | undefined => told.values.find(value => value.name === name)
    expect(told.file).toBe(config)
    expect(of('db')).toMatchObject({ value: expect.stringContaining('db.example'), from: '--db' })
    expect(of('limit_posts')).toMatchObject({ value: 7, from: 'SOCSYNC_LIMIT_POSTS' })
    expect(of('scope')).toMatchObject({ value: ['comments'], from: config })
    expect(of('max_wait')).toMatchObject({ value: '90m', from: config })
    expect(of('refresh_after')).toMatchObject({ value: '6h', from: 'default' })
    expect(of('base_urls.youtube')).toMatchObject({ from: 'SOCSYNC_YOUTUBE_BASE_URL' })
    expect(of('base_urls.tiktok')).toMatchObject({ value: 'https://tiktok.example', from: config })
    expect(of('base_urls.instagram')).toMatchObject({ value: null, from: 'default' })
    expect(of('transforms.mood')).toMatchObject({ value: url, from: config })
    expect(told.credentials).toEqual([
      {
        network: 'instagram',
        credential: 'instagram-1',
        kind: 'user token',
        from: 'SOCSYNC_INSTAGRAM_ACCESS_TOKEN',
      },
      { network: 'youtube', credential: 'mine', kind: 'API key', from: credentials },
    ])
    const people = await socsync(['config', 'show', ...flags], { env })
    for (const secret of [key, token, password])
      expect(stdout + people.stdout + people.stderr).not.toContain(secret)
    expect(people.stdout).toMatch(/^limit_posts +7 +SOCSYNC_LIMIT_POSTS$/m)
  })

  it('what --sandbox chooses is told as that', async () => {
    const { stdout } = await socsync(['config', 'show', '--sandbox', '--json'])
    expect(JSON.parse(stdout).values[0]).toEqual({ name: 'db', value: './sandbox.db', from: '--sandbox' })
  })

  it('a mistake is refused as any command refuses it', async () => {
    const { code, stdout, stderr } = await socsync(['config', 'show'], { env: { SOCSYNC_RAW: 'page' } })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('SOCSYNC_RAW "page" must be pages or off')
  })
})

describe('the schemas', () => {
  const schemaOf = async (...file: readonly string[]): Promise<string> => {
    const { code, stdout } = await socsync(['config', 'schema', ...file])
    expect(code).toBe(0)
    return stdout
  }
  /** Whether a schema lets a document through. */
  const checker = (text: string): ((document: unknown) => boolean) => {
    const schema = z.fromJSONSchema(JSON.parse(text))
    return document => schema.safeParse(document).success
  }

  it('are the files of docs/', async () => {
    const files = filesOf('docs/*.schema.json').map(({ path, text }) => [path, text])
    expect(files).toEqual([
      ['docs/config.schema.json', await schemaOf()],
      ['docs/credentials.schema.json', await schemaOf('credentials')],
    ])
  })

  const service = { url: 'https://a.example', elements: ['posts.caption'] }
  it.each([
    [{}, true],
    [{ $schema: 'x', scope: 'all', limit_posts: 3, strict: true, max_wait: '1h', raw: 'off' }, true],
    [
      { transforms: { mood: { ...service, batch: 5, filter: { networks: ['youtube'], kinds: 'short' } } } },
      true,
    ],
    [{ base_urls: { youtube: 'https://a.example' } }, true],
    [{ limit_psots: 3 }, false],
    [{ limit_posts: 0 }, false],
    [{ limit_posts: '3' }, false],
    [{ scope: ['everything'] }, false],
    [{ base_urls: { myspace: 'https://a.example' } }, false],
    [{ transforms: { mood: { url: 'https://a.example' } } }, false],
    [{ transforms: { mood: { ...service, batches: 3 } } }, false],
    [{ transforms: { Mood: service } }, false],
  ])('the config file %j: schema and reader are of one mind: %s', async (document, good) => {
    expect(checker(await schemaOf())(document)).toBe(good)
    const file = folder.file('of-one-mind.json')
    writeFileSync(file, JSON.stringify(document))
    const { code } = await socsync(['config', 'show', '--config', file])
    expect(code).toBe(good ? 0 : 2)
  })

  it.each([
    [{}, true],
    [{ $schema: 'x', youtube: [{ api_key: 'AIzaSchema1' }, { name: 'two', api_key: 'AIzaSchema2' }] }, true],
    [{ tiktok: [{ client_key: 'key', client_secret: 'secret-of-schema' }] }, true],
    [{ youtube: [{ name: 'youtube-1', renews: 'abc', refresh_token: '1//of-schema' }] }, true],
    [{ youtube: [{ client_id: 'id' }] }, false],
    [{ youtube: [{ api_keys: 'AIzaSchema1' }] }, false],
    [{ youtube: [{ api_key: 12 }] }, false],
    [{ youtube: { api_key: 'AIzaSchema1' } }, false],
    [{ myspace: [] }, false],
    [{ youtube: [{ api_key: 'AIzaSchema1', name: 'a name' }] }, false],
  ])('the credentials file %j: schema and reader are of one mind: %s', async (document, good) => {
    expect(checker(await schemaOf('credentials'))(document)).toBe(good)
    const file = folder.file('credentials-of-one-mind.json')
    writeFileSync(file, JSON.stringify(document), { mode: 0o600 })
    const { code } = await socsync(['config', 'show', '--credentials', file])
    expect(code).toBe(good ? 0 : 2)
  })

  it('another file is refused', async () => {
    expect((await socsync(['config', 'schema', 'everything'])).code).toBe(2)
  })
})
