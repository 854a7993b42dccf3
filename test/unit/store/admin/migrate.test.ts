import { describe, expect, it } from 'vitest'
import { MIGRATIONS, type Migrations, migrate } from '../../../../src/store/admin/migrate.ts'
import { isThere, openDatabase, openReading } from '../../../../src/store/connect.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { openReader } from '../../../../src/store/reader.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perTest } from '../../../support/fresh.ts'
import { openTestDatabase, rowsAt } from '../../../support/postgres.ts'
import { query, type Row } from '../../../support/tables.ts'

interface Place extends AsyncDisposable {
  readonly where: string
  rows(sql: string): Promise<Row[]>
}

const PLACES: readonly { readonly name: string; readonly open: () => Promise<Place> }[] = [
  {
    name: 'SQLite',
    open: async () => {
      const folder = tempFolder()
      const where = folder.file('socsync.db')
      return {
        where,
        rows: async sql => query(where, sql),
        [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
      }
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const there = await openTestDatabase('empty')
      return { where: there.url, rows: sql => rowsAt(there.url, sql), ...disposalOf(there) }
    },
  },
]
const disposalOf = (there: AsyncDisposable): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
})

const SCHEMA = Object.keys(MIGRATIONS).length
const first = (count: number): Migrations => Object.fromEntries(Object.entries(MIGRATIONS).slice(0, count))
const LATER: Migrations = {
  ...MIGRATIONS,
  '999-mood': { up: db => db.schema.alterTable('posts').addColumn('mood', 'text').execute() },
}

