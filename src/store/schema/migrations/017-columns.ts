import { type Kysely, sql } from 'kysely'
import { type Instant, readInstant } from '../../../core/instant.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import { type Marks, marksOf, unlessEmpty } from '../../../core/marks.ts'
import { decodeJson, type Encoding, encode, type SqlValue } from '../rows.ts'
import type { Types } from '../types.ts'

/**
 * What networks tell as columns of its own (docs/data.md), and out of `extra`: a row that was stored before becomes the one that the same
 * answer makes now. Of what was not kept in `extra` (a picture's alt text in an album, what kind of product a post of a feed is) the next
 * reading tells, or `db rebuild`.
 */
export const columns = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  for (const [table, added] of Object.entries({
    profiles: PROFILE,
    posts: POST,
    media: { alt_text: 'text' },
  }))
    for (const [name, encoding] of Object.entries(added))
      await db.schema
        .alterTable(table)
        .addColumn(name, type[encoding as Encoding])
        .execute()
  await move(db, type, 'profiles', PROFILE, 'id', profileOf)
  await move(db, type, 'posts', POST, 'id, kind, title, caption, permalink', postOf)
  // Of a post that is one picture they are one thing.
  await sql`
    update media set alt_text = posts.alt_text from posts
    where media.network = 'instagram' and posts.network = media.network and posts.id = media.post_id
      and media.id = posts.id and posts.alt_text is not null`.execute(db)
}

type Added = Readonly<Record<string, Encoding>>
/** What a row has of the columns that are added. */
type Values<Columns extends Added> = { readonly [Name in keyof Columns]?: Json | Instant }

const PROFILE = { language: 'text', topics: 'json', made_for_kids: 'flag' } as const satisfies Added

const POST = {
  hashtags: 'json',
  mentions: 'json',
  tags: 'json',
  category_id: 'id',
  language: 'text',
  audio_language: 'text',
  voice_to_text: 'text',
  region: 'text',
  music_id: 'id',
  effect_ids: 'json',
  playlist_id: 'id',
  stem_verified: 'flag',
  definition: 'text',
  made_for_kids: 'flag',
  live_scheduled_at: 'text',
  live_scheduled_end_at: 'text',
  live_started_at: 'text',
  live_ended_at: 'text',
  shortcode: 'text',
  product_type: 'text',
  alt_text: 'text',
} as const satisfies Added

interface Stored {
  readonly network: string
  readonly id: string
  readonly extra: string | null
}

interface StoredPost extends Stored {
  readonly kind: string | null
  readonly title: string | null
  readonly caption: string | null
  readonly permalink: string | null
}

/** Rows of a slice: of posts some MB where each has a long text. */
const SLICE = 200

/** Goes through a table by its key, and writes what `valuesOf` takes out of each row's `extra`; null = the row stays as it is. */
const move = async <Row extends Stored, Columns extends Added>(
  db: Kysely<unknown>,
  type: Types,
  table: string,
  added: Columns,
  read: string,
  valuesOf: (row: Row, extra: Extra) => Values<Columns> | null,
): Promise<void> => {
  const names = Object.keys(added)
  const set = [...names, 'extra'].map(name => {
    const value = sql.ref(`moved.${name}`)
    return sql`${sql.ref(name)} = ${added[name] === 'flag' ? sql`cast(${value} as ${type.whole})` : value}`
  })
  let after: readonly string[] = ['', '']
  for (;;) {
    const { rows } = await sql<Row>`
      select network, extra, ${sql.raw(read)} from ${sql.table(table)}
      where (network, id) > (${sql.join(after)}) order by network, id limit ${sql.lit(SLICE)}`.execute(db)
    const moved = rows.flatMap(row => {
      const extra = new Extra(row.extra)
      const values: Values<Added> | null = valuesOf(row, extra)
      if (values === null) return []
      const told = names.map(name => encode(values[name], added[name] ?? 'text'))
      return [[row.network, row.id, ...told, extra.rest()]]
    })
    if (moved.length > 0)
      await sql`
        with moved (${sql.join(['network', 'id', ...names, 'extra'].map(name => sql.ref(name)))}) as (
          values ${sql.join(moved.map(values => sql`(${sql.join(values)})`))})
        update ${sql.table(table)} set ${sql.join(set)} from moved
        where ${sql.table(table)}.network = moved.network and ${sql.table(table)}.id = moved.id`.execute(db)
    const last = rows.at(-1)
    if (last === undefined || rows.length < SLICE) return
    after = [last.network, last.id]
  }
}

