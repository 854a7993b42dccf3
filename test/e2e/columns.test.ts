// @module-tag long
import { copyFileSync, rmSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRawZone } from '../../src/app/admin/raw-zone.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { networks } from '../../src/networks/registry.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { storedPages } from '../../src/store/admin/stored-pages.ts'
import { openDatabase } from '../../src/store/connect.ts'
import type { Database } from '../../src/store/database/database.ts'
import { encode } from '../../src/store/schema/rows.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { openTestDatabase, rowsAt } from '../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

/** A file as it was before there were columns for what `extra` held, made of a fresh one and of the answers in its raw zone. */

const PROFILES = [
  ...['two.pages.of.50', '17841273339442756', 'strange.texts'].map(id => `instagram:${id}`),
  ...['UCtggNqnHV2t1SqIx2UqiMdg', 'UC4PxMN_1ESeaVOhEKlToRCg'].map(id => `youtube:${id}`),
  ...['open.heart', 'shelf.keeper', 'nul.and.void'].map(id => `tiktok:${id}`),
]

/** What had a column then. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  instagram: [
    ...[
      'id',
      'media_type',
      'media_product_type',
      'caption',
      'timestamp',
      'permalink',
      'like_count',
      'comments_count',
    ],
    ...[
      'view_count',
      'total_views_count',
      'shares_count',
      'saved_count',
      'media_url',
      'thumbnail_url',
      'children',
    ],
    'comments',
  ],
  youtube: [
    ...[
      'publishedAt',
      'channelId',
      'channelTitle',
      'title',
      'description',
      'thumbnails',
      'localized',
      'viewCount',
    ],
    ...['likeCount', 'commentCount', 'favoriteCount', 'embedHtml'],
  ],
  channel: [
    ...[
      'title',
      'description',
      'customUrl',
      'publishedAt',
      'country',
      'thumbnails',
      'localized',
      'viewCount',
    ],
    ...['subscriberCount', 'videoCount', 'commentCount', 'topicIds'],
  ],
  tiktok: [
    ...[
      'id',
      'video_id',
      'username',
      'create_time',
      'video_description',
      'like_count',
      'comment_count',
      'view_count',
    ],
    ...['share_count', 'favorites_count', 'favourites_count', 'video_duration', 'title', 'share_url'],
    ...['cover_image_url', 'width', 'height', 'duration'],
  ],
}

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  youtube: ['snippet', 'contentDetails', 'statistics', 'status', 'liveStreamingDetails', 'player'],
  channel: ['snippet', 'statistics', 'status', 'topicDetails'],
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const extraThen = (kind: string, node: JsonObject): JsonObject | null => {
  const sections = SECTIONS[kind]?.map(name => node[name]) ?? [node]
  if (kind === 'channel' && isObject(node.brandingSettings))
    sections.push(node.brandingSettings.channel, node.brandingSettings.image)
  const left = sections
    .filter(isObject)
    .flatMap(section => Object.entries(section))
    .filter(([name]) => !COLUMNS[kind]?.includes(name))
    .map(([name, value]): [string, Json] => [
      name,
      name === 'region_code' ? String(value).toUpperCase() : value,
    ])
  return left.length === 0 ? null : Object.fromEntries(left)
}

/** Every object of an answer. */
const objectsIn = (json: Json): JsonObject[] => {
  if (Array.isArray(json)) return json.flatMap(objectsIn)
  return isObject(json) ? [json, ...Object.values(json).flatMap(objectsIn)] : []
}

const ADDED = ['posts', 'profiles', 'media'] as const