describe.each(PLACES)('the schema on $name', ({ open }) => {
  const place = perTest(open)
  const using = async <T>(use: (database: Database) => Promise<T>): Promise<T> => {
    const database = await openDatabase(place().where)
    try {
      return await use(database)
    } finally {
      await database.close()
    }
  }

  it('is made once, whoever asks at the same time', async () => {
    expect(await isThere(place().where)).toBe(false)
    const made = await Promise.all([1, 2, 3].map(() => using(migrate)))
    expect(made.map(({ to }) => to)).toEqual([SCHEMA, SCHEMA, SCHEMA])
    expect(await using(migrate)).toEqual({ from: SCHEMA, to: SCHEMA, backup: null })
    expect(await place().rows('select count(*) as n from kysely_migration')).toEqual([{ n: SCHEMA }])
    expect(await isThere(place().where)).toBe(true)
    await (await openReader(place().where)).close()
  })

  it('is brought on with what is in it, in its order and with its numbers', async () => {
    await using(database => migrate(database, { migrations: first(5) }))
    await expect(openReader(place().where)).rejects.toThrow('is of an older socsync (schema 5)')
    await using(database =>
      database.write(async tx => {
        const db = tx.db.withTables<Record<'sync_tasks' | 'raw_pages', Row>>()
        const run = { trigger: 'cli', scopes: '[]', params: '{}', trace_id: 't', created_at: 'c' }
        await db.insertInto('sync_runs').values(run).execute()
        const job = {
          network: 'tiny',
          cursor: '{}',
          status: 'partial',
          run_id: 1,
          scopes: '[]',
          params: '{}',
        }
        for (const [entity_id, previous_job_id] of [
          ['a', null],
          ['b', null],
          ['c', 1],
          ['d', 3],
        ] as const)
          await db
            .insertInto('sync_jobs')
            .values({
              ...job,
              entity_id,
              previous_job_id,
              bounds: '',
              trace_id: 't',
              created_at: 'c',
            } as never)
            .execute()
        const walk = {
          network: 'tiny',
          job_id: 1,
          stream: 's',
          kind: 'posts',
          rank: 0,
          state: 'done',
          seq: 0,
        }
        const rest = { run_id: 1, root_id: 1, restarts: 0, streak: '[]', whole: 0, started_at: 's' }
        await db
          .insertInto('sync_walks')
          .values({ ...walk, ...rest } as never)
          .execute()
        await db
          .insertInto('raw_bodies')
          .values({ hash: 'h', body: Uint8Array.of(1) })
          .execute()
        for (const seq of [3, 1, 2])
          await db
            .insertInto('raw_pages')
            .values({ walk_id: 1, seq, part: 0, request: '{}', status: 200, fetched_at: 'f', body_hash: 'h' })
            .execute()
        for (const external_id of ['x', 'y', 'z'])
          await db
            .insertInto('sync_tasks')
            .values({ job_id: 1, kind: 'posts', stream: 's', external_id, status: 'pending' })
            .execute()
        await db.deleteFrom('sync_tasks').where('external_id', '=', 'y').execute()
      }),
    )
    const migrated = await using(migrate)
    expect(migrated).toMatchObject({ from: 5, to: SCHEMA })
    expect(await place().rows('select id, seq from raw_pages order by id')).toEqual([
      { id: 1, seq: 3 },
      { id: 2, seq: 1 },
      { id: 3, seq: 2 },
    ])
    expect(await place().rows('select id, external_id, part, new_items from sync_tasks order by id')).toEqual(
      [
        { id: 1, external_id: 'x', part: '', new_items: 0 },
        { id: 3, external_id: 'z', part: '', new_items: 0 },
      ],
    )
    expect(await place().rows('select id, reading_id from sync_jobs order by id')).toEqual([
      { id: 1, reading_id: 1 },
      { id: 2, reading_id: 2 },
      { id: 3, reading_id: 1 },
      { id: 4, reading_id: 1 },
    ])
    const task = { job_id: 1, kind: 'posts', stream: 's', external_id: 'new', status: 'pending' }
    await using(database =>
      database.write(tx =>
        tx.db
          .insertInto('sync_tasks')
          .values(task as never)
          .execute(),
      ),
    )
    expect(await place().rows(`select id from sync_tasks where external_id = 'new'`)).toEqual([{ id: 4 }])
  })

  it('has what networks tell in columns, out of what was kept beside them', async () => {
    const before = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '017'))
    await using(database => migrate(database, { migrations: before }))
    const written = { first_seen_at: 'f', fetched_at: 'f', job_id: 1, walk_id: 1 }
    const post = (network: string, id: string, extra: object | null, more: Row = {}) => ({
      ...{ network, id, profile_id: 'p', extra: extra && JSON.stringify(extra), ...written, ...more },
      ...{ kind: null, title: null, caption: null, permalink: null, ...more },
    })
    const POSTS = [
      post('instagram', 'i1', { shortcode: 'told', alt_text: 'a pier', is_ai_generated: false }),
      post('instagram', 'i2', null, {
        kind: 'reel',
        caption: '#One by @two',
        permalink: 'https://www.instagram.com/reel/C_z-Y/',
      }),
      post('instagram', 'i3', { alt_text: 7 }, { kind: 'image' }),
      post('tiktok', 't1', {
        hashtag_names: [],
        video_mention_list: ['ada\ufffd\ufffd3'],
        effect_ids: ['0', '8'],
      }),
      post(
        'tiktok',
        't2',
        { music_id: 12, is_stem_verified: false, voice_to_text: null },
        { caption: '#no' },
      ),
      post('tiktok', 't3', { embed_link: 'l' }, { title: '#a', caption: '#A #b @c' }),
      post('youtube', 'y1', { tags: ['x'], duration: 'P0D', scheduledStartTime: '2026-03-05T18:00:00Z' }),
      post(
        'youtube',
        'y2',
        { tags: ['x', {}], actualEndTime: 'soon', madeForKids: true },
        { title: '@t', caption: '' },
      ),
      post('tiny', 'z1', { tags: ['x'] }, { caption: '#x' }),
      // More than are moved at once.
      ...Array.from({ length: 450 }, (_, n) => post('youtube', `r${n}`, { categoryId: String(n) })),
    ]
    const medium = { kind: 'photo', ...written }
    await using(database =>
      database.write(async tx => {
        const db = tx.db.withTables<Record<'profiles' | 'posts' | 'media', Row>>()
        const profile = { ...written, network: 'youtube', id: 'p' }
        const extra = JSON.stringify({
          topicCategories: ['t'],
          defaultLanguage: 'en',
          madeForKids: false,
          keywords: 'k',
        })
        await db
          .insertInto('profiles')
          .values({ ...profile, extra })
          .execute()
        for (const row of POSTS) await db.insertInto('posts').values(row).execute()
        for (const [position, id] of ['i1', 'another'].entries())
          await db
            .insertInto('media')
            .values({ network: 'instagram', post_id: 'i1', position, id, ...medium })
            .execute()
      }),
    )
    await using(migrate)
    expect(await place().rows('select language, topics, made_for_kids, extra from profiles')).toEqual([
      { language: 'en', topics: '["t"]', made_for_kids: 0, extra: '{"keywords":"k"}' },
    ])
    const rows = await place().rows(
      `select * from posts where network <> 'tiny' and category_id is null order by id`,
    )
    const kept = new Set([
      'network',
      'profile_id',
      'kind',
      'title',
      'caption',
      'permalink',
      ...Object.keys(written),
    ])
    const told = rows.map(row =>
      Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null && !kept.has(name))),
    )
    expect(told).toEqual([
      { id: 'i1', shortcode: 'told', alt_text: 'a pier', extra: '{"is_ai_generated":false}' },
      { id: 'i2', shortcode: 'C_z-Y', product_type: 'REELS', hashtags: '["One"]', mentions: '["two"]' },
      { id: 'i3', extra: '{"alt_text":7}' },
      { id: 't1', mentions: '["ada"]', effect_ids: '["8"]' },
      { id: 't2', music_id: '12', stem_verified: 0 },
      { id: 't3', hashtags: '["a","b"]', mentions: '["c"]', extra: '{"embed_link":"l"}' },
      { id: 'y1', tags: '["x"]', live_scheduled_at: '2026-03-05T18:00:00.000Z' },
      { id: 'y2', mentions: '["t"]', made_for_kids: 1, extra: '{"actualEndTime":"soon","tags":["x",{}]}' },
    ])
    expect(await place().rows(`select extra, hashtags from posts where network = 'tiny'`)).toEqual([
      { extra: '{"tags":["x"]}', hashtags: null },
    ])
    expect(
      await place().rows(`select count(*) as n from posts where 'r' || category_id = id and extra is null`),
    ).toEqual([{ n: 450 }])
    expect(await place().rows('select id, alt_text from media order by position')).toEqual([
      { id: 'i1', alt_text: 'a pier' },
      { id: 'another', alt_text: null },
    ])
  })

  it('of a newer socsync is refused, and stays as it is', async () => {
    await using(database => migrate(database, { migrations: LATER }))
    await expect(using(migrate)).rejects.toThrow(
      `is of a newer socsync: its schema is ${SCHEMA + 1}, this one reads ${SCHEMA}`,
    )
    await expect(openReader(place().where)).rejects.toThrow('is of a newer socsync')
    await (await openReading(place().where)).close()
  })

  it('waits for who works on it', async () => {
    await using(migrate)
    await using(async database => {
      await using _held = await database.hold('w')
      const worker = { id: 'w', host: 'elsewhere', pid: 1, started_at: 'then', lease_expires_at: 'later' }
      await database.write(tx => tx.db.insertInto('workers').values(worker).execute())
      await expect(migrate(database, { migrations: LATER })).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('a run is at work on'),
      })
      expect(await migrate(database)).toMatchObject({ from: SCHEMA, to: SCHEMA })
    })
  })

  it('is undone where it fails in the middle, and made by the next', async () => {
    const crash = (point: string): void => {
      if (point === 'migrate.written') throw new Error('killed')
    }
    await expect(using(database => migrate(database, { crash }))).rejects.toThrow('killed')
    expect(await using(migrate)).toMatchObject({ from: 0, to: SCHEMA })
  })
})