/** The `extra` of a row. What is taken is out of it; what is of another type than its column stays, since nothing else holds it. */
class Extra {
  readonly #left: Map<string, Json>

  constructor(text: string | null) {
    this.#left = new Map(text === null ? [] : Object.entries(decodeJson<JsonObject>(text)))
  }

  has(key: string): boolean {
    return this.#left.has(key)
  }

  text(key: string): string | null {
    return this.#take(key, value => (typeof value === 'string' ? value : undefined))
  }

  id(key: string): string | null {
    return this.#take(key, asId)
  }

  flag(key: string): boolean | null {
    return this.#take(key, value => (typeof value === 'boolean' ? value : undefined))
  }

  instant(key: string): Instant | null {
    return this.#take(key, value =>
      typeof value === 'string' ? (readInstant(value) ?? undefined) : undefined,
    )
  }

  texts(key: string): readonly string[] | null {
    const list = this.#take(key, value => {
      const texts = Array.isArray(value)
        ? value.map(item => (typeof item === 'string' ? item : asId(item)))
        : [undefined]
      return texts.every(text => text !== undefined) ? texts : undefined
    })
    return unlessEmpty(list ?? [])
  }

  /** What is left, as it is stored. */
  rest(): SqlValue {
    return this.#left.size === 0 ? null : encode(Object.fromEntries(this.#left), 'json')
  }

  #take<T>(key: string, accept: (value: Json) => T | undefined): T | null {
    const value = this.#left.get(key)
    if (value === undefined) return null
    const accepted = value === null ? null : accept(value)
    if (accepted === undefined) return null
    this.#left.delete(key)
    return accepted
  }
}

const asId = (value: Json): string | undefined => {
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined
}

const profileOf = ({ network }: Stored, extra: Extra): Values<typeof PROFILE> | null =>
  network === 'youtube'
    ? {
        language: extra.text('defaultLanguage'),
        topics: extra.texts('topicCategories'),
        made_for_kids: extra.flag('madeForKids'),
      }
    : null

const postOf = (post: StoredPost, extra: Extra): Values<typeof POST> | null =>
  POSTS[post.network]?.(post, extra) ?? null

const POSTS: Readonly<Record<string, (post: StoredPost, extra: Extra) => Values<typeof POST>>> = {
  instagram: ({ kind, caption, permalink }, extra) => ({
    ...marksOf(caption),
    shortcode: extra.text('shortcode') ?? /\/(?:p|reel|tv)\/([\w-]+)/.exec(permalink ?? '')?.[1] ?? null,
    product_type: PRODUCTS[kind ?? ''] ?? null,
    alt_text: extra.text('alt_text'),
  }),
  youtube: ({ title, caption }, extra) => {
    // It is told as `duration_ms` of the film.
    extra.text('duration')
    return {
      ...marksOf(title, caption),
      tags: extra.texts('tags'),
      category_id: extra.id('categoryId'),
      language: extra.text('defaultLanguage'),
      audio_language: extra.text('defaultAudioLanguage'),
      definition: extra.text('definition'),
      made_for_kids: extra.flag('madeForKids'),
      live_scheduled_at: extra.instant('scheduledStartTime'),
      live_scheduled_end_at: extra.instant('scheduledEndTime'),
      live_started_at: extra.instant('actualStartTime'),
      live_ended_at: extra.instant('actualEndTime'),
    }
  },
  tiktok: ({ title, caption }, extra) => ({
    ...(RESEARCH.some(key => extra.has(key)) ? marksTold(extra) : marksOf(title, caption)),
    voice_to_text: extra.text('voice_to_text'),
    region: extra.text('region_code')?.toUpperCase() ?? null,
    music_id: extra.id('music_id'),
    effect_ids: unlessEmpty(extra.texts('effect_ids')?.filter(id => id !== '0') ?? []),
    playlist_id: extra.id('playlist_id'),
    stem_verified: extra.flag('is_stem_verified'),
  }),
}

/** Of all other kinds it may be several. */
const PRODUCTS: Readonly<Record<string, string>> = { reel: 'REELS', story: 'STORY', live: 'LIVE' }

/** What the Research API tells of nearly every video, and the Display API of none. */
const RESEARCH = ['hashtag_names', 'region_code', 'music_id', 'is_stem_verified']

/** A NUL, with which a name ends, is stored as U+FFFD. */
const marksTold = (extra: Extra): Marks => ({
  hashtags: extra.texts('hashtag_names'),
  mentions: extra.texts('video_mention_list')?.map(name => name.replace(/\ufffd.*$/s, '')) ?? null,
})