/** Makes it what it was: `extra` as it was then, and none of the columns. */
const makeOld = async (database: Database): Promise<void> => {
  const zone = openRawZone(networks)
  const extras = new Map<string, readonly (string | null)[]>()
  for await (const page of storedPages(database.committed)) {
    const { raw, page: read } = zone.read(page)
    const nodes = raw.parts.flatMap(part => objectsIn(part.json))
    for (const record of read.records) {
      if (record.type !== 'post' && record.type !== 'profile') continue
      const isChannel = record.type === 'profile'
      if (isChannel && page.walk.network !== 'youtube') continue
      const node = nodes.find(
        ({ id, video_id, media_type, snippet, create_time }) =>
          String(id ?? video_id) === record.id && (media_type ?? snippet ?? create_time) !== undefined,
      )
      if (node === undefined) throw new Error(`no answer has ${record.id}`)
      const extra = encode(extraThen(isChannel ? 'channel' : page.walk.network, node), 'json')
      const table = isChannel ? 'profiles' : 'posts'
      extras.set(`${table} ${page.walk.network} ${record.id}`, [extra as string | null])
    }
  }
  await database.write(async tx => {
    for (const [key, [extra]] of extras) {
      const [table = '', network, id] = key.split(' ')
      await sql`update ${sql.table(table)} set extra = ${extra} where network = ${network} and id = ${id}`.execute(
        tx.db,
      )
    }
  })
  await database.changeSchema(async ({ db, step }) =>
    step(async () => {
      for (const table of ADDED)
        for (const column of NEW[table]) await db.schema.alterTable(table).dropColumn(column).execute()
      // With what came after.
      await db.schema.alterTable('posts').dropColumn('comments_job_id').execute()
      for (const table of ['data_people', 'collections', 'collection_items', 'relations'])
        await db.schema.dropTable(table).execute()
      await sql`delete from kysely_migration where name >= '017-columns'`.execute(db)
    }),
  )
}

/** Columns of later versions, which `extra` never held: the stored answers tell them. */
const TOLD_LATER = ['topics', 'paid_promotion'] as const

const NEW = {
  profiles: ['language', 'topics', 'made_for_kids'],
  posts: [
    ...[
      'hashtags',
      'mentions',
      'tags',
      'category_id',
      'language',
      'audio_language',
      'voice_to_text',
      'region',
    ],
    ...['music_id', 'effect_ids', 'playlist_id', 'stem_verified', 'definition', 'made_for_kids'],
    ...['live_scheduled_at', 'live_scheduled_end_at', 'live_started_at', 'live_ended_at'],
    ...['shortcode', 'product_type', 'alt_text'],
    ...TOLD_LATER,
  ],
  media: ['alt_text'],
} as const

const folder = tempFolder()
const fresh = folder.file('fresh.db')
let sandbox: TestSandbox
const call = (...args: readonly string[]): Promise<Ended> => socsync(args, { env: sandbox.env })

beforeAll(async () => {
  sandbox = await startSandbox()
  const run = ['run', '--scope', 'posts', '--quiet', '--db', fresh]
  expect(await call(...run, ...PROFILES)).toMatchObject({ code: 0, stderr: '' })
  const { SOCSYNC_TIKTOK_CLIENT_KEY, SOCSYNC_TIKTOK_CLIENT_SECRET, ...rest } = sandbox.env
  const env = { ...rest, ...DISPLAY, XDG_CONFIG_HOME: folder.path }
  expect(await socsync([...run, 'tiktok:me'], { env })).toMatchObject({ code: 0, stderr: '' })
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

interface Place extends AsyncDisposable {
  readonly where: string
  rows(sql: string): Promise<readonly Row[]>
}

const PLACES: readonly { readonly name: string; readonly open: () => Promise<Place> }[] = [
  {
    name: 'SQLite',
    open: async () => {
      const where = folder.file('old.db')
      const file = openWrite(fresh)
      file.pragma('wal_checkpoint(truncate)')
      file.close()
      copyFileSync(fresh, where)
      return {
        where,
        rows: async text => query(where, text),
        [Symbol.asyncDispose]: async () => rmSync(where),
      }
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const there = await openTestDatabase('empty')
      const where = there.url
      expect(await call('db', 'copy', '--from', fresh, '--to', where)).toMatchObject({ code: 0 })
      const dispose = () => there[Symbol.asyncDispose]()
      return { where, rows: text => rowsAt(where, text), [Symbol.asyncDispose]: dispose }
    },
  },
]

const ORDERS = { profiles: 'network, id', posts: 'network, id', media: 'network, post_id, position' } as const

describe.each(PLACES)('a database from before there were columns, on $name', ({ open }) => {
  it('is as if its answers had come today, but for what was not kept', { timeout: 120_000 }, async () => {
    await using place = await open()
    const rowsOf = (table: keyof typeof ORDERS): Promise<readonly Row[]> =>
      place.rows(`select * from ${table} order by ${ORDERS[table]}`)
    const now = {
      profiles: await rowsOf('profiles'),
      posts: await rowsOf('posts'),
      media: await rowsOf('media'),
    }
    for (const table of ADDED)
      for (const column of NEW[table])
        expect(now[table].filter(row => row[column] !== null).length, `${table}.${column}`).toBeGreaterThan(0)
    const database = await openDatabase(place.where)
    await makeOld(database)
    await database.close()
    const [then] = await place.rows(`select extra from posts where network = 'youtube' limit 1`)
    expect(JSON.parse(String(then?.extra))).toMatchObject({ categoryId: '28', duration: expect.any(String) })

    expect(await call('db', 'migrate', '--db', place.where)).toMatchObject({ code: 0 })
    // Which kind of product a post of a feed is, and what a picture of an album shows, was not kept.
    const isUnknown = (row: Row): boolean =>
      row.network === 'instagram' && !['reel', 'story', 'live'].includes(String(row.kind))
    const carousels = new Set(now.posts.filter(({ kind }) => kind === 'carousel').map(({ id }) => id))
    const expected = {
      profiles: now.profiles,
      posts: now.posts
        .map(row => (isUnknown(row) ? { ...row, product_type: null } : row))
        .map(row => ({ ...row, topics: null, paid_promotion: null })),
      media: now.media.map(row => (carousels.has(row.post_id) ? { ...row, alt_text: null } : row)),
    }
    for (const table of ADDED) expect(await rowsOf(table), table).toEqual(expected[table])

    expect(await call('db', 'check', '--db', place.where)).toMatchObject({ code: 0 })
    const drift = JSON.parse((await call('db', 'drift', '--json', '--db', place.where)).stdout)
    expect(drift).toMatchObject({ unknown: [], vanished: [] })
    const { stdout } = await call('db', 'rebuild', '--json', '--db', place.where)
    const { tables } = JSON.parse(stdout)
    expect(tables.profiles).toMatchObject({ added: 0, changed: 0, gone: 0 })
    const toldAnew = ['product_type', ...TOLD_LATER].map(name => [
      name,
      expected.posts.filter((row: Row, at) => row[name] !== now.posts[at]?.[name]).length,
    ])
    expect(tables.posts).toMatchObject({ added: 0, gone: 0, columns: Object.fromEntries(toldAnew) })
    expect(Object.keys(tables.posts.columns)).toHaveLength(toldAnew.length)
    for (const table of ADDED) expect(await rowsOf(table), table).toEqual(now[table])
  })

  it('has a next night as quiet as any', { timeout: 120_000 }, async () => {
    await using place = await open()
    const database = await openDatabase(place.where)
    await makeOld(database)
    await database.close()
    const counts = (): Promise<readonly Row[]> =>
      place.rows(
        'select (select count(*) from metrics) as metrics, (select count(*) from revisions) as revisions',
      )
    const before = await counts()
    const run = ['run', '--scope', 'posts', '--fresh', '--quiet', '--db', place.where]
    expect(await call(...run, ...PROFILES)).toMatchObject({ code: 0 })
    expect(await counts()).toEqual(before)
    const columns = NEW.posts.filter(name => name !== 'product_type').join()
    const told = `select network, id, extra, ${columns} from posts order by network, id`
    expect(await place.rows(told)).toEqual(query(fresh, told))
  })
})
